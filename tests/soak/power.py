"""Cuts the power: from every moment of a real run, disks as it may leave them, opened by the ledger.

What was synced is there. Of what was written since, each piece may be there, or not, or be torn at a
sector's edge, each by itself: a disk owes no order to anybody who has not asked for a sync.

The promise: whoever finds the disk finds a sound ledger, and in it every change marked as sent whose
request had left. To show that the test would notice, the same is done with a ledger that syncs less
(``synchronous=NORMAL``), and marks are missing then.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from again import chance
from course import Course
from deaths import rolls
from disk import Disk, Recording, recorded
from lives import VICTIM

from sync.ledger import Kind, Ledger, State

IMAGES = 5_000
CARELESS_IMAGES = 400
CARELESS = (VICTIM[0], str(Path(__file__).with_name("careless.py")))
A_MOMENT = timedelta(seconds=5)
WRITERS = ("backfill", "sync", "settle", "undo")


def power_loss(course: Course) -> None:
    """Build the disks and open them.

    Raises:
        Violation: a ledger is damaged, or has forgotten what was sent; or the careless one has not.
    """
    if shutil.which("strace") is None:
        course.tell("there is no strace on this machine, so nothing was recorded")
        course.counts["skipped"] += 1
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        careful = _recordings(folder / "careful", VICTIM)
        for number in course.numbers(IMAGES):
            if course.over:
                break
            if number % 500 == 0:
                course.tell(f"{number} of {IMAGES}")
            wrong = _opened(folder / "disk", careful, chance(f"{course.seed} {number}"))
            if wrong:
                course.broken("a disk after a power cut", wrong, number)
            course.counts["images"] += 1
        _shown_to_bite(course, folder)


def _shown_to_bite(course: Course, folder: Path) -> None:
    careless = _recordings(folder / "careless", CARELESS)
    for number in range(CARELESS_IMAGES):
        if _opened(folder / "disk", careless, chance(f"{course.seed} {number}")):
            course.counts["careless_images_with_a_forgotten_mark"] += 1
        course.counts["careless_images"] += 1
    if not course.counts["careless_images_with_a_forgotten_mark"]:
        course.broken("synchronous=NORMAL", "no mark was forgotten, so this test notices nothing")


def _recordings(folder: Path, who: tuple[str, ...]) -> list[Recording]:
    """What one process of each chapter that writes does to its ledger's files."""
    recordings = []
    with rolls(folder, *WRITERS) as played:
        for roll in played:
            with roll.alive(roll.start) as office:
                roll.chapter.by_then(office)
                recordings.append(recorded(office, roll.chapter.words(office), who))
    return recordings


def _opened(folder: Path, recordings: list[Recording], rng: random.Random) -> str:
    """What is wrong with the ledger on one disk, or nothing."""
    recording = rng.choice(recordings)
    cut = rng.randrange(len(recording.events) + 1)
    disk = Disk.before(recording)
    for event in recording.events[:cut]:
        disk.happens(event)
    shutil.rmtree(folder, ignore_errors=True)
    disk.left_by_a_power_cut(folder, rng)
    where = f"{recording.words[0]} after {cut} of {len(recording.events)} events"
    try:
        wrong = _forgotten(folder / "ledger.sqlite", recording, disk.sent)
    except Exception as exc:  # noqa: BLE001 - whatever it is, it belongs to this disk
        wrong = f"{type(exc).__name__}: {exc}"
    return wrong and f"{where}: {wrong}"


def _forgotten(path: Path, recording: Recording, sent: list[str]) -> str:
    """Which rows had left and are not marked so; ``sent`` holds marks of tasks and ids of records."""
    with Ledger(path) as ledger:
        intents = [i for state in State for i in ledger.intents.in_state(state, *Kind)]
    with closing(sqlite3.connect(path)) as connection:
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
    marked = {
        i.key[:8].lower() if i.kind is Kind.TASK else i.record_id
        for i in intents
        if i.state is not State.PLANNED and i.sent_at and i.sent_at >= recording.began - A_MOMENT
    }
    forgotten = [row for row in sent if row not in marked]
    if forgotten:
        return f"not marked as sent: {forgotten}"
    return "" if sound == "ok" else str(sound)
