"""Writes the pages that are made from the shipped policy and the catalogue: ``python -m sync.pages docs``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from sync.catalogue_page import catalogue_page
from sync.policy import load_policy
from sync.policy.page import playbook_page
from sync.verdicts import CLASSES
from sync.words import Language


def pages() -> Mapping[str, str]:
    """File name → what stands in it."""
    shipped = load_policy(None, catalogue=CLASSES)
    return {
        "catalogue.md": catalogue_page(shipped.playbooks),
        "playbooks.md": playbook_page(shipped, Language.EN),
        "playbooks.zh-CN.md": playbook_page(shipped, Language.ZH_HANS),
    }


def main() -> None:
    """Write them all into the folder that is named."""
    folder = Path(sys.argv[1])
    for name, page in pages().items():
        (folder / name).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
