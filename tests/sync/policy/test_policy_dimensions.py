"""The policy's sections for the questions that need more than deals: decisions, and mistakes in them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.settings import (
    BehaviourSettings,
    FollowStatusSettings,
    FrequencySettings,
    GrowthSettings,
    PotentialSettings,
    SatisfactionSettings,
    Settings,
)
from sync.policy import Change, Policy, as_document, check_text, load_policy, policy_diff
from sync.policy.home import home_names, settings_at_home
from sync.policy.model import INPUTS, Complaints, Home

Catalogue = Mapping[str, tuple[str, ...]]
Load = Callable[[str], Policy]

EVERY_SECTION = """
[stages]
trial = ["Sample sent"]
[frequency]
high_from = 12
medium_from = 4
[behaviour]
dormant_days = 90
[follow_status]
many_contacts_from = 8
paused_after_days = 365
quality_fit_from = 70
[fit]
employees_from = 500
revenue_from = 5e6
industries = ["trade", "manufacturing"]
channel_types = ["Dealer"]
[growth]
margin = 0.1
[potential]
high_from = 80
medium_from = 40
[satisfaction]
satisfied_from = 8
neutral_from = 6
complaint_days = 30
[region]
home_country = "Germany"
domestic_regions = ["Austria"]
[complaints]
types = ["Reklamation"]
words = ["Defekt"]
[contacts]
decision_titles = ["Geschäftsführer"]
[inputs]
satisfaction_score = "CSAT"
"""


@pytest.fixture
def load(tmp_path: Path, catalogue: Catalogue) -> Load:
    def _load(text: str) -> Policy:
        path = tmp_path / "policy.toml"
        path.write_text(text, "utf-8")
        return load_policy(path, catalogue=catalogue)

    return _load


def test_every_section_reaches_the_settings_and_the_policy(load: Load) -> None:
    policy = load(EVERY_SECTION)
    settings = policy.settings
    assert settings.frequency == FrequencySettings(high_from=12, medium_from=4)
    assert settings.behaviour == BehaviourSettings(dormant_days=90)
    assert settings.follow_status == FollowStatusSettings(8, 365, 70)
    assert (settings.fit.employees_from, settings.fit.revenue_from) == (500, 5e6)
    assert settings.fit.industries == ("manufacturing", "trade")
    assert settings.fit.channel_types == ("dealer",)
    assert settings.growth == GrowthSettings(0.1)
    assert settings.potential == PotentialSettings(high_from=80, medium_from=40)
    assert settings.satisfaction == SatisfactionSettings(8.0, 6.0, 30)
    assert {"deutschland", "de", "österreich"} <= set(settings.words.home_countries)
    assert policy.stages.trial == ("Sample sent",)
    assert policy.complaints == Complaints(types=("reklamation",), words=("defekt",))
    assert policy.decision_titles == ("geschäftsführer",)
    assert policy.inputs == dict.fromkeys(INPUTS, "") | {"satisfaction_score": "CSAT"}


@pytest.mark.parametrize("section", EVERY_SECTION.split("\n[")[1:], ids=lambda s: s.split("]")[0])
def test_the_fingerprint_changes_with_every_line_of_these_sections(
    section: str, load: Load, shipped: Policy
) -> None:
    header, *lines = f"[{section}".splitlines()
    joint = [lines] if header in {"[frequency]", "[potential]", "[satisfaction]"} else lines
    for part in joint:
        text = "\n".join([header, *([part] if isinstance(part, str) else part)])
        assert load(text).fingerprint != shipped.fingerprint, text


def test_capital_letters_and_the_order_of_words_decide_nothing(load: Load) -> None:
    one = load('[industry]\ntrade = ["Import", "Export"]\n[complaints]\nwords = ["A", "b"]')
    other = load('[industry]\ntrade = ["EXPORT", "import"]\n[complaints]\nwords = ["B", "a"]')
    assert one == other
    assert one.fingerprint == other.fingerprint


def words_of(policy: Policy, table: str) -> dict[str, tuple[str, ...]]:
    return dict(getattr(policy.settings.words, table))


def test_a_list_in_the_file_replaces_the_words_of_that_class_only(
    load: Load, shipped: Policy
) -> None:
    words = words_of(load('[need]\nprice = ["Rabatt"]'), "needs")
    assert words == words_of(shipped, "needs") | {"price": ("rabatt",)}


def test_words_that_are_added_stand_beside_the_shipped_ones(load: Load, shipped: Policy) -> None:
    policy = load('[industry]\nadd.trade = ["Kaufmann"]\n[industry.words]\nadd.trade = ["handel"]')
    for table, word in (("industries", "kaufmann"), ("industry_texts", "handel")):
        before, after = words_of(shipped, table), words_of(policy, table)
        assert after.pop("trade") == tuple(sorted((*before.pop("trade"), word)))
        assert after == before


def test_a_word_of_the_manager_leaves_the_class_that_the_shipped_table_has_it_in(
    load: Load, shipped: Policy
) -> None:
    assert "distributor" in words_of(shipped, "segments")["wholesale"]
    words = words_of(load('[segment]\nadd.enterprise = ["Distributor"]'), "segments")
    assert "distributor" in words["enterprise"]
    assert "distributor" not in words["wholesale"]


CODES = ("retail", "wholesale", "enterprise")
LISTS = st.dictionaries(
    st.sampled_from(CODES),
    st.lists(st.sampled_from(["Distributor", "RESELLER", "零售", "shop", "Shop", "new", "词"])),
)


@settings(max_examples=30)
@given(lists=LISTS, added=LISTS)
def test_a_word_means_one_class_and_the_manager_has_the_last_word(
    lists: dict[str, list[str]],
    added: dict[str, list[str]],
    catalogue: Catalogue,
    load: Load,
    shipped: Policy,
) -> None:
    rows = [("", code, words) for code, words in lists.items()]
    rows += [("add.", code, words) for code, words in added.items()]
    text = "[segment]\n" + "\n".join(f"{p}{c} = {json.dumps(w)}" for p, c, w in rows)
    told = {(word.lower(), code) for _, code, words in rows for word in words}
    own = dict(told)
    problems = check_text(text, catalogue=catalogue)
    assert bool(problems) == (len(own) < len(told))
    if not problems:
        usual, table = words_of(shipped, "segments"), words_of(load(text), "segments")
        kept = {word: code for code in CODES if code not in lists for word in usual[code]}
        found = {word: code for code, words in table.items() for word in words}
        assert found == kept | own
        assert sum(map(len, table.values())) == len(found)


def test_added_words_read_back_from_the_document_as_the_lists_that_they_are_in(
    load: Load, shipped: Policy
) -> None:
    document = as_document(load('[city_tier]\nadd.first = ["杭州"]'))["city_tier"]
    before = as_document(shipped)["city_tier"]
    assert isinstance(document, dict)
    assert isinstance(before, dict)
    assert set(document["first"]) - set(before["first"]) == {"杭州"}
    assert set(before["second"]) - set(document["second"]) == {"杭州"}


def test_a_diff_of_a_long_list_shows_the_words_that_moved(load: Load, shipped: Policy) -> None:
    moved = load('[city_tier]\nadd.first = ["杭州"]')
    assert policy_diff(shipped, moved) == [
        Change("city_tier.first", [], ["杭州"]),
        Change("city_tier.second", ["杭州"], []),
    ]


MISTAKES = [
    ("[frequency]\nhigh_from = 2\nmedium_from = 4", 2, "frequency.high_from", "must be larger"),
    ("[frequency]\nmedium_from = 9", 2, "frequency.medium_from", "must be larger"),
    ("[frequency]\nhigh_from = 0.5", 2, "frequency.high_from", "whole number from 1"),
    ("[behaviour]\ndormant_days = 0", 2, "behaviour.dormant_days", "from 1"),
    ("[follow_status]\nquality_fit_from = 101", 2, "follow_status.quality_fit_from", "to 100"),
    ("[follow_status]\nmany = 3", 2, "follow_status.many", "many_contacts_from"),
    ("[fit]\nrevenue_from = 0", 2, "fit.revenue_from", "above 0"),
    ("[fit]\nindustries = ['trades']", 2, "fit.industries", "'trade'"),
    ("[growth]\nmargin = 20", 2, "growth.margin", "margin = 0.2"),
    ("[potential]\nmedium_from = 70", 2, "potential.medium_from", "must be larger"),
    ("[satisfaction]\nneutral_from = 4.5", 2, "satisfaction.neutral_from", "must be larger"),
    ("[region]\nhome_country = 'Chnia'", 2, "region.home_country", "'china'"),
    ("[region]\ndomestic_regions = ['Atlantis']", 2, "region.domestic_regions", "English name"),
    ("[stages]\nlost = ['Test']\ntrial = ['test']", 3, "stages.trial", "tested any more"),
    ("[industry]\ntrade = ['']", 2, "industry.trade", "none of them empty"),
    ("[industry]\ntrades = ['x']", 2, "industry.trades", "'trade'"),
    ("[industry.words]\nadd.trad = ['x']", 2, "industry.words.add.trad", "'trade'"),
    ("[need]\nprice = ['a']\nservice = ['A']", 3, "need.service", "means 'price' already"),
    ("[need]\nprice = ['a']\nadd.service = ['a']", 3, "need.add.service", "one of the two"),
    ("[segment]\nretail = ['" + "x" * 61 + "']", 2, "segment.retail", "60 characters"),
    ('[segment]\nretail = ["a\\nb"]', 2, "segment.retail", "on one line"),
    ("[city_tier]\nfourth = ['x']", 2, "city_tier.fourth", "first, second, third"),
    ("[complaints]\nwords = 5", 2, "complaints.words", "list of texts"),
    ("[contacts]\ntitles = ['x']", 2, "contacts.titles", "decision_titles"),
    ("[inputs]\nneed_given = 'Main Concern'", 2, "inputs.need_given", "no API name"),
    ("[inputs]\npause_reason = 'A'\nresume_date = 'A'", 3, "inputs.resume_date", "read from 'A'"),
    ("[inputs]\npause = 'A'", 2, "inputs.pause", "pause_reason"),
]


@pytest.mark.parametrize(("text", "line", "key", "advice"), MISTAKES)
def test_a_mistake_in_these_sections_is_named_with_its_line(
    text: str, line: int, key: str, advice: str, catalogue: Catalogue
) -> None:
    (problem,) = check_text(text, catalogue=catalogue)
    assert (problem.line, problem.key) == (line, key)
    assert advice in problem.message


def test_a_list_of_too_many_words_is_refused(catalogue: Catalogue) -> None:
    words = ", ".join(f"'w{number}'" for number in range(1001))
    (problem,) = check_text(f"[need]\nprice = [{words}]", catalogue=catalogue)
    assert "at most 1000 words" in problem.message


def test_mistakes_of_all_these_sections_are_told_at_once(catalogue: Catalogue) -> None:
    alone = [
        "[frequency]\nhigh_from = 1",
        "[growth]\nmargin = 2",
        "[need]\nprice = ['a']\nservice = ['a']",
        "[region]\nhome_country = 'Atlantis'",
    ]
    problems = check_text("\n".join(alone), catalogue=catalogue)
    assert [problem.line for problem in problems] == [2, 4, 7, 9]


@pytest.mark.parametrize("country", ["CN", "cn", " China ", "中国", "PRC", "中华人民共和国"])
def test_the_home_country_is_known_by_each_of_its_names(country: str) -> None:
    assert home_names(Home(), country) == home_names(Home("China"))
    assert {"china", "中国", "中國", "p.r. china", "cn"} <= set(home_names(Home(country.strip())))


def test_hong_kong_macau_and_taiwan_are_domestic_only_where_the_policy_says_so() -> None:
    others = {"hong kong", "中国香港", "macao", "澳門", "taiwan", "台湾", "tw"}
    assert others.isdisjoint(home_names(Home(), "CN"))
    assert others <= set(home_names(Home("auto", ("Hong Kong", "澳门", "TW")), "CN"))


def test_without_a_country_nothing_is_domestic() -> None:
    assert home_names(Home(domestic_regions=("Taiwan",)), "") == ()


def test_a_country_that_the_table_lacks_still_is_a_home_country() -> None:
    assert home_names(Home(), "Sealand") == ("sealand",)


def test_the_organisations_country_is_asked_only_where_the_policy_leaves_it_open(
    load: Load, shipped: Policy
) -> None:
    assert shipped.settings.words.home_countries == ()
    at_home = settings_at_home(shipped, "SG")
    assert at_home.words.home_countries == home_names(Home("Singapore"))
    assert replace(at_home, words=shipped.settings.words) == shipped.settings
    german = load('[region]\nhome_country = "DE"')
    assert settings_at_home(german, "SG") == german.settings


def test_the_shipped_numbers_are_the_classifiers_own(shipped: Policy) -> None:
    usual = Settings()
    assert set(shipped.settings.fit.channel_types) == set(usual.fit.channel_types)
    fit = replace(shipped.settings.fit, channel_types=usual.fit.channel_types)
    assert replace(shipped.settings, fit=fit, words=usual.words) == usual
