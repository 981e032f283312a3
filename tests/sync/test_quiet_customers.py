"""A run does not look at customers for whom no task can be due, and finds every one for whom a task is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from prepared import bring
from workbench import DAY, LARGE_ONES, MORNING, NAMES, TODAY, Office, playbook, simple_policy

from sync.decide import Plan, Planner
from sync.keys import intent_key
from sync.ledger import ClassChange, Intent, Kind, State
from sync.ledger.history import QUIET
from sync.mirror.open_work import needing_a_look, open_work
from sync.mirror.quiet import keep_quiet
from sync.order import Watch
from sync.plan import AccountView, TaskContext, TaskDecision, decide_tasks
from sync.policy import Playbook
from sync.quiet import quiet_until

HOUR = DAY / 24
POLICY = simple_policy()
CLASSES = {"tier": "large", "loyalty": "ordinary"}
CONTEXT = TaskContext(
    organisation="org",
    today=TODAY,
    inactive_users=frozenset(),
    fallback_owner="",
    priorities=frozenset(),
    retry_before=MORNING,
    open_tasks=frozenset(),
    open_marks=frozenset(),
)


class Case(NamedTuple):
    """One customer's playbooks, how it came into its classes, and the tasks that it had."""

    playbooks: tuple[Playbook, ...]
    entered: dict[str, ClassChange]
    earlier: tuple[Intent, ...]
    still_open: frozenset[str]
    most: int

    def decide(self, day: date, owner: str = "7") -> tuple[TaskDecision, TaskContext]:
        """What is due on a day."""
        marks = frozenset(("1", i.purpose) for i in self.earlier if i.crm_id in self.still_open)
        context = replace(CONTEXT, today=day, open_tasks=self.still_open, open_marks=marks)
        view = AccountView("1", "Zylker", owner, {}, {}, CLASSES, {}, "")
        policy = replace(POLICY, most_tasks_per_account=self.most)
        books, entered = self.playbooks, self.entered
        return decide_tasks(view, books, entered, self.earlier, context, policy), context


def task_of(purpose: str, occasion: str, state: State, crm_id: str) -> Intent:
    """A task that was opened on an occasion."""
    key = intent_key("task", "org", purpose, "1", occasion)
    moment = {"created_at": MORNING, "sent_at": MORNING, "crm_modified": MORNING}
    return Intent(
        key=key,
        kind=Kind.TASK,
        module="Tasks",
        record_id="1",
        purpose=purpose,
        body={},
        run_id="r",
        state=state,
        attempt=1,
        resolve_after=MORNING,
        crm_id=crm_id,
        error_code="",
        error_text="",
        **moment,
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Customers with up to three playbooks, of which most rounds so far were opened."""
    entered = {
        dimension: ClassChange(
            "1",
            dimension,
            code,
            TODAY - timedelta(days=draw(st.integers(0, 9))),
            draw(st.sampled_from(("", "small"))),
        )
        for dimension, code in CLASSES.items()
    }
    books, earlier = [], []
    for number in range(draw(st.integers(1, 3))):
        again = draw(st.sampled_from((None, 2, 3, 7)))
        dimension = draw(st.sampled_from(sorted(CLASSES)))
        purpose = f"book-{number}"
        books.append(
            playbook(
                purpose,
                when={dimension: (CLASSES[dimension],)},
                remind_again_days=again,
                last_round=draw(st.sampled_from((None, 1, 4))),
                at_first=draw(st.booleans()),
                came_from=draw(st.sampled_from(({}, {"tier": ("small",)}))),
            )
        )
        came = entered["tier" if books[-1].task and books[-1].task.came_from else dimension].since
        for day in {(TODAY - came).days // again if again else 0}:
            occasion = f"{came}+{day}" if again else f"{came}"
            state = draw(st.sampled_from([State.DONE] * 4 + [State.CANCELLED, State.REJECTED]))
            earlier.append(task_of(purpose, occasion, state, f"crm-{number}"))
    there = draw(st.sets(st.sampled_from([intent.crm_id for intent in earlier])))
    return Case(tuple(books), entered, tuple(earlier), frozenset(there), draw(st.integers(1, 2)))


@settings(max_examples=25)
@given(cases())
def test_for_a_quiet_customer_nothing_is_due_before_the_day_that_was_told(case: Case) -> None:
    decision, context = case.decide(TODAY)
    assume(not decision.intents and not decision.without_owner)
    until = quiet_until(case.playbooks, case.entered, case.earlier, context)
    if until is None:
        return
    for days in range(min((until - TODAY).days, 30)):
        later, _ = case.decide(TODAY + timedelta(days=days), owner="")
        assert (later.intents, later.without_owner) == ((), ())


@pytest.mark.parametrize("state", [State.REJECTED, State.UNKNOWN, State.PARKED])
def test_nobody_is_quiet_whose_task_may_still_fail(state: State) -> None:
    task = task_of("call-large", TODAY.isoformat(), state, "")
    assert quiet_until([playbook()], {}, [task], CONTEXT) is None


def test_nobody_is_quiet_whose_open_task_was_related_to_another_account() -> None:
    task = task_of("call-large", TODAY.isoformat(), State.DONE, "77")
    context = replace(CONTEXT, open_tasks=frozenset({"77"}))
    assert quiet_until([playbook()], {}, [task], context) is None


def planned(office: Office) -> tuple[Plan, Planner]:
    """What the next run would write."""
    found: list[tuple[Plan, Planner]] = []
    office.run("plan", watch=Watch(planned=lambda plan, planner: found.append((plan, planner))))
    return found[0]


def looked_at(office: Office) -> frozenset[str]:
    """The customers that the next run looks at for tasks; it would do the same had it looked at all."""
    ours, _ = planned(office)
    with office.ledger() as ledger:
        mark = ledger.fact(QUIET)
        ledger.remember(QUIET, "")
    everybody, _ = planned(office)
    with office.ledger() as ledger:
        ledger.remember(QUIET, mark)
    for part in ("tasks", "history", "without_owner", "held"):
        assert without_occasion(getattr(ours, part)) == without_occasion(getattr(everybody, part))
    assert [i.body for i in ours.fields] == [i.body for i in everybody.fields]
    return ours.quiet.looked_at


def without_occasion(found: object) -> object:
    """In order, for comparison: history may be noted in another one."""
    return sorted(map(repr, found)) if isinstance(found, Sequence) else found


def seen_idle(office: Office) -> None:
    office.policy = simple_policy(playbook(remind_again_days=30))
    office.run("backfill")
    office.after(HOUR)
    office.run()


@pytest.fixture
def quiet_office(office: Office) -> Office:
    """An office of which every task arrived, and that an idle run has seen."""
    bring(office, seen_idle)
    return office


def test_only_customers_for_whom_something_may_be_due_are_looked_at(quiet_office: Office) -> None:
    office, rep = quiet_office, quiet_office.standin.rep
    three, six, seven = (office.account_id(number) for number in (3, *LARGE_ONES))
    tasks = office.standin.records("Tasks")
    [task] = [key for key, one in tasks.items() if one["What_Id"]["id"] == six]
    rep.edit("Tasks", task, Status="Completed")
    rep.edit("Accounts", seven, **{NAMES["tier_override"]: "small"})
    office.buys(3, 5000.0)
    office.after(HOUR)
    assert looked_at(office) == {
        three,
        six,
    }  # seven has left the class, as planning its fields notes
    assert office.run().tasks_created == 1
    rep.edit("Accounts", seven, **{NAMES["tier_override"]: None})
    office.after(HOUR)
    assert looked_at(office) == {three, seven}  # the task of three has just arrived
    office.run()
    office.after(30 * DAY)
    assert looked_at(office) == {three, six, seven}


def test_what_was_remembered_is_believed_only_where_policy_and_ledger_say_the_same(
    quiet_office: Office,
) -> None:
    office, large = quiet_office, {quiet_office.account_id(number) for number in LARGE_ONES}

    def die(_plan: Plan, planner: Planner) -> None:
        keep_quiet(planner.mirror, {}, (), today=TODAY, mark="died", instead_of="")

    assert planned(office)[0].quiet.looked_at == frozenset()
    kept, office.policy = office.policy, simple_policy(playbook(remind_again_days=31))
    assert planned(office)[0].quiet.looked_at == large
    office.policy = kept
    office.run("plan", watch=Watch(planned=die))
    assert planned(office)[0].quiet.looked_at == large
    office.run()
    assert planned(office)[0].quiet.looked_at == frozenset()
    with office.ledger() as ledger:
        later = TODAY + timedelta(days=5)  # as of a day after the one that runs are for
        change = ClassChange(office.account_id(6), "tier", "large", later, "small")
        ledger.history.note([change], run_id="by hand")
    assert planned(office)[0].quiet.looked_at == large
    office.run()
    assert planned(office)[0].quiet.looked_at == {office.account_id(6)}


def ids(found: Sequence[object]) -> list[str]:
    """The ids of open tasks."""
    return [getattr(one, "task_id", "") for one in found]


def test_of_open_tasks_only_late_ones_and_those_of_arrived_customers_are_read(
    quiet_office: Office,
) -> None:
    found: list[tuple[list[str], ...]] = []

    def read(_plan: Plan, planner: Planner) -> None:
        columns, mirror = planner.bound.columns, planner.mirror
        days = (planner.today, planner.today + timedelta(days=9))
        wanted: tuple[dict[str, list[dict[str, tuple[str, ...]]]], ...] = (
            {},
            {"call-large": [{"tier": ("small",)}]},
            {"call-large": [{"tier": ("large",)}]},
        )
        found.append(
            (
                ids(list(open_work(mirror))),
                *(ids(list(needing_a_look(mirror, columns, {}, day))) for day in days),
                *(ids(list(needing_a_look(mirror, columns, one, days[0]))) for one in wanted),
            )
        )

    quiet_office.run("plan", watch=Watch(planned=read))
    [(everything, idle, late, nobody, elsewhere, arrived)] = found
    assert len(everything) == len(LARGE_ONES)
    assert (idle, nobody, elsewhere) == ([], [], [])
    assert late == arrived == everything
