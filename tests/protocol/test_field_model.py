"""Every order of events for one field: no rep is overwritten, and each weaker protocol is caught at it."""

from __future__ import annotations

import pytest
from explorer import explore
from field_model import FieldModel, Rules, Trouble

OVERWRITTEN = "a rep's value is overwritten"
FROZEN = "our own value is taken for a rep's"
STALE = "a stale value stays"
FEW = Trouble(edits=0, throttles=False)

SOUND = {
    "a kill, an edit of a rep, lost and late writes, 429, a clock that runs ahead": Trouble(),
    "a rep who types and clears again": Trouble(crashes=0, edits=2, throttles=False),
}

WEAK = {
    "blind PUT": (Rules(stamp=None, leaves_typed_values=False), Trouble(), OVERWRITTEN),
    "read, compare, PUT, without a stamp": (Rules(stamp=None), Trouble(), OVERWRITTEN),
    "the stamp taken at the reading": (
        Rules(stamp=0),
        Trouble(clock_runs_ahead=False),
        OVERWRITTEN,
    ),
    "the stamp one second before the reading, by a clock that runs ahead": (
        Rules(stamp=1),
        Trouble(),
        OVERWRITTEN,
    ),
    "a pending value that is not ours": (
        Rules(pending_is_ours=False, reads_back=False),
        FEW,
        FROZEN,
    ),
    "the ledger only after success": (Rules(intent_first=False), FEW, FROZEN),
    "no quarantine": (Rules(quarantine=False), FEW, FROZEN),
    "a refusal after 429 taken at its word": (
        Rules(refusal_after_429="not applied"),
        Trouble(edits=0),
        FROZEN,
    ),
}


@pytest.mark.fault("W5", "W6", "W7", "W8")
@pytest.mark.parametrize("trouble", SOUND.values(), ids=SOUND)
def test_no_order_of_events_overwrites_a_rep_or_leaves_a_stale_value(trouble: Trouble) -> None:
    found = explore(FieldModel(Rules(), trouble))
    assert not found.harm, str(found)
    assert found.states > 10_000


@pytest.mark.parametrize(("rules", "trouble", "harm"), WEAK.values(), ids=WEAK)
def test_a_weaker_protocol_is_caught(rules: Rules, trouble: Trouble, harm: str) -> None:
    found = explore(FieldModel(rules, trouble))
    assert found.harm == harm, str(found)
    assert found.trace


@pytest.mark.fault("N7")
def test_a_write_that_is_held_up_for_longer_than_the_quarantine_is_taken_for_a_reps() -> None:
    found = explore(
        FieldModel(Rules(), Trouble(edits=0, throttles=False, later_than_quarantine=True))
    )
    assert found.harm == FROZEN, str(found)


OVERRIDE_ONLY = Trouble(crashes=0, throttles=False, rep_types_into="the override")


def test_reps_who_only_fill_the_override_field_are_safe_even_from_a_blind_put() -> None:
    blind = Rules(stamp=None, leaves_typed_values=False)
    found = explore(FieldModel(blind, OVERRIDE_ONLY))
    assert found.harm != OVERWRITTEN, str(found)
