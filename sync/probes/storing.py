"""What becomes of values that are not quite what a field takes."""

from __future__ import annotations

from collections.abc import Iterator

from connector.model import Field, Json, Option
from sync.probes.answer import Seen
from sync.probes.bench import NAME, SYSTEM, Bench, NotRun

_ODD_TEXT = f"  {NAME}  "


def unknown_choice(bench: Bench) -> Seen:
    """Put a value into a picklist that is not among its choices."""
    task = bench.task()
    before = bench.read(task, "Priority").get("Priority")
    (row,) = bench.written({"id": task, "Priority": NAME})
    held = bench.read(task, "Priority").get("Priority")
    if held == NAME:
        bench.written({"id": task, "Priority": before})
        return Seen("an unknown picklist value is stored", False)
    how = "refused" if not row.done else "taken and dropped"
    return Seen(f"an unknown picklist value is {how}", True)


def blanks(bench: Bench) -> Seen:
    """Write a text with blanks around it, and read it back."""
    task = bench.task()
    bench.change({"id": task, "Description": _ODD_TEXT})
    held = bench.read(task, "Description").get("Description")
    if held not in (_ODD_TEXT, _ODD_TEXT.strip()):
        raise NotRun("the text came back as something else")
    cut = held != _ODD_TEXT
    return Seen(f"blanks around a text are {'cut off' if cut else 'kept'}", cut)


def order_of_choices(bench: Bench) -> Seen:
    """Choose two values of a multi-select picklist against their alphabet, and read them back."""
    field = next((f for f in bench.fields if _takes_several(f)), None)
    if field is None:
        raise NotRun("tasks have no multi-select picklist with two choices")
    task = bench.task()
    held = []
    for chosen in _both_ways(field):
        bench.change({"id": task, field.name: [*chosen]})
        held.append((chosen, bench.read(task, field.name).get(field.name)))
    bench.change({"id": task, field.name: None})
    if any(not isinstance(got, list) or sorted(map(str, got)) != sorted(c) for c, got in held):
        raise NotRun("the choices came back as something else")
    other = any(got != chosen for chosen, got in held)
    return Seen(f"choices come back {'in another order' if other else 'as they were sent'}", other)


def _takes_several(field: Field) -> bool:
    return field.type == "multiselectpicklist" and len(field.options) > 1 and not field.read_only


def _both_ways(field: Field) -> Iterator[list[str]]:
    chosen = [option.stored for option in field.options[:2]]
    yield chosen
    yield chosen[::-1]


def names_of_choices(bench: Bench) -> Seen:
    """Store a choice by its stored name, else by the one that people see, and read it back."""
    found = next((each for field in bench.fields for each in _with_two_names(field)), None)
    if found is None:
        raise NotRun("no picklist of tasks shows a choice by another name than it stores")
    name, option = found
    task = bench.task()
    (by_stored,) = bench.written({"id": task, name: option.stored})
    if not by_stored.done:
        bench.written({"id": task, name: option.shown})
    held = bench.read(task, name).get(name)
    if held not in (option.stored, option.shown):
        raise NotRun("the choice came back as something else")
    if held == option.stored:
        return Seen("records speak the stored names of choices", "stored")
    if by_stored.done:
        return Seen("records speak the names that people see, and take both", "shown, takes both")
    return Seen("records speak the names that people see", "shown")


def _with_two_names(field: Field) -> Iterator[tuple[str, Option]]:
    if field.type == "picklist" and not field.read_only:
        names = {option.stored for option in field.options}
        for option in field.options:
            if option.shown != option.stored and option.shown not in names:
                yield field.name, option


def unknown_field(bench: Bench) -> Seen:
    """Write into a field that does not exist."""
    (row,) = bench.written({"id": bench.task(), "Fenlei_No_Such_Field": NAME})
    how = "ignored" if row.done else "refused"
    return Seen(f"a value for an unknown field is {how}", how)


def read_only_field(bench: Bench) -> Seen:
    """Write into a field that our user may only read."""
    wanted = (f for f in bench.fields if f.read_only and f.name not in SYSTEM and _sample(f))
    field = next(wanted, None)
    if field is None:
        raise NotRun("tasks have no read-only field of a simple kind")
    task = bench.task()
    before = bench.read(task, field.name).get(field.name)
    (row,) = bench.written({"id": task, field.name: _sample(field)})
    if bench.read(task, field.name).get(field.name) != before:
        raise NotRun(f"{field.name} took the value although it is read-only")
    how = "dropped in silence" if row.done else f"refused ({row.code})"
    return Seen(f"a value for a read-only field is {how}", row.done)


def _sample(field: Field) -> Json:
    return {"text": NAME, "datetime": "2001-01-01T00:00:00+00:00", "date": "2001-01-01"}.get(
        field.type
    )
