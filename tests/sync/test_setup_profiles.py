"""Setup makes room for the profile that the policy wants, or says what does not fit and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from full_profile import full_policy, in_all
from workbench import ALL_NAMES, DAY, MORNING, NAMES, Office, simple_policy, write_company

from classifiers.catalogue import CATALOGUE
from connector.clock import VirtualClock
from connector.errors import Refused
from connector.model import FieldSpec
from connector.standin.server import StandIn
from sync.machine_fields import MACHINE_FIELDS, MINIMAL, wanted_keys
from sync.policy import Policy
from sync.policy.model import MACHINE_FIELDS as WRITABLE
from sync.policy.model import MINIMAL_FIELDS, PROFILES
from sync.provision import Provision
from sync.setup import SetUp, set_up
from sync.words import FIELD_LABELS, FIELD_TOOLTIPS, PAUSE_REASONS, Language


@contextmanager
def bare_office(folder: Path, edition: str) -> Iterator[Office]:
    """An office that is not set up yet."""
    clock = VirtualClock(MORNING)
    company = write_company(folder / "company")
    with StandIn(*company, clock=clock, edition=edition) as standin:
        yield Office(standin, folder / "home", clock, policy=full_policy())


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Office]:
    with bare_office(tmp_path, "professional") as office:
        yield office


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Office]:
    """The same in the edition that allows ten fields."""
    with bare_office(tmp_path, "standard") as office:
        yield office


def setting_up(
    office: Office,
    policy: Policy | None = None,
    confirm: Callable[[Provision], bool] = lambda _: True,
) -> SetUp:
    with office.desk(policy=policy) as desk:
        return set_up(desk, confirm=confirm)


def field(office: Office, key: str) -> Any:
    return office.standin.tenant.catalogue.fields("Accounts")[ALL_NAMES[key]]


def used_up(office: Office, count: int) -> None:
    """The organisation has this many custom fields of its own."""
    with office.desk() as desk:
        desk.crm.create_fields(
            "Accounts", [FieldSpec(f"Own {n}", "", "text") for n in range(count)]
        )


def test_the_profiles_name_every_field_that_we_write() -> None:
    ours = {m.key for m in MACHINE_FIELDS if m.kind not in ("override", "input")}
    assert PROFILES["full"] == ours == set(WRITABLE)
    assert set(wanted_keys(MINIMAL_FIELDS)) == {m.key for m in MINIMAL}
    assert len(wanted_keys(WRITABLE)) == len(MACHINE_FIELDS) == 32
    assert {d.column for d in CATALOGUE} <= ours


def test_an_input_is_wanted_where_the_class_that_it_feeds_is_written() -> None:
    assert {"pause_reason", "resume_date"} < set(wanted_keys(["follow_status"]))
    assert "need_given" not in wanted_keys(["follow_status"])
    own = {"pause_reason": "Why_Paused", "resume_date": ""}
    assert "pause_reason" not in wanted_keys(WRITABLE, own)
    assert "resume_date" in wanted_keys(WRITABLE, own)


@pytest.mark.parametrize("language", list(Language))
def test_every_field_has_words_that_fit(language: Language) -> None:
    labels = [FIELD_LABELS[m.key][language] for m in MACHINE_FIELDS]
    assert len(set(labels)) == len(labels)
    for machine in MACHINE_FIELDS:
        tooltip = FIELD_TOOLTIPS[machine.key][language]
        assert len(FIELD_LABELS[machine.key][language]) <= 25
        assert len(tooltip) <= 255
        ours = machine.kind not in ("override", "input")
        told = ("Set by fenlei", "由 fenlei") if ours else ("fenlei never writes here", "fenlei 不")
        assert any(words in tooltip for words in told), machine.key
    assert len({words[language] for words in PAUSE_REASONS.values()}) == len(PAUSE_REASONS)


def test_the_full_profile_is_thirty_two_fields_of_the_right_kinds(bare: Office) -> None:
    done = setting_up(bare)
    assert (done.created, dict(done.fields)) == (32, ALL_NAMES)
    kinds = {key: field(bare, key).data_type for key in ALL_NAMES}
    assert kinds["need"] == kinds["marks"] == kinds["need_given"] == "multiselectpicklist"
    assert (kinds["value_score"], kinds["growth_rate"]) == ("double", "percent")
    assert field(bare, "value_score").decimal_place == 2
    assert (kinds["pause_reason"], kinds["resume_date"]) == ("picklist", "date")
    stored = [choice.stored for choice in field(bare, "pause_reason").pick_list]
    assert [code for code in stored if code != "-None-"] == list(PAUSE_REASONS)
    assert setting_up(bare).created == 0


def test_each_class_has_the_colour_of_its_own_dimension(bare: Office) -> None:
    setting_up(bare)
    for dimension in CATALOGUE:
        shown = {choice.stored: choice.colour for choice in field(bare, dimension.column).pick_list}
        assert {c.code: shown[c.code] or "" for c in dimension.classes} == {
            c.code: c.colour for c in dimension.classes
        }
    tier, value = field(bare, "tier"), field(bare, "value")
    assert tier.colours
    assert value.colours


def test_what_is_needed_and_what_the_edition_allows_is_said_before(bare: Office) -> None:
    used_up(bare, 3)
    told: list[str] = []

    def decline(plan: Provision) -> bool:
        told.append(plan.sentence)
        return False

    setting_up(bare, confirm=decline)
    sentence = (
        "32 custom fields on Accounts to create. The Professional edition allows 155 custom fields on "
        "Accounts, of which 3 are used."
    )
    assert told == [sentence]


def test_a_full_profile_that_does_not_fit_is_refused_with_a_way_out(small: Office) -> None:
    log = len(small.standin.log)
    with pytest.raises(Refused) as refused:
        setting_up(small)
    assert "The Standard edition allows 10 custom fields" in refused.value.message
    assert 'profile = "minimal"' in refused.value.hint
    assert len(small.standin.log) == log, "nothing was created"
    assert setting_up(small, simple_policy()).created == 10


def test_of_the_minimal_profile_the_last_fields_are_left_out_where_room_is_short(
    small: Office,
) -> None:
    used_up(small, 3)
    small.policy = simple_policy()
    done = setting_up(small)
    assert (done.created, done.left_out) == (7, ("tier_override", "loyalty_override", "value"))
    assert "There is no room for Tier Override, Loyalty Override, Customer Value" in done.sentence
    assert done.as_json()["left_out"] == ["tier_override", "loyalty_override", "value"]
    small.after(DAY)
    report = small.run("backfill")
    assert (report.accounts_written, report.failed) == (10, 0)
    assert small.account(6)[NAMES["tier"]] == "large"
    assert setting_up(small).left_out == done.left_out


def test_fields_that_somebody_else_creates_meanwhile_leave_less_room(small: Office) -> None:
    small.policy = simple_policy()

    def meanwhile(_plan: Provision) -> bool:
        used_up(small, 2)
        return True

    done = setting_up(small, confirm=meanwhile)
    assert (done.created, done.left_out) == (8, ("loyalty_override", "value"))
    assert len(done.fields) == 8


def test_choices_follow_the_language_of_the_policy_but_not_over_a_persons_words(
    bare: Office,
) -> None:
    setting_up(bare)
    choices = tuple(
        replace(choice, shown="VIP") if choice.stored == "large" else choice
        for choice in field(bare, "tier").pick_list
    )
    bare.redefine("tier", pick_list=choices)
    setting_up(bare, replace(full_policy(), language=Language.ZH_HANT))
    shown = {choice.stored: choice.shown for choice in field(bare, "tier").pick_list}
    assert (shown["large"], shown["medium"], shown["small"]) == ("VIP", "中型客戶", "小型客戶")
    shown = {choice.stored: choice.shown for choice in field(bare, "pause_reason").pick_list}
    assert shown["budget"] == PAUSE_REASONS["budget"][Language.ZH_HANT]
    log = len(bare.standin.log)
    setting_up(bare, replace(full_policy(), language=Language.ZH_HANT))
    assert len(bare.standin.log) == log, "a second time there is nothing to change"


def test_a_mark_that_is_new_in_the_policy_is_added_to_the_choices(bare: Office) -> None:
    setting_up(bare)
    policy = full_policy()
    more = replace(policy, marks={**policy.marks, "event": in_all("Event list")})
    setting_up(bare, more)
    shown = {choice.stored: choice.shown for choice in field(bare, "marks").pick_list}
    assert {code: shown[code] for code in more.marks} == {
        "vip": "VIP list",
        "mail": "Mailing",
        "event": "Event list",
    }


def test_an_organisations_own_field_for_a_pause_is_taken_and_none_created(bare: Office) -> None:
    policy = replace(full_policy(), inputs={"pause_reason": "Why_Paused"})
    done = setting_up(bare, policy)
    assert done.created == 31
    assert "pause_reason" not in done.fields


def test_a_smaller_profile_forgets_no_field_of_the_larger_one(bare: Office) -> None:
    setting_up(bare)
    before = bare.field_ids
    setting_up(bare, simple_policy())
    assert bare.field_ids == before
