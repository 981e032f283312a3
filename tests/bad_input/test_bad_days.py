"""No network, or no credits left: the run ends soon and clearly, and the next one completes the work."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from keyboard import Office

from connector.clock import VirtualClock
from connector.errors import Unavailable
from sync.opening import opened
from sync.order import Order, Watch
from sync.run import run
from sync.sentences import sentence

if TYPE_CHECKING:
    from tests.conftest import DataFiles


@pytest.mark.fault("N2")
@pytest.mark.parametrize("signed_in", [True, False])
def test_without_a_network_a_run_gives_up_within_a_minute(
    make_office: Callable[..., Office], signed_in: bool
) -> None:
    office = make_office(broken=True).set_up()
    office.server.close()
    if not signed_in:
        for file in (office.home / "tokens").iterdir():
            file.unlink()
    for _ in range(3):  # what cannot be sent uses up none of the few token refreshes
        clock = VirtualClock(datetime.now(UTC))
        error = broken_off(office, clock)
        assert clock.monotonic() < 60
        said = sentence(error)
        assert said is not None
        assert (said.exit_code, said.text) == (1, "127.0.0.1 cannot be reached.")
        assert said.advice.startswith("Check this machine's network")


@pytest.mark.fault("N8")
def test_a_network_that_comes_back_finds_nothing_lost(office: Office, good_end: Any) -> None:
    office.set_up()
    office.server.faults.add("POST /coql", nth=2, kind="reset", times=6)
    error = broken_off(office, VirtualClock(datetime.now(UTC)))
    assert error.message == "The connection to 127.0.0.1 broke before a whole answer came."
    assert error.hint == "Nothing is lost: the next scheduled run carries on from here."
    assert office.fenlei("backfill", "--yes").exit_code == 0
    assert office.state() == good_end


def broken_off(office: Office, clock: VirtualClock) -> Unavailable:
    """The error that ends a run whose waits take no time."""
    with opened(office.env, clock) as desk, pytest.raises(Unavailable) as caught:
        run(desk, Order("sync"), Watch())
    return caught.value


@pytest.mark.fault("Q3")
def test_credits_that_run_out_while_reading_leave_nothing_half_done(
    office: Office, good_end: Any
) -> None:
    limits = office.set_up().server.tenant.limits
    enough, limits.allowed = limits.allowed, office.server.credits_spent + 2
    result = office.fenlei("backfill", "--yes", "--json")  # we see it coming and stop
    report = json.loads(result.stdout)
    assert (result.exit_code, report["status"], report["classified"]) == (0, "paused", 0)
    assert "The next scheduled run carries on from here." in report["notes"][0]
    limits.allowed = office.server.credits_spent  # others have used up the last ones
    result = office.fenlei("backfill", "--yes", "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["status"], report["classified"]) == (0, "paused", 0)
    (said,) = (note for note in report["notes"] if note.startswith("Zoho says"))
    assert "the first of ours from 20" in said
    assert said.endswith("The next scheduled run carries on from here.")
    assert not office.server.records("Tasks")
    limits.allowed = enough
    assert office.fenlei("backfill", "--yes").exit_code == 0
    assert office.state() == good_end


@pytest.mark.fault("Q3", "Q4")
def test_credits_that_run_low_while_writing_pause_the_run(
    make_office: Callable[..., Office], company_files: DataFiles
) -> None:
    """Zoho tells what is left once half is used, which here is after the first hundred accounts."""
    undisturbed = make_office(accounts=company_files.accounts)
    office = make_office(accounts=company_files.accounts)
    limits = office.set_up().server.tenant.limits
    enough, limits.allowed = limits.allowed, 58
    result = office.fenlei("backfill", "--yes", "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["status"]) == (0, "paused")
    assert (report["accounts_written"], report["tasks_created"]) == (100, 0)
    assert report["notes"][0].endswith("The next scheduled run carries on from here.")
    limits.allowed = enough
    assert office.fenlei("sync").exit_code == 0
    assert office.state() == undisturbed.backfilled().state()
