"""Shows a manager what became of every requirement: figures by document first, then row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from sync.coverage.rows import MISSING, PUT_OFF, Kind, Place, Requirement, Status

_HEAD = """## Coverage of the requirements

Every requirement of the five documents that define the product (000 to 004), and what became of it. Kind
**S** is computed or written by software, **P** is done by people whom software assists, **N** is nothing that
software could do. *Where* names a question of this catalogue (`dimension`), an entry of the shipped policy
(`playbook`, `mark`, `policy`; see [playbooks.md](playbooks.md)), an account field (`field`), a command of
`fenlei`, a key of `fenlei portfolio --json` (`figure`) or of a run's report (`report`), or a page (`doc`).
"""


def coverage_section(requirements: Sequence[Requirement]) -> str:
    """The section, in Markdown; ``requirements`` have all their places."""
    wanted = [one for one in requirements if one.in_scope]
    met = sum(one.met for one in wanted)
    parts = [_HEAD, _summary(requirements), f"In scope: {met} of {len(wanted)}.", ""]
    parts += _left(requirements)
    parts.append(_table(("id", "kind", "requirement", "status", "where"), map(_row, requirements)))
    return "\n".join(parts)


def _summary(requirements: Sequence[Requirement]) -> str:
    counts = Counter((one.document, one.kind, one.status) for one in requirements)
    groups = sorted({(document, kind) for document, kind, _ in counts}, key=_order)
    rows = [
        (document, kind, *(str(counts[document, kind, status] or "") for status in Status))
        for document, kind in groups
    ]
    all_of = Counter(one.status for one in requirements)
    rows.append(("all", "", *(str(all_of[status]) for status in Status)))
    return _table(("document", "kind", *Status), rows)


def _order(group: tuple[str, Kind]) -> tuple[str, int]:
    return group[0], list(Kind).index(group[1])


def _left(requirements: Sequence[Requirement]) -> Iterator[str]:
    """What is not met: what was put off on purpose, by subject, and what is missing."""
    put_off = Counter(name for one in requirements for name in one.named(PUT_OFF))
    if put_off:
        named = ", ".join(f"{name} ({count})" for name, count in sorted(put_off.items()))
        yield from (f"Put off to a later version: {named}.", "")
    missing = [(one.id, name) for one in requirements for name in one.named(MISSING)]
    if missing:
        named = "; ".join(f"{number}: {name}" for number, name in missing)
        yield from (f"In scope but not there yet: {named}.", "")


def _row(requirement: Requirement) -> tuple[str, ...]:
    return (
        requirement.id,
        requirement.kind,
        requirement.name,
        requirement.status,
        ", ".join(_shown(place) for place in requirement.where),
    )


def _shown(place: Place) -> str:
    if place.kind in (PUT_OFF, MISSING):
        return f"{place.kind.replace('_', ' ')}: {place.name}"
    return f"`{place}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join([*lines, ""])
