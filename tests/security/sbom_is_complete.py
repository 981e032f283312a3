"""Checks that a bill of materials names every distribution that is pinned, in its pinned version.

A program for ``make sbom``; standard library only.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def pinned(lock: str) -> dict[str, str]:
    """Distribution → version, from the text of a lock file."""
    return {normal(name): version for name, version in _PIN.findall(lock)}


def normal(name: str) -> str:
    """A distribution's name as package indexes compare names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def missing(lock: str, sbom: Mapping[str, object]) -> list[str]:
    """What is pinned and not in the bill of materials, as ``name==version``."""
    components = sbom.get("components")
    listed = {
        (normal(part["name"]), part["version"])
        for part in (components if isinstance(components, list) else [])
    }
    pins = pinned(lock)
    return [f"{name}=={version}" for name, version in pins.items() if (name, version) not in listed]


def main() -> int:
    """Compare the two files that are named; 1 where something is missing."""
    lock, sbom = (Path(name).read_text("utf-8") for name in sys.argv[1:3])
    left_out = missing(lock, json.loads(sbom))
    words = f"{sys.argv[2]} leaves out {', '.join(left_out)}. Make it again from the same lock.\n"
    done = f"{sys.argv[2]} lists all {len(pinned(lock))} pinned distributions.\n"
    sys.stdout.write(words if left_out else done)
    return 1 if left_out else 0


if __name__ == "__main__":
    sys.exit(main())
