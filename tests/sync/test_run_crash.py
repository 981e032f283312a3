"""Wherever the process dies, the next runs come to the same end: every tag once, every task once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from workbench import (
    DAY,
    NAMES,
    POLICY_FILE,
    QUARANTINE,
    Office,
    Wrap,
    ledger_disagrees,
    tasks_by_account,
)

from connector.port import Crm
from sync.ledger import State
from sync.report import Status

SALES = (100.0, 1500.0, 2000.0, 400.0)
LARGE = (1, 2)


class Killed(BaseException):
    """The process is gone: nothing catches this and nobody tidies up."""


@dataclass
class Dying:
    """A CRM in whose call the process dies, before the call leaves or after it was answered."""

    crm: Crm
    verb: str
    when: str
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.crm, name)
        if name != self.verb:
            return found

        def dying(*arguments: Any, **named: Any) -> Any:
            if self.when == "before":
                raise Killed
            answer = found(*arguments, **named)
            if isinstance(answer, Iterator):
                list(answer)
            raise Killed

        return dying


def dying_in(verb: str, when: str) -> Wrap:
    return lambda crm: cast("Crm", Dying(crm, verb, when))


DEATHS = [
    ("update", "before"),
    ("update", "after"),
    ("create", "before"),
    ("create", "after"),
]


def heal(office: Office) -> None:
    """Scheduled runs follow, three at most, until nothing is under way any more."""
    for _ in range(3):
        office.after(QUARANTINE + 60)
        assert office.run().status is Status.DONE
        if not office.intents(State.PLANNED, State.SENT, State.UNKNOWN):
            return


def assert_all_is_well(office: Office) -> None:
    assert tasks_by_account(office.created()) == {office.account_id(n): 1 for n in LARGE}
    assert {entry.id for entry in office.updated()} == set(office.standin.records("Accounts"))
    assert office.intents(State.PLANNED, State.SENT, State.UNKNOWN, State.PARKED) == []
    assert ledger_disagrees(office) == []
    with office.ledger() as ledger:
        assert "running" not in {run.status for run in ledger.runs.latest()}


@pytest.mark.fault("C1", "C2", "C3")
@pytest.mark.parametrize(("verb", "when"), DEATHS)
def test_a_death_in_any_write_is_healed_by_the_next_runs(
    make_office: Callable[..., Office], verb: str, when: str
) -> None:
    office = make_office(SALES)
    with pytest.raises(Killed):
        office.run("backfill", wrap=dying_in(verb, when))
    heal(office)
    assert_all_is_well(office)


@pytest.mark.fault("C4")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("update", "after"), ("read", "after")),
        (("create", "after"), ("listed", "after")),
        (("create", "before"), ("deleted", "before")),
        (("create", "before"), ("create", "after")),
    ],
)
def test_a_death_in_the_middle_of_recovering_is_healed_as_well(
    make_office: Callable[..., Office], first: tuple[str, str], second: tuple[str, str]
) -> None:
    office = make_office(SALES)
    with pytest.raises(Killed):
        office.run("backfill", wrap=dying_in(*first))
    if first[0] == "create":  # in quarantine first; fields are read back at once
        office.run()
        office.after(QUARANTINE + 60)
    with pytest.raises(Killed):
        office.run(wrap=dying_in(*second))
    heal(office)
    assert_all_is_well(office)


@pytest.mark.fault("C3", "C14")
def test_a_process_that_is_killed_for_real_between_applying_and_answering_opens_no_task_twice(
    make_office: Callable[..., Office], tmp_path: Path
) -> None:
    office = make_office(SALES)
    (tmp_path / "policy.toml").write_text(POLICY_FILE, encoding="utf-8")
    office.standin.faults.add("POST /Tasks", kind="hang", seconds=60, apply=True)
    environment = {
        **os.environ,
        "FENLEI_HOME": str(office.path),
        "FENLEI_POLICY": str(tmp_path / "policy.toml"),
        "FENLEI_ALLOW_LOOPBACK": "1",
        **{f"FENLEI_{name.upper()}": value for name, value in office.standin.connection().items()},
    }
    command = [sys.executable, "-c", "import cli; cli.main()", "backfill", "--yes", "--json"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 30
    while not office.created() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    _, errors = process.communicate()
    assert process.returncode == -signal.SIGKILL, errors.decode()
    assert {intent.state for intent in office.intents(State.SENT)} == {State.SENT}
    office.after(DAY)
    office.run()
    heal(office)
    assert_all_is_well(office)


def test_a_write_whose_answer_was_lost_is_ours_though_a_person_changed_one_field_of_it_since(
    make_office: Callable[..., Office],
) -> None:
    office = make_office(SALES)
    office.standin.faults.add("PUT /Accounts", kind="lost_after_apply")
    office.run("backfill")
    office.standin.rep.edit("Accounts", office.account_id(1), **{NAMES["tier"]: "small"})
    office.after(QUARANTINE + 60)
    office.run()
    office.after(DAY)
    office.buys(1, 900)
    report = office.run()
    with office.ledger() as ledger:
        assert [(h.record_id, h.field) for h in ledger.history.held()] == [
            (office.account_id(1), NAMES["tier"])
        ]
    assert report.held == 1
    assert "Bought today" in office.account(1)[NAMES["reason"]]
