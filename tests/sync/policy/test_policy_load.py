"""What the shipped policy decides, how a manager's file is merged over it, and what a diff shows."""

import itertools
import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sync.policy import (
    Change,
    Policy,
    as_document,
    check_text,
    default_text,
    follow_up_days,
    load_policy,
    policy_diff,
)
from sync.words import Language

Catalogue = Mapping[str, tuple[str, ...]]
Load = Callable[[str], Policy]

ONE_PLAYBOOK = '[[playbook]]\npurpose = "call"\nfollow_up_days = 7\nwhen = {tier = ["large"]}\n'


@pytest.fixture
def load(tmp_path: Path, catalogue: Catalogue) -> Load:
    def _load(text: str) -> Policy:
        path = tmp_path / "policy.toml"
        path.write_text(text, "utf-8")
        return load_policy(path, catalogue=catalogue)

    return _load


def test_the_shipped_policy_has_no_problems(shipped: Policy, catalogue: Catalogue) -> None:
    assert check_text(default_text(), catalogue=catalogue) == []
    assert (shipped.number, shipped.language, shipped.run_workflows) == (1, Language.EN, False)
    assert len(shipped.fields.write) == 8


def test_every_kind_of_customer_has_a_shipped_interval(
    shipped: Policy, catalogue: Catalogue
) -> None:
    asked = ("tier", "loyalty", "churn_risk", "value")
    kinds = itertools.product(*(catalogue[name] for name in asked))
    classes = [dict(zip(asked, kind, strict=True)) for kind in kinds]
    days = [follow_up_days(shipped, kind) for kind in classes]
    assert min(days) == 14
    assert max(days) == 180


def test_only_what_differs_need_be_in_the_file(load: Load, shipped: Policy) -> None:
    policy = load(
        '\ufefflanguage = "zh_TW"\n[churn]\nhorizon_days = 90\n[labels.tier.large]\nen = "Key"'
    )
    assert policy.language is Language.ZH_HANT
    assert policy.settings.horizon_days == 90
    assert policy.settings.risk_low_below == shipped.settings.risk_low_below
    assert policy.labels == {("tier", "large"): {Language.EN: "Key"}}
    assert policy.playbooks == shipped.playbooks


def test_a_list_in_the_file_replaces_the_shipped_list_as_a_whole(load: Load) -> None:
    policy = load(ONE_PLAYBOOK + '[fields]\nwrite = ["tier"]')
    assert [playbook.purpose for playbook in policy.playbooks] == ["call"]
    assert policy.fields.write == {"tier"}


def test_amounts_fix_the_tiers(load: Load) -> None:
    settings = load("[tier]\nlarge_from = 250000\nmedium_from = 5e4").settings
    assert (settings.tier_large_from, settings.tier_medium_from) == (250_000.0, 50_000.0)


def test_a_copy_of_the_shipped_file_is_the_shipped_policy(load: Load, shipped: Policy) -> None:
    assert load(default_text()) == load("") == shipped


def test_the_document_of_a_policy_reads_back_as_the_same_policy(
    load: Load, shipped: Policy
) -> None:
    text = "\n".join(f"{key} = {_inline(value)}" for key, value in as_document(shipped).items())
    assert load(text) == shipped


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_inline(below)}" for key, below in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize(
    "text",
    [
        "# nothing",
        "version = 9",
        "[limits]\nmax_changed_percent = 20.0\nmax_tasks = 500",
        "[writes]\nrun_workflows = false\n[tier]\nmedium_share = 0.90 # as shipped",
        "[stages]\nopen = []\nwon = []\n[churn]\nlow_below = 0.3",
    ],
)
def test_the_fingerprint_ignores_comments_order_and_the_number(
    text: str,
    load: Load,
    shipped: Policy,
) -> None:
    assert load(text).fingerprint == shipped.fingerprint


@pytest.mark.parametrize(
    "text", ["[limits]\nmax_tasks = 499", '[labels.tier.large]\nen = "Key"', ONE_PLAYBOOK]
)
def test_the_fingerprint_changes_with_any_decision(text: str, load: Load, shipped: Policy) -> None:
    changed = load(text).fingerprint
    assert changed != shipped.fingerprint
    assert len(bytes.fromhex(changed)) == 6


def test_a_diff_names_the_keys_as_they_stand_in_the_file(load: Load) -> None:
    old = load(ONE_PLAYBOOK + '[labels.tier.large]\nen = "Key"')
    new = load(ONE_PLAYBOOK.replace("7", "9") + "[tier]\nlarge_from = 9\nmedium_from = 3")
    assert policy_diff(old, new) == [
        Change("tier.large_from", "auto", 9.0),
        Change("tier.medium_from", "auto", 3.0),
        Change("labels.tier.large.en", "Key", None),
        Change("playbook.call.follow_up_days", 7, 9),
    ]
    assert policy_diff(old, old) == []


def test_playbooks_that_only_moved_are_one_change(load: Load) -> None:
    other = ONE_PLAYBOOK.replace("call", "visit")
    assert policy_diff(load(ONE_PLAYBOOK + other), load(other + ONE_PLAYBOOK)) == [
        Change("playbook", ["call", "visit"], ["visit", "call"])
    ]


def test_the_shipped_file_shows_every_key_that_a_policy_has(shipped: Policy) -> None:
    written = tomllib.loads(default_text())
    for section, keys in as_document(shipped).items():
        if isinstance(keys, dict) and section != "fields":  # there a profile stands for the names
            assert written[section].keys() == keys.keys()


def test_the_order_of_a_list_without_order_does_not_matter(load: Load) -> None:
    one = load('[stages]\nwon = ["A", "B"]\n[fields]\nwrite = ["tier", "reason"]')
    other = load('[fields]\nwrite = ["reason", "tier"]\n[stages]\nwon = ["B", "A"]')
    assert one.fingerprint == other.fingerprint
