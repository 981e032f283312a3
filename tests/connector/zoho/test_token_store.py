"""Facts about the file that holds an access token."""

import multiprocessing
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.clock import SystemClock, VirtualClock
from connector.errors import Refused, Throttled, Unavailable
from connector.zoho.token_store import MOST_REFRESHES, StoredToken, TokenFile

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKEN = StoredToken("1000.access", NOW + timedelta(hours=1), "https://www.zohoapis.eu")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def file(tmp_path: Path, clock: VirtualClock) -> TokenFile:
    return TokenFile(tmp_path / "state", "1000.refresh", clock=clock)


def saved(directory: Path) -> Path:
    (path,) = directory.glob("**/token-*.json")
    return path


def test_what_is_saved_is_read_again_by_the_next_process(
    file: TokenFile, tmp_path: Path, clock: VirtualClock
) -> None:
    assert file.read() is None
    file.save(TOKEN)
    assert TokenFile(tmp_path / "state", "1000.refresh", clock=clock).read() == TOKEN
    assert TokenFile(tmp_path / "state", "1000.other", clock=clock).read() is None


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_only_its_owner_can_read_the_file_whatever_the_umask(
    file: TokenFile, tmp_path: Path, umask: int
) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    before = os.umask(umask)
    try:
        file.save(TOKEN)
    finally:
        os.umask(before)
    assert stat.S_IMODE(saved(tmp_path).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "state").iterdir()] == [saved(tmp_path).name]


def test_neither_name_nor_contents_tell_the_refresh_token(file: TokenFile, tmp_path: Path) -> None:
    file.save(TOKEN)
    assert "1000.refresh" not in saved(tmp_path).name + saved(tmp_path).read_text()
    assert "1000.access" not in repr(TOKEN)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666, 0o620])
def test_a_file_that_others_may_open_is_refused(file: TokenFile, tmp_path: Path, mode: int) -> None:
    file.save(TOKEN)
    saved(tmp_path).chmod(mode)
    with pytest.raises(Refused) as caught:
        file.read()
    assert "other users" in caught.value.message
    assert "fenlei setup" in caught.value.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_refused(file: TokenFile, tmp_path: Path) -> None:
    file.save(TOKEN)
    os.chown(saved(tmp_path), 12345, -1)
    with pytest.raises(Refused, match="another user"):
        file.read()


def test_a_link_in_place_of_the_file_is_not_followed(file: TokenFile, tmp_path: Path) -> None:
    file.save(TOKEN)
    path, target = saved(tmp_path), tmp_path / "elsewhere"
    path.rename(target)
    path.symlink_to(target)
    with pytest.raises(Refused):
        file.read()


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"access_token": 1}', "\x00\xff", "7"])
def test_a_damaged_file_only_costs_one_refresh(
    file: TokenFile, tmp_path: Path, damage: str
) -> None:
    file.save(TOKEN)
    saved(tmp_path).write_text(damage)
    assert file.read() is None
    file.save(TOKEN)
    assert file.read() == TOKEN


def test_the_ninth_refresh_within_ten_minutes_waits_its_turn(
    file: TokenFile, clock: VirtualClock
) -> None:
    for _ in range(MOST_REFRESHES):
        file.note_refresh(patience=0)
        clock.advance(60)
    with pytest.raises(Throttled) as caught:
        file.note_refresh(patience=100)
    assert caught.value.retry_after == 120
    file.note_refresh(patience=120)
    assert clock.now() == NOW + timedelta(minutes=10)


def test_after_access_denied_nobody_asks_for_ten_minutes(
    file: TokenFile, clock: VirtualClock
) -> None:
    file.note_block()
    with pytest.raises(Throttled) as caught:
        file.note_refresh(patience=1)
    assert caught.value.retry_after == 600
    clock.advance(600)
    file.note_refresh(patience=0)


def test_a_clock_that_was_set_back_does_not_lock_us_out(tmp_path: Path) -> None:
    ahead = TokenFile(tmp_path, "r", clock=VirtualClock(NOW + timedelta(days=2)))
    for _ in range(MOST_REFRESHES):
        ahead.note_refresh(patience=0)
    ahead.note_block()
    ahead.save(TOKEN)
    TokenFile(tmp_path, "r", clock=VirtualClock(NOW)).note_refresh(patience=0)
    assert TOKEN.seconds_left(NOW - timedelta(days=2)) == 3600


def test_saving_a_token_keeps_the_count_of_refreshes(file: TokenFile) -> None:
    for _ in range(MOST_REFRESHES):
        file.note_refresh(patience=0)
        file.save(TOKEN)
    with pytest.raises(Throttled):
        file.note_refresh(patience=0)


def test_a_lock_held_for_too_long_is_reported_not_waited_for_for_ever(
    file: TokenFile, tmp_path: Path, clock: VirtualClock
) -> None:
    other = TokenFile(tmp_path / "state", "1000.refresh", clock=clock)
    with (
        file.locked(1),
        pytest.raises(Unavailable, match="Another process"),
        other.locked(5),
    ):
        pytest.fail("two holders")


def _refresh_often(directory: Path, allowed: "multiprocessing.Queue[int]") -> None:
    file = TokenFile(directory, "r", clock=SystemClock())
    count = 0
    for _ in range(5):
        with file.locked(30):
            try:
                file.note_refresh(patience=0)
                count += 1
            except Throttled:
                pass
    allowed.put(count)


def test_processes_share_the_limit(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    allowed: multiprocessing.Queue[int] = spawn.Queue()
    workers = [spawn.Process(target=_refresh_often, args=(tmp_path, allowed)) for _ in range(3)]
    for worker in workers:
        worker.start()
    total = sum(allowed.get(timeout=30) for _ in workers)
    for worker in workers:
        worker.join()
    allowed.close()
    assert total == MOST_REFRESHES
