"""Looks again at records that somebody may have edited while we did not see them, before we write there."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from connector.model import Module, Record
from connector.port import WRITE_BATCH, Window
from sync.ledger import Intent, Kind, Settlement, State
from sync.ledger.queue import Queue
from sync.mirror import Mirror, count_changed_since, modified_at
from sync.sending.send import Sender, Tally, merged
from sync.sight import Sight
from sync.ways.cost import by_query
from sync.ways.means import Interrupted

log = logging.getLogger(__name__)

_PORTION = 2000
_TEXT = (
    "It is not as it was when the change was planned, or fenlei's user does not see it any more."
)


_WORTH_A_STAMP = 50
"""Changes that go in calls of their own with the stamp of an earlier reading; fewer are rather looked at."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of the records that are to be changed.

    Args:
        sight: what the readings told of the module.
        until: id → up to when nobody can have edited a record unseen, where that is not this reading.
        edited: changes that were planned from a version that we do not see any more. They are superseded.
        unseen: of these, how many an edit overtook that no reading had shown.
        stopped_by: why there was no end to the looking, so that nothing may be sent.
    """

    sight: Sight
    until: Mapping[str, datetime] = field(default_factory=dict)
    edited: Sequence[Intent] = ()
    unseen: int = 0
    stopped_by: str = ""

    def surely_until(self, record_id: str) -> datetime:
        """Up to when nobody can have edited a record unseen."""
        return self.until.get(record_id, self.sight.read_at)

    @property
    def note(self) -> str:
        """What a person should know of it; empty as a rule."""
        if not self.unseen:
            return ""
        return (
            f"{self.unseen:,} records had been edited while fenlei's user could not see them; what stands "
            "there now was read before anything was written. Does a sharing rule hide them from that user?"
        )


def look_again(
    sender: Sender, mirror: Mirror, module: Module, planned: Queue, sight: Sight
) -> Looked:
    """Look at the records of which no reading can tell that we hold their last version.

    It costs a credit for a hundred of them, or less where a query brings all that was changed since the
    last reading of everything.

    Args:
        sender: of the run.
        mirror: open, with the reading that the changes were planned from.
        module: of the records.
        planned: the changes.
        sight: what that reading told.

    Raises:
        CrmError: they could not be read; nothing was sent.
    """
    if sight.since is None:
        return Looked(sight)
    held = _held(mirror, module, planned)
    until = {one: sight.surely_until(stamp) for one, stamp in held.items()}
    unsure = _to_look_at(until, sight)
    try:
        now = _now(sender, mirror, module, unsure, sight)
    except Interrupted as stopped:
        return Looked(sight, stopped_by=stopped.why)
    stale = {one for one in unsure if now.get(one) != held[one]}
    edited = [intent for intent in (planned if stale else ()) if intent.record_id in stale]
    unseen = [one for one in stale if one in now and now[one] <= sight.read_at]
    for record_id in unseen:
        log.warning("%s %s was edited while it was out of sight", module, record_id)
    settlements = [Settlement(i.key, State.SUPERSEDED, code="UNSEEN", text=_TEXT) for i in edited]
    with sender.ledger.transaction():
        sender.ledger.intents.settle(settlements, at=sender.clock.now())
    earlier = {
        one: moment
        for one, moment in until.items()
        if moment is not None and moment != sight.read_at and one not in unsure
    }
    return Looked(sight, earlier, edited, len(unseen))


def _held(mirror: Mirror, module: Module, planned: Iterable[Intent]) -> dict[str, datetime]:
    """Id → when the version that we hold was last changed, of the records that are to be changed."""
    found: dict[str, datetime] = {}
    ids = (intent.record_id for intent in planned)
    while portion := list(islice(ids, _PORTION)):
        found |= modified_at(mirror, module, portion)
    return found


def _to_look_at(until: Mapping[str, datetime | None], sight: Sight) -> set[str]:
    """The records that are looked at: those of which nobody can tell, and with them those that are few.

    A call takes one stamp, so that those of each earlier reading go in calls of their own.
    """
    numbers = Counter(moment for moment in until.values() if moment != sight.read_at)
    nobody_can_tell = numbers.pop(None, 0)
    few = {moment for moment, number in numbers.items() if number < _WORTH_A_STAMP}
    if len(few) == 1 and not nobody_can_tell:
        return set()
    return {one for one, moment in until.items() if moment is None or moment in few}


def _now(
    sender: Sender, mirror: Mirror, module: Module, wanted: Collection[str], sight: Sight
) -> dict[str, datetime]:
    """Id → when it was last changed, for those of these records that we see now."""
    return {
        record.id: record.modified_at
        for page in _pages(sender, mirror, module, list(wanted), sight)
        for record in page
        if record.id in wanted
    }


def _pages(
    sender: Sender, mirror: Mirror, module: Module, ids: Sequence[str], sight: Sight
) -> Iterator[Iterable[Record]]:
    """Records as they are now, these among them, in the cheaper way."""

    def go_on() -> None:
        if why := sender.may_go_on():
            raise Interrupted(why)

    if not ids:
        return
    crm, young = sender.crm, count_changed_since(mirror, module, sight.whole_at)
    if by_query(young) < -(-len(ids) // WRITE_BATCH):
        go_on()
        window = Window(sight.whole_at, crm.now())
        for page in crm.changed(module, (), window, ordered=False, expected=young):
            yield page
            go_on()
        return
    for start in range(0, len(ids), WRITE_BATCH):
        go_on()
        yield crm.read(module, ids[start : start + WRITE_BATCH], ())


def send_as_looked(sender: Sender, module: Module, kind: Kind, looked: Looked) -> Tally:
    """Make the planned changes of records that nobody touched since we surely saw them last.

    Args:
        sender: of the run.
        module: of the records.
        kind: of the changes.
        looked: what is known of the records.
    """
    if looked.stopped_by:
        return Tally(stopped_by=looked.stopped_by)
    sight, planned = looked.sight, sender.ledger.intents.queue(State.PLANNED, kind)
    parts: Mapping[datetime, Sequence[Intent]] = {sight.read_at: planned}
    if looked.until:
        parts = planned.parted(lambda some: [looked.surely_until(one.record_id) for one in some])
    tallies: list[Tally] = []
    for surely, part in parts.items():
        tallies.append(sender.change(module, part, read_at=surely))
        if tallies[-1].stopped_by:
            break
    total = merged(tallies)
    total.stale = [intent for tally in tallies for intent in tally.stale]
    return total
