"""The shipped tables of words against what real companies are called and what people really type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from duck_desk import Desk

from classifiers.catalogue import CATALOGUE, stages, with_what_they_read
from classifiers.dimension import NO_SOURCE, Thresholds, TierThresholds
from classifiers.profile import known, with_profile
from classifiers.settings import Settings
from connector.standin.standard_choices import ACCOUNT_TYPES, INDUSTRIES, NONE
from sync.policy import Policy, load_policy
from sync.policy.home import settings_at_home

Answer = tuple[str | None, str]
"""A class and the rule that gave it."""

Judge = Callable[..., list[Answer]]
"""A dimension and the columns of some accounts in; what each of them is out."""

TODAY = 20_000


@pytest.fixture(scope="session")
def shipped() -> Policy:
    codes = {asked.column: tuple(answer.code for answer in asked.classes) for asked in CATALOGUE}
    return load_policy(None, catalogue=codes)


@pytest.fixture
def judge(desk: Desk, shipped: Policy) -> Judge:
    def run(asked: str, accounts: Iterable[Mapping[str, Any]], home: str = "CN") -> list[Answer]:
        rows = {f"{place:04}": profile for place, profile in enumerate(accounts)}
        found = judged(desk, settings_at_home(shipped, home), asked, rows)
        return [found[name] for name in rows]

    return run


def judged(
    desk: Desk, settings: Settings, asked: str, rows: Mapping[str, Mapping[str, Any]]
) -> dict[str, Answer]:
    """What the question and those that it rests on say of profiles, without any history of purchases."""
    accounts = desk.profiled(rows)
    columns = known(accounts)
    limits = TierThresholds(0.0, 0.0, proposed=False)
    thresholds = Thresholds(settings, limits, sources=columns, today=TODAY)
    table = with_profile(accounts.select("account_id"), accounts, columns)
    for stage in stages(with_what_they_read({asked})):
        answers = (column for question in stage for column in question.columns(thresholds))
        table = table.with_columns(*answers)
    told = table.select("account_id", asked, f"{asked}_rule").to_native().fetchall()
    return {name: (answer, rule) for name, answer, rule in told}


TELLS_NO_TRADE = {NONE, "Large Enterprise", "Small/Medium Enterprise"}


def test_every_industry_that_zoho_offers_has_a_class_but_two_that_tell_a_size(
    desk: Desk, shipped: Policy
) -> None:
    rows = {name: {"industry_given": name, "words": ""} for name in INDUSTRIES}
    found = judged(desk, shipped.settings, "industry", rows)
    assert {name for name, (answer, _) in found.items() if answer is None} == TELLS_NO_TRADE
    assert found[NONE] == (None, "industry_unknown")
    assert found["Large Enterprise"] == (None, "industry_not_in_table")
    assert found["Systems Integrator"] == ("technology", "industry_given")
    assert found["Government/Military"] == ("other", "industry_given")


def test_the_usual_industries_are_known(judge: Judge) -> None:
    known = {
        "manufacturing": ("制造业", "  MANUFACTURING "),
        "service": ("服务业", "金融", "物流", "餐饮", "酒店", "咨询", "Banking"),
        "trade": ("贸易业",),
        "retail": ("零售业",),
        "technology": ("科技", "資訊業"),
        "other": ("农林牧渔", "教育", "政府", "其他", "Education", "政府機關"),
    }
    told = {given: answer for answer, names in known.items() for given in names}
    found = judge("industry", [{"industry_given": given} for given in told])
    assert found == [(answer, "industry_given") for answer in told.values()]


def test_the_name_tells_the_trade_where_the_field_is_empty(judge: Judge) -> None:
    told = {
        "苏州恒远精密制造有限公司": "manufacturing",
        "上海锦程国际物流有限公司": "service",
        "广州嘉禾进出口有限公司": "trade",
        "永盛超市连锁": "retail",
        "杭州云图信息技术有限公司": "technology",
        "江南大学附属医院": "other",
        "新竹精密工具機股份有限公司": "manufacturing",
        "Harbour Freight & Logistics Ltd": "service",
        "Miller Trading GmbH\nWe sell coffee.": "trade",
        "Northwind Software Inc.": "technology",
    }
    found = judge("industry", [{"industry_given": None, "words": words} for words in told])
    assert found == [(answer, "told_by_words") for answer in told.values()]


def test_a_name_that_tells_nothing_gives_no_trade(judge: Judge) -> None:
    names = ("星河科技有限公司", "Smith & Sons", "Wholesaleman 7", None, "")
    found = judge("industry", [{"industry_given": None, "words": words} for words in names])
    assert found == [(None, "industry_unknown")] * len(names)


def test_words_that_hint_at_two_trades_give_none(judge: Judge) -> None:
    words = "酒店用品制造有限公司"
    found = judge("industry", [{"industry_given": "", "words": words}])
    assert found == [(None, "words_disagree")]


def test_the_field_goes_before_the_name(judge: Judge) -> None:
    given = [
        {"industry_given": name, "words": "大华物流有限公司"} for name in ("Retail", "Blockchain")
    ]
    found = judge("industry", given)
    assert found == [("retail", "industry_given"), (None, "industry_not_in_table")]


@pytest.mark.parametrize(
    ("home", "told"),
    [
        (
            "CN",
            {
                "China": ("domestic", "country_is_home"),
                "中国": ("domestic", "country_is_home"),
                "中華人民共和國": ("domestic", "country_is_home"),
                "Hong Kong": ("international", "country_is_abroad"),
                "Germany": ("international", "country_is_abroad"),
                None: (None, "country_unknown"),
            },
        ),
        ("China", {"P.R. China": ("domestic", "country_is_home")}),
        (
            "DE",
            {
                "China": ("international", "country_is_abroad"),
                "deutschland": ("domestic", "country_is_home"),
            },
        ),
        ("", {"China": (None, "home_unknown")}),
    ],
)
def test_the_country_tells_home_from_abroad(
    judge: Judge, home: str, told: dict[str | None, Answer]
) -> None:
    found = judge("region", [{"country": country} for country in told], home)
    assert found == [*told.values()]


def test_a_chinese_city_without_a_country_is_at_home_in_china_only(judge: Judge) -> None:
    addresses = [{"country": None, "city": city} for city in ("深圳市", "Lyon")]
    unknown = (None, "country_unknown")
    assert judge("region", addresses, "CN") == [("domestic", "city_is_domestic"), unknown]
    assert judge("region", addresses, "DE") == [unknown, unknown]


def test_a_city_at_home_has_its_tier(judge: Judge) -> None:
    tiers = {
        "first": ("北京", "北京市", "上海", "广州", "深圳市", "Shenzhen"),
        "second": ("成都", "Hangzhou City", "苏州市", "Xi'an", "瀋陽", "东莞"),
        "third": ("洛阳", "luoyang", "乌鲁木齐", "昆山市", "吉安", "三亚"),
    }
    told = {city: tier for tier, cities in tiers.items() for city in cities}
    found = judge("city_tier", [{"country": "中国", "city": city} for city in told])
    assert found == [(tier, "city_in_table") for tier in told.values()]


def test_no_city_is_put_into_a_tier_by_guessing(judge: Judge) -> None:
    told = {
        ("Germany", "Dali"): "not_domestic",
        ("中国", "Taizhou"): "city_not_in_table",
        ("中国", None): "city_unknown",
        (None, "Springfield"): "region_unknown",
    }
    found = judge("city_tier", [{"country": country, "city": city} for country, city in told])
    assert found == [(None, rule) for rule in told.values()]


def test_of_the_account_types_of_zoho_three_tell_a_segment(desk: Desk, shipped: Policy) -> None:
    rows = {name: {"account_type": name} for name in ACCOUNT_TYPES}
    found = judged(desk, shipped.settings, "segment", rows)
    assert {name: answer for name, (answer, _) in found.items() if answer} == {
        "Distributor": "wholesale",
        "Reseller": "wholesale",
        "Integrator": "enterprise",
    }
    assert found["Customer"] == (None, "type_not_in_table")
    assert found[NONE] == (None, "type_unknown")


def test_the_usual_customer_types_are_known(judge: Judge) -> None:
    told = {
        "零售": "retail",
        "经销商": "wholesale",
        "集团客户": "enterprise",
        "通路商": "wholesale",
    }
    found = judge("segment", [{"account_type": given} for given in told])
    assert found == [(answer, "type_in_table") for answer in told.values()]


def test_needs_are_told_by_people_first_and_by_words_then(judge: Judge) -> None:
    told: dict[tuple[str | None, str | None], Answer] = {
        ("price;function", None): ("function;price", "need_given"),
        ("价格; 质量", "售后很重要"): ("performance;price", "need_given"),
        ("Brand", "cheap please"): (None, "need_not_in_table"),
        (None, "客户认为太贵，希望缩短交期"): ("price;service", "told_by_words"),
        (None, "Needs better performance; asked for after-sales support."): (
            "performance;service",
            "told_by_words",
        ),
        ("服务", None): ("service", "need_given"),
        (None, "一家提供培训和维修服务的公司"): (None, "need_unknown"),
        (None, "Priceless friends of the house"): (None, "need_unknown"),
        (None, None): (None, "need_unknown"),
    }
    found = judge("need", [{"need_given": given, "description": text} for given, text in told])
    assert found == [*told.values()]


def test_the_name_of_a_company_does_not_tell_what_it_needs(judge: Judge) -> None:
    account = {"words": "星河客户服务有限公司", "description": "老客户介绍"}
    assert judge("need", [account]) == [(None, "need_unknown")]


@pytest.mark.parametrize("asked", ["industry", "region", "city_tier", "segment", "need"])
def test_an_organisation_that_keeps_nothing_of_this_gets_no_answer(
    judge: Judge, asked: str
) -> None:
    assert judge(asked, [{"employees": 12}]) == [(None, NO_SOURCE)]
