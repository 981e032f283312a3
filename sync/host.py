"""Tells one machine from another, so that a copied state folder is noticed before two machines write."""

from __future__ import annotations

import hashlib
import platform
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_MULTICAST = 1 << 40
"""Set in the number that Python makes up where it finds no network card."""


@dataclass(frozen=True, slots=True)
class Host:
    """One machine: a fingerprint that says nothing else about it, and the name that people know."""

    fingerprint: str
    name: str


def this_host(env: Mapping[str, str], *, id_files: tuple[Path, ...] | None = None) -> Host | None:
    """The machine that we run on, or None where nothing tells it from others (most containers).

    ``FENLEI_HOST`` goes first: a name that stays the same wherever a scheduler starts the job.

    Args:
        env: the environment.
        id_files: files that may hold the machine's id; the usual places if None.
    """
    named = env.get("FENLEI_HOST", "").strip()
    identity = named or _identity(id_files)
    if not identity:
        return None
    fingerprint = hashlib.sha256(f"fenlei\x1f{identity}".encode()).hexdigest()[:16]
    return Host(fingerprint, named or platform.node() or "a machine without a name")


def _identity(id_files: tuple[Path, ...] | None) -> str:
    """What stays the same on one machine from start to start and differs on every other one."""
    if sys.platform == "win32":
        return _windows_guid()
    if sys.platform == "darwin":
        card = uuid.getnode()
        return "" if card & _MULTICAST else f"{card:012x}"
    places = id_files or (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
    for place in places:
        try:
            text = place.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if text and text != "uninitialized":
            return text
    return ""


if sys.platform == "win32":
    import winreg

    def _windows_guid() -> str:
        key = r"SOFTWARE\Microsoft\Cryptography"
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as handle:
                return str(winreg.QueryValueEx(handle, "MachineGuid")[0])
        except OSError:
            return ""
