"""Lets one chapter's process die at each of its moments, and looks at what becomes of it."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from aftermath import Ends, aftermath, ends_of
from moments import Moment, Point, Sent, watched
from photograph import Album, Photo
from scenario import CHAPTERS, Chapter, small_company
from workbench import Office

REPLAY = "CRASH_AT"
"""The environment variable that names one death, as in ``CRASH_AT=sync:17.4``."""

_lives = count(1)


@dataclass(frozen=True, slots=True)
class Roll:
    """One chapter, photographed at every moment.

    Args:
        office: where it was played; its folder and its CRM are exchanged for each death.
        chapter: which one.
        moments: every moment with the world that it shows, in order.
        photos: the worlds; many moments look alike, because nothing was written between them.
        start: the world in which the process was started.
        ends: how the CRM looks in the end where nobody dies.
    """

    office: Office
    chapter: Chapter
    moments: Sequence[tuple[Moment, str]]
    photos: dict[str, Photo]
    start: Photo
    ends: Ends

    @property
    def calls(self) -> int:
        """HTTP calls that the process makes."""
        return self.moments[-1][0].call

    @property
    def worlds(self) -> dict[str, list[Moment]]:
        """Each world with the moments at which a death leaves it behind."""
        found: dict[str, list[Moment]] = defaultdict(list)
        for moment, world in self.moments:
            found[world].append(moment)
        return found

    def risen(self, photo: Photo) -> Office:
        """An office in which the world is as it was."""
        return risen(self.office, photo)

    @contextmanager
    def alive(self, photo: Photo) -> Iterator[Office]:
        """The same for a while; its folder is gone afterwards."""
        office = self.risen(photo)
        try:
            yield office
        finally:
            shutil.rmtree(office.path)

    def wrong_after(self, photo: Photo) -> list[str]:
        """What is wrong once life has gone on from there; nothing, if all is well."""
        with self.alive(photo) as office:
            return aftermath(office, self.chapter, self.ends, list(photo.late))


def risen(office: Office, photo: Photo) -> Office:
    """An office in a folder of its own in which the world is as it was."""
    folder = office.path.parent / f"life-{next(_lives)}"
    photo.develop(folder, office.standin)
    return replace(office, path=folder, clock=office.standin.clock)


@contextmanager
def rolls(folder: Path, *names: str, unique: bool = False) -> Iterator[Iterator[Roll]]:
    """Play the chapters in order and photograph those that are named; ``unique`` as the company's."""
    with small_company(folder, unique=unique) as office:
        yield _played(office, names)


def _played(office: Office, names: Sequence[str]) -> Iterator[Roll]:
    office.path.mkdir(mode=0o700)
    for chapter in CHAPTERS[: 1 + max(i for i, c in enumerate(CHAPTERS) if c.name in names)]:
        chapter.before(office)
        if chapter.name in names:
            roll = photographed(office, chapter)
            last = roll.photos[roll.moments[-1][1]]
            yield roll
            office = roll.risen(last)
        else:
            lived(office, chapter)


def lived(office: Office, chapter: Chapter) -> None:
    """Play one chapter with whatever the world does meanwhile.

    Raises:
        Exception: what ended the process.
    """
    with watched(lambda moment, _: chapter.meanwhile(office, moment)):
        chapter.act(office)


def photographed(office: Office, chapter: Chapter) -> Roll:
    """Play one chapter and photograph it at every moment."""
    album = Album(office.path, office.standin)
    start = album.photos[album.take()]
    moments: list[tuple[Moment, str]] = []

    arriving = ""

    def see(moment: Moment, sent: Sent) -> None:
        nonlocal arriving
        chapter.meanwhile(office, moment)
        if moment.point is Point.REQUEST_SENT:  # the CRM may be at work on it: too late to look
            moments.append((moment, arriving))
            return
        moments.append((moment, album.take()))
        if moment.point is Point.FIRST_BYTE_SENT:
            arriving = album.take(still_under_way(sent))

    with watched(see):
        chapter.act(office)
    undisturbed = risen(office, album.photos[moments[-1][1]])
    return Roll(office, chapter, moments, album.photos, start, ends_of(undisturbed, chapter))


def still_under_way(sent: Sent) -> tuple[Sent, ...]:
    """A request that has left in whole and that nobody has received yet: it may be applied any time.

    For one that changes nothing it is the same as if only its first byte had left.
    """
    return (sent,) if sent.writes else ()


def every_death(roll: Roll) -> Iterator[tuple[list[Moment], list[str]]]:
    """Each world with what is wrong after it; with ``CRASH_AT`` only the one that is asked for."""
    chapter, _, place = os.environ.get(REPLAY, "").partition(":")
    if chapter and chapter != roll.chapter.name:
        return
    for world, moments in roll.worlds.items():
        if not place or place in [moment.place for moment in moments]:
            yield moments, roll.wrong_after(roll.photos[world])


def report(roll: Roll, moments: Sequence[Moment], wrong: Sequence[str]) -> str:
    """A death that did not heal, and how to see it again."""
    first = moments[0]
    alike = f" (and {len(moments) - 1} moments like it)" if moments[1:] else ""
    where = f"A death in {roll.chapter.name} at {first}{alike}"
    again = f"again with {REPLAY}={roll.chapter.name}:{first.place}"
    return "\n  ".join((f"{where}; {again}", *wrong))
