"""A process may die at any moment of settling doubts and of undoing; the next ones make it good."""

from __future__ import annotations

from pathlib import Path

import pytest
from deaths import every_death, report, rolls


@pytest.mark.fault("C4")
@pytest.mark.parametrize("chapter", ["settle", "undo"])
def test_after_a_death_at_any_moment_the_crm_ends_as_if_nobody_had_died(
    tmp_path: Path, chapter: str
) -> None:
    with rolls(tmp_path, chapter) as played:
        for roll in played:
            assert len(roll.moments) >= 8 * roll.calls
            wrong = [report(roll, *death) for death in every_death(roll) if death[1]]
            assert not wrong, "\n".join(wrong)
