"""Every file that we make is for our own eyes, whatever the umask; one that is not is refused and named."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from workbench import MORNING, POLICY_FILE, TODAY, write_company
from worker import worker

from connector.clock import VirtualClock
from connector.errors import Refused
from connector.private_file import make_private, remove_private, why_not_ours_alone, write_private
from connector.standin.server import StandIn
from connector.zoho.token_store import TokenFile
from sync.connection.credentials import Credentials, find_credentials, save_credentials
from sync.home import Home, HomeUnusable
from sync.ledger import Ledger, LedgerUnusable
from sync.lock import run_lock
from sync.mirror import Mirror, MirrorUnusable

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


def too_open(folder: Path) -> list[str]:
    """What others could reach below a folder, or where a link stands."""
    return [
        f"{path.name} {stat.S_IMODE(path.lstat().st_mode):o}"
        for path in [folder, *folder.rglob("*")]
        if stat.S_IMODE(path.lstat().st_mode) != (0o700 if path.is_dir() else 0o600)
    ]


@pytest.mark.fault("K9")
def test_whatever_a_run_and_an_export_make_is_ours_alone_under_each_umask(tmp_path: Path) -> None:
    accounts, deals = write_company(tmp_path / "company")
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY_FILE, "utf-8")
    with StandIn(accounts, deals, today=TODAY) as server:
        env = {
            "FENLEI_ALLOW_LOOPBACK": "1",
            "FENLEI_POLICY": str(policy),
            **{f"FENLEI_{name.upper()}": value for name, value in server.connection().items()},
        }
        with worker(tmp_path / "work", env) as hand:
            for umask in (0o022, 0o077):  # 0 is the umask of the canaries' whole life
                home = tmp_path / f"deep {umask:o}" / "home"
                hand.does("@elsewhere", str(home), umask)
                assert hand.does("setup", "--yes") == 0
                assert hand.does("backfill", "--yes") == 0
                made = {path.name for path in home.rglob("*")}
                assert made >= {"ledger.sqlite", "mirror.duckdb", "run.lock", "tokens"}
                assert too_open(home) == [], f"{umask:o}"
            hand.does("@elsewhere", str(home), 0)
            for ending in ("csv", "parquet"):
                out = tmp_path / f"out.{ending}"
                files = ("--accounts", str(accounts), "--deals", str(deals))
                day = ("--as-of", TODAY.isoformat(), "--out", str(out))
                assert hand.does("classify", *files, *day) == 0
                assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_the_journals_of_a_ledger_that_is_in_use_are_ours_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Ledger(tmp_path / "home" / "ledger.sqlite") as ledger:
            ledger.remember("organisation", "42")
            made = {path.name for path in (tmp_path / "home").iterdir()}
            assert made >= {"ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"}
            assert too_open(tmp_path / "home") == []
    finally:
        os.umask(before)


def test_what_the_stand_in_logs_is_ours_alone(tmp_path: Path) -> None:
    accounts, deals = write_company(tmp_path / "company")
    log = tmp_path / "changes.log"
    words = ("--accounts", accounts, "--deals", deals, "--log", log)
    command = [sys.executable, str(ROOT / "cli.py"), "standin", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, umask=0) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.terminate()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def use_ledger(home: Home) -> None:
    Ledger(home.ledger).close()


def use_mirror(home: Home) -> None:
    with Mirror(home.mirror):
        pass


def use_lock(home: Home) -> None:
    with run_lock(home.lock):
        pass


def use_credentials(home: Home) -> None:
    if not os.path.lexists(home.credentials):
        save_credentials(home.credentials, Credentials("a", "b", "c", "secret", "1000.refresh"))
    find_credentials({}, home.credentials)


def use_tokens(home: Home) -> None:
    file = TokenFile(home.tokens, "1000.refresh", clock=VirtualClock(MORNING))
    with file.locked(1.0):
        if not os.path.lexists(file._path):
            file.note_refresh(1.0)
        file.read()


Use = Callable[[Home], None]
USES: dict[str, tuple[Use, str, type[Exception]]] = {
    "ledger": (use_ledger, "ledger.sqlite", LedgerUnusable),
    "credentials": (use_credentials, "credentials.json", Refused),
    "token": (use_tokens, "tokens/token-*.json", Refused),
    "mirror": (use_mirror, "mirror.duckdb", MirrorUnusable),
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    return home


def made_by(use: Use, home: Home, pattern: str) -> Path:
    use(home)
    (path,) = home.path.glob(pattern)
    return path


@pytest.mark.fault("K9", "C13")
@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
@pytest.mark.parametrize("name", USES)
def test_a_file_that_others_may_open_is_refused(home: Home, name: str, mode: int) -> None:
    use, pattern, error = USES[name]
    made_by(use, home, pattern).chmod(mode)
    with pytest.raises(error):
        use(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("name", USES)
def test_a_file_of_somebody_else_is_refused(home: Home, name: str) -> None:
    use, pattern, error = USES[name]
    os.chown(made_by(use, home, pattern), 65534, 65534)
    with pytest.raises(error):
        use(home)


@pytest.mark.parametrize("name", USES)
def test_a_link_in_the_place_of_a_file_is_refused_and_not_written_through(
    home: Home, name: str, tmp_path: Path
) -> None:
    use, pattern, error = USES[name]
    path = made_by(use, home, pattern)
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    before = elsewhere.read_bytes()
    path.symlink_to(elsewhere)
    with pytest.raises(error):
        use(home)
    assert elsewhere.read_bytes() == before


def test_a_link_in_the_place_of_the_lock_is_refused(home: Home, tmp_path: Path) -> None:
    home.lock.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        use_lock(home)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.fault("K9", "C13")
@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_state_folder_that_others_may_enter_is_refused(home: Home, mode: int) -> None:
    home.path.chmod(mode)
    with pytest.raises(HomeUnusable, match="chmod 700"):
        home.prepare()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_state_folder_of_somebody_else_is_refused(home: Home) -> None:
    os.chown(home.path, 65534, 65534)
    with pytest.raises(HomeUnusable):
        home.prepare()


def test_a_state_folder_may_be_on_another_disk(home: Home, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(home.path)
    Home(tmp_path / "link").prepare()


def test_a_file_planted_a_moment_before_is_neither_taken_over_nor_lost(tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    planted.write_text("theirs", "utf-8")
    planted.chmod(0o666)
    make_private(planted)
    assert planted.read_text("utf-8") == "theirs"
    assert why_not_ours_alone(planted) == "is open to other users"


def test_writing_replaces_a_link_and_never_what_it_points_to(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("theirs", "utf-8")
    for name in ("secret", "secret.new"):
        (tmp_path / name).symlink_to(target)
    write_private(tmp_path / "secret", "ours")
    assert target.read_text("utf-8") == "theirs"
    assert too_open(tmp_path / "secret") == []
    remove_private(tmp_path / "secret")
    remove_private(tmp_path / "secret")
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
