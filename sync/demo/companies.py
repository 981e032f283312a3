"""Makes up company names in Chinese and English, the same ones each time."""

from __future__ import annotations

from dataclasses import dataclass

_CITIES = (
    ("杭州", "Hangzhou"), ("苏州", "Suzhou"), ("深圳", "Shenzhen"), ("成都", "Chengdu"),
    ("青岛", "Qingdao"), ("宁波", "Ningbo"), ("武汉", "Wuhan"), ("西安", "Xi'an"),
    ("厦门", "Xiamen"), ("长沙", "Changsha"), ("佛山", "Foshan"),
)  # fmt: skip
_NAMES_ZH = (
    "锦程",
    "宏远",
    "瑞丰",
    "华信",
    "同创",
    "恒达",
    "立新",
    "安泰",
    "明德",
    "佳和",
    "盛源",
    "启航",
    "天成",
)
_NAMES_EN = (
    "Hartwell", "Brookfield", "Lindqvist", "Okafor", "Marlowe", "Castellan", "Pemberton",
    "Rosario", "Tanaka", "Whitlock", "Dunmore", "Ashby", "Verhoeven",
)  # fmt: skip
_TRADES = (
    ("机械", "Machinery", "Manufacturing"),
    ("电子", "Electronics", "Technology"),
    ("食品", "Foods", "Food & Beverage"),
    ("纺织", "Textiles", "Manufacturing"),
    ("物流", "Logistics", "Transportation"),
    ("医疗器械", "Medical", "Healthcare"),
    ("贸易", "Trading", "Retail"),
)


@dataclass(frozen=True, slots=True)
class Company:
    """A made-up customer."""

    name: str
    industry: str
    city: str
    country: str


def company(number: int) -> Company:
    """The made-up company that stands for a customer of the panel.

    Args:
        number: the customer's number, from 1; even ones are Chinese, odd ones English.

    >>> company(2).name, company(3).name
    ('深圳立新食品有限公司', 'Pemberton Textiles Ltd')
    """
    city_zh, city_en = _CITIES[number % len(_CITIES)]
    trade_zh, trade_en, industry = _TRADES[number % len(_TRADES)]
    branch = number // (len(_CITIES) * len(_NAMES_ZH))
    if number % 2 == 0:
        suffix = f"{'一二三四五六七八九十'[branch % 10]}分" if branch else "有限"
        return Company(
            f"{city_zh}{_NAMES_ZH[number * 3 % 13]}{trade_zh}{suffix}公司",
            industry,
            city_zh,
            "China",
        )
    suffix = f"(Branch {branch})" if branch else "Ltd"
    return Company(
        f"{_NAMES_EN[number * 2 % 13]} {trade_en} {suffix}", industry, city_en, "United Kingdom"
    )
