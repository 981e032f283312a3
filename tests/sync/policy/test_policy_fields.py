"""Which fields are written is a profile's to say, or a list's, which goes before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.policy import check_text, load_policy
from sync.policy.model import MACHINE_FIELDS, MINIMAL_FIELDS
from sync.verdicts import CLASSES


def written(tmp_path: Path, text: str) -> frozenset[str]:
    path = tmp_path / "policy.toml"
    path.write_text(text, "utf-8")
    return load_policy(path, catalogue=CLASSES).fields.write


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", MINIMAL_FIELDS),
        ('[fields]\nprofile = "minimal"', MINIMAL_FIELDS),
        ('[fields]\nprofile = "full"', MACHINE_FIELDS),
        ('[fields]\nwrite = ["tier", "need"]', ("tier", "need")),
        ('[fields]\nprofile = "full"\nwrite = ["tier"]', ("tier",)),
        ("[fields]\nwrite = []", ()),
    ],
)
def test_the_fields_that_are_written(tmp_path: Path, text: str, fields: tuple[str, ...]) -> None:
    assert written(tmp_path, text) == set(fields)


def test_an_unknown_profile_is_told_with_those_there_are() -> None:
    (problem,) = check_text('[fields]\nprofile = "everything"', catalogue=CLASSES)
    assert problem.line == 2
    assert "minimal" in problem.message
    assert "full" in problem.message


def test_an_input_of_the_reps_cannot_be_written() -> None:
    (problem,) = check_text('[fields]\nwrite = ["pause_reason"]', catalogue=CLASSES)
    assert "pause_reason" in problem.message
