"""The sentences that reasons are made of, in the three languages that the product speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

YEAR = 365


class Phrases(Protocol):
    """One language: whole sentences with their full stop; counts are 1 or more unless said."""

    @property
    def space(self) -> str:
        """What stands between two sentences."""

    @property
    def never_bought(self) -> str:
        """Nothing was ever won."""

    def bought_once(self, days: int) -> str:
        """The only purchase was so many days ago (0 is today)."""

    def silent(self, days: int, gap: int) -> str:
        """The last of several purchases was so many days ago (0 is today); the mean gap in days."""

    def lost_since(self, days: int) -> str:
        """A deal was lost so many days ago (0 is today), and nothing was bought since."""

    def refund_since(self, days: int) -> str:
        """Money was given back so many days ago (0 is today), and nothing was bought since."""

    def slower(self, now: int, before: int) -> str:
        """Purchases of the last half-year (0 or more) beside those of the half-year before."""

    def was(self, loyalty: str, day: str) -> str:
        """The loyalty class before the present one, and the day on which that ended."""

    def open_deals(self, count: int) -> str:
        """Deals still being negotiated."""

    def sales(self, window: int, amount: str) -> str:
        """Won sales of the last so many days."""

    def sales_against(self, window: int, amount: str, tier: str, limit: str) -> str:
        """The same beside the amount from which an account is ``large`` or ``medium``."""

    def outlook(self, share: str, days: int) -> str:
        """How likely no purchase is in the next so many days."""

    def rough_outlook(self, share: str, days: int) -> str:
        """The same, where the history is too short for more than a guess."""

    def no_signal(self, share: str, days: int) -> str:
        """The same, where past purchases do not tell who buys again."""

    def future_won(self, count: int) -> str:
        """Deals marked as won but dated in the future."""

    def lost_deals(self, count: int, window: int) -> str:
        """Deals lost in the last so many days."""

    def refunds(self, amount: str, window: int) -> str:
        """Money given back in the last so many days."""


class English:
    """Sentences in English."""

    space = " "
    never_bought = "No won deal yet."
    loyalties: ClassVar = {
        "loyal": "loyal",
        "fairly_loyal": "fairly loyal",
        "ordinary": "ordinary",
        "at_risk": "at risk",
        "churned": "churned",
        "prospect": "a prospect",
        "new": "new",
    }

    def bought_once(self, days: int) -> str:
        if days == 0:
            return "Made its only purchase today."
        return f"Silent {_days(days)} since its only purchase."

    def silent(self, days: int, gap: int) -> str:
        rhythm = "daily" if gap == 1 else f"every {gap} days"
        if days == 0:
            return f"Bought today; usually buys {rhythm}."
        short = "daily" if gap == 1 else f"every {gap}"
        return f"Silent {_days(days)}; usually buys {short}."

    def lost_since(self, days: int) -> str:
        return f"A deal was lost {_ago(days)}, with no purchase since."

    def refund_since(self, days: int) -> str:
        return f"Last refund {_ago(days)}, with no purchase since."

    def slower(self, now: int, before: int) -> str:
        bought = _count(now, "purchase") if now else "No purchase"
        return f"{bought} in the last half-year, {before:,} in the one before."

    def was(self, loyalty: str, day: str) -> str:
        return f"Was {self.loyalties[loyalty]} until {day}."

    def open_deals(self, count: int) -> str:
        return f"{_count(count, 'open deal')}."

    def sales(self, window: int, amount: str) -> str:
        return f"{_window(window)} sales {amount}."

    def sales_against(self, window: int, amount: str, tier: str, limit: str) -> str:
        return f"{_window(window)} sales {amount} ({tier} from {limit})."

    def outlook(self, share: str, days: int) -> str:
        return f"{share} likely to buy nothing in the next {_days(days)}."

    def rough_outlook(self, share: str, days: int) -> str:
        return f"Little history: roughly {share} likely to buy nothing in the next {_days(days)}."

    def no_signal(self, share: str, days: int) -> str:
        return (
            "No usable signal: past purchases do not tell who buys again "
            f"(about {share} buy nothing in {_days(days)})."
        )

    def future_won(self, count: int) -> str:
        return f"{_count(count, 'won deal')} dated in the future: check the closing date."

    def lost_deals(self, count: int, window: int) -> str:
        return f"{_count(count, 'deal')} lost in the last {_span(window)}."

    def refunds(self, amount: str, window: int) -> str:
        return f"Refunds of {amount} in the last {_span(window)}."


@dataclass(frozen=True, slots=True)
class Chinese:
    """Sentences in Chinese; the two scripts also differ in some of their business words."""

    never_bought: str
    only_today: str
    only_before: str
    today: str
    before: str
    daily: str
    every: str
    still_open: str
    last_year: str
    last_days: str
    sold: str
    sold_against: str
    tiers: dict[str, str]
    lost_today: str
    lost_before: str
    refund_today: str
    refund_before: str
    slowed: str
    until: str
    loyalties: dict[str, str]
    expect: str
    expect_roughly: str
    expect_blindly: str
    ahead: str
    lost: str
    refunded: str
    space: str = ""

    def bought_once(self, days: int) -> str:
        return self.only_today if days == 0 else self.only_before.format(days=days)

    def silent(self, days: int, gap: int) -> str:
        rhythm = self.daily if gap == 1 else self.every.format(gap=gap)
        return (self.today if days == 0 else self.before.format(days=days)) + rhythm

    def lost_since(self, days: int) -> str:
        return self.lost_today if days == 0 else self.lost_before.format(days=days)

    def refund_since(self, days: int) -> str:
        return self.refund_today if days == 0 else self.refund_before.format(days=days)

    def slower(self, now: int, before: int) -> str:
        return self.slowed.format(now=now, before=before)

    def was(self, loyalty: str, day: str) -> str:
        return self.until.format(loyalty=self.loyalties[loyalty], day=day)

    def open_deals(self, count: int) -> str:
        return self.still_open.format(count=count)

    def sales(self, window: int, amount: str) -> str:
        return self._window(window) + self.sold.format(amount=amount)

    def sales_against(self, window: int, amount: str, tier: str, limit: str) -> str:
        told = self.sold_against.format(amount=amount, limit=limit, tier=self.tiers[tier])
        return self._window(window) + told

    def outlook(self, share: str, days: int) -> str:
        return self.expect.format(share=share, days=days)

    def rough_outlook(self, share: str, days: int) -> str:
        return self.expect_roughly.format(share=share, days=days)

    def no_signal(self, share: str, days: int) -> str:
        return self.expect_blindly.format(share=share, days=days)

    def future_won(self, count: int) -> str:
        return self.ahead.format(count=count)

    def lost_deals(self, count: int, window: int) -> str:
        return self._window(window) + self.lost.format(count=count)

    def refunds(self, amount: str, window: int) -> str:
        return self._window(window) + self.refunded.format(amount=amount)

    def _window(self, days: int) -> str:
        return self.last_year if days == YEAR else self.last_days.format(days=days)


SIMPLIFIED = Chinese(
    never_bought="尚无成交记录。",
    only_today="今天首次成交。",
    only_before="仅成交过一次，至今已{days}天。",
    today="今天有成交，",
    before="已{days}天未成交，",
    daily="平时每天都有成交。",
    every="平时约{gap}天成交一次。",
    still_open="有{count}个商机正在跟进。",
    last_year="近12个月",
    last_days="近{days}天",
    sold="销售额{amount}。",
    sold_against="销售额{amount}（满{limit}为{tier}）。",
    tiers={"large": "大型客户", "medium": "中型客户"},
    lost_today="今天丢单，此后未再成交。",
    lost_before="{days}天前丢单，此后未再成交。",
    refund_today="今天有退款，此后未再成交。",
    refund_before="{days}天前有退款，此后未再成交。",
    slowed="近半年成交{now}次，此前半年为{before}次。",
    until="截至{day}为“{loyalty}”。",
    loyalties={
        "loyal": "忠诚",
        "fairly_loyal": "较忠诚",
        "ordinary": "一般",
        "at_risk": "潜在流失",
        "churned": "流失",
        "prospect": "准客户",
        "new": "新客户",
    },
    expect="未来{days}天内不再成交的概率为{share}。",
    expect_roughly="历史数据较少，粗略估计未来{days}天内不再成交的概率为{share}。",
    expect_blindly="没有可用的规律：从以往成交看不出谁会再次购买（约{share}的客户{days}天内不再成交）。",
    ahead="有{count}个已成交商机的结束日期在未来，请核对。",
    lost="丢单{count}个。",
    refunded="退款{amount}。",
)

TRADITIONAL = Chinese(
    never_bought="尚無成交紀錄。",
    only_today="今天首次成交。",
    only_before="僅成交過一次，至今已{days}天。",
    today="今天有成交，",
    before="已{days}天未成交，",
    daily="平時每天都有成交。",
    every="平時約{gap}天成交一次。",
    still_open="有{count}個商機正在跟進。",
    last_year="近12個月",
    last_days="近{days}天",
    sold="銷售額{amount}。",
    sold_against="銷售額{amount}（滿{limit}為{tier}）。",
    tiers={"large": "大型客戶", "medium": "中型客戶"},
    lost_today="今天丟單，此後未再成交。",
    lost_before="{days}天前丟單，此後未再成交。",
    refund_today="今天有退款，此後未再成交。",
    refund_before="{days}天前有退款，此後未再成交。",
    slowed="近半年成交{now}次，此前半年為{before}次。",
    until="截至{day}為「{loyalty}」。",
    loyalties={
        "loyal": "忠誠",
        "fairly_loyal": "較忠誠",
        "ordinary": "一般",
        "at_risk": "潛在流失",
        "churned": "流失",
        "prospect": "準客戶",
        "new": "新客戶",
    },
    expect="未來{days}天內不再成交的機率為{share}。",
    expect_roughly="歷史資料較少，粗略估計未來{days}天內不再成交的機率為{share}。",
    expect_blindly="沒有可用的規律：從以往成交看不出誰會再次購買（約{share}的客戶{days}天內不再成交）。",
    ahead="有{count}個已成交商機的結束日期在未來，請核對。",
    lost="丟單{count}個。",
    refunded="退款{amount}。",
)

PHRASES: dict[str, Phrases] = {
    "en": English(),
    "zh-Hans": SIMPLIFIED,
    "zh-Hant": TRADITIONAL,
}


def amount(value: float, currency: str) -> str:
    """Money as people write it: thousands separated, cents only below 100.

    >>> amount(5200.4, "CNY"), amount(29.5, ""), amount(-300, "")
    ('CNY 5,200', '29.50', '-300')
    """
    whole = abs(value) >= 100 or value == round(value)
    return f"{currency} {value:,.{0 if whole else 2}f}".strip()


def percent(probability: float) -> str:
    """A probability as a percentage that never claims certainty.

    >>> percent(0.824), percent(0.9999), percent(0.0001)
    ('82%', '>99%', '<1%')
    """
    if probability > 0.99:
        return ">99%"
    return "<1%" if probability < 0.01 else f"{probability:.0%}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number:,} {thing}s"


def _days(number: int) -> str:
    return _count(number, "day")


def _ago(days: int) -> str:
    return "today" if days == 0 else f"{_days(days)} ago"


def _span(days: int) -> str:
    return "12 months" if days == YEAR else _days(days)


def _window(days: int) -> str:
    return "12-month" if days == YEAR else f"{days}-day"
