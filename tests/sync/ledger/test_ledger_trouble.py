"""Whatever the disk does, the ledger keeps what it promised or says what to do, and nothing is sent."""

from __future__ import annotations

import os
import random
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from ledger_rows import LATER, NOW, a_change, a_task, the
from workbench import QUARANTINE, YES, Office, ledger_disagrees, tasks_by_account

from connector.standin.journal import LogEntry
from sync.ledger import Kind, Ledger, LedgerUnusable, NewIntent, Settlement, State
from sync.order import Order, Watch
from sync.run import run

Trouble = Callable[[Ledger], object]
Step = Callable[[Ledger], object]


def full(ledger: Ledger) -> None:
    """The disk takes no page more."""
    pages = ledger._file.value("PRAGMA page_count")
    ledger._file.value(f"PRAGMA max_page_count={pages}")


def read_only(ledger: Ledger) -> None:
    """The file may not be written any more."""
    ledger._file.rows("PRAGMA query_only=1")


@contextmanager
def no_room_for_the_journal(ledger: Ledger) -> Iterator[None]:
    """The operating system refuses every byte that would make a file longer."""
    journal = Path(f"{ledger.path}-wal").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (journal + 100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def many(number: int) -> list[NewIntent]:
    """Intents that do not fit on the pages that are there."""
    return [a_change(f"NEW{n}", record_id=str(n), new="x" * 500) for n in range(number)]


def adopt_many(ledger: Ledger) -> None:
    for number in range(50):
        ledger.ours.adopt_values(str(number), {"Tier": "x" * 500}, now=NOW)


def begin_many(ledger: Ledger) -> None:
    for number in range(50):
        ledger.runs.begin(f"r{number}" * 50, "sync", as_of=NOW.date(), policy="p", now=NOW)


def settle_many(ledger: Ledger) -> None:
    words = "x" * 900
    ledger.intents.settle([Settlement(f"K{n}", State.DONE, text=words) for n in range(50)], at=NOW)


STEPS: dict[str, Step] = {
    "planning": lambda ledger: ledger.intents.add(many(50), run_id="r", now=NOW),
    "settling": settle_many,
    "adopting": adopt_many,
    "remembering": lambda ledger: ledger.remember("tiers", "x" * 50_000),
    "beginning": begin_many,
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite", patience=0.05) as opened:
        opened.intents.add(
            [a_task(f"K{n}", record_id=str(n)) for n in range(50)], run_id="r", now=NOW
        )
        opened.intents.mark_sent([f"K{n}" for n in range(50)], at=NOW, resolve_after=LATER)
        yield opened


def content(path: Path) -> list[str]:
    """Everything that is in the file."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.mark.fault("C6", "C13")
@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(
    ("trouble", "words"), [(full, "Free space"), (read_only, "right to write")]
)
def test_a_full_or_read_only_disk_undoes_the_step_and_says_what_to_do(
    ledger: Ledger, name: str, trouble: Trouble, words: str
) -> None:
    before = content(ledger.path)
    trouble(ledger)
    with (
        pytest.raises(LedgerUnusable, match=f"cannot be used just now.*{words}"),
        ledger.transaction(),
    ):
        STEPS[name](ledger)
    assert content(ledger.path) == before


@pytest.mark.fault("C6", "C7")
@pytest.mark.parametrize("name", STEPS)
def test_an_error_of_the_disk_at_the_commit_undoes_the_step(ledger: Ledger, name: str) -> None:
    before = content(ledger.path)
    with (
        no_room_for_the_journal(ledger),
        pytest.raises(LedgerUnusable, match=r"cannot be used just now.*space"),
        ledger.transaction(),
    ):
        STEPS[name](ledger)
    assert content(ledger.path) == before
    STEPS[name](ledger)  # there is room again
    assert content(ledger.path) != before


@pytest.mark.fault("C10")
@pytest.mark.parametrize("name", STEPS)
def test_a_viewer_that_holds_the_lock_stops_every_step(ledger: Ledger, name: str) -> None:
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as viewer:
        viewer.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnusable, match="Close the viewer or backup"):
            STEPS[name](ledger)
    STEPS[name](ledger)


@pytest.mark.fault("C10")
def test_a_mark_is_never_skipped_while_somebody_else_writes(ledger: Ledger) -> None:
    ledger.intents.add([a_task("LATE")], run_id="r", now=NOW)
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as viewer:
        viewer.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnusable), ledger.transaction():
            ledger.intents.mark_sent(["LATE"], at=NOW, resolve_after=LATER)
    assert the(ledger, "LATE").state is State.PLANNED


@pytest.mark.fault("C13")
@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everything")
def test_a_read_only_file_or_folder_is_refused_before_anything(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    path.chmod(0o400)
    with pytest.raises(LedgerUnusable, match="cannot be written"):
        Ledger(path)
    path.chmod(0o600)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(LedgerUnusable):
            Ledger(path)
    finally:
        tmp_path.chmod(0o700)


def test_a_link_in_the_place_of_the_ledger_is_refused(tmp_path: Path) -> None:
    Ledger(tmp_path / "real.sqlite").close()
    (tmp_path / "ledger.sqlite").symlink_to(tmp_path / "real.sqlite")
    with pytest.raises(LedgerUnusable, match="is a link"):
        Ledger(tmp_path / "ledger.sqlite")


@pytest.mark.fault("C6", "C13")
@pytest.mark.parametrize(
    ("stage", "trouble"),
    [("plan", full), ("fields", read_only), ("tasks", read_only)],
)
def test_a_run_whose_ledger_fails_sends_nothing_from_then_on(
    office: Office, stage: str, trouble: Trouble
) -> None:
    written: list[LogEntry] = []

    def strike(ledger: Ledger, name: str) -> None:
        if name == stage:
            trouble(ledger)
            written.extend(office.written())

    with office.desk() as desk:
        watch = Watch(stage=lambda name, _total: strike(desk.ledger, name))
        with pytest.raises(LedgerUnusable, match="cannot be used just now"):
            run(desk, Order("sync", allowed=YES), watch)
    assert office.written() == written
    office.after(QUARANTINE + 60)
    office.run()
    assert ledger_disagrees(office) == []
    assert max(tasks_by_account(office.created()).values()) == 1


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with intents in every state, closed."""
    path = tmp_path_factory.mktemp("filled") / "ledger.sqlite"
    with Ledger(path) as ledger, ledger.transaction():
        for number, state in enumerate(list(State) * 6):
            key, record = f"{'ABCDEFGH'[number % 8]}{number:025d}", str(number)
            ledger.intents.add([a_task(key, record)], run_id="r", now=NOW)
            if state is not State.PLANNED:
                ledger.intents.mark_sent([key], at=NOW, resolve_after=LATER)
            if state not in (State.PLANNED, State.SENT):
                ledger.intents.settle([Settlement(key, state, crm_id=f"7{number}")], at=NOW)
    return path


def told(ledger: Ledger) -> list[object]:
    """What decides whether something is sent: states, bodies, and which marks are known."""
    found = {
        s: [(i.key, i.record_id, i.body) for i in ledger.intents.in_state(s, *Kind)] for s in State
    }
    keys = sorted(key for intents in found.values() for key, _, _ in intents)
    return [found, keys, ledger.intents.unknown_among(keys), ledger.intents.in_doubt(Kind.TASK)]


@pytest.mark.fault("C8")
def test_a_byte_that_went_bad_is_refused_or_changes_nothing_that_is_acted_on(
    filled: Path, tmp_path: Path
) -> None:
    with Ledger(filled) as ledger:
        expected = told(ledger)
    whole, path, rng = filled.read_bytes(), tmp_path / "ledger.sqlite", random.Random(8)  # noqa: S311 - which bytes, nothing secret
    refused = 0
    for offset in [*range(110), *rng.sample(range(len(whole)), 60)]:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        bad = bytearray(whole)
        bad[offset] ^= rng.randrange(1, 256)
        path.write_bytes(bad)
        path.chmod(0o600)
        try:
            with Ledger(path) as ledger:
                assert told(ledger) == expected, f"byte {offset}"
        except LedgerUnusable:
            refused += 1
    assert refused > 50


@pytest.mark.fault("C8")
@pytest.mark.parametrize("keep", [0, 100, 512, 4096, 4097, 20_000])
def test_a_ledger_that_was_cut_short_is_refused_or_new(
    filled: Path, tmp_path: Path, keep: int
) -> None:
    path = tmp_path / "ledger.sqlite"
    shutil.copy(filled, path)
    os.truncate(path, keep)
    if keep == 0:
        with Ledger(path) as ledger:
            assert ledger.intents.counts() == {}
        return
    with pytest.raises(LedgerUnusable, match="damaged"):
        Ledger(path)
