"""What speaks for or against a proposal, in short sentences with the account's own figures."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from classifiers.dealings import TOUCHES
from sync.day_numbers import day_of
from sync.words import Language, Text


def _text(en: str, zh_hans: str, zh_hant: str) -> Text:
    return {Language.EN: en, Language.ZH_HANS: zh_hans, Language.ZH_HANT: zh_hant}


_LAST_PURCHASE = _text("Last purchase: {day}.", "最近一次成交：{day}。", "最近一次成交：{day}。")
_NEVER_BOUGHT = _text("Has never bought.", "从未成交。", "從未成交。")
_SALES = _text(
    "Sales of the last 365 days: {year}; of all time: {total}.",
    "近 365 天成交额：{year}；累计成交额：{total}。",
    "近 365 天成交額：{year}；累計成交額：{total}。",
)
_LAST_CONTACT = _text(
    "Last contact: {day}; {count} in all.",
    "最近一次联系：{day}；共联系 {count} 次。",
    "最近一次聯絡：{day}；共聯絡 {count} 次。",
)
_NO_CONTACT = _text("No contact is recorded.", "没有联系记录。", "沒有聯絡紀錄。")
_OPEN_DEALS = _text(
    "Open deals: {deals}.", "进行中的商机：{deals} 个。", "進行中的商機：{deals} 個。"
)
_COMPLAINTS = _text(
    "Open complaints: {complaints}.",
    "未处理完的投诉：{complaints} 件。",
    "未結案的客訴：{complaints} 件。",
)


def evidence(
    verdict: Mapping[str, Any], language: Language, *, currency: str, sources: Collection[str]
) -> list[str]:
    """Last purchase, sales, contacts and what is open.

    Args:
        verdict: the account's row of the verdicts.
        language: of the sentences.
        currency: code of the home currency.
        sources: where signals come from; what nobody reads is no evidence of silence.
    """
    found = [*_of_sales(verdict, language, currency)]
    if not set(sources).isdisjoint(TOUCHES):
        found.append(_of_contacts(verdict, language))
    deals, complaints = (_whole(verdict.get(n)) for n in ("open_deals", "open_complaints"))
    found.append(_OPEN_DEALS[language].format(deals=deals))
    if "cases" in sources:
        found.append(_COMPLAINTS[language].format(complaints=complaints))
    return found


def _of_contacts(verdict: Mapping[str, Any], language: Language) -> str:
    touched = _day(verdict.get("last_touch_day"))
    if not touched:
        return _NO_CONTACT[language]
    return _LAST_CONTACT[language].format(day=touched, count=_whole(verdict.get("touches")))


def _of_sales(verdict: Mapping[str, Any], language: Language, currency: str) -> Iterator[str]:
    bought = _day(verdict.get("last_day"))
    if bought:
        yield _LAST_PURCHASE[language].format(day=bought)
        year, total = (_amount(verdict.get(n), currency) for n in ("spend_12m", "spend_total"))
        yield _SALES[language].format(year=year, total=total)
    else:
        yield _NEVER_BOUGHT[language]


def _day(number: object) -> str:
    if not isinstance(number, int | float) or number != number:
        return ""
    return day_of(number).isoformat()


def _amount(number: object, currency: str) -> str:
    amount = f"{number:,.0f}" if isinstance(number, int | float) else "0"
    return f"{currency} {amount}".strip()


def _whole(number: object) -> int:
    return int(number) if isinstance(number, int | float) and number == number else 0
