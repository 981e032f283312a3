"""A small made-up company with customers of every kind, so that every class of the catalogue can be seen.

Nothing in it is real: names, purchases, calls and complaints are made up, each to show one thing.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

DAY = date(2026, 6, 30)
"""The day on which the company is looked at."""

ZONE = "+08:00"

POLICY = """
# What the showroom needs beside the shipped policy.
language = "{language}"

[fields]
profile = "full"

[loyalty]
new_within_days = 45

[stages]
trial = ["Product trial"]

[inputs]
satisfaction_score = "Satisfaction_Score"
"""


@dataclass(frozen=True, slots=True)
class Customer:
    """One made-up customer; whatever is left out is not known of it.

    Args:
        name: of the company.
        city: where it is; ``country`` likewise.
        industry: as somebody typed it.
        kind: the account's type.
        says: what stands in the description.
        every: days between two orders; ``orders`` of them, the last ``last`` days ago.
        amount: of an order; it grows by ``growth`` from one order to the next.
        stages: open or lost deals, each with the days from now until it closes and its amount.
        calls: days ago; so are ``meetings``.
        people: titles of the contacts.
        cases: (days ago, type, status).
        staff: employees.
        score: how satisfied the customer said it was, from 1 to 5.
        pause: why contact is paused, and the days until it is taken up again (None: unknown).
        since: days since the account was made.
    """

    name: str
    city: str = ""
    country: str = ""
    industry: str = ""
    kind: str = ""
    says: str = ""
    every: int = 0
    orders: int = 0
    last: int = 0
    amount: float = 0.0
    growth: float = 1.0
    stages: tuple[tuple[str, int, float], ...] = ()
    calls: tuple[int, ...] = ()
    meetings: tuple[int, ...] = ()
    people: tuple[str, ...] = ()
    cases: tuple[tuple[int, str, str], ...] = ()
    staff: int | None = None
    score: float | None = None
    pause: tuple[str, int | None] | None = None
    since: int = 900


CUSTOMERS: tuple[Customer, ...] = (
    Customer(
        "宏远机械制造有限公司", "上海", "中国", "制造业", "企业客户", "看重产品质量和售后服务",
        every=20, orders=40, last=8, amount=42_000, growth=1.01, calls=(4, 30, 62), meetings=(25,),
        people=("总经理", "采购经理"), staff=800, score=4.6,
    ),
    Customer(
        "瑞丰物流集团", "深圳", "China", "物流", "企业客户", "要求价格优惠，账期较长",
        every=30, orders=28, last=21, amount=30_000, calls=(12, 51), people=("CEO",), staff=450,
        score=4.2,
    ),
    Customer(
        "Hartwell Trading Ltd", "London", "United Kingdom", "Trade", "Wholesale", "Asks for a better price",
        every=45, orders=18, last=30, amount=21_000, calls=(40,), people=("Managing Director",), staff=120,
    ),
    Customer(
        "佳和连锁超市", "杭州", "中国", "零售业", "Retail", "关心配送服务和性价比",
        every=14, orders=50, last=6, amount=3_200, calls=(20,), people=("店长",), staff=60, score=3.4,
    ),
    Customer(
        "启航软件科技", "成都", "中国", "科技", "企业客户", "需要更多功能和接口",
        every=60, orders=10, last=50, amount=9_000, growth=1.15, calls=(18, 70), people=("技术总监",),
        staff=140,
    ),
    Customer(
        "安泰电子", "苏州", "中国", "电子制造", "企业客户", "追求性能稳定",
        every=25, orders=24, last=190, amount=18_000, calls=(150,), people=("采购",), staff=300, score=2.1,
        cases=((200, "Problem", "Closed"),),
    ),
    Customer(
        "明德国际贸易", "宁波", "中国", "贸易业", "Wholesale", "批发为主，要求价格低",
        every=40, orders=14, last=95, amount=8_000, growth=0.9, calls=(90,),
        cases=((6, "Problem", "New"),), people=("老板",), staff=25,
    ),
    Customer(
        "盛源餐饮管理", "长沙", "中国", "餐饮", "Retail", "",
        every=35, orders=12, last=80, amount=1_500, calls=(75,), score=3.2,
    ),
    Customer(
        "Okafor Foods", "Lagos", "Nigeria", "Food & Beverage", "Wholesale", "Good service matters to us",
        every=30, orders=12, last=320, amount=6_000, calls=(300,), pause=("competitor", None),
    ),
    Customer(
        "天成纺织", "佛山", "中国", "纺织", "企业客户", "", every=28, orders=16, last=420, amount=25_000,
        calls=(400,), pause=("our_price", 60),
    ),
    Customer(
        "恒达农业合作社", "西安", "中国", "农林牧渔", "Wholesale", every=90, orders=8, last=60, amount=2_400,
    ),
    Customer(
        "青岛第一职业学校", "青岛", "中国", "教育", "企业客户", every=180, orders=4, last=120, amount=5_200,
        calls=(115,),
    ),
    Customer("Lindqvist AB", "Stockholm", "Sweden", "Machinery", "企业客户", orders=1, last=12, amount=15_000,
             calls=(10,), since=40, score=4.0),
    Customer("立新包装", "武汉", "中国", "制造业", "Retail", orders=1, last=260, amount=700),
    Customer("华信咨询", "北京", "中国", "咨询", "企业客户", orders=1, last=110, amount=4_000, calls=(100,)),
    # Prospects.
    Customer(
        "同创医疗器械", "广州", "中国", "制造业", "企业客户", "试用中，关注质量和功能",
        stages=(("Product trial", 40, 60_000),), calls=(3, 16, 33), people=("总经理",), staff=260, since=70,
    ),
    Customer(
        "Pemberton Distribution", "Manchester", "UK", "Wholesale trade", "Distributor",
        "Buys from a competitor today", stages=(("Closed Lost", -90, 80_000),),
        calls=(9, 60, 120, 180), people=("Owner",), staff=900, since=400,
    ),
    Customer("锦程酒店", "厦门", "中国", "酒店", "企业客户", calls=(5, 19, 33, 47, 61, 80), since=200),
    Customer("Rosario Tools", "Lima", "Peru", "Manufacturing", "Retail", calls=(2,), since=9),
    Customer("久未联系商行", "昆明", "中国", "零售业", "Retail", calls=(500,), since=800),
    Customer("新线索科技", "珠海", "中国", "科技", "企业客户", "产品功能如何？",
             stages=(("Qualification", 60, 12_000),), calls=(1,), since=14),
)  # fmt: skip

_BACKGROUND = 40
"""Ordinary customers besides, so that the churn model has something to learn from."""


def write(folder: Path) -> dict[str, Path]:
    """Write the company's files; module → file."""
    customers = [*CUSTOMERS, *_ordinary()]
    tables = {
        "Accounts": [_account(number, customer) for number, customer in enumerate(customers)],
        "Deals": list(_numbered("deal", _each(customers, _deals))),
        "Contacts": list(_numbered("contact", _each(customers, _contacts))),
        "Calls": list(_numbered("call", _each(customers, _calls))),
        "Events": list(_numbered("event", _each(customers, _meetings))),
        "Cases": list(_numbered("case", _each(customers, _cases))),
    }
    return {module: _written(folder / f"{module}.csv", rows) for module, rows in tables.items()}


_SERIES = {"account": 1, "deal": 2, "contact": 3, "call": 4, "event": 5, "case": 6}
_FIRST = 9_500_000_000_000_000_000

Row = dict[str, object]


def _id(series: str, number: int) -> int:
    return _FIRST + _SERIES[series] * 10**12 + number


def _ordinary() -> Iterator[Customer]:
    """Customers with a rhythm of their own, of whom some have stopped."""
    for number in range(_BACKGROUND):
        every = 20 + 13 * (number % 9)
        stopped = number % 4 == 0
        yield Customer(
            f"普通客户 {number:02d}",
            every=every,
            orders=3 + number % 11,
            last=every * 5 if stopped else every // 2 + number % 7,
            amount=400 + 90 * (number % 13),
            since=1500,
        )


def _account(number: int, customer: Customer) -> Row:
    reason, resume = customer.pause or ("", None)
    return {
        "id": _id("account", number),
        "Account_Name": customer.name,
        "Billing_City": customer.city,
        "Billing_Country": customer.country,
        "Industry": customer.industry,
        "Account_Type": customer.kind,
        "Description": customer.says,
        "Employees": "" if customer.staff is None else customer.staff,
        "Satisfaction_Score": "" if customer.score is None else customer.score,
        "Created_Time": _moment(customer.since),
        "Pause_Reason": reason,
        "Resume_Date": "" if resume is None else (DAY + timedelta(days=resume)).isoformat(),
    }


def _deals(account: int, customer: Customer) -> Iterator[Row]:
    for nth in range(customer.orders):
        back = customer.last + customer.every * (customer.orders - 1 - nth)
        amount = round(customer.amount * customer.growth**nth, 2)
        yield _deal(account, "Closed Won", -back, amount)
    for stage, ahead, amount in customer.stages:
        yield _deal(account, stage, ahead, amount)


def _deal(account: int, stage: str, ahead: int, amount: float) -> Row:
    day = (DAY + timedelta(days=ahead)).isoformat()
    return {
        "Account_Id": account,
        "Deal_Name": "Order",
        "Stage": stage,
        "Amount": amount,
        "Closing_Date": day,
    }


def _contacts(account: int, customer: Customer) -> Iterator[Row]:
    for nth, title in enumerate(customer.people):
        yield {"Account_Id": account, "Last_Name": f"{customer.name[:2]}{nth}", "Title": title}


def _calls(account: int, customer: Customer) -> Iterator[Row]:
    for back in customer.calls:
        yield {
            "What_Id": account,
            "Subject": "Call",
            "Call_Type": "Outbound",
            "Call_Start_Time": _moment(back),
        }


def _meetings(account: int, customer: Customer) -> Iterator[Row]:
    for back in customer.meetings:
        yield {
            "What_Id": account,
            "Event_Title": "Visit",
            "Start_DateTime": _moment(back),
            "End_DateTime": _moment(back),
        }


def _cases(account: int, customer: Customer) -> Iterator[Row]:
    for back, kind, status in customer.cases:
        yield {
            "Account_Id": account,
            "Subject": "Complaint",
            "Type": kind,
            "Status": status,
            "Case_Origin": "Phone",
            "Created_Time": _moment(back),
        }


def _each(
    customers: Sequence[Customer], rows: Callable[[int, Customer], Iterable[Row]]
) -> Iterator[Row]:
    for number, customer in enumerate(customers):
        yield from rows(_id("account", number), customer)


def _numbered(series: str, rows: Iterable[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows):
        yield {"id": _id(series, number), **row}


def _moment(back: int) -> str:
    return datetime.combine(DAY - timedelta(days=back), time(10)).isoformat() + ZONE


def _written(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
