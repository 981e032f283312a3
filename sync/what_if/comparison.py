"""What differs between two policies, and what that would mean for customers and reps, as one result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connector.model import Json
from sync.policy import Change
from sync.what_if.history import Past, past_lines
from sync.what_if.outlook import Outlook, RepWork

Standing = Mapping[str, Mapping[str, int]]
"""Dimension → class → accounts."""

_MOST_REPS = 20
"""In text; all of them are in the JSON."""


@dataclass(frozen=True, slots=True)
class Example:
    """One account that would move, and why it would be in its class under the new policy."""

    account_id: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Move:
    """Accounts that would be in another class; a class is empty where there is none."""

    dimension: str
    before: str
    after: str
    accounts: int
    examples: tuple[Example, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "dimension": self.dimension,
            "from": self.before,
            "to": self.after,
            "accounts": self.accounts,
            "examples": [
                {"account_id": one.account_id, "name": one.name, "reason": one.why}
                for one in self.examples
            ],
        }


@dataclass(frozen=True, slots=True)
class Looked:
    """What the local copy tells.

    Args:
        as_of: the day that both policies classified for.
        moves: the largest of a dimension first.
        old: how the classes stand under the old policy.
        new: likewise under the new one.
        outlooks: the next run under each; None for an earlier day, or where nobody has asked the
            organisation yet who its people are.
        past: None unless it was asked for.
        left_out: questions that an earlier day cannot answer.
    """

    as_of: date
    moves: tuple[Move, ...]
    old: Standing
    new: Standing
    outlooks: tuple[Outlook, Outlook] | None = None
    past: Past | None = None
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole answer of ``policy diff``.

    Args:
        names: what the two policies are called in sentences.
        changes: keys that differ.
        looked: None without a local copy.
    """

    names: tuple[str, str]
    changes: tuple[Change, ...]
    looked: Looked | None

    def as_json(self) -> dict[str, Json]:
        """For ``--json``; a bounded document whatever the number of accounts."""
        looked = self.looked
        return {
            "status": "done",
            "old": self.names[0],
            "new": self.names[1],
            "changes": [
                {"key": c.key, "old": _plain(c.old), "new": _plain(c.new)} for c in self.changes
            ],
            "as_of": looked.as_of.isoformat() if looked else None,
            "moves": [move.as_json() for move in looked.moves] if looked else None,
            "classes": _both(looked.old, looked.new) if looked else None,
            "next_run": {
                "old": looked.outlooks[0].as_json(),
                "new": looked.outlooks[1].as_json(),
            }
            if looked and looked.outlooks
            else None,
            "history": looked.past.as_json() if looked and looked.past else None,
            "not_asked_of_the_past": [*looked.left_out] if looked else [],
        }

    @property
    def text(self) -> str:
        """For people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"OLD: {self.names[0]}"
        yield f"NEW: {self.names[1]}"
        yield ""
        if not self.changes:
            yield "The two policies decide alike."
        yield from (f"{c.key}: {_plain(c.old)} → {_plain(c.new)}" for c in self.changes)
        yield ""
        if self.looked is None:
            yield (
                "There is no local copy of the CRM yet, so nobody can be counted. "
                "Run 'fenlei sync' or 'fenlei plan' once, then ask again."
            )
            return
        yield from _moved(self.looked)
        if self.looked.outlooks:
            yield ""
            yield from _next_run(*self.looked.outlooks)
        elif self.looked.past is None and self.looked.left_out:
            yield ""
            yield from _stood(self.looked)
        if self.looked.left_out:
            yield ""
            yield (
                "Not asked, because it may have been entered since then: "
                f"{', '.join(self.looked.left_out)}."
            )
        if self.looked.past:
            yield ""
            yield from past_lines(self.looked.past)


def _moved(looked: Looked) -> Iterator[str]:
    if not looked.moves:
        yield f"As of {looked.as_of} no account would move."
        return
    yield f"Accounts that would move, as of {looked.as_of}:"
    for move in looked.moves:
        yield (
            f"  {move.dimension}: {move.before or 'none'} → {move.after or 'none'}: {move.accounts:,}"
        )
        yield from (f"      {one.name} ({one.account_id}): {one.why}" for one in move.examples)


def _stood(looked: Looked) -> Iterator[str]:
    yield "How those who had bought by then would have stood, OLD → NEW:"
    for dimension in looked.new:
        codes = dict.fromkeys([*looked.old.get(dimension, {}), *looked.new[dimension]])
        cells = [
            f"{code} {looked.old.get(dimension, {}).get(code, 0):,} → "
            f"{looked.new[dimension].get(code, 0):,}"
            for code in codes
        ]
        yield f"  {dimension}: {', '.join(cells) or 'nobody'}"


def _next_run(old: Outlook, new: Outlook) -> Iterator[str]:
    yield "The next run:                       OLD            NEW"
    rows: list[tuple[str, float, float]] = [
        ("accounts written", old.accounts, new.accounts),
        ("fields written", old.values, new.values),
        ("tasks opened", old.tasks, new.tasks),
        ("late tasks given another day", old.tasks_moved, new.tasks_moved),
        ("tasks closed", old.tasks_closed, new.tasks_closed),
        ("credits, at most", old.credits, new.credits),
        ("  of them for reading", old.reading, new.reading),
        ("follow-ups a month", old.follow_ups, new.follow_ups),
    ]
    yield from (f"  {name:<28} {one:>12,.0f} {other:>14,.0f}" for name, one, other in rows)
    for name, outlook in (("OLD", old), ("NEW", new)):
        yield from (f"  {name} would be stopped: {said}" for said in outlook.brakes.values())
    yield from dict.fromkeys(f"  {note}" for note in (*old.notes, *new.notes))
    yield ""
    yield "New tasks by rep (as they fall due), and follow-ups a month:"
    yield from _by_rep(old.reps, new.reps)


def _by_rep(old: Sequence[RepWork], new: Sequence[RepWork]) -> Iterator[str]:
    before, after = ({rep.rep: rep for rep in reps} for reps in (old, new))
    everybody = list(dict.fromkeys([*after, *before]))
    for rep in everybody[:_MOST_REPS]:
        name = (after.get(rep) or before[rep]).name or "nobody"
        yield f"  {name}: {_work(before.get(rep))} → {_work(after.get(rep))}"
    if len(everybody) > _MOST_REPS:
        yield f"  … and {len(everybody) - _MOST_REPS:,} more, see --json."


def _work(rep: RepWork | None) -> str:
    if rep is None:
        return "nothing"
    calls = f"{rep.follow_ups:,.0f} a month"
    if not rep.due:
        return f"no task, {calls}"
    days = sorted(rep.due)
    when = f"on {days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
    most = f", at most {max(rep.due.values())} a day" if len(days) > 1 else ""
    return f"{rep.tasks:,} ({when}{most}), {calls}"


def _both(old: Standing, new: Standing) -> dict[str, Json]:
    return {
        dimension: {"old": dict(old.get(dimension, {})), "new": dict(new.get(dimension, {}))}
        for dimension in dict.fromkeys([*old, *new])
    }


def _plain(value: object) -> Json:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)
