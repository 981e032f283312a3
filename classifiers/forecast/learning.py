"""Learns from this organisation's own past how to correct the rhythm model.

The past is looked at as of several earlier days (landmarks, after van Houwelingen 2007,
Scandinavian Journal of Statistics 34(1), 70-85): what was known of each account, and whether it
bought within the horizon, or within as much of it as has passed by now. So even last month teaches
something, and nothing later than today is ever used. A regression then finds by how much to
multiply the purchases that the rhythm model expects; without evidence, by 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from classifiers.bgnbd import BgNbd
from classifiers.forecast.learner import Learner, Term, level_for, none_of
from classifiers.forecast.purchases import Purchases, Seen
from classifiers.forecast.regression import Matrix, fit_cloglog
from classifiers.forecast.traits import facts_of, measures, parts, traits
from classifiers.maths import ARRAYS, Vector

MOST_ROWS = 120_000
MOST_LANDMARKS, FEWEST_LANDMARKS = 10, 5
LONGEST_PAST = 3 * 365
"""Days looked back: how customers behaved before says less than it costs."""

PENALTY = 10.0
"""Prior weight of every coefficient, per standard deviation of its trait: about 0.3 either way."""

SEASON_PENALTY = 2.0
"""The same for the landmarks' own levels, which season moves freely."""

FIRST_DAYS = 45
"""Days from the beginning of the past to the first landmark: before, nothing can be known of anybody."""

LAST_DAYS = 14
"""Days at least that have passed since the last landmark."""

LEAST_SPREAD = 1e-6
"""A trait that is the same for everybody teaches nothing."""


@dataclass(frozen=True, slots=True)
class _Lesson:
    """All landmarks below one another: what was expected, the traits, what happened, which landmark."""

    offset: Vector
    names: tuple[str, ...]
    traits: Matrix
    stayed: Vector
    landmark: Matrix
    usual: float


def learn(
    past: Purchases, rhythm: BgNbd, today: int, horizon: int, most_rows: int = MOST_ROWS
) -> Learner | None:
    """Learn from landmarks before ``today``; None where the past has no room for them.

    Args:
        past: purchases of the organisation's accounts, or of a sample, up to ``today``.
        rhythm: fitted on the same past.
        today: no outcome after this day is used.
        horizon: days looked ahead.
        most_rows: observations (accounts × landmarks) to learn from, about.
    """
    days = landmarks(past, today, horizon, most_rows)
    ends = [min(day + horizon, today) for day in days]
    lesson = _lesson(past, days, ends, rhythm) if days else None
    if lesson is None:
        return None
    mean, spread = lesson.traits.mean(axis=0), lesson.traits.std(axis=0)
    columns = np.hstack([lesson.traits, lesson.landmark])
    told = columns[:, : len(lesson.names)]
    told -= mean  # in place, since these are the largest arrays of all
    told /= spread
    penalty = np.repeat([PENALTY, SEASON_PENALTY], [len(lesson.names), len(days)])
    found = fit_cloglog(lesson.offset, columns, lesson.stayed, penalty)
    weights, levels = found[: len(lesson.names)] / spread, found[len(lesson.names) :]
    limits = lesson.traits.min(axis=0), lesson.traits.max(axis=0)
    terms = tuple(
        Term(name, float(weight), float(low), float(high))
        for name, weight, low, high in zip(lesson.names, weights, *limits, strict=True)
    )
    own = _own_level(levels, lesson.landmark.sum(axis=0), days, ends)
    base, rows = -float(mean @ weights), len(lesson.stayed)
    draft = Learner(rhythm, horizon, lesson.usual, terms, base, tuple(days), rows, 0.0)
    return _levelled(draft, past.seen(today), own)


def _lesson(past: Purchases, days: list[int], ends: list[int], rhythm: BgNbd) -> _Lesson | None:
    views = [past.seen(day) for day in days]
    outcomes = [past.stayed_away(view, end) for view, end in zip(views, ends, strict=True)]
    stayed = np.concatenate(outcomes).astype(np.float64)
    if not 0 < stayed.sum() < len(stayed):
        return None
    usual = float(np.median(np.concatenate([view.spend / view.purchases for view in views])))
    usual = usual if usual > 0 else 1.0
    offset, columns = _design(views, ends, rhythm, usual)
    names = tuple(name for name, column in columns.items() if column.std() > LEAST_SPREAD)
    place = np.repeat(np.arange(len(days)), [len(view.account) for view in views])
    return _Lesson(
        offset,
        names,
        np.stack([columns[name] for name in names], axis=1),
        stayed,
        (place[:, None] == np.arange(len(days))).astype(np.float64),
        usual,
    )


def landmarks(past: Purchases, today: int, horizon: int, most_rows: int) -> list[int]:
    """Days to look back at, evenly spread from soon after the beginning to shortly before today."""
    firsts = past.firsts
    if not len(firsts):
        return []
    start = int(np.quantile(firsts, 0.02)) + min(FIRST_DAYS, horizon // 2)
    end = today - max(min(LAST_DAYS, horizon // 2), horizon // 6)
    start = max(start, end - LONGEST_PAST)
    number = int(np.clip(most_rows // len(firsts), FEWEST_LANDMARKS, MOST_LANDMARKS))
    if end - start < 2 * number:
        return []
    return [int(day) for day in np.linspace(start, end, number).astype(np.int64)]


def _design(
    views: list[Seen], ends: list[int], rhythm: BgNbd, usual: float
) -> tuple[Vector, dict[str, Vector]]:
    """The log of what is expected, and the traits, of all landmarks below one another."""
    offsets, tables = [], []
    with np.errstate(divide="ignore", invalid="ignore"):
        for view, end in zip(views, ends, strict=True):
            facts, ahead = facts_of(view), float(end - view.day)
            known = measures(facts, parts(facts, rhythm, ahead, usual), ahead)
            offsets.append(known.expected)
            tables.append(traits(ARRAYS, known))
    names = tables[0]
    return np.concatenate(offsets), {
        name: np.concatenate([table[name] for table in tables]) for name in names
    }


def _own_level(
    levels: Vector, accounts: Vector, days: list[int], ends: list[int]
) -> tuple[float, float]:
    """The mean level of the landmarks, and the square of its standard error.

    Only as many landmarks count as independent as horizons fit into the past.
    """
    ahead = np.array(ends) - np.array(days)
    weight = accounts * ahead
    mean = float(np.average(levels, weights=weight))
    swing = float(np.average((levels - mean) ** 2, weights=weight))
    independent = max((ends[-1] - days[0]) / max(int(ahead.max()), 1) - 1, 0.25)
    return mean, swing / independent


def _levelled(draft: Learner, seen: Seen, own: tuple[float, float]) -> Learner:
    """The draft with its constant between its own level and the one that the rhythm model has today.

    Levels that swing from landmark to landmark are season or growth, and say little about the
    coming months. Its own level is believed by how far it is more than two standard errors from the
    rhythm model's (shrinkage after James and Stein).
    """
    expected, correction = draft.parts(seen)
    told = float(none_of(ARRAYS, expected).mean())
    plain = level_for(expected, correction, told, own[0])
    apart = own[0] - plain
    believed = max(0.0, 1 - 2**2 * own[1] / (apart**2 + 1e-12))
    return replace(draft, constant=draft.constant + plain + believed * apart, own_level=believed)
