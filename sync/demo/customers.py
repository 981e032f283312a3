"""A small made-up company with customers of every kind, so that every class of the catalogue can be seen.

Nothing in it is real: names, purchases, calls and complaints are made up, each to show one thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sync.demo.companies import company

DAY = date(2026, 6, 30)
"""The day on which the company is looked at."""

POLICY = """
# What the showroom needs beside the shipped policy.
language = "{language}"

[fields]
profile = "full"

[loyalty]
new_within_days = 45

[stages]
open = ["Product trial"]
trial = ["Product trial"]

[inputs]
satisfaction_score = "Satisfaction_Score"

[review]
classes = {{ segment = ["wholesale"] }}
reviewer = "patricia.boyle@standin.example"
second_reviewer = "wang.xiuying@standin.example"
at_first = true
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
        pause: why a rep has paused contact, and the days until it is taken up again (None: unknown).
        noted: days ago on which somebody wrote a note.
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
    noted: tuple[int, ...] = ()
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
    Customer(
        "新程新能源", "无锡", "中国", "制造业", "企业客户", "产能扩大，看重售后服务",
        every=20, orders=40, last=9, amount=1_500, growth=1.05, calls=(15,), people=("采购总监",), staff=210,
    ),
    Customer("老街杂货店", "保定", "中国", "零售业", "Retail", every=30, orders=5, last=720, amount=260,
             since=1500),
    Customer("Ashdown Corner Shop", "Leeds", "UK", "Retail", "Retail", every=45, orders=4, last=800,
             amount=240, since=1500),
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
    Customer("锦程酒店", "厦门", "中国", "酒店", "企业客户", noted=(5, 44),
             calls=(5, 19, 33, 47, 61, 80), since=200),
    Customer("Rosario Tools", "Lima", "Peru", "Manufacturing", "Retail", calls=(2,), since=9),
    Customer("久未联系商行", "绵阳", "中国", "零售业", "Retail", calls=(500,), since=800),
    Customer("新线索科技", "珠海", "中国", "科技", "企业客户", "产品功能如何？",
             stages=(("Qualification", 60, 40_000),), calls=(1,), since=14),
    Customer("立信仪器", "南京", "中国", "仪器制造", "企业客户", "试用结束后决定",
             stages=(("Product trial", 10, 25_000),), calls=(6, 20), people=("总工程师",), staff=180,
             since=90),
)  # fmt: skip

_BACKGROUND = 40
"""Ordinary customers besides, so that the churn model has something to learn from."""


_FIRST_NAME = 14
"""From this one on, no made-up name is that of a customer above."""


def everybody() -> tuple[Customer, ...]:
    """All customers, those with a story first."""
    return (*CUSTOMERS, *_ordinary())


def _ordinary() -> Iterator[Customer]:
    """Customers with a rhythm of their own, of whom some have stopped."""
    for number in range(_BACKGROUND):
        every = 20 + 13 * (number % 9)
        stopped = number % 4 == 0
        yield Customer(
            company(_FIRST_NAME + number).name,
            every=every,
            orders=3 + number % 11,
            last=every * 5 if stopped else every // 2 + number % 7,
            amount=400 + 90 * (number % 13),
            since=1500,
        )
