"""Every order of events for one task: our protocol harms nobody, and each weaker one is caught harming."""

from __future__ import annotations

import pytest
from explorer import NEVER_RESTS, explore
from task_model import Rules, TaskModel, Trouble

TWICE = "two tasks for one key"
LOST = "the task is lost: called done and never came"
QUIET = Trouble(rep_deletes=False, rep_clones=False)

SOUND = {
    "two kills, a second run, lost and late requests, 429, list lag, a rep who deletes and clones": Trouble(),
    "the same with a unique key that Zoho enforces": Trouble(unique_key=True),
    "a recycle bin that tells no names": Trouble(bin_tells_names=False),
    "an old copy of the ledger put back": Trouble(
        old_ledger_put_back=True, crashes=1, rep_clones=False
    ),
    "requests held up for longer than the quarantine, where the unique key is enforced": Trouble(
        later_than_quarantine=True, unique_key=True, rep_deletes=False
    ),
}

WEAK = {
    "library retry of POST": (Rules(library_retries_post=True), QUIET, TWICE),
    "blind resend": (Rules(unknown_is_sent_again=True), QUIET, TWICE),
    "read-back by search, which lags": (Rules(reads_back_by="search"), QUIET, TWICE),
    "no quarantine": (Rules(quarantine="none"), QUIET, TWICE),
    "quarantine counted from the mark": (Rules(quarantine="from the mark"), QUIET, TWICE),
    "a lease with a time limit for a lock": (Rules(lock="lease"), QUIET, TWICE),
    "no lock": (Rules(lock="none"), QUIET, TWICE),
    "no look into the bin": (Rules(looks_in_bin=False), Trouble(), TWICE),
    "an error of the list taken for absence": (Rules(list_error_is_absence=True), QUIET, TWICE),
    "mark after POST": (Rules(mark="after POST"), QUIET, TWICE),
    "a mark that a power cut forgets": (Rules(mark_is_durable=False), QUIET, TWICE),
    "429 taken for not applied": (Rules(throttled_post_is="not applied"), QUIET, TWICE),
    "a mark left behind taken for done": (Rules(sent_left_behind_is="done"), QUIET, LOST),
    "a mark left behind and left alone": (
        Rules(sent_left_behind_is="left alone"),
        QUIET,
        NEVER_RESTS,
    ),
    "an old ledger and no catching up": (
        Rules(catches_up="never"),
        Trouble(old_ledger_put_back=True, crashes=0),
        TWICE,
    ),
    "an old ledger whose waiting tasks are not looked up in the bin": (
        Rules(catches_up_planned_ones=False),
        Trouble(old_ledger_put_back=True, crashes=0),
        TWICE,
    ),
    "an old ledger and only the deletions of this pull": (
        Rules(catches_up="by this pull"),
        Trouble(old_ledger_put_back=True, crashes=0),
        TWICE,
    ),
}

ASSUMED = {
    "no request is held up for longer than the quarantine": Trouble(later_than_quarantine=True),
    "with a unique key: or no rep deletes the task meanwhile": Trouble(
        later_than_quarantine=True, unique_key=True
    ),
    "no rep restores the task in the moment between list and bin": Trouble(rep_restores=True),
}


@pytest.mark.fault("N6", "N7", "W10", "C3", "C4")
@pytest.mark.parametrize("trouble", SOUND.values(), ids=SOUND)
def test_no_order_of_events_makes_two_tasks_or_loses_one(trouble: Trouble) -> None:
    found = explore(TaskModel(Rules(), trouble))
    assert not found.harm, str(found)
    assert found.states > 2_000


@pytest.mark.parametrize(("rules", "trouble", "harm"), WEAK.values(), ids=WEAK)
def test_a_weaker_protocol_is_caught(rules: Rules, trouble: Trouble, harm: str) -> None:
    found = explore(TaskModel(rules, trouble))
    assert found.harm == harm, str(found)
    assert found.trace


@pytest.mark.parametrize("trouble", ASSUMED.values(), ids=ASSUMED)
def test_what_the_protocol_assumes_is_really_needed(trouble: Trouble) -> None:
    found = explore(TaskModel(Rules(), trouble))
    assert found.harm == TWICE, str(found)


def test_an_enforced_key_makes_up_for_every_missing_look_but_that_into_the_bin() -> None:
    careless = Rules(unknown_is_sent_again=True, quarantine="none")
    kept = Trouble(unique_key=True, rep_deletes=False, rep_clones=False, crashes=1)
    deleted = Trouble(unique_key=True, rep_clones=False, crashes=1)
    assert not explore(TaskModel(careless, kept)).harm
    assert explore(TaskModel(careless, deleted)).harm == TWICE


def test_the_shortest_way_to_harm_is_told_step_by_step() -> None:
    found = explore(TaskModel(Rules(library_retries_post=True), QUIET))
    assert found.trace[-3:] == (
        "Zoho creates the task",
        "the answer is lost, the library sends it again",
        "Zoho creates the task",
    )
    assert "11. Zoho creates the task" in str(found)
