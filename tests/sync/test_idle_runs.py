"""Our own writes come back once and change nothing: a CRM at rest is read cheaply and left alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from workbench import Office

from connector.standin.switches import Switches

HOUR = 3600.0
READS = 6
"""What was deleted and what changed, of accounts, deals and tasks."""


def reads(office: Office, since: int) -> int:
    """Calls to the CRM itself since then; a new access token is none."""
    return sum("/crm/" in seen.path for seen in office.standin.requests[since:])


@pytest.mark.fault("W1", "D5")
@pytest.mark.parametrize(
    "switches",
    [
        Switches(),
        Switches(trims_text=True, reorders_choices=True),
        Switches(equal_values_move_time=False, coql_lag_seconds=119),
        Switches(records_speak="shown"),
    ],
    ids=["plain", "texts in the CRM's own form", "late", "names that people see"],
)
def test_idle_runs_write_nothing_and_read_six_times(
    make_office: Callable[..., Office], switches: Switches
) -> None:
    """The first run after a write reads what it wrote, which is also how it sees what the CRM made of it."""
    office = make_office(switches=switches)
    assert office.run("backfill").fields_written > 0
    written = len(office.written())
    calls = []
    for _ in range(2):
        office.after(HOUR)
        before = len(office.standin.requests)
        report = office.run()
        assert (report.fields_written, report.tasks_created) == (0, 0)
        calls.append(reads(office, before))
    assert len(office.written()) == written
    assert calls[0] <= READS + 2
    assert calls[1] <= READS
