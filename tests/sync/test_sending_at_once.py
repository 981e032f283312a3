"""Many changes are sent several batches at a time, and the ledger knows no difference."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from workbench import NAMES, Office, ledger_disagrees, planned, sender, tier_change

from connector.errors import NotPermitted
from connector.model import Fate, Outcome
from connector.port import Crm
from sync.desk import Desk
from sync.ledger import Kind, Ledger, State
from sync.sending.send import Sender, Tally

MANY = 650
"""Rows: six batches and a half."""


@dataclass
class Crowded:
    """A CRM that takes several changes at a time and answers each row by its number.

    It answers nobody before so many calls were under way at once as it waits ``for_calls``.
    """

    crm: Crm
    at_once: int
    answer: Callable[[int], Outcome]
    spoilers: frozenset[int] = frozenset()
    for_calls: int = 1
    under_way: int = 0
    most: int = 0
    sizes: list[int] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.crm, name)

    def update(self, module: str, rows: Sequence[Any], **_: Any) -> list[Outcome]:
        assert module == "Accounts"
        numbers = [int(row["id"]) for row in rows]
        with self.changed:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            self.sizes.append(len(rows))
            self.changed.notify_all()
            assert self.changed.wait_for(lambda: self.most >= self.for_calls, timeout=30)
        try:
            if len(rows) > 1 and self.spoilers.intersection(numbers):
                return [Outcome(Fate.NOT_APPLIED, code="INVALID_DATA")] * len(rows)
            return [self.answer(number) for number in numbers]
        finally:
            with self.changed:
                self.under_way -= 1


def mixed(number: int) -> Outcome:
    """Mostly done; some stale, locked, refused, gone or in doubt."""
    fates = {3: Fate.STALE, 11: Fate.LOCKED, 17: Fate.REFUSED, 23: Fate.GONE, 29: Fate.UNKNOWN}
    return Outcome(fates.get(number % 100, Fate.DONE), id=str(number), code="SOME_CODE")


def done(number: int) -> Outcome:
    return Outcome(Fate.DONE, id=str(number))


def send(desk: Desk, crm: Crowded, count: int = MANY, **how: Any) -> Tally:
    ready = planned(desk, *(tier_change(str(number)) for number in range(count)))
    chosen: Sender = replace(sender(desk), crm=cast("Crm", crm), **how)
    return chosen.send_fields(ready, read_at=desk.crm.now())


def ends(desk: Desk) -> dict[str, tuple[State, int, str]]:
    """What the ledger says of each record."""
    found = [one for state in State for one in desk.ledger.intents.in_state(state, Kind.FIELDS)]
    return {one.record_id: (one.state, one.attempt, one.error_code) for one in found}


@pytest.mark.fault("H7")
@pytest.mark.parametrize("spoilers", [frozenset(), frozenset({150, 151, 420, 649})])
def test_the_ledger_says_the_same_however_many_calls_were_under_way(
    memory_desk: Desk, tmp_path: Path, spoilers: frozenset[int]
) -> None:
    stories = []
    for at_once in (1, 8):
        with Ledger(tmp_path / f"{at_once}.sqlite") as ledger:
            desk = replace(memory_desk, ledger=ledger)
            crm = Crowded(desk.crm, at_once, mixed, spoilers, min(4, at_once))
            tally = send(desk, crm)
            assert crm.most == crm.for_calls
            stories.append(
                (
                    ends(desk),
                    sorted(intent.record_id for intent in tally.stale),
                    replace(tally, stale=[]),
                )
            )
    assert stories[0] == stories[1]
    assert len(stories[0][0]) == MANY
    assert State.SENT not in {state for state, _, _ in stories[0][0].values()}


def test_who_is_asked_to_stop_hears_what_is_under_way_and_sends_no_more(memory_desk: Desk) -> None:
    words = iter([""] * 5 + ["Stopped as asked."])
    crm = Crowded(memory_desk.crm, 8, done)
    tally = send(memory_desk, crm, may_go_on=lambda: next(words))
    assert tally.stopped_by == "Stopped as asked."
    assert memory_desk.ledger.intents.counts() == {"done": 500, "planned": MANY - 500}


@pytest.mark.parametrize("refused", [0, 250])
def test_a_call_that_is_refused_whole_leaves_no_other_one_undecided(
    memory_desk: Desk, refused: int
) -> None:
    def answer(number: int) -> Outcome:
        if number == refused:
            raise NotPermitted("The CRM user may not change accounts.")
        return done(number)

    with pytest.raises(NotPermitted):
        send(memory_desk, Crowded(memory_desk.crm, 8, answer))
    counts = memory_desk.ledger.intents.counts()
    assert set(counts) == {"done", "planned"}
    assert counts["done"] >= 300
    assert not [one for one in threading.enumerate() if "ThreadPool" in one.name]


def test_a_crm_that_takes_nothing_is_left_in_peace_after_a_handful_of_calls(
    memory_desk: Desk,
) -> None:
    crm = Crowded(memory_desk.crm, 8, lambda _number: Outcome(Fate.NOT_APPLIED, message="Closed."))
    assert send(memory_desk, crm).stopped_by == "Closed."
    assert memory_desk.ledger.intents.counts() == {"planned": MANY}
    assert len(crm.sizes) <= 4 + 1


@pytest.mark.parametrize(("count", "twice"), [(300, False), (MANY, True)])
def test_few_rows_and_rows_about_one_record_go_one_batch_after_the_other(
    memory_desk: Desk, count: int, twice: bool
) -> None:
    if twice:
        planned(memory_desk, tier_change("5", new="small"))
    crm = Crowded(memory_desk.crm, 8, done)
    assert send(memory_desk, crm, count).done == count + twice
    assert crm.most == 1


def test_zoho_holds_what_the_ledger_says_after_several_writes_at_once(
    make_office: Callable[..., Office],
) -> None:
    office = make_office(sales=(0.0,) * 450)
    ids = sorted(office.standin.records("Accounts"))
    for nth, kind in ((2, "throttled"), (3, "lost_after_apply"), (5, "throttled")):
        office.standin.faults.add("PUT /Accounts", nth=nth, kind=kind)
    with office.desk() as desk:
        office.after(5)
        read_at = desk.crm.now()
        office.after(5)
        office.standin.rep.edit("Accounts", ids[7], Phone="1")
        tally = sender(desk).send_fields(planned(desk, *map(tier_change, ids)), read_at=read_at)
    held = [office.standin.records("Accounts")[one].get(NAMES["tier"]) for one in ids]
    assert ([i.record_id for i in tally.stale], held[7]) == ([ids[7]], None)
    assert tally.done + tally.unknown == 449
    assert held.count("large") == 449
    assert len(office.intents(State.UNKNOWN)) == tally.unknown
    assert ledger_disagrees(office) == []
