"""Judges afterwards, by the CRM's own log, whether anything was lost, made twice or overwritten.

It believes nothing that we say of ourselves: what we noted is compared with what the CRM applied, as
Jepsen compares a client's history (ok, fail, or "info": nobody knows) with the database.

Any test may ask ``problems(office)``; an empty list is the invariant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from office_history import History, Office, Operation, Place, history_of

from connector.model import Json
from connector.standin.journal import LogEntry
from sync.keys import read_mark
from sync.ledger import Kind, State
from sync.plan import same

MAY_HAVE_ARRIVED = frozenset({State.DONE, State.SENT, State.UNKNOWN})
"""States of an operation that admit an effect."""

UNDER_WAY = frozenset({State.PLANNED, State.SENT, State.UNKNOWN})
"""States of an operation that is not finished."""

CLOCKS_AGREE = timedelta(seconds=5)
"""How far our note of a moment and the CRM's may lie apart."""

_STAMPS = frozenset({"Modified_Time", "Modified_By", "Last_Activity_Time", "Closed_Time", "Tag"})


def problems(
    office: Office,
    *,
    at_rest: bool = False,
    remembers_since: datetime | None = None,
    taken_for_ours: Mapping[Place, Collection[Json]] | None = None,
    forgotten: Collection[str] = (),
) -> list[str]:
    """What is wrong in an office, one sentence each.

    Args:
        office: with ``standin`` and ``path`` (the state folder); no run may be going on.
        at_rest: whether enough runs have passed that nothing may be under way any more.
        remembers_since: the ledger was lost or put back to an older copy then: what was done before
            is not held against it.
        taken_for_ours: people's values that such a ledger could not tell from its own; without it
            all that stood in our fields then.
        forgotten: ids of tasks that were deleted before the ledger was lost, and that no bin names.
    """
    history = replace(history_of(office), forgotten=frozenset(forgotten))
    if remembers_since is not None or taken_for_ours is not None:
        history = replace(history, remembers_since=remembers_since, taken_for_ours=taken_for_ours)
    return check(history, at_rest=at_rest)


def check(history: History, *, at_rest: bool = False) -> list[str]:
    """What is wrong in a history."""
    found = [*_tasks(history), *_strange_tasks(history), *_changes(history)]
    found += [*_overwritten(history), *_last_values(history), *_readings(history)]
    if at_rest:
        gone = {entry.id: entry.action == "delete" for entry in history.log}
        found += [
            f"{_name(op)} is still {op.state} at rest"
            for op in history.operations
            if op.state in UNDER_WAY and not _may_come_back(op, gone)
        ]
    return found


def _may_come_back(op: Operation, gone: Mapping[str, bool]) -> bool:
    """Whether it is a change in doubt of a record that nobody can read before it leaves the bin."""
    return op.state is State.UNKNOWN and op.kind is not Kind.TASK and gone.get(op.record_id, False)


def _name(op: Operation) -> str:
    return f"{op.kind} {op.key} ({op.record_id})"


def _is_ours(entry: LogEntry) -> bool:
    """Whether a call of ours made this change; a rep's and an administrator's are not calls."""
    return entry.request > 0 and entry.action in ("create", "update")


def _created(history: History) -> list[LogEntry]:
    return [
        entry
        for entry in history.log
        if entry.module == "Tasks" and entry.action == "create" and _is_ours(entry)
    ]


def _mark_of(entry: LogEntry) -> str:
    ours = read_mark(str(_new(entry, "Subject") or ""))
    return "#" + "-".join(ours) if ours else ""


def _tasks(history: History) -> Iterator[str]:
    """Each task that we meant, against what the CRM created for it."""
    created: dict[str, list[LogEntry]] = defaultdict(list)
    for entry in _created(history):
        created[_mark_of(entry)].append(entry)
    deleted = {entry.id for entry in history.log if entry.action == "delete"}
    for op in history.operations:
        if op.kind is not Kind.TASK or op.adopted:
            continue
        entries = created[op.mark]
        remembered = [entry for entry in entries if entry.id not in history.forgotten]
        if len(remembered) > 1:
            yield f"{_name(op)} was created {len(remembered)} times"
        # A ledger that was lost may be put back as it was before, and knows what had been forgotten.
        meant = remembered or [entry for entry in entries if entry.id == op.crm_id]
        yield from _one_task(op, meant, deleted)


def _one_task(op: Operation, entries: Sequence[LogEntry], deleted: set[str]) -> Iterator[str]:
    ids = {entry.id for entry in entries}
    if op.state is State.DONE:
        if not entries:
            yield f"{_name(op)} is called done and never came"
        elif op.crm_id not in ids:
            yield f"{_name(op)} is called done as {op.crm_id}, which is not the task that we created"
    elif op.state is State.CANCELLED and op.code in ("DELETED", "COPIED"):
        if not ids & deleted:
            yield f"{_name(op)} is called deleted, which nobody did"
    elif entries and op.state not in MAY_HAVE_ARRIVED and op.code != "MAYBE_DELETED":
        yield f"{_name(op)} is called {op.state} and was created"
    absent_at = [ending.at for ending in op.endings if ending.code == "ABSENT"]
    if any(entry.at < at - CLOCKS_AGREE for entry in entries for at in absent_at):
        yield f"{_name(op)} was called absent after it had been created"
    wanted = op.body.get("Subject")
    if any(wanted and not _subject_fits(_new(entry, "Subject"), wanted) for entry in entries):
        yield f"{_name(op)} was created with another subject"


def _subject_fits(created: Json, wanted: Json) -> bool:
    """Of an old, finished task the ledger has forgotten all but the mark."""
    return same(created, wanted) or (
        str(wanted).startswith("#") and str(created).endswith(f" {wanted}")
    )


def _new(entry: LogEntry, name: str) -> Json:
    """What a field held after a change."""
    return _plain((entry.after or {}).get(name))


def _strange_tasks(history: History) -> Iterator[str]:
    known = {op.mark for op in history.operations if op.kind is Kind.TASK}
    for entry in _created(history):
        if not _mark_of(entry):
            yield f"task {entry.id} was created by us without a mark"
        elif _mark_of(entry) not in known and not _forgotten(history, entry.at):
            yield f"task {entry.id} was created by us and the ledger does not know it"


def _forgotten(history: History, at: datetime) -> bool:
    return history.remembers_since is not None and at <= history.remembers_since


def _written(op: Operation) -> dict[str, Json]:
    return {name: value for name, value in op.body.items() if name != "id"}


def _holds(record: Mapping[str, object] | None, values: Mapping[str, Json]) -> bool:
    return record is not None and all(
        same(_plain(record.get(name)), value) for name, value in values.items()
    )


def _plain(value: object) -> Json:
    """A value as the ledger would hold it: of a lookup its id."""
    return value.get("id", str(value)) if isinstance(value, dict) else value  # type: ignore[return-value]


def _changed(entry: LogEntry) -> dict[str, Json]:
    """The fields that an entry changed, with their new values."""
    before, after = entry.before or {}, entry.after or {}
    return {
        name: _plain(value)
        for name, value in after.items()
        if name not in _STAMPS and not same(_plain(before.get(name)), _plain(value))
    }


def _stood(op: Operation, entries: Sequence[LogEntry], history: History) -> bool:
    """Whether a record held what we meant to write, as far as somebody who read it could tell.

    What was read back and called found stands for the most part: a person may have changed a value or
    deleted its field, and earlier writes of ours may have put the same values there one by one. Of those that
    a lost ledger knew of it cannot even say which they were. Another customer merged into this one may have
    brought ours along.
    """
    dropped = {_new(entry, "api_name") for entry in entries if entry.action == "drop_field"}
    states = [state for entry in entries for state in (entry.before, entry.after)]
    wanted = _written(op)
    if any(_holds(state, wanted) for state in states):
        return True
    if not any(ending.code == "FOUND" for ending in op.endings):
        return False
    each = [{name: value} for name, value in wanted.items()]
    most = any(2 * sum(_holds(state, one) for one in each) > len(each) for state in states)
    return most and (
        history.remembers_since is not None
        or any(entry.action == "merge" for entry in entries)
        or all(any(_holds(state, one) for state in states) for one in each if not dropped >= {*one})
    )


def _changing(history: History) -> dict[str, list[Operation]]:
    """The operations that change a record, by record."""
    found: dict[str, list[Operation]] = defaultdict(list)
    for op in history.operations:
        if op.kind is not Kind.TASK:
            found[op.record_id].append(op)
    return found


def _by_record(history: History) -> dict[str, list[LogEntry]]:
    """What happened to each record; that somebody deletes a field happens to all that were there."""
    found: dict[str, list[LogEntry]] = defaultdict(list)
    for entry in history.log:
        if entry.action == "drop_field":
            for entries in found.values():
                entries.append(entry)
        else:
            found[entry.id].append(entry)
    return found


def _changes(history: History) -> Iterator[str]:
    """Each change of a record that we meant, against what the CRM applied, and the other way round."""
    by_record = _by_record(history)
    meant = _changing(history)
    for ops in meant.values():
        for op in ops:
            states = by_record[op.record_id]
            if op.state is State.DONE and not _stood(op, states, history):
                yield f"{_name(op)} is called done and the record never held its values"
    names = {name for ops in meant.values() for op in ops for name in _written(op)}
    gone = {entry.id for entry in history.log if entry.action == "delete"}
    for entry in history.log:
        if entry.action == "update" and _is_ours(entry) and not _forgotten(history, entry.at):
            yield from _explained(entry, names, meant[entry.id], by_record[entry.id], gone)


def _explained(
    entry: LogEntry,
    names: set[str],
    ops: Sequence[Operation],
    entries: Sequence[LogEntry],
    gone: set[str],
) -> Iterator[str]:
    changed = {name: value for name, value in _changed(entry).items() if name in names}
    matching = _matching(ops, changed)
    if not changed or any(op.state in MAY_HAVE_ARRIVED for op in matching):
        return
    if entry.id in gone and any(op.was_in_doubt for op in matching):
        return  # nobody can read back what a deleted record held
    if _nobody_can_tell(entry, changed, matching, entries):
        return
    if matching:
        yield f"{_name(matching[-1])} is called {matching[-1].state} and was applied"
    else:
        yield f"record {entry.id}: we wrote {sorted(changed)}, which no intent asked for"


def _matching(ops: Sequence[Operation], changed: Mapping[str, Json]) -> list[Operation]:
    """The operations that meant these changes."""
    return [
        op
        for op in ops
        if all(n in op.body and same(op.body[n], value) for n, value in changed.items())
    ]


def _nobody_can_tell(
    entry: LogEntry,
    changed: Mapping[str, Json],
    matching: Sequence[Operation],
    entries: Sequence[LogEntry],
) -> bool:
    """Whether an answer was lost, and people had replaced what would have told that it was applied."""
    return any(op.was_in_doubt and _left_no_trace(entry, changed, op, entries) for op in matching)


def _left_no_trace(
    entry: LogEntry, changed: Mapping[str, Json], op: Operation, entries: Sequence[LogEntry]
) -> bool:
    """Whether people had replaced what told of a write when it was read back.

    What we had written there before tells nothing. Of the rest half and less may be what a person typed,
    unless it is a number or a sentence, which nobody types by chance.
    """
    at = next(index for index, each in enumerate(entries) if each is entry)
    earlier: dict[str, Json] = {}
    for each in filter(_is_ours, entries[:at]):
        earlier |= _changed(each)
    new = {n: v for n, v in changed.items() if not (n in earlier and same(earlier[n], v))}
    looked = max((ending.at for ending in op.endings), default=entry.at) + CLOCKS_AGREE
    replaced = {
        name
        for each in entries[at + 1 :]
        if not _is_ours(each) and each.at <= looked
        for name in (_changed(each) if each.action != "drop_field" else [_new(each, "api_name")])
    }
    left = [value for name, value in (new or changed).items() if name not in replaced]
    told = any(isinstance(one, int | float) or len(str(one or "")) > 30 for one in left)
    return 2 * len(left) <= len(new or changed) and not (new and told)


def _overwritten(history: History) -> Iterator[str]:
    """Values of other people over which we wrote: neither empty, nor what we had put there ourselves."""
    in_doubt = _in_doubt(history)
    ours: dict[Place, Json] = {}
    merged_away = ""
    taken = history.taken_for_ours or {}
    for entry in history.log:
        mine = _is_ours(entry)
        believed = history.taken_for_ours is None and _forgotten(history, entry.at)
        for name, value in _changed(entry).items():
            place = entry.id, name
            if mine and entry.action == "update":
                before = _plain((entry.before or {}).get(name))
                known = [None, *([ours[place]] if place in ours else []), *in_doubt[place]]
                known += taken.get(place, ())
                if not any(same(before, one) for one in known):
                    yield f"record {entry.id}: we wrote over {name} {before!r}, which was not ours"
            # What one customer takes over from another that is merged into it is whose it was there.
            brought = entry.action == "merge" and same(ours.get((merged_away, name)), value)
            if mine or believed or brought:
                ours[place] = value
        if entry.action == "delete":
            merged_away = entry.id


def _in_doubt(history: History) -> dict[Place, list[Json]]:
    """What we sent for each field without learning, for a time, whether it had arrived."""
    found: dict[Place, list[Json]] = defaultdict(list)
    for op in history.operations:
        if op.was_in_doubt and op.kind is not Kind.TASK:
            for name, value in _written(op).items():
                found[op.record_id, name].append(value)
    return found


def _last_values(history: History) -> Iterator[str]:
    """Where our value stands in the end, it is the last that we wanted and the ledger calls it ours."""
    meant = _changing(history)
    names = {name for ops in meant.values() for op in ops for name in _written(op)}
    by_record = _by_record(history)
    last: dict[Place, LogEntry] = {}
    for entry in history.log:
        for name in _changed(entry):
            last[entry.id, name] = entry
        if entry.action == "drop_field":
            last = {place: e for place, e in last.items() if place[1] != _new(entry, "api_name")}
    gone = {e.id for e in history.log if e.action == "delete"}
    for (record_id, name), entry in last.items():
        wanted = [op for op in meant[record_id] if name in op.body and op.state in MAY_HAVE_ARRIVED]
        mine = _is_ours(entry) and entry.action == "update" and not _forgotten(history, entry.at)
        if record_id in gone or not mine or not wanted:
            continue
        changed = {n: v for n, v in _changed(entry).items() if n in names}
        asked = _matching(meant[record_id], changed)
        known = any(op.state in MAY_HAVE_ARRIVED for op in asked)
        if not known and _nobody_can_tell(entry, changed, asked, by_record[record_id]):
            continue
        value = _new(entry, name)
        pending = [op.body[name] for op in wanted if op.state is not State.DONE]
        if not any(same(value, one) for one in [wanted[-1].body[name], *pending]):
            yield f"record {record_id}: {name} ends as {value!r}, and not as we last wanted it"
        elif wanted[-1].kind is Kind.FIELDS and not any(
            same(value, one) for one in [history.ours.get((record_id, name)), *pending]
        ):
            yield f"record {record_id}: our own {name} {value!r} would be taken for a person's"


def _readings(history: History) -> Iterator[str]:
    for module, reading in history.readings.items():
        for record_id, at in reading.due.items():
            if record_id not in reading.held:
                yield f"{module} {record_id} is missing in the local copy"
            elif reading.held[record_id] < at:
                yield f"{module} {record_id} is out of date in the local copy"
        for record_id in reading.gone & reading.held.keys():
            yield f"{module} {record_id} was deleted and is still in the local copy"
