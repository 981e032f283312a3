"""The headings that a customer's files need, and what to tell whose files have others."""

from __future__ import annotations

import re
from pathlib import Path

from sync.mirror.errors import FileProblem

REQUIRED = {
    "Accounts": ("id", "Account_Name"),
    "Deals": ("id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date"),
}
_HEADINGS_SHOWN = 20


def check_headings(path: Path, module: str, headings: list[str]) -> None:
    """Refuse a file that lacks a column, and name what it has; which one is meant is not guessed.

    Raises:
        FileProblem: columns are missing.
    """
    needed = REQUIRED[module]
    missing = [name for name in needed if name not in headings]
    if not missing:
        return
    alike = {_bare(heading): heading for heading in headings}
    renamed = [f"{alike[_bare(n)]!r} to {n}" for n in missing if _bare(n) in alike]
    advice = f"Rename {', '.join(renamed)}. " if renamed else ""
    has = ", ".join(heading[:40] for heading in headings[:_HEADINGS_SHOWN])
    more = ", …" if len(headings) > _HEADINGS_SHOWN else ""
    raise FileProblem(
        path,
        f"there is no column {', '.join(missing)}",
        hint=f"{advice}The columns {', '.join(needed)} are needed, named exactly so; the first line has: "
        f"{has}{more}.",
        column=missing[0],
    )


def _bare(heading: str) -> str:
    return re.sub(r"[\s_.-]", "", heading).lower()
