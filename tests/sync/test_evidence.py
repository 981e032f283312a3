"""What 'fenlei explain' shows can be compared with Zoho: days are dates, amounts whole, nothing is cut."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

from rich.console import Console

from sync import show
from sync.evidence import evidence
from sync.explain import Answer, Explanation
from sync.policy import load_policy
from sync.verdicts import CLASSES
from sync.words import Language

REASON = "九天前有退款，此後未再成交。至今已十五天。近一百天銷售額CNY 1,043（滿100為中型客戶）。"

FOUND = Explanation(
    account_id="1",
    name="Acme",
    owner="",
    as_of=date(2024, 3, 1),
    answers=(
        Answer(
            "tier",
            "Tier",
            "large",
            "Large",
            "sales_reach_large",
            "Sales.",
            {
                "last_day": "2024-02-15",
                "last_lost_day": None,
                "days_since_visit": 3,
                "spend": 1839.31,
            },
            {"large_from": 12_500_000.0, "amount_margin": 0.05},
        ),
    ),
    probability=None,
    reason=REASON,
    current={},
    playbooks=(),
    follow_up_days=90,
    history=(),
    tasks=(),
    churn_from="nothing",
)


def test_amounts_are_shown_in_full() -> None:
    lines = [line.strip() for line, _ in evidence(FOUND)]
    assert lines[2:8] == [
        "last day: 2024-02-15",
        "last lost day: none",
        "days since visit: 3",
        "spend: 1,839.31",
        "large from: 12,500,000",
        "amount margin: 0.05",
    ]


def test_no_word_of_a_chinese_reason_is_cut_off_on_a_narrow_screen() -> None:
    policy = replace(load_policy(None, catalogue=CLASSES), language=Language.ZH_HANT)
    paper = io.StringIO()
    show.explanation(Console(file=paper, width=60), FOUND, policy)
    told = "".join(paper.getvalue().split()).replace("│", "")
    assert "".join(REASON.split()) in told
    assert "…" not in told


def test_no_class_is_cut_off_where_the_line_ends() -> None:
    policy = replace(load_policy(None, catalogue=CLASSES), language=Language.ZH_HANT)
    paper = io.StringIO()
    counts = {"at_risk": 252, "prospect": 120, "ordinary": 98, "fairly_loyal": 80, "loyal": 66}
    for width in range(40, 90):
        Console(file=paper, width=width).print(show.class_table({"loyalty": counts}, policy))
    assert "…" not in paper.getvalue()
