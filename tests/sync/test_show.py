"""What people read on their screens: whole sentences, and numbers as they would write them."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from rich.console import Console, RenderableType

from sync import show
from sync.explain import Answer, Explanation
from sync.policy import Policy, load_policy
from sync.verdicts import CLASSES

REASON = (
    "已184天未成交，平时约42天成交一次。近半年成交0次，此前半年为5次。"
    "近12个月销售额CNY 1,839（满3,000为中型客户）。未来182天内不再成交的概率为62%。"
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(None, catalogue=CLASSES)


def explained(**more: Any) -> Explanation:
    answer = Answer(
        dimension="tier",
        question="Customer Tier",
        code="small",
        label="Small",
        rule="sales_below_medium",
        why="Sales of 1,839 in the last 365 days (small below 3,000).",
        facts={"spend_window": 1839.31, "first_day": None},
        thresholds={"large_from": 12_345_678.9, "medium_from": 3000.0, "amount_margin": 0.05},
    )
    given: dict[str, Any] = {
        "account_id": "1",
        "name": "Customer 12383",
        "owner": "",
        "as_of": date(2011, 12, 9),
        "answers": (answer,),
        "probability": 62,
        "reason": REASON,
        "current": {},
        "playbooks": (),
        "follow_up_days": 90,
        "history": (),
        "tasks": (),
        "churn_from": "how long it has been quiet",
    }
    return Explanation(**given | more)


def on_a_screen(found: RenderableType, width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(found)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_chinese_reason_is_read_whole_on_a_screen_of_any_width(
    policy: Policy, width: int
) -> None:
    shown = on_a_screen(show.account_card(explained(), policy), width)
    bare = "".join(sign for sign in shown if sign not in "│ \n")
    assert REASON.replace(" ", "") in bare


def test_large_amounts_have_all_their_digits(policy: Policy) -> None:
    console = Console(file=io.StringIO(), width=80)
    show.explanation(console, explained(), policy)
    assert isinstance(console.file, io.StringIO)
    lines = [line.strip() for line in console.file.getvalue().splitlines()]
    for told in (
        "spend window: 1,839.31",
        "first day: none",
        "large from: 12,345,678.9",
        "medium from: 3,000",
        "amount margin: 0.05",
    ):
        assert told in lines
