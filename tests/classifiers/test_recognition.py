"""A reason of ours is known as such, and words that a person typed or added are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import loyalty
from classifiers.phrases import PHRASES, amount, percent
from classifiers.recognition import is_reason

counts = st.integers(1, 5000)
windows = st.sampled_from([365, 90, 1])
loyalties = st.sampled_from([answer.code for answer in loyalty.DIMENSION.classes])
money = st.floats(-1e9, 1e9, allow_nan=False)


@given(st.data(), st.sampled_from(sorted(PHRASES)))
def test_whatever_we_say_is_known_as_ours(data: st.DataObject, language: str) -> None:
    says, draw = PHRASES[language], data.draw
    told = amount(draw(money), draw(st.sampled_from(["CNY", "USD", ""])))
    sentences = [
        says.never_bought,
        says.bought_once(draw(st.integers(0, 5000))),
        says.silent(draw(st.integers(0, 5000)), draw(counts)),
        says.open_deals(draw(counts)),
        says.lost_since(draw(st.integers(0, 5000))),
        says.refund_since(draw(st.integers(0, 5000))),
        says.slower(draw(st.integers(0, 5000)), draw(counts)),
        says.was(draw(loyalties), draw(st.dates()).isoformat()),
        says.no_signal(percent(draw(st.floats(0, 1))), draw(counts)),
        says.sales(draw(windows), told),
        says.sales_against(draw(windows), told, "large", amount(draw(money), "")),
        says.outlook(percent(draw(st.floats(0, 1))), draw(counts)),
        says.rough_outlook(percent(draw(st.floats(0, 1))), draw(counts)),
        says.future_won(draw(counts)),
        says.lost_deals(draw(counts), draw(windows)),
        says.refunds(told, draw(windows)),
    ]
    some = draw(st.lists(st.sampled_from(sentences), min_size=1, max_size=4))
    assert is_reason(says.space.join(some))


@pytest.mark.parametrize(
    "text",
    [
        (
            "Silent 94 days; usually buys every 21. 1 open deal. 12-month sales CNY 5,200 (large from "
            "4,000). 82% likely to buy nothing in the next 182 days. 2 deals lost in the last 12 months."
        ),
        "Bought today; usually buys daily. Refunds of 29.50 in the last 90 days.",
        "No won deal yet. 2 open deals. 1 won deal dated in the future: check the closing date.",
        (
            "Silent 128 days since its only purchase. Little history: roughly 73% likely to buy nothing in "
            "the next 182 days."
        ),
        (
            "已94天未成交，平时约21天成交一次。近12个月销售额CNY 5,200（满4,000为大型客户）。"
            "历史数据较少，粗略估计未来182天内不再成交的概率为73%。"
        ),
        (
            "已94天未成交，平時約21天成交一次。近12個月銷售額CNY 5,200（滿4,000為大型客戶）。"
            "未來182天內不再成交的機率為82%。近12個月丟單2個。近12個月退款CNY 300。"
        ),
    ],
)
def test_what_earlier_versions_wrote_is_known_as_ours(text: str) -> None:
    """These texts stand in CRMs; they never change here."""
    assert is_reason(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Was at the trade fair until 2026-05-01.",
        "Called them, all well.",
        "Silent 94 days; usually buys every 21. Spoke to Mr Li.",
        "n/a 5",
        "已联系，一切正常。",
        "已94天未成交，平时约21天成交一次。客户说下月下单。",
    ],
)
def test_what_a_person_typed_or_added_is_theirs(text: str) -> None:
    assert not is_reason(text)
