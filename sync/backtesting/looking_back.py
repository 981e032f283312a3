"""Opens the local copy or a customer's files, judges the verdicts on earlier days, and keeps what it found.

::

    files or local copy → days to judge → walk → record ─┬→ backtest.json
                                                         └→ backtest.svg

No call goes to the CRM.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from classifiers.backtest import (
    Period,
    concluded,
    cut_offs,
    latest_cut,
    pooled,
    purchase_period,
    walk,
)
from connector.clock import Clock
from connector.private_file import write_private
from sync.backtesting.errors import CannotLookBack
from sync.backtesting.patience import Patience
from sync.backtesting.picture import picture
from sync.backtesting.record import Record
from sync.day_numbers import day_number
from sync.files import local_copy
from sync.home import find_home
from sync.mirror import DuckEngine, Mirror, classifier_tables
from sync.opening import find_policy
from sync.policy import Policy
from sync.verdicts import stage_names
from sync.words import Language

JSON_FILE, PICTURE_FILE = "backtest.json", "backtest.svg"


def backtest(
    env: Mapping[str, str],
    clock: Clock,
    *,
    files: tuple[Path | None, Path | None],
    as_of: date | None,
    horizon_days: int | None,
    language: Language | None,
    out: Path | None,
    say: Callable[[str], None],
) -> Record:
    """Judge the verdicts on the past, and write figures and picture.

    Args:
        env: the environment.
        clock: nothing dated after its today has happened yet.
        files: accounts and deals (CSV or Parquet), or None twice for the local copy.
        as_of: the one day to judge, by the days after it; where these are not over, earlier days
            are judged by what was known on that day. None walks several.
        horizon_days: days looked ahead; None takes the policy's.
        language: of sentence and picture; None takes the policy's.
        out: folder for the results; None takes ``backtest`` in the state folder.
        say: told how far it has come, if it takes longer than a moment.

    Raises:
        NothingPulled: there is no local copy yet.
        FileProblem: a file cannot be used.
        CannotLookBack: the day ``as_of`` cannot be judged.
    """
    home = find_home(env)
    policy = _adapted(find_policy(env, home), horizon_days, language)
    with local_copy(home.mirror, files, policy) as mirror:
        record = _judged(mirror, policy, as_of, clock, say)
    if out is None:
        home.prepare()
        out = home.path / "backtest"
    return _kept(record, out)


def _adapted(policy: Policy, horizon_days: int | None, language: Language | None) -> Policy:
    if horizon_days is not None:
        policy = replace(policy, settings=replace(policy.settings, horizon_days=horizon_days))
    return policy if language is None else replace(policy, language=language)


def _judged(
    mirror: Mirror, policy: Policy, as_of: date | None, clock: Clock, say: Callable[[str], None]
) -> Record:
    settings = policy.settings
    # What a customer was called about or complained of then is not judged: only purchases are.
    accounts, deals, *_ = classifier_tables(
        mirror, stages=stage_names(policy.stages), left_out=policy.accounts_left_out
    )
    engine = DuckEngine(mirror)
    horizon = settings.horizon_days
    today = day_number((mirror.watermark("Deals") or clock.now()).date())
    period = purchase_period(deals, until=today, horizon=horizon, engine=engine)
    over = not (as_of and period and day_number(as_of) > latest_cut(period, horizon))
    if as_of and not over:
        until = min(today, day_number(as_of))
        period = purchase_period(deals, until=until, horizon=horizon, engine=engine)
    cuts = _days_to_judge(period, as_of if over else None, horizon)
    patience = Patience(clock, say, len(cuts))
    found = walk(accounts, deals, cuts=cuts, settings=settings, engine=engine, begin=patience.begin)
    record = pooled(found) if found else None
    return Record(
        policy=policy,
        as_of=as_of,
        over=over,
        period=period,
        cuts=found,
        mean=record,
        finding=concluded(record, period, horizon),
    )


def _days_to_judge(period: Period | None, as_of: date | None, horizon: int) -> tuple[int, ...]:
    if as_of is None:
        return cut_offs(period, horizon) if period else ()
    if period is None:
        raise CannotLookBack(
            "There is no won deal with an amount yet, so there is nothing to judge.",
            hint="Check stages, amounts and closing dates of the deals.",
        )
    cut = day_number(as_of)
    if cut < period.first:
        raise CannotLookBack(
            f"On {as_of} nobody had bought yet: the first won deal is of {_day(period.first)}.",
            hint=f"Use --as-of {_day(period.first)} or later.",
        )
    return (cut,)


def _kept(record: Record, folder: Path) -> Record:
    """Write the files; whoever reads them meanwhile finds the old ones whole, or the new ones."""
    told = replace(record, files=(folder / JSON_FILE, folder / PICTURE_FILE))
    write_private(folder / PICTURE_FILE, picture(told))
    text = json.dumps(told.as_json(), ensure_ascii=False, indent=2)
    write_private(folder / JSON_FILE, f"{text}\n")
    return told


def _day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)
