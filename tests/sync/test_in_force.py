"""A new policy waits for its day; until then runs work by the one before it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sync.in_force import (
    MOST_KEPT,
    NoEarlierPolicy,
    in_force,
    last_used,
    note_use,
    versions,
    worked_by,
)
from sync.ledger import Ledger
from sync.policy import Policy, PolicyError
from sync.policy.load import load_text
from sync.verdicts import CLASSES

EVE, NEW_YEAR = date(2026, 12, 31), date(2027, 1, 1)
FIRST = "version = 1\n[tier]\nlarge_from = 1000\nmedium_from = 300\n"
NEXT = "version = 2\neffective_from = 2027-01-01\n[tier]\nlarge_from = 2000\nmedium_from = 300\n"


def read(text: str) -> Policy:
    return load_text(text, catalogue=CLASSES)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def test_the_policy_before_it_stays_in_force_until_its_day(ledger: Ledger) -> None:
    first, following = read(FIRST), read(NEXT)
    assert in_force(ledger, first, EVE).policy is first, (
        "without a day a policy is in force at once"
    )
    note_use(ledger, first, EVE)
    before = in_force(ledger, following, EVE)
    assert before.policy.settings == first.settings
    assert before.waiting is following
    assert before.sentence == (
        f"Version 1 of the policy ({first.fingerprint}) is in force; version 2 "
        f"({following.fingerprint}) will be from 2027-01-01 on."
    )
    after = in_force(ledger, following, NEW_YEAR)
    assert (after.policy, after.sentence) == (following, "")
    note_use(ledger, following, NEW_YEAR)
    again = in_force(ledger, following, EVE)
    assert again.policy.fingerprint == first.fingerprint, "as of an earlier day, that day's policy"
    assert last_used(ledger) == following


def test_where_none_was_ever_used_the_shipped_policy_is_in_force(ledger: Ledger) -> None:
    found = in_force(ledger, read(NEXT), EVE)
    assert found.policy == read("")
    assert "because no other was ever used" in found.sentence


def test_with_an_unknown_policy_before_it_nothing_is_guessed(ledger: Ledger) -> None:
    now = datetime(2026, 12, 30, tzinfo=UTC)
    ledger.runs.begin("run", "sync", as_of=EVE, policy="abcdef123456", now=now)
    ledger.runs.finish("run", "done", {}, as_of=EVE, now=now)
    with pytest.raises(NoEarlierPolicy, match="abcdef123456"):
        in_force(ledger, read(NEXT), EVE)
    assert worked_by(ledger, "run") == "abcdef123456"
    note_use(ledger, read(FIRST), EVE)
    assert in_force(ledger, read(NEXT), EVE).policy.number == 1


def test_the_ledger_keeps_few_texts_and_many_names(ledger: Ledger) -> None:
    policies = [read(f"version = {n}\n[growth]\nmargin = 0.{n:02}\n") for n in range(1, 15)]
    for policy in policies:
        note_use(ledger, policy, EVE)
        note_use(ledger, policy, NEW_YEAR)
    assert [version.number for version in versions(ledger)] == list(range(1, 15))
    assert {version.since for version in versions(ledger)} == {EVE.isoformat()}
    texts = [ledger.fact(f"policy_text:{policy.fingerprint}") for policy in policies]
    assert [bool(text) for text in texts] == [False] * 4 + [True] * MOST_KEPT


def test_the_day_decides_nothing_about_customers_and_may_stand_in_quotes() -> None:
    without = NEXT.replace("effective_from = 2027-01-01\n", "")
    assert read(without).fingerprint == read(NEXT).fingerprint
    quoted = read(NEXT.replace("2027-01-01", '"2027-01-01"'))
    assert quoted.effective_from == NEW_YEAR
    for wrong in ('"soon"', "2027", "2027-01-01T00:00:00"):
        with pytest.raises(PolicyError, match="effective_from"):
            read(f"effective_from = {wrong}\n")


def test_an_interval_goes_before_the_playbook_s_own() -> None:
    given = {p.purpose: p.follow_up_days for p in read("[intervals]\nkey-account = 21\n").playbooks}
    usual = {p.purpose: p.follow_up_days for p in read("").playbooks}
    assert given == {**usual, "key-account": 21}
    for wrong in ("key-account = 0", "key-account = 731", "key-acount = 21"):
        with pytest.raises(PolicyError, match="intervals"):
            read(f"[intervals]\n{wrong}\n")
