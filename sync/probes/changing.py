"""What Zoho does with a second key, with changes that come too late or change nothing, and in part."""

from __future__ import annotations

from datetime import timedelta

from sync.probes.answer import Seen
from sync.probes.bench import Bench, NotRun
from sync.probes.said import told

_STALE = "ALREADY_MODIFIED"


def key_twice(bench: Bench) -> Seen:
    """Open a second task with the key of the first one."""
    if not bench.key:
        raise NotRun("tasks have no key field; 'fenlei setup' makes one where the edition lets it")
    first = bench.task()
    second = bench.make("D", key_of="A")
    if second.done:
        return Seen("a second task with the same key was made", False)
    if second.code != "DUPLICATE_DATA":
        raise NotRun(f"the second task was refused for something else ({second.code})")
    named = "and names the first one" if second.id == first else "without naming the first one"
    return Seen(f"a second task with the same key is refused, {named}", True)


def stale_batch(bench: Bench) -> Seen:
    """Change two tasks in one call, of which one was changed since it was read."""
    fresh, stale = bench.task(), bench.task(1)
    since = bench.modified(fresh)
    bench.rest()
    bench.change({"id": stale, "Description": "later"})
    since = max(since, bench.modified(stale) - timedelta(seconds=1))
    found = bench.written(
        {"id": fresh, "Description": "both"},
        {"id": stale, "Description": "both"},
        since=since,
    )
    if any(row.code == _STALE for row in found[1:]) and found[0].done:
        return Seen("the stale row alone is refused", "row")
    if found and found[0].code == _STALE:
        return Seen("one stale row has the whole batch refused", "batch")
    codes = ", ".join(row.code for row in found)
    return Seen(f"neither the stale row nor the batch was refused as stale ({codes})")


def stale_moment(bench: Bench) -> Seen:
    """Change a task with its own stamp as the moment after which nobody may have changed it."""
    task = bench.task()
    found = bench.written({"id": task, "Description": "now"}, since=bench.modified(task))
    if found[0].done:
        return Seen("a change at that very second does not count as later", "exclusive")
    return Seen("a change at that very second counts as later", "inclusive")


def equal_value(bench: Bench) -> Seen:
    """Write a value that is there already, and look whether the stamp moves."""
    task = bench.task()
    bench.change({"id": task, "Description": "same"})
    before = bench.modified(task)
    bench.rest()
    bench.change({"id": task, "Description": "same"})
    moved = bench.modified(task) > before
    return Seen(f"Modified_Time {'moves' if moved else 'stays'} when nothing changes", moved)


def partial_answer(bench: Bench) -> Seen:
    """Change a task and, in the same call, one that does not exist."""
    answer = bench.change({"id": bench.task(), "Description": "half"}, {"id": "1"})
    done = [row.done for row in told(answer)]
    if done != [True, False]:
        raise NotRun("the call was not applied in part")
    return Seen(f"a write that is applied in part is answered with {answer.status}", answer.status)
