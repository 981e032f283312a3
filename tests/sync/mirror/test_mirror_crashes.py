"""Whatever becomes of the process, the disk or the file, the local copy is right or says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from connector.model import Deletion, Field, Record
from sync.mirror import Mirror, MirrorError, MirrorUnusable

DAY = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
FIELDS = [Field("1", "Deal_Name", "Name", "text"), Field("2", "Amount", "Amount", "currency")]
LATER = timedelta(hours=1)
POSIX = pytest.mark.skipif(os.name != "posix", reason="uses what only POSIX systems have")


def deal(key: str, name: str, at: datetime = DAY) -> Record:
    return Record(key, at, {"Deal_Name": name, "Amount": 1.5})


def take(mirror: Mirror, *records: Record, at: datetime = DAY, gone: str = "") -> None:
    with mirror.pulling("Deals") as pulling:
        pulling.stage(records)
        pulling.gone([Deletion(gone, at)] if gone else [])
        pulling.preview(full=False)
        pulling.commit(at, at, full=False)


def state(path: Path) -> tuple[dict[str, str], datetime | None]:
    with Mirror(path) as mirror:
        held = dict(mirror.rows('SELECT id, "Deal_Name" FROM crm."Deals"'))
        return held, mirror.watermark("Deals")


def three_deals(folder: Path) -> Path:
    """A local copy with three deals in it."""
    path = folder / "state" / "mirror.duckdb"
    with Mirror(path) as mirror:
        mirror.prepare("Deals", FIELDS)
        take(mirror, deal("1", "a"), deal("2", "b"), deal("3", "c"))
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a local copy that tests take copies of."""
    return three_deals(tmp_path_factory.mktemp("whole")).parent


@pytest.fixture
def path(tmp_path: Path, whole: Path) -> Path:
    """A local copy with three deals in it."""
    return Path(shutil.copytree(whole, tmp_path / "state")) / "mirror.duckdb"


SWEEP = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_mirror_crashes import DAY, LATER, deal, take
from sync.mirror import Mirror

class Mortal(Mirror):
    left = 0
    def rows(self, sql, parameters=()):
        if self.left == 0:
            os._exit(9)
        self.left -= 1
        return super().rows(sql, parameters)

for place, copy in enumerate(sorted(Path(sys.argv[1]).iterdir())):
    if os.fork() == 0:
        mirror = Mortal(copy / "mirror.duckdb")
        mirror.left = place
        with mirror:
            take(mirror, deal("2", "B", DAY + LATER), deal("4", "d", DAY + LATER),
                 at=DAY + 2 * LATER, gone="3")
        os._exit(0)
    died, status = os.wait()
    if os.waitstatus_to_exitcode(status) == 0:
        print(place)
        break
"""


@POSIX
@pytest.mark.fault("P11")
def test_a_pull_killed_at_any_statement_leaves_rows_and_watermark_that_fit(
    path: Path, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    for place in range(40):
        shutil.copytree(path.parent, copies / f"{place:02d}")
    swept = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SWEEP, str(copies), str(Path(__file__).parent)],
        check=True,
        capture_output=True,
        text=True,
    )
    points = int(swept.stdout)
    before = ({"1": "a", "2": "b", "3": "c"}, DAY)
    after = ({"1": "a", "2": "B", "4": "d"}, DAY + 2 * LATER)
    found = [state(copies / f"{place:02d}" / "mirror.duckdb") for place in range(points + 1)]
    assert all(one in (before, after) for one in found)
    assert (found[0], found[-1]) == (before, after)
    assert points > 10


LEAVE_A_LOG = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_mirror_crashes import DAY, LATER, deal, take
from sync.mirror import Mirror
mirror = Mirror(Path(sys.argv[1]))
mirror.__enter__()
take(mirror, deal("4", "d"), at=DAY + LATER)
os._exit(9)
"""


@pytest.fixture(scope="module")
def left_behind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a process that died: a local copy and beside it a write-ahead log."""
    path = three_deals(tmp_path_factory.mktemp("dead"))
    subprocess.run(
        [sys.executable, "-c", LEAVE_A_LOG, str(path), str(Path(__file__).parent)], check=False
    )
    return path.parent


@pytest.fixture
def log(path: Path, left_behind: Path) -> Path:
    """What a process that died left beside the local copy."""
    shutil.copytree(left_behind, path.parent, dirs_exist_ok=True)
    log = path.with_name("mirror.duckdb.wal")
    assert log.exists()
    return log


def test_what_a_dead_process_had_committed_is_still_there(path: Path, log: Path) -> None:
    assert log.exists()
    assert state(path) == ({"1": "a", "2": "b", "3": "c", "4": "d"}, DAY + LATER)


def test_a_deleted_copy_begins_anew_whatever_a_dead_process_left_beside_it(
    path: Path, log: Path
) -> None:
    path.unlink()
    assert log.exists()
    mirror = Mirror(path)
    assert mirror.prepare("Deals", FIELDS)
    assert mirror.size("Deals") == 0


def test_a_damaged_log_says_what_to_delete_and_deleting_it_is_enough(path: Path, log: Path) -> None:
    data = bytearray(log.read_bytes())
    data[len(data) // 3] ^= 0x5A
    log.write_bytes(data)
    with pytest.raises(MirrorUnusable) as caught:
        state(path)
    assert str(path) in caught.value.hint
    path.unlink()
    assert Mirror(path).prepare("Deals", FIELDS)


FILL_UP = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_mirror_crashes import DAY, LATER, deal, take
from sync.mirror import Mirror, MirrorError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
records = [deal(str(n), f"{n * 7919 % 100003} " * 5) for n in range(int(sys.argv[3]))]
room = int(path.stat().st_size * float(sys.argv[4]))
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
try:
    with Mirror(path) as mirror:
        take(mirror, *records, at=DAY + LATER)
except MirrorError as error:
    print(error, error.hint)
"""


def filled_up(path: Path, room: float) -> str:
    """What a pull of 8,000 deals says when no file may outgrow ``room`` times today's copy."""
    arguments = [str(path), str(Path(__file__).parent), "8000", str(room)]
    run = subprocess.run(
        [sys.executable, "-c", FILL_UP, *arguments], check=True, capture_output=True, text=True
    )
    return run.stdout


@POSIX
def test_a_full_disk_ends_in_a_sentence_and_leaves_the_copy_as_it_was(path: Path) -> None:
    said = filled_up(path, 0.2)
    assert "not enough room" in said
    assert "Free some disk space" in said
    assert state(path) == ({"1": "a", "2": "b", "3": "c"}, DAY)
    with Mirror(path) as mirror:
        take(mirror, deal("4", "d"), at=DAY + LATER)
    assert state(path)[1] == DAY + LATER


@POSIX
def test_a_disk_too_full_to_tidy_up_keeps_what_was_committed(path: Path) -> None:
    assert filled_up(path, 1.0) == ""
    held, watermark = state(path)
    assert (len(held), watermark) == (8000, DAY + LATER)


@POSIX
def test_a_disk_too_full_for_a_new_copy_leaves_none_behind(tmp_path: Path) -> None:
    import resource  # not on Windows

    path, before = tmp_path / "mirror.duckdb", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(MirrorError, match="not enough room"):
            Mirror(path).prepare("Deals", FIELDS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert Mirror(path).prepare("Deals", FIELDS)


AS_NOBODY = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_mirror_crashes import state
from sync.mirror import MirrorError
if os.geteuid() == 0:
    os.setuid(65534)
try:
    state(Path(sys.argv[1]))
except MirrorError as error:
    print(error, error.hint)
"""


@POSIX
def test_a_copy_of_another_user_is_refused_with_what_to_do(path: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        closed = Path(shutil.copy(path, place))
        closed.chmod(0o400)
        run = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(closed), str(Path(__file__).parent)],
            check=False,
            capture_output=True,
            text=True,
        )
    assert f"it belongs to another user. Delete {closed}" in run.stdout, run.stderr


def test_a_failed_statement_is_told_even_where_nothing_can_be_taken_back() -> None:
    with Mirror(None) as mirror, pytest.raises(duckdb.ParserException):
        _fail_after_the_end(mirror)


def _fail_after_the_end(mirror: Mirror) -> None:
    with mirror.transaction():
        mirror.run("COMMIT")
        mirror.run("NO SUCH STATEMENT")
