"""Lets a process die while the next ones are making good what an earlier death left behind."""

from __future__ import annotations

import random
from dataclasses import dataclass

from aftermath import aftermath, live_on
from deaths import Roll, still_under_way
from moments import Moment, Point, Sent, watched
from photograph import Album, Photo


@dataclass(frozen=True, slots=True)
class Fate:
    """Several deaths in a row, and what is wrong after the last."""

    deaths: tuple[str, ...]
    wrong: tuple[str, ...]


def chance(seed: str) -> random.Random:
    """Draws the same again for the same seed."""
    return random.Random(seed)  # noqa: S311 - it picks moments and guards nothing


def drawn(roll: Roll, deaths: int, rng: random.Random) -> Fate:
    """A first death of the chapter's process, more while the next ones recover, and the aftermath."""
    world = rng.choice(sorted(roll.worlds, key=lambda name: roll.worlds[name][0]))
    photo, places = roll.photos[world], [str(roll.worlds[world][0])]
    for _ in range(deaths - 1):
        try:
            photo, moment = dies_recovering(roll, photo, rng)
        except Exception as exc:  # noqa: BLE001 - whatever it is, it belongs to this fate
            return Fate(tuple(places), (f"recovering ended in {type(exc).__name__}: {exc}",))
        places.append(str(moment))
    with roll.alive(photo) as office:
        wrong = aftermath(office, roll.chapter, roll.ends, list(photo.late))
    return Fate(tuple(places), tuple(wrong))


def dies_recovering(roll: Roll, photo: Photo, rng: random.Random) -> tuple[Photo, Moment]:
    """A moment of the recovery, each as likely as any other, and the world that it shows.

    The recovery is lived through once; the n-th moment takes the place of the one that was chosen
    before it once in n times.
    """
    with roll.alive(photo) as office:
        album = Album(office.path, office.standin)
        late = list(photo.late)
        seen = 0
        chosen: tuple[Photo, Moment] | None = None

        def offer(moment: Moment, under_way: tuple[Sent, ...]) -> None:
            nonlocal seen, chosen
            seen += 1
            if rng.random() * seen < 1:
                world = album.take((*late, *under_way))
                chosen = album.photos[world], moment

        def see(moment: Moment, sent: Sent) -> None:
            if moment.point is Point.REQUEST_SENT:
                return  # offered just before, while the CRM could not yet be at work on it
            offer(moment, ())
            if moment.point is Point.FIRST_BYTE_SENT:
                whole = Moment(moment.call, Point.REQUEST_SENT, 0, moment.route)
                offer(whole, still_under_way(sent))

        with watched(see):
            live_on(office, roll.chapter, late)
    assert chosen is not None
    return chosen
