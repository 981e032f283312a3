"""Says in one sentence what the record means for a manager, in the language that the manager reads."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from classifiers.backtest.finding import FEWEST, USABLE_AUC, Finding, Kind
from classifiers.backtest.intervals import Z
from classifiers.backtest.judging import VERDICTS
from classifiers.backtest.phrases import PHRASES, Phrases
from classifiers.backtest.pooling import Pooled

FAR_OFF = 0.10
"""Calibration error from which percentages mislead; an order they still are."""

SHORTEST = 14
"""Days; a shorter horizon says nothing about anybody's loyalty."""

_RISING = ("loyal", "fairly_loyal", "ordinary", "at_risk", "churned")


def sentence(finding: Finding, language: str) -> str:
    """What the record means, in one sentence.

    Args:
        finding: the conclusion.
        language: ``en``, ``zh-Hans`` or ``zh-Hant``.
    """
    text = PHRASES[language]
    numbers = {
        "auc": _auc(finding.auc, finding.auc_of_silence),
        "silence": _auc(finding.auc_of_silence, finding.auc),
        "horizon": finding.horizon,
        "days": finding.days,
        "needed": finding.needed,
        "few": FEWEST,
    }
    match finding.kind:
        case Kind.TOO_LITTLE:
            return _too_little(finding, text, numbers)
        case Kind.NO_SIGNAL:
            lone = (finding.auc_of_silence or 0.0) > max(finding.auc or 0.0, USABLE_AUC)
            return text["no_signal_but" if lone else "no_signal"].format(**numbers)
        case _:
            share = round(100 * finding.left / finding.called) if finding.called else 0
            opening = text["called" if finding.called else "nobody"]
            return (opening + text[finding.kind.value]).format(share=share, **numbers)


def notes(record: Pooled | None, language: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """What else a manager should know before trusting the figures; often nothing.

    Args:
        record: the mean of all cut-offs, or None.
        language: as above.
        labels: what people read for each loyalty class.
    """
    if record is None:
        return ()
    text, found = PHRASES[language], []
    error = record.judged[VERDICTS].calibration_error
    if error is not None and error > FAR_OFF:
        found.append(text["season"].format(points=round(100 * error)))
    shares = {row.code: row for row in record.loyalty if row.share is not None}
    rising = [shares[code] for code in _RISING if code in shares]
    for one, two in itertools.pairwise(rising):
        if one.low > two.high:
            found.append(text["disorder"].format(one=labels[one.code], two=labels[two.code]))
    found += [_beside(record, name, text) for name in ("rfm", "hiatus_rule")]
    return tuple(note for note in found if note)


def _beside(record: Pooled, name: str, text: Phrases) -> str:
    """How another simple means did; empty where the verdicts were clearly better."""
    lead, theirs = record.leads.get(name), record.judged[name].auc
    if lead is None or theirs is None or lead.auc > Z * lead.error:
        return ""
    how = "simpler_alike" if lead.auc >= -Z * lead.error else "simpler_better"
    return text[how].format(means=text[name], auc=_auc(theirs, theirs + lead.auc))


def _too_little(finding: Finding, text: Phrases, numbers: Mapping[str, object]) -> str:
    if finding.days >= finding.needed:
        return text["too_few"].format(**numbers)
    if finding.days <= 0:
        return text["nothing"]
    shorter = finding.days * finding.horizon // finding.needed if finding.needed else 0
    if shorter >= SHORTEST:
        return text["too_short"].format(shorter=shorter, **numbers)
    return text["too_young"].format(**numbers)


def _auc(value: float | None, beside: float | None = None) -> str:
    """Two decimals, or three where two would make it look like the figure that it stands beside."""
    if value is None:
        return "–"
    alike = beside is not None and f"{value:.2f}" == f"{beside:.2f}"
    return f"{value:.3f}" if alike else f"{value:.2f}"
