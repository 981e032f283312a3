"""A process may die at any moment of a busy sync; the next ones make it good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from aftermath import differences, end_of, live_on
from deaths import Roll, every_death, report, rolls
from moments import Point


@pytest.fixture(scope="module")
def roll(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roll]:
    """The busy sync in an organisation that refuses a second task with the same key."""
    folder: Path = tmp_path_factory.mktemp("sync")
    with rolls(folder, "sync", unique=True) as played:
        yield next(played)


@pytest.mark.fault("C1", "C2", "C3")
def test_after_a_death_at_any_moment_the_crm_ends_as_if_nobody_had_died(roll: Roll) -> None:
    assert len(roll.moments) >= 8 * roll.calls
    wrong = [report(roll, *death) for death in every_death(roll) if death[1]]
    assert not wrong, "\n".join(wrong)


def test_an_account_whose_row_was_refused_is_written_by_the_next_run_after_a_death_too(
    roll: Roll,
) -> None:
    world = next(
        world
        for moment, world in roll.moments
        if (moment.route, moment.point) == ("PUT Accounts", Point.COMMITTED)
    )
    with roll.alive(roll.photos[world]) as office:
        live_on(office, roll.chapter)
        assert differences(end_of(office), roll.ends.at_rest) == []
