"""What a manager is told follows from the figures, in each of the three languages."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from classifiers.backtest import Finding, Kind, notes, sentence
from classifiers.backtest.judging import VERDICTS, Calibration, Judged, Lead
from classifiers.backtest.metrics import BINS
from classifiers.backtest.phrases import PHRASES
from classifiers.backtest.pooling import ClassShare, Pooled
from classifiers.catalogue import dimension

GOOD = Finding(Kind.BETTER, 100, 84, 0.81, 0.77, 182, 700, 455)
LABELS = {c.code: c.labels["en"] for c in dimension("loyalty").classes}


def record(**changes: object) -> Pooled:
    def means(name: str, auc: float, error: float = 0.02) -> Judged:
        return Judged(name, auc, 0.005, 0.8, 0.15, error, 0.5, 1.5)

    found = Pooled(
        cuts=1,
        customers=1_000,
        churned=500,
        judged={
            VERDICTS: means(VERDICTS, 0.81),
            "rfm": means("rfm", 0.78),
            "hiatus_rule": means("hiatus_rule", 0.65),
        },
        leads={"rfm": Lead(0.03, 0.005), "hiatus_rule": Lead(0.16, 0.005)},
        value={},
        loyalty=(
            ClassShare("at_risk", 100, 60, 0.60, 0.55, 0.65),
            ClassShare("churned", 100, 90, 0.90, 0.85, 0.95),
        ),
        risk=(),
        calibration=Calibration(np.zeros(BINS), np.zeros(BINS), np.zeros(BINS)),
        gains={},
    )
    return replace(found, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (
            GOOD,
            (
                "Of 100 customers called at risk or churned, 84 really bought nothing in the next 182 days; "
                "ranking by the verdicts is better than judging by silence alone (AUC 0.81 against 0.77)."
            ),
        ),
        (
            replace(GOOD, kind=Kind.ALIKE, auc=0.771, auc_of_silence=0.768),
            (
                "Of 100 customers called at risk or churned, 84 really bought nothing in the next 182 days; "
                "ranking by the verdicts is about as good as judging by silence alone "
                "(AUC 0.771 against 0.768)."
            ),
        ),
        (
            replace(GOOD, kind=Kind.WORSE, auc=0.75, called=0, left=0),
            (
                "Nobody was called at risk or churned; but judging by silence alone would have been better "
                "(AUC 0.77 against 0.75)."
            ),
        ),
        (
            replace(GOOD, kind=Kind.NO_SIGNAL, auc=0.502, auc_of_silence=0.51),
            (
                "No usable signal: the purchases so far do not tell who will buy nothing in the next 182 "
                "days (AUC 0.50, where 0.50 is chance), so do not act on the churn classes."
            ),
        ),
        (
            replace(GOOD, kind=Kind.NO_SIGNAL, auc=0.502, auc_of_silence=0.70),
            (
                "No usable signal in the verdicts (AUC 0.50, where 0.50 is chance); judging by silence "
                "alone does better (0.70)."
            ),
        ),
        (
            replace(GOOD, kind=Kind.TOO_LITTLE, days=20),
            "Too little past to judge anything: won deals span 20 days; wait until they span at least 455.",
        ),
        (
            replace(GOOD, kind=Kind.TOO_LITTLE, days=0),
            (
                "Nothing to judge: accounts won no deals with an amount on two different days. Check "
                "stages, amounts, closing dates and account ids of the deals, or wait."
            ),
        ),
    ],
)
def test_each_conclusion_is_one_sentence(finding: Finding, words: str) -> None:
    assert sentence(finding, "en") == words


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_chinese_sentences_carry_the_same_numbers(kind: Kind, language: str) -> None:
    finding = replace(GOOD, kind=kind)
    numbers = [sorted(re.findall(r"\d[\d.]*", sentence(finding, one))) for one in ("en", language)]
    assert [n.rstrip(".") for n in numbers[0]] == numbers[1]
    assert re.search(r"[a-z]{4}", sentence(finding, language)) is None


def test_every_language_has_every_phrase_with_the_same_gaps() -> None:
    for key, english in PHRASES["en"].items():
        for language in ("zh-Hans", "zh-Hant"):
            gaps = [set(re.findall(r"{(\w+)}", text)) for text in (english, PHRASES[language][key])]
            assert gaps[0] == gaps[1], key


def test_a_good_record_needs_no_notes() -> None:
    assert notes(record(), "en", LABELS) == ()
    assert notes(None, "en", LABELS) == ()


def test_probabilities_that_are_far_off_are_said_so() -> None:
    judged = dict(record().judged)
    judged[VERDICTS] = replace(judged[VERDICTS], calibration_error=0.21)
    (note,) = notes(record(judged=judged), "en", LABELS)
    assert "off by 21 points" in note


def test_classes_out_of_order_are_said_so() -> None:
    loyalty = (
        ClassShare("at_risk", 100, 70, 0.70, 0.65, 0.75),
        ClassShare("churned", 100, 50, 0.50, 0.45, 0.55),
    )
    (note,) = notes(record(loyalty=loyalty), "en", LABELS)
    assert "“At risk” left more often than those called “Churned”" in note


@pytest.mark.parametrize(
    ("lead", "words"),
    [(-0.03, "RFM points would have ranked better"), (0.004, "RFM points ranked about as well")],
)
def test_a_simpler_means_that_did_as_well_is_said_so(lead: float, words: str) -> None:
    leads = {"rfm": Lead(lead, 0.005), "hiatus_rule": Lead(0.16, 0.005)}
    (note,) = notes(record(leads=leads), "en", LABELS)
    assert note.startswith(words)
