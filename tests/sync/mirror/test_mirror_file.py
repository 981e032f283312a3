"""The file of the local copy: private, for one process, and plainly refused when it is not ours."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from connector.model import Field
from sync.mirror import Mirror, MirrorBusy, MirrorUnusable

Spoil = Callable[[Path], None]
FIELDS = [Field("1", "Account_Name", "Name", "text")]


def test_it_is_created_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "mirror.duckdb"
    Mirror(path).prepare("Accounts", FIELDS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["mirror.duckdb"]


def _nonsense(path: Path) -> None:
    path.write_bytes(b"this is a letter, not a database " * 500)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _foreign(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE sales (amount DOUBLE)")


def _later_version(path: Path) -> None:
    Mirror(path).run("UPDATE state.facts SET value = '999' WHERE name = 'format'")


def _overwritten(path: Path) -> None:
    Mirror(path).prepare("Accounts", FIELDS)
    data = bytearray(path.read_bytes())
    data[4096:] = bytes((byte + 7) % 256 for byte in data[4096:])
    path.write_bytes(data)


def _cut_off(path: Path) -> None:
    Mirror(path).prepare("Accounts", FIELDS)
    path.write_bytes(path.read_bytes()[:3000])


@pytest.mark.parametrize(
    "spoil", [_nonsense, _empty, _foreign, _later_version, _overwritten, _cut_off]
)
def test_an_unusable_file_says_to_delete_it_and_what_that_costs(
    tmp_path: Path, spoil: Spoil
) -> None:
    path = tmp_path / "mirror.duckdb"
    spoil(path)
    with pytest.raises(MirrorUnusable) as caught:
        Mirror(path).watermark("Accounts")
    assert str(path) in caught.value.hint
    assert "one full pull and nothing else" in caught.value.hint
    path.unlink()
    assert Mirror(path).prepare("Accounts", FIELDS)


def test_a_second_process_is_told_to_wait(tmp_path: Path) -> None:
    path = tmp_path / "mirror.duckdb"
    Mirror(path).prepare("Accounts", FIELDS)
    code = (
        "import sys; from pathlib import Path; from sync.mirror import Mirror\n"
        "with Mirror(Path(sys.argv[1])): print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(MirrorBusy, match="Another fenlei command"):
            Mirror(path).watermark("Accounts")
        other.communicate()
    assert Mirror(path).watermark("Accounts") is None


def test_it_is_open_only_while_it_is_used(tmp_path: Path) -> None:
    path = tmp_path / "mirror.duckdb"
    mirror = Mirror(path)
    with mirror, mirror:
        mirror.prepare("Accounts", FIELDS)
    with mirror.pulling("Accounts"):
        duckdb.connect(str(path), config={"threads": "1"}).close()
