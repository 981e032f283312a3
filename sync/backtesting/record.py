"""What a look back found: every figure, ready for machines, and the sentence for a manager."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from classifiers.backtest import CutOff, Finding, Judged, Period, Pooled, notes, sentence
from classifiers.backtest.intervals import Z, wilson
from classifiers.backtest.judging import GAIN_SHARES, Calibration, Lead
from classifiers.backtest.metrics import Vector
from classifiers.backtest.pooling import ClassShare, class_shares
from connector.model import Json
from sync.backtesting.words import word
from sync.policy import Policy
from sync.verdicts import CLASSES, class_label

DIGITS = 6
"""Of every figure: enough to compare runs, too few to show in which order rows were added up."""


@dataclass(frozen=True, slots=True)
class Record:
    """The verdicts' record on the past.

    Args:
        policy: whose thresholds, horizon, labels and language were used.
        as_of: the day that was asked for, if any.
        over: whether the days after ``as_of`` are over; if not, earlier days were walked as on that day.
        period: days of which purchases are on record; None without any.
        cuts: the cut-offs that were judged, oldest first.
        mean: of all of them; None where there was too little past.
        finding: the conclusion.
        files: where the record was written.
    """

    policy: Policy
    as_of: date | None
    over: bool
    period: Period | None
    cuts: tuple[CutOff, ...]
    mean: Pooled | None
    finding: Finding
    files: tuple[Path, ...] = ()

    @property
    def horizon(self) -> int:
        """Days looked ahead."""
        return self.policy.settings.horizon_days

    @property
    def sentence(self) -> str:
        """What it means for a manager."""
        return sentence(self.finding, self.policy.language)

    @property
    def notes(self) -> tuple[str, ...]:
        """What else a manager should know."""
        labels = {code: class_label("loyalty", code, self.policy) for code in CLASSES["loyalty"]}
        found = notes(self.mean, self.policy.language, labels)
        if self.over:
            return found
        not_over = word("not_over", self.policy.language)
        return (not_over.format(day=self.as_of, horizon=self.horizon), *found)

    def as_json(self) -> dict[str, Json]:
        """For ``--json`` and the file."""
        return {
            "status": "done",
            "finding": self.finding.kind.value,
            "sentence": self.sentence,
            "notes": list(self.notes),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "horizon_days": self.horizon,
            "purchases_from": day(self.period.first).isoformat() if self.period else None,
            "purchases_until": day(self.period.last).isoformat() if self.period else None,
            "days_needed": self.finding.needed,
            "called_at_risk_or_churned": self.finding.called,
            "of_these_bought_nothing": self.finding.left,
            "mean": None if self.mean is None else _mean(self.mean),
            "cut_offs": [_cut_off(cut) for cut in self.cuts],
            "files": [str(path) for path in self.files],
        }


def day(number: int) -> date:
    """The calendar day of a day number."""
    return date(1970, 1, 1) + timedelta(days=number)


def _mean(mean: Pooled) -> dict[str, Json]:
    return {
        "cut_offs": mean.cuts,
        "customers": _figure(mean.customers),
        "churned": _figure(mean.churned),
        "churn_rate": _figure(mean.churned / mean.customers),
        "methods": {name: _judged(judged) for name, judged in mean.judged.items()},
        "auc_lead_over": _leads(mean.leads),
        "value_spearman": {name: _figure(value) for name, value in mean.value.items()},
        "loyalty": _classes(mean.loyalty),
        "churn_risk": _classes(mean.risk),
        "calibration": _bins(mean.calibration, mean.cuts),
        "gains": _gains(mean.gains),
    }


def _cut_off(cut: CutOff) -> dict[str, Json]:
    return {
        "as_of": day(cut.as_of).isoformat(),
        "until": day(cut.until).isoformat(),
        "customers": cut.customers,
        "churned": cut.churned,
        "churn_rate": _figure(cut.churned / cut.customers),
        "methods": {judged.name: _judged(judged) for judged in cut.judged},
        "auc_lead_over": _leads(cut.leads),
        "value_spearman": {name: _figure(value) for name, value in cut.value.items()},
        "loyalty": _classes(class_shares([cut.loyalty])),
        "churn_risk": _classes(class_shares([cut.risk])),
        "calibration": _bins(cut.calibration, 1),
        "gains": _gains(cut.gains),
        "churn_model": _plain(cut.model),
    }


def _judged(judged: Judged) -> dict[str, Json]:
    low = high = None
    if judged.auc is not None and judged.auc_error is not None:
        low = max(judged.auc - Z * judged.auc_error, 0.0)
        high = min(judged.auc + Z * judged.auc_error, 1.0)
    return {
        "auc": _figure(judged.auc),
        "auc_low": _figure(low),
        "auc_high": _figure(high),
        "average_precision": _figure(judged.average_precision),
        "brier": _figure(judged.brier),
        "calibration_error": _figure(judged.calibration_error),
        "log_loss": _figure(judged.log_loss),
        "top_decile_lift": _figure(judged.lift),
        **({"learnt": judged.note} if judged.note else {}),
    }


def _leads(leads: Mapping[str, Lead]) -> dict[str, Json]:
    return {
        name: {
            "auc": _figure(lead.auc),
            "low": _figure(lead.auc - Z * lead.error),
            "high": _figure(lead.auc + Z * lead.error),
        }
        for name, lead in leads.items()
    }


def _classes(shares: Sequence[ClassShare]) -> list[Json]:
    return [
        {
            "class": row.code,
            "customers": row.customers,
            "churned": row.churned,
            "churn_rate": _figure(row.share),
            "low": _figure(row.low) if row.customers else None,
            "high": _figure(row.high) if row.customers else None,
        }
        for row in shares
    ]


def _bins(bins: Calibration, cuts: int) -> list[Json]:
    rows: list[Json] = []
    for number, customers in enumerate(bins.customers.tolist()):
        promised = bins.promised[number] / customers if customers else None
        observed = float(bins.churned[number]) / customers if customers else None
        low, high = wilson(observed or 0.0, customers / cuts)
        rows.append(
            {
                "from": number / len(bins.customers),
                "to": (number + 1) / len(bins.customers),
                "customers": int(customers),
                "expected": _figure(promised),
                "observed": _figure(observed),
                "low": _figure(low) if customers else None,
                "high": _figure(high) if customers else None,
            }
        )
    return rows


def _gains(gains: Mapping[str, Vector]) -> dict[str, Json]:
    """Share of the leavers found, by share of the customers called from the top of each list."""
    curves: dict[str, Json] = {"customers": [_figure(share) for share in GAIN_SHARES]}
    return curves | {name: [_figure(value) for value in curve] for name, curve in gains.items()}


def _figure(value: float | None) -> float | None:
    return None if value is None else round(float(value), DIGITS)


def _plain(value: object) -> Json:
    """A model's description of itself as JSON knows it; numbers of NumPy included."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return _figure(value)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return str(value)
