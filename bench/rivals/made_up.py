"""Made-up customers whose habits are known, so that every method can be held against the best possible.

Each account has its own usual gap and its own chance of stopping after a purchase, unseen. Whoever
knew both and the rules, but not whether the account has stopped, would forecast

    P(no purchase) = 1 - P(not stopped | silence) * P(the next gap ends within the horizon | silence)

and nobody can do better: that is the row "the truth".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from rivals.records import Number, Records, Whole, in_order

YEAR = 365.25
JOIN_WITHIN = 640
"""Days, from the first one on, within which accounts buy for the first time."""

SPAN = 730
"""Days from the first one to the cut-off."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The rules of one made-up set.

    Args:
        sentence: what the set is like.
        shape: of the gaps; 1 comes at random, many are regular as a clock.
        gap: median of the accounts' mean gaps in days; ``spread`` of their logarithms, 0 for one
            gap for all; None for rates that follow a gamma distribution, as BG/NBD assumes.
        stops: beta parameters of the chance of stopping, or None where nobody ever stops.
        at_once: whether an account can stop after its first purchase.
        season: share by which the high season lies above the mean, and the low one below.
    """

    sentence: str
    shape: float
    gap: float
    spread: float | None
    stops: tuple[float, float] | None
    at_once: bool = True
    season: float = 0.0


KINDS = {
    "bgnbd": Kind("exactly what BG/NBD assumes", 1, 90, None, (0.8, 2.4), at_once=False),
    "regular": Kind("customers with steady rhythms of their own", 6, 50, 0.8, (0.6, 5.0)),
    "seasonal": Kind(
        "bought nine tenths more in December, less in June", 1, 80, 0.7, (0.6, 4.0), season=0.9
    ),
    "contracts": Kind("renewals once a year, give or take three weeks", 300, 365, 0.0, (2.0, 8.0)),
    "no_pattern": Kind("everyone alike and at random: nothing can be known", 1, 250, 0.0, None),
}


def made_up(
    kind: Kind, start: int, horizon: int, *, size: int, seed: int
) -> tuple[Records, Number, int]:
    """The records until the horizon's end, the true P(no purchase) an account, and the cut-off.

    The truth is NaN for accounts that had not bought by the cut-off.
    """
    chance = np.random.default_rng(seed)
    cut, end = start + SPAN, start + SPAN + horizon
    gap, stop = _gaps(kind, size, chance), np.zeros(size)
    if kind.stops:
        stop = chance.beta(*kind.stops, size)
    who, when = _purchases(kind, gap, stop, start, end, chance)
    usual = chance.lognormal(5.5, 1.0, size)
    amount = np.maximum(usual[who] * chance.gamma(4.0, 0.25, len(who)), 0.01).round(2)
    ids = (f"{8 * 10**18 + n}" for n in range(size))
    records = in_order(ids, who, np.floor(when).astype(np.int64), amount)
    return records, _truth(kind, gap, stop, records, cut, horizon), cut


def _gaps(kind: Kind, size: int, chance: np.random.Generator) -> Number:
    if kind.spread is None:
        return kind.gap / np.maximum(chance.gamma(0.7, 1 / 0.7, size), 1e-6)
    return kind.gap * np.exp(kind.spread * chance.standard_normal(size))


def _purchases(
    kind: Kind, gap: Number, stop: Number, start: int, end: int, chance: np.random.Generator
) -> tuple[Whole, Number]:
    """Whose purchases fall on which day, made one purchase of every account at a time."""
    who = np.arange(len(gap))
    day = start + chance.uniform(0, JOIN_WITHIN, len(gap))
    accounts, days, first = [who], [day], True
    while len(who):
        goes_on = np.ones(len(who), bool)
        if kind.at_once or not first:
            goes_on = chance.random(len(who)) >= stop[who]
        who, day, first = who[goes_on], day[goes_on], False
        waited = gap[who] * chance.gamma(kind.shape, 1 / kind.shape, len(who))
        day = _day_after(kind, day, waited, end)
        within = day < end + 1
        who, day = who[within], day[within]
        accounts.append(who)
        days.append(day)
    return np.concatenate(accounts), np.concatenate(days)


def _pace(kind: Kind, day: Number) -> Number:
    """Days counted long in the high season and short in the low one; the high one is mid-December."""
    turn = 2 * np.pi / YEAR
    return day + kind.season / turn * np.sin(turn * (day - 348))


def _day_after(kind: Kind, day: Number, waited: Number, end: int) -> Number:
    """The day on which that much counted time has passed; anything after ``end`` will do."""
    if not kind.season:
        return day + waited
    grid = np.arange(day.min(initial=end) - 1, end + 3, 0.05)
    return np.interp(_pace(kind, day) + waited, _pace(kind, grid), grid)


def _truth(
    kind: Kind, gap: Number, stop: Number, records: Records, cut: int, horizon: int
) -> Number:
    """P(no purchase in the horizon) for one who knows gap and chance of stopping."""
    known = records.until(cut)
    last, count = np.full(len(gap), np.nan), np.bincount(known.account, minlength=len(gap))
    last[known.account] = known.day  # in order of the days: the last one stays
    waited = _pace(kind, np.array(cut + 1.0)) - _pace(kind, last + 0.5)
    longer = _pace(kind, np.array(cut + 1.0 + horizon)) - _pace(kind, last + 0.5)
    silent, still = (special.gammaincc(kind.shape, kind.shape * t / gap) for t in (waited, longer))
    can_stop = stop * (kind.at_once | (count > 1))
    goes_on = (1 - can_stop) * silent
    with np.errstate(invalid="ignore", divide="ignore"):
        alive = np.where(goes_on > 0, goes_on / (goes_on + can_stop), 0.0 + (can_stop == 0))
        ends = np.where(silent > 0, 1 - still / silent, 1.0)
    truth = np.where(np.isnan(last), np.nan, 1 - alive * ends)
    return truth.round(9)  # equal chances are to be equal, not apart by the last bit
