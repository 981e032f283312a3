"""A process may die again while the next one recovers; and what these tests look for, they do find."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from again import chance, drawn
from deaths import Roll, rolls
from moments import Moment, Point
from scenario import CHAPTERS

from sync.ledger.intents import Intents

PAIRS = 8


@pytest.fixture(scope="module")
def roll(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roll]:
    """The first run, photographed."""
    with rolls(tmp_path_factory.mktemp("again"), "backfill") as played:
        yield next(played)


@pytest.mark.fault("C4")
def test_a_second_death_in_the_middle_of_recovering_changes_nothing(roll: Roll) -> None:
    fates = [drawn(roll, 2, chance(f"pair {number}")) for number in range(PAIRS)]
    assert [fate for fate in fates if fate.wrong] == []


WITHOUT_QUARANTINE = (
    "UPDATE intent SET state = 'unknown', resolve_after = NULL WHERE state = 'sent'"
)
WITHOUT_DOUBT = "UPDATE intent SET state = 'planned' WHERE state = 'sent'"


@pytest.mark.parametrize("careless", [WITHOUT_QUARANTINE, WITHOUT_DOUBT])
def test_a_careless_protocol_is_found_out(
    roll: Roll, monkeypatch: pytest.MonkeyPatch, careless: str
) -> None:
    def taken_up(intents: Intents, **_: object) -> int:
        return intents._file.change(careless)

    monkeypatch.setattr(Intents, "doubt_left_behind", taken_up)
    [world] = {
        world
        for moment, world in roll.moments
        if (moment.route, moment.point) == ("POST Tasks", Point.REQUEST_SENT)
    }
    wrong = roll.wrong_after(roll.photos[world])
    assert [line for line in wrong if "was created 2 times" in line], wrong


def test_every_moment_has_a_name_by_which_it_can_be_found_again(roll: Roll) -> None:
    places = [moment.place for moment, _ in roll.moments]
    assert len(set(places)) == len(places)
    assert Moment(3, Point.APPLIED, 0, "GET org").place == "3.5"


def test_the_scenario_is_long_enough_to_die_in_at_480_moments(tmp_path: Path) -> None:
    names = [chapter.name for chapter in CHAPTERS]
    with rolls(tmp_path, *names) as played:
        counted = [(roll.calls, len(roll.moments)) for roll in played]
    assert sum(calls for calls, _ in counted) >= 60
    assert sum(moments for _, moments in counted) >= 480
