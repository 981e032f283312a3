"""One engine may serve many local copies, one after the other or side by side, and keeps them apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pytest

from connector.model import Field
from sync.mirror import Instance, Mirror, MirrorBusy

FIELDS = [Field("1", "Account_Name", "Name", "text")]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    shared = Instance(tmp_path / "spill")
    yield shared
    shared.close()


def test_two_copies_in_one_engine_know_nothing_of_each_other(
    tmp_path: Path, instance: Instance
) -> None:
    with ExitStack() as both:
        one, other = (
            both.enter_context(Mirror(tmp_path / name / "mirror.duckdb", instance))
            for name in ("one", "other")
        )
        one.prepare("Accounts", FIELDS)
        one.view("seen", "SELECT 1")
        one.remember("who", "one")
        assert (other.columns("Accounts"), other.fact("who")) == ({}, "")
        with pytest.raises(duckdb.CatalogException):
            other.run("FROM seen")


def test_a_file_is_let_go_of_and_found_again(tmp_path: Path, instance: Instance) -> None:
    mirror = Mirror(tmp_path / "mirror.duckdb", instance)
    for word in ("first", "second"):
        mirror.remember("word", word)
        duckdb.connect(str(mirror.path), config={"threads": "1"}).close()
        instance.close()
    assert [path.name for path in tmp_path.iterdir()] == ["mirror.duckdb"]
    assert mirror.fact("word") == "second"


def test_what_is_temporary_is_gone_when_the_file_is_closed(
    tmp_path: Path, instance: Instance
) -> None:
    mirror = Mirror(tmp_path / "mirror.duckdb", instance)
    with mirror:
        mirror.run("CREATE TEMP TABLE scratch (a INTEGER)")
    with mirror, pytest.raises(duckdb.CatalogException):
        mirror.run("FROM scratch")


def test_the_same_file_cannot_be_opened_twice_at_once(tmp_path: Path, instance: Instance) -> None:
    path = tmp_path / "mirror.duckdb"
    with Mirror(path, instance), pytest.raises(MirrorBusy):
        Mirror(path).fact("word")


def test_an_engine_that_has_failed_is_started_anew(tmp_path: Path, instance: Instance) -> None:
    mirror = Mirror(tmp_path / "mirror.duckdb", instance)
    mirror.remember("word", "kept")
    assert instance._root is not None
    instance._root.close()
    assert mirror.fact("word") == "kept"
