"""Mistakes that managers make in the file, and the lines and keys that the answers point at."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.policy import PolicyError, check_text, default_text, load_policy

Catalogue = Mapping[str, tuple[str, ...]]

PLAYBOOK = """\
[[playbook]]
purpose = "call"
[playbook.when]
tier = ["large"]
[playbook.task]
due_in_days = 3
[playbook.task.subject]
en = "Call {account}"
zh-Hans = "致电 {account}"
zh-Hant = "致電 {account}"
[playbook.task.checklist]
en = ["Call"]
zh-Hans = ["致电"]
zh-Hant = ["致電"]
"""

FIVE_MISTAKES = """\
version = 2
language = "zh-Hanss"

[loyalty]
loyal_below = 0.4          # above the shipped fairly_loyal_below
loyal_from_purchase = 2

[limits]
max_tasks = "500"

[[playbook]]
purpose = "visit"
follow_up_days = 1000
[playbook.when]
tier = ["large"]
"""


def test_a_file_with_five_mistakes_gets_exactly_these_five(catalogue: Catalogue) -> None:
    problems = check_text(FIVE_MISTAKES, catalogue=catalogue)
    assert [(problem.line, problem.key) for problem in problems] == [
        (2, "language"),
        (5, "loyalty.loyal_below"),
        (6, "loyalty.loyal_from_purchase"),
        (9, "limits.max_tasks"),
        (13, "playbook[1].follow_up_days"),
    ]
    assert "Did you mean 'zh-Hans'?" in problems[0].message
    assert "Did you mean 'loyal_from_purchases'?" in problems[2].message


CASES = [
    ("home_currency = 'euro'", 1, "home_currency", "three capital letters"),
    ("version = 0", 1, "version", "whole number"),
    ("version = true", 1, "version", "whole number"),
    ("tier = 'auto'", 1, "tier", "[tier]"),
    ("polcy = 1", 1, "polcy", "Use one of"),
    ("[tier]\nversion = 2", 2, "tier.version", "top of the file"),
    ("[tier]\nlarge_from = 'much'\nmedium_from = 5", 2, "tier.large_from", '"auto"'),
    ("[tier]\nlarge_from = 9000", 2, "tier.large_from", "Give both an amount"),
    ("[tier]\nlarge_from = 5\nmedium_from = 50", 2, "tier.large_from", "must be larger"),
    ("[tier]\nlarge_from = nan\nmedium_from = 5", 2, "tier.large_from", "a number above 0"),
    ("[churn]\nmedium_below = 0.8", 2, "churn.medium_below", "must be larger"),
    ("[churn]\nlow_below = 30", 2, "churn.low_below", "low_below = 0.3"),
    ("[churn]\nhorizon_days = 1", 2, "churn.horizon_days", "from 7"),
    ("[stages]\nwon = ['Signed']\nlost = ['signed']", 3, "stages.lost", "one of the two"),
    ("[stages]\nwon = [1]", 2, "stages.won", "list of texts"),
    ("[fields]\nwrite = [\n'tier',\n'loyality']", 2, "fields.write", "'loyalty'"),
    ("[labels.size.large]\nen = 'L'", 1, "labels.size", "tier, loyalty, churn_risk"),
    ("[labels.tier.huge]\nen = 'L'", 1, "labels.tier.huge", "large, medium, small"),
    ("[labels.tier.large]\nde = 'Groß'", 2, "labels.tier.large.de", "zh-Hant"),
    ("[labels.tier.large]\nen = ''", 2, "labels.tier.large.en", "1 to 120"),
    ("labels.tier = {large.en = 'A', small.en = 'a'}", 1, "labels.tier.small.en", "another"),
    ("[labels.tier.large]\nen = 'medium'", 2, "labels.tier.large.en", "another"),
    ("[labels.tier.large]\nzh-Hans = '中型客户'", 2, "labels.tier.large.zh-Hans", "another"),
    ("[follow_up]\notherwise_days = 731", 2, "follow_up.otherwise_days", "730"),
    ("[limits]\nmax_changed_percent = 120", 2, "limits.max_changed_percent", "100"),
    ("[limits]\nfirst_filling_in_bulk = 1", 2, "limits.first_filling_in_bulk", "true or false"),
    (
        "[writes]\nrun_workflows = true\n[limits]\nfirst_filling_in_bulk = true",
        4,
        "limits.first_filling_in_bulk",
        "Set one of the two to false",
    ),
    ("[writes]\nrun_workflows = 'no'", 2, "writes.run_workflows", "true or false"),
    ("playbook = 1", 1, "playbook", "[[playbook]]"),
    ("playbook = [1]", 1, "playbook[1]", "[[playbook]]"),
    ("[limits]\nmax_shrink_percent = 1" + "0" * 400, 2, "limits.max_shrink_percent", "100"),
]


@pytest.mark.parametrize(("text", "line", "key", "advice"), CASES)
def test_a_mistake_is_named_with_its_line_its_key_and_what_to_do(
    text: str, line: int, key: str, advice: str, catalogue: Catalogue
) -> None:
    (problem,) = check_text(text, catalogue=catalogue)
    assert (problem.line, problem.key) == (line, key)
    assert advice in problem.message


PLAYBOOK_CASES = [
    ('purpose = "call"', 'purpose = "Call!"', 2, "purpose", "win-back"),
    ('purpose = "call"', "", 1, "purpose", "missing"),
    ('purpose = "call"', 'porpose = "call"', 2, "porpose", "'purpose'"),
    ('tier = ["large"]', "", 3, "when", "names no class"),
    ('tier = ["large"]', 'teir = ["large"]', 4, "when.teir", "'tier'"),
    ('tier = ["large"]', 'tier = ["lage"]', 4, "when.tier", "'large'"),
    ('tier = ["large"]', "tier = []", 4, "when.tier", "at least one"),
    ("due_in_days = 3", "due_in_days = -1", 6, "task.due_in_days", "from 0"),
    ("due_in_days = 3", "due_in_day = 3", 6, "task.due_in_day", "'due_in_days'"),
    ("due_in_days = 3", "", 5, "task.due_in_days", "missing"),
    ("_days = 3", '_days = 3\npriority = "high"', 7, "task.priority", "'High'"),
    ("_days = 3", "_days = 3\nremind_again_days = 0", 7, "task.remind_again_days", "730"),
    ('zh-Hant = "致電 {account}"', "", 7, "task.subject", "zh-Hant is missing"),
    ('zh-Hans = "致电 {account}"', 'zh-CN = "致电"', 9, "task.subject.zh-CN", "'zh-Hans'"),
    ('en = "Call {account}"', 'en = "Call {acount}"', 8, "task.subject.en", "'account'"),
    ('en = "Call {account}"', 'en = "Call {account"', 8, "task.subject.en", "partner"),
    ('en = "Call {account}"', 'en = ""', 8, "task.subject.en", "one line"),
    ('en = ["Call"]', 'en = ["Call {name}"]', 12, "task.checklist.en", "{name}"),
    ('en = ["Call"]', "en = []", 12, "task.checklist.en", "1 to 10"),
    ("_days = 3", '_days = 3\nkind = "fax"', 7, "task.kind", "call, email, visit, internal"),
    ("_days = 3", "_days = 3\nfor_manager = 1", 7, "task.for_manager", "true or false"),
    ("_days = 3", "_days = 3\nlast_round = 2", 7, "task.last_round", "remind_again_days"),
    ("_days = 3", "_days = 3\nuntil.tier = ['lage']", 7, "task.until.tier", "'large'"),
    ("_days = 3", "_days = 3\nuntil = {}", 7, "task.until", "names no class"),
    ("_days = 3", "_days = 3\ncame_from.teir = ['large']", 7, "task.came_from.teir", "'tier'"),
    ('"call"', '"call"\nmarks = ["price_ofer"]', 3, "marks", "'price_offer'"),
    ('"call"', '"call"\npromotion = "yes"', 3, "promotion", "true or false"),
    ('"call"', '"call"\nlacks = ["pause_reasons"]', 3, "lacks", "'pause_reason'"),
    ('"call"', '"call"\nhas = ["words"]', 3, "has", "contacts"),
    ('"call"', '"call"\nrequirements = ["R4-36"]', 3, "requirements", "R004-36"),
    ('"call"', '"call"\nstrategy.en = "Call"', 3, "strategy", "zh-Hans and zh-Hant is missing"),
]


@pytest.mark.parametrize(("right", "wrong", "line", "key", "advice"), PLAYBOOK_CASES)
def test_a_mistake_in_a_playbook_is_named_likewise(
    right: str, wrong: str, line: int, key: str, advice: str, catalogue: Catalogue
) -> None:
    (problem,) = check_text(PLAYBOOK.replace(right, wrong), catalogue=catalogue)
    assert (problem.line, problem.key) == (line, f"playbook[1].{key}")
    assert advice in problem.message


@pytest.mark.parametrize("words", ["", "x" * 201, "Call {account}", "two\\nlines"])
def test_a_strategy_is_one_line_in_which_nothing_is_filled_in(
    words: str, catalogue: Catalogue
) -> None:
    strategy = f'strategy = {{en = "{words}", zh-Hans = "致电", zh-Hant = "致電"}}'
    text = PLAYBOOK.replace('"call"', f'"call"\n{strategy}')
    (problem,) = check_text(text, catalogue=catalogue)
    assert (problem.line, problem.key) == (3, "playbook[1].strategy.en")
    assert "1 to 200 characters" in problem.message


MARKS = [
    ('vip = {en = "V", zh-Hans = "贵"}', "marks.vip", "zh-Hant is missing"),
    (f'vip = {{en = "{"V" * 41}", zh-Hans = "贵", zh-Hant = "貴"}}', "marks.vip.en", "1 to 40"),
    ('"V I P" = {en = "V", zh-Hans = "贵", zh-Hant = "貴"}', 'marks."V I P"', "price_offer"),
    ('vip = "V"', "marks.vip", "[marks.vip]"),
    ('vip = {en = "Win back", zh-Hans = "贵", zh-Hant = "貴"}', "marks.vip.en", "'win_back'"),
]


@pytest.mark.parametrize(("line", "key", "advice"), MARKS)
def test_a_mistake_in_a_mark_is_named_likewise(
    line: str, key: str, advice: str, catalogue: Catalogue
) -> None:
    (problem,) = check_text(f"[marks]\n{line}", catalogue=catalogue)
    assert (problem.line, problem.key) == (2, key)
    assert advice in problem.message


def test_a_mark_of_one_s_own_can_be_given_at_once(catalogue: Catalogue) -> None:
    own = '[marks]\nvip = {en = "VIP", zh-Hans = "贵宾", zh-Hant = "貴賓"}\n'
    giving = '[[playbook]]\npurpose = "vip"\nwhen = {value = "high"}\nmarks = "vip"'
    assert check_text(own + giving, catalogue=catalogue) == []


def test_two_playbooks_may_not_share_a_purpose(catalogue: Catalogue) -> None:
    (problem,) = check_text(PLAYBOOK + PLAYBOOK, catalogue=catalogue)
    assert (problem.line, problem.key) == (16, "playbook[2].purpose")


def test_a_playbook_that_does_nothing_is_a_mistake(catalogue: Catalogue) -> None:
    text = '[[playbook]]\npurpose = "idle"\nwhen = {tier = "large"}'
    (problem,) = check_text(text, catalogue=catalogue)
    assert problem.key == "playbook[1].follow_up_days"


@pytest.mark.parametrize(
    ("text", "line", "advice"),
    [
        ("version = 1\nlanguage = en", 2, "Invalid value"),
        ("version = 1\nlanguage = \u201cen\u201d", 2, "half-width"),
        ("version \uff1d 1", 1, "half-width"),
        ("[tier]\nlarge_from = 1,000,000", 2, "without commas: 1000000"),
        ("[tier]\nlarge_from = \uff11\uff10\uff10", 2, "half-width digits"),
        ("version = 1\nversion = 2\nlanguage = de", 2, "keep one of the two"),
        ("[tier]\nlarge_from = 5\n[tier]\nmedium_from = 4", 3, "keep one of the two"),
        ('[questions]\nleave_out = ["need"\uff0c"region"]', 2, "commas"),
        ('language = "en', 1, "not valid TOML"),
        ("write = [", 1, "not valid TOML"),
        ("a = " + "[" * 20_000, None, "nested"),
        ("a = " + "1" * 5_000, 1, "not valid TOML"),
    ],
)
def test_what_is_no_toml_gets_one_problem_on_its_line(
    text: str, line: int | None, advice: str, catalogue: Catalogue
) -> None:
    (problem,) = check_text(text, catalogue=catalogue)
    assert problem.line == line
    assert advice in problem.message


@pytest.mark.parametrize(
    ("content", "advice"), [(None, "Correct the path"), ("语言".encode("gbk"), "UTF-8")]
)
def test_a_file_that_cannot_be_read_says_what_to_do(
    content: bytes | None, advice: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    path = tmp_path / "policy.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PolicyError, match=advice):
        load_policy(path, catalogue=catalogue)


ODD = st.sampled_from(
    ["1", "-1", "0.5", "inf", "nan", "true", "''", "'x'", "[]", "[1]", "['']", "{}", "{x=1}"]
) | st.sampled_from(["[[]]", "[{}]", "1979-05-27", "'{'", "'auto'", "1e40"])


@settings(max_examples=25)
@given(data=st.data())
def test_any_odd_value_at_any_key_is_answered_with_advice(
    catalogue: Catalogue, data: st.DataObject
) -> None:
    lines = default_text().splitlines()
    places = [place for place, line in enumerate(lines) if re.match("[a-zA-Z_-]+ = [^\\[]", line)]
    for place in data.draw(st.sets(st.sampled_from(places), min_size=1, max_size=12)):
        lines[place] = f"{lines[place].partition(' = ')[0]} = {data.draw(ODD)}"
    for problem in check_text("\n".join(lines), catalogue=catalogue):
        assert problem.line
        assert problem.message.count(" ") > 3


def test_the_error_reads_as_one_line_a_problem(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(FIVE_MISTAKES, "utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(path, catalogue=catalogue)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(caught.value.problems) == 5
    assert lines[3].startswith("line 9, limits.max_tasks: ")


def test_a_large_number_is_proposed_with_all_its_digits(catalogue: Catalogue) -> None:
    problems = check_text('[fit]\nrevenue_from = "a lot"\n', catalogue=catalogue)
    assert problems[0].message.endswith("Write for example: revenue_from = 10000000")
