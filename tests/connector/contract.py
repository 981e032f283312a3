"""What every CRM adapter promises (``connector/port.py``), as facts that are checked on each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, Protocol

import pytest

from connector.clock import VirtualClock
from connector.errors import CrmError, Refused
from connector.model import Fate, FieldSpec, Module, Option, Outcome, Record
from connector.port import BULK_BATCH, WRITE_BATCH, Crm, Window

ACCOUNTS, DEALS, TASKS = Module.ACCOUNTS, Module.DEALS, Module.TASKS
TIER = FieldSpec(
    "Fenlei Tier",
    "客户分级",
    "picklist",
    options=(Option("large", "大型"), Option("small", "小型")),
)
REASON = FieldSpec("Fenlei Reason", "原因", "text", length=50)


class World(Protocol):
    """A CRM under test, and the hands of the people who work in it meanwhile."""

    crm: Crm
    clock: VirtualClock
    page: int
    """Records of one page, so that a test can make more than that."""

    def add(self, module: str, **values: Any) -> str: ...

    def edit(self, module: str, record_id: str, **values: Any) -> None: ...

    def delete(self, module: str, record_id: str) -> None: ...

    def lock(self, module: str, record_id: str) -> None: ...


def account(world: World, name: str = "Zylker", **values: Any) -> str:
    return world.add(ACCOUNTS, Account_Name=name, **values)


def fates(found: list[Outcome]) -> list[Fate]:
    return [one.fate for one in found]


def now(world: World) -> datetime:
    return world.crm.now()


def until_now(world: World, since: datetime | None = None) -> Window:
    """A window that ends in a second that is over, so that nobody can still add to it."""
    world.clock.advance(2)
    return Window(since, now(world) - timedelta(seconds=1))


def all_changed(world: World, module: str, fields: list[str], window: Window) -> list[Record]:
    return list(chain.from_iterable(world.crm.changed(module, fields, window)))


class CrmContract:
    """Each adapter's test class inherits these facts and gives a ``world``."""

    # Reading.

    def test_a_window_yields_every_record_oldest_change_first(self, world: World) -> None:
        ids = [account(world, f"Customer {at}") for at in range(2 * world.page + 1)]
        world.clock.advance(5)
        world.edit(ACCOUNTS, ids[0], Billing_City="Kunming")
        found = all_changed(world, ACCOUNTS, ["Account_Name", "Billing_City"], until_now(world))
        assert [one.id for one in found] == [*ids[1:], ids[0]]
        assert [one.modified_at for one in found] == sorted(one.modified_at for one in found)
        window = until_now(world)
        pages = world.crm.changed(ACCOUNTS, [], window, ordered=False, expected=len(ids))
        assert sorted(one.id for page in pages for one in page) == sorted(ids)
        told: list[int] = []
        window = Window(found[0].modified_at, window.until)
        pages = world.crm.changed(ACCOUNTS, [], window, counted=told.append)
        assert sum(map(len, pages)) == len(ids)
        assert told in ([], [len(ids)])
        assert world.crm.at_once >= 1
        assert (found[-1].values["Account_Name"], found[-1].values["Billing_City"]) == (
            "Customer 0",
            "Kunming",
        )

    def test_both_ends_of_a_window_belong_to_it(self, world: World) -> None:
        first = account(world)
        world.clock.advance(10)
        second = account(world)
        world.clock.advance(10)
        account(world, "too late")
        early, late = (one.modified_at for one in world.crm.read(ACCOUNTS, [first, second], []))
        found = all_changed(world, ACCOUNTS, [], Window(early, late))
        assert [one.id for one in found] == [first, second]
        found = all_changed(world, ACCOUNTS, [], Window(early + timedelta(seconds=1), late))
        assert [one.id for one in found] == [second]

    def test_what_is_edited_while_we_read_is_in_the_next_window(self, world: World) -> None:
        ids = [account(world, f"Customer {at}") for at in range(2 * world.page + 1)]
        window = until_now(world)
        pages = world.crm.changed(ACCOUNTS, ["Billing_City"], window)
        found = list(next(iter(pages)))
        for record_id in (ids[0], ids[world.page + 1], ids[-1]):
            world.edit(ACCOUNTS, record_id, Billing_City="Kunming")
        world.delete(ACCOUNTS, ids[1])
        found += chain.from_iterable(pages)
        found += all_changed(world, ACCOUNTS, ["Billing_City"], until_now(world, window.until))
        last = {one.id: one.values["Billing_City"] for one in found if one.id != ids[1]}
        assert last == {
            record_id: "Kunming" if record_id in (ids[0], ids[world.page + 1], ids[-1]) else None
            for record_id in ids
            if record_id != ids[1]
        }

    def test_an_empty_window_has_no_pages(self, world: World) -> None:
        account(world)
        past = Window(None, now(world) - timedelta(days=1000))
        assert list(world.crm.changed(ACCOUNTS, ["Billing_City"], past)) == []
        assert list(world.crm.listed(TASKS, ["Subject"])) == []
        assert list(world.crm.deleted(TASKS, None)) == []

    def test_the_list_shows_every_record_as_soon_as_it_exists(self, world: World) -> None:
        ids = {account(world, f"Customer {at}") for at in range(world.page + 1)}
        found = list(chain.from_iterable(world.crm.listed(ACCOUNTS, ["Account_Name"])))
        assert len(found) == len(ids)
        assert {one.id for one in found} == ids
        world.clock.advance(60)
        since = now(world)
        new = account(world, "new")
        world.edit(ACCOUNTS, min(ids), Billing_City="Kunming")
        pages = world.crm.listed(ACCOUNTS, ["Account_Name"], modified_since=since)
        assert {one.id for one in chain.from_iterable(pages)} == {new, min(ids)}

    def test_a_deletion_between_two_pages_hides_no_record_of_a_list(self, world: World) -> None:
        ids = [account(world, f"Customer {at}") for at in range(2 * world.page + 1)]
        pages = world.crm.listed(ACCOUNTS, [])
        found = list(next(iter(pages)))
        for record_id in ids[:3]:
            world.delete(ACCOUNTS, record_id)
        found += chain.from_iterable(pages)
        assert {one.id for one in found} >= set(ids[3:])
        assert len({one.id for one in found}) == len(found)

    def test_records_are_read_by_id_in_order_and_gone_ones_left_out(self, world: World) -> None:
        ids = [account(world, f"Customer {at}") for at in range(WRITE_BATCH + 5)]
        world.delete(ACCOUNTS, ids[7])
        wanted = list(reversed(ids))
        found = world.crm.read(ACCOUNTS, wanted, ["Account_Name"])
        assert [one.id for one in found] == [each for each in wanted if each != ids[7]]
        assert found[0].values["Account_Name"] == f"Customer {WRITE_BATCH + 4}"
        assert found[0].modified_at.tzinfo is UTC
        assert world.crm.read(ACCOUNTS, [], ["Account_Name"]) == []

    def test_links_and_owners_are_ids(self, world: World) -> None:
        customer = account(world)
        deal = world.add(
            DEALS,
            Deal_Name="Steel",
            Stage="Qualification",
            Account_Name=customer,
            Amount=12.5,
            Closing_Date="2026-03-31",
        )
        fields = ["Account_Name", "Owner", "Amount", "Closing_Date"]
        (read,) = world.crm.read(DEALS, [deal], fields)
        (seen,) = all_changed(world, DEALS, fields, until_now(world))
        for one in (read, seen):
            assert one.values["Account_Name"] == customer
            assert one.values["Owner"] in {user.id for user in world.crm.users()}
            assert one.values["Amount"] == 12.5
            assert one.values["Closing_Date"] == "2026-03-31"

    def test_deletions_are_told_since_a_moment(self, world: World) -> None:
        early, late = account(world, "early"), account(world, "late")
        world.delete(ACCOUNTS, early)
        world.clock.advance(60)
        since = now(world)
        world.delete(ACCOUNTS, late)
        everything = list(chain.from_iterable(world.crm.deleted(ACCOUNTS, None)))
        assert {one.id for one in everything} == {early, late}
        (only,) = chain.from_iterable(world.crm.deleted(ACCOUNTS, since))
        assert (only.id, only.permanent, only.name) == (late, False, "late")
        assert abs((only.deleted_at - since).total_seconds()) < 5

    def test_records_are_counted(self, world: World) -> None:
        before = world.crm.count(ACCOUNTS)
        gone = account(world)
        account(world)
        world.delete(ACCOUNTS, gone)
        assert world.crm.count(ACCOUNTS) == before + 1
        window = until_now(world)
        (made,) = chain.from_iterable(world.crm.changed(ACCOUNTS, [], window))
        only_then = Window(made.modified_at, made.modified_at)
        assert [world.crm.count(ACCOUNTS, each) for each in (window, only_then)] == [1, 1]
        second = timedelta(seconds=1)
        for missed in (
            Window(made.modified_at + second, window.until),
            Window(None, made.modified_at - second),
        ):
            assert world.crm.count(ACCOUNTS, missed) == 0

    # Writing.

    def test_an_update_changes_what_it_names_and_tells_when(self, world: World) -> None:
        first = account(world, Billing_City="Beijing", Description="keep")
        second = account(world, Billing_City="Kunming")
        rows: list[dict[str, Any]] = [
            {"id": second, "Billing_City": None},
            {"id": first, "Billing_City": "O'Neill 钢铁 😀"},
        ]
        found = world.crm.update(ACCOUNTS, rows, unmodified_since=None)
        assert [(one.fate, one.id) for one in found] == [(Fate.DONE, second), (Fate.DONE, first)]
        after = world.crm.read(ACCOUNTS, [second, first], ["Billing_City", "Description"])
        assert [one.values["Billing_City"] for one in after] == [None, "O'Neill 钢铁 😀"]
        assert after[1].values["Description"] == "keep"
        assert [one.modified_at for one in after] == [one.modified_at for one in found]

    def test_a_record_that_somebody_changed_stays_as_they_left_it(self, world: World) -> None:
        ids = [account(world, f"Customer {at}") for at in range(3)]
        world.clock.advance(10)
        read_at = now(world)
        world.clock.advance(10)
        world.edit(ACCOUNTS, ids[1], Billing_City="theirs")
        rows = [{"id": record_id, "Billing_City": "ours"} for record_id in ids]
        found = world.crm.update(ACCOUNTS, rows, unmodified_since=read_at)
        told = {one.id: one.fate for one in found}
        assert list(told) == ids
        assert told[ids[1]] is Fate.STALE
        held = {
            one.id: one.values["Billing_City"]
            for one in world.crm.read(ACCOUNTS, ids, ["Billing_City"])
        }
        assert held[ids[1]] == "theirs"
        for record_id in (ids[0], ids[2]):
            assert (held[record_id] == "ours") is (told[record_id] is Fate.DONE)

    def test_one_bad_row_never_blocks_the_others(self, world: World) -> None:
        tier, _ = created_fields(world)
        good, locked, gone, wrong, last = (account(world, f"Customer {at}") for at in range(5))
        world.lock(ACCOUNTS, locked)
        world.delete(ACCOUNTS, gone)
        ids = (good, locked, gone, wrong, last)
        rows: list[dict[str, Any]] = [{"id": each, tier: "large"} for each in ids]
        rows[3][tier] = "no such class"
        found = world.crm.update(ACCOUNTS, rows, unmodified_since=None)
        assert fates(found) == [Fate.DONE, Fate.LOCKED, Fate.GONE, Fate.REFUSED, Fate.DONE]
        assert [one.id for one in found] == list(ids)
        assert found[3].field_name == tier
        assert all(one.code for one in found)
        held = world.crm.read(ACCOUNTS, [good, locked, wrong, last], [tier])
        assert [one.values[tier] for one in held] == ["large", None, None, "large"]

    def test_in_bulk_every_row_has_its_own_fate_and_what_no_job_carries_is_left_to_others(
        self, world: World
    ) -> None:
        tier, reason = created_fields(world)
        names = ("good", "locked", "gone", "wrong", "emptied", "last")
        ids = {name: account(world, name) for name in names}
        world.lock(ACCOUNTS, ids["locked"])
        world.delete(ACCOUNTS, ids["gone"])
        rows: list[dict[str, Any]] = [{"id": each, tier: "large"} for each in ids.values()]
        rows[0][reason] = '沉默 128 天,"very"\nquiet'
        rows[3][tier] = "no such class"
        rows[4][reason] = None
        found = world.crm.update_in_bulk(ACCOUNTS, [*rows, rows[0]])
        left = Fate.NOT_APPLIED
        assert fates(found) == [
            *(Fate.DONE, Fate.LOCKED, Fate.GONE, Fate.REFUSED, left, Fate.DONE, left)
        ]
        assert [one.id for one in found] == [*ids.values(), ids["good"]]
        assert found[3].field_name == tier
        held = {one.id: one for one in world.crm.read(ACCOUNTS, list(ids.values()), [tier, reason])}
        good = held[ids["good"]].values
        assert (good[tier], good[reason]) == ("large", rows[0][reason])
        assert [held[ids[name]].values[tier] for name in ("locked", "wrong", "emptied")] == [
            None
        ] * 3
        for outcome in (found[0], found[5]):
            assert outcome.modified_at is not None
            assert outcome.modified_at >= held[outcome.id].modified_at
        assert world.crm.update_in_bulk(ACCOUNTS, []) == []
        with pytest.raises(Refused):
            world.crm.update_in_bulk(ACCOUNTS, [rows[0]] * (BULK_BATCH + 1))

    def test_a_task_belongs_to_its_account_and_its_owner(self, world: World) -> None:
        customer = account(world)
        owner = next(user.id for user in world.crm.users() if user.active)
        task = {"Subject": "拜访 Zylker", "What_Id": customer, "Owner": owner, "Priority": "High"}
        rows: list[dict[str, Any]] = [task, {"What_Id": customer}, {**task, "Subject": "Call"}]
        found = world.crm.create(TASKS, rows)
        assert fates(found) == [Fate.DONE, Fate.REFUSED, Fate.DONE]
        assert found[1].field_name == "Subject"
        assert found[0].id != found[2].id
        fields = ["Subject", "What_Id", "Owner", "Priority"]
        (held,) = world.crm.read(TASKS, [found[0].id], fields)
        assert {name: held.values[name] for name in fields} == task
        assert held.modified_at == found[0].modified_at
        assert {one.id for page in world.crm.listed(TASKS, ["Subject"]) for one in page} == {
            found[0].id,
            found[2].id,
        }

    def test_a_task_for_nobodys_account_is_refused(self, world: World) -> None:
        gone = account(world)
        world.delete(ACCOUNTS, gone)
        (found,) = world.crm.create(TASKS, [{"Subject": "Call", "What_Id": gone}])
        assert (found.fate, found.field_name) == (Fate.REFUSED, "What_Id")

    def test_tags_come_and_go_without_touching_others(self, world: World) -> None:
        first, second = account(world), account(world)
        fates_done(world.crm.tag(ACCOUNTS, [first], ["VIP"]))
        fates_done(world.crm.tag(ACCOUNTS, [first, second], ["At risk", "VIP"]))
        fates_done(world.crm.untag(ACCOUNTS, [first], ["At risk"]))
        held = world.crm.read(ACCOUNTS, [first, second], ["Tag"])
        tags = [sorted(str(tag) for tag in as_list(one.values["Tag"])) for one in held]
        assert tags == [["VIP"], ["At risk", "VIP"]]

    def test_tagging_a_record_that_is_gone_is_told(self, world: World) -> None:
        here, gone = account(world), account(world)
        world.delete(ACCOUNTS, gone)
        assert fates(world.crm.tag(ACCOUNTS, [here, gone], ["VIP"])) == [Fate.DONE, Fate.GONE]

    def test_too_many_rows_are_refused_before_anything_happens(self, world: World) -> None:
        customer = account(world)
        before = world.crm.read(ACCOUNTS, [customer], ["Billing_City"])
        world.clock.advance(5)
        rows = [{"id": customer, "Billing_City": "x"}] * (WRITE_BATCH + 1)
        with pytest.raises(Refused):
            world.crm.update(ACCOUNTS, rows, unmodified_since=None)
        with pytest.raises(Refused):
            world.crm.create(TASKS, [{"Subject": "Call"}] * (WRITE_BATCH + 1))
        assert world.crm.read(ACCOUNTS, [customer], ["Billing_City"]) == before
        assert world.crm.count(TASKS) == 0

    def test_a_full_batch_has_an_outcome_for_each_row(self, world: World) -> None:
        found = world.crm.create(TASKS, [{"Subject": f"{at}"} for at in range(WRITE_BATCH)])
        assert fates(found) == [Fate.DONE] * WRITE_BATCH
        held = world.crm.read(TASKS, [one.id for one in found], ["Subject"])
        assert [one.values["Subject"] for one in held] == [f"{at}" for at in range(WRITE_BATCH)]

    def test_nothing_to_write_is_no_error(self, world: World) -> None:
        assert world.crm.update(ACCOUNTS, [], unmodified_since=None) == []
        assert world.crm.create(TASKS, []) == []
        assert world.crm.tag(ACCOUNTS, [], ["VIP"]) == []
        assert world.crm.create_fields(ACCOUNTS, []) == []

    # Fields and people.

    def test_created_fields_can_be_found_filled_and_relabelled(self, world: World) -> None:
        tier, reason = created_fields(world)
        customer = account(world)
        row = {"id": customer, tier: "small", reason: "12 个月无成交"}
        fates_done(world.crm.update(ACCOUNTS, [row], unmodified_since=None))
        (held,) = world.crm.read(ACCOUNTS, [customer], [tier, reason])
        assert (held.values[tier], held.values[reason]) == ("small", "12 个月无成交")
        (field,) = [each for each in world.crm.fields(ACCOUNTS) if each.name == tier]
        assert (field.custom, field.read_only, field.type) == (True, False, "picklist")
        offered = [(option.stored, option.shown) for option in field.options]
        assert [each for each in offered if each[0] != "-None-"] == [
            ("large", "大型"),
            ("small", "小型"),
        ]
        assert world.crm.relabel_field(ACCOUNTS, field.id, TIER.label).fate is Fate.DONE
        labels = {each.name: each.label for each in world.crm.fields(ACCOUNTS)}
        assert (labels[tier], labels[reason]) == (TIER.label, REASON.english_label)

    def test_a_picklist_takes_more_choices_and_shows_those_it_has_anew(self, world: World) -> None:
        tier, _ = created_fields(world)
        (field,) = [each for each in world.crm.fields(ACCOUNTS) if each.name == tier]
        there = [each for each in field.options if each.stored != "-None-"]
        changed = [replace(each, shown=each.stored.upper()) for each in there]
        wanted = [*changed, Option("tiny", "微型")]
        assert world.crm.change_choices(ACCOUNTS, field.id, wanted).fate is Fate.DONE
        (field,) = [each for each in world.crm.fields(ACCOUNTS) if each.name == tier]
        offered = {each.stored: each.shown for each in field.options if each.stored != "-None-"}
        assert offered == {"large": "LARGE", "small": "SMALL", "tiny": "微型"}
        row = {"id": account(world), tier: "tiny"}
        fates_done(world.crm.update(ACCOUNTS, [row], unmodified_since=None))

    def test_a_field_is_not_created_twice(self, world: World) -> None:
        created_fields(world)
        number = len(world.crm.fields(ACCOUNTS))
        assert fates(world.crm.create_fields(ACCOUNTS, [TIER])) == [Fate.DUPLICATE]
        assert len(world.crm.fields(ACCOUNTS)) == number

    def test_every_deal_stage_is_open_won_or_lost(self, world: World) -> None:
        (stage,) = [each for each in world.crm.fields(DEALS) if each.name == "Stage"]
        kinds = {option.stored: option.category for option in stage.options}
        assert kinds["Qualification"] == "open"
        assert kinds["Closed Won"] == "won"
        assert kinds["Closed Lost"] == "lost"

    def test_a_module_that_is_not_there_is_refused(self, world: World) -> None:
        for call in (
            lambda: world.crm.fields("Nothing"),
            lambda: world.crm.count("Nothing"),
            lambda: list(world.crm.changed("Nothing", [], Window(None, now(world)))),
            lambda: list(world.crm.listed("Nothing", [])),
            lambda: world.crm.read("Nothing", ["1"], []),
        ):
            with pytest.raises(CrmError) as caught:
                call()
            assert isinstance(caught.value, Refused)

    def test_the_company_its_people_and_its_money_are_told(self, world: World) -> None:
        company = world.crm.organisation()
        home = [money for money in world.crm.currencies() if money.is_home]
        assert [(money.code, money.rate) for money in home] == [(company.home_currency, 1.0)]
        assert company.id
        assert company.time_zone
        assert company.edition
        assert any(user.active and user.email for user in world.crm.users())
        assert world.crm.me() in {user.id for user in world.crm.users()}

    def test_the_time_is_the_crms_own_and_every_call_is_counted(self, world: World) -> None:
        assert abs((now(world) - world.clock.now()).total_seconds()) < 3
        assert now(world).tzinfo is UTC
        before = world.crm.usage()
        customer = account(world)
        world.crm.read(ACCOUNTS, [customer], [])
        world.crm.update(ACCOUNTS, [{"id": customer, "Billing_City": "x"}], unmodified_since=None)
        after = world.crm.usage()
        assert (after.reads - before.reads, after.writes - before.writes) == (1, 1)
        assert after.calls == after.reads + after.writes
        assert after.credits >= before.credits + 2

    def test_modules_and_layouts_tell_what_people_see(self, world: World) -> None:
        assert {ACCOUNTS, DEALS, TASKS} <= set(world.crm.modules())
        created_fields(world)
        (layout,) = world.crm.layouts(ACCOUNTS)
        assert layout.active
        assert {field.name for field in world.crm.fields(ACCOUNTS) if field.custom} <= layout.fields


def created_fields(world: World) -> tuple[str, str]:
    """The API names of our two fields, created and found by their ids."""
    made = fates_done(world.crm.create_fields(ACCOUNTS, [TIER, REASON]))
    names = {field.id: field.name for field in world.crm.fields(ACCOUNTS)}
    return names[made[0].id], names[made[1].id]


def fates_done(found: list[Outcome]) -> list[Outcome]:
    assert fates(found) == [Fate.DONE] * len(found), found
    return found


def as_list(value: Any) -> list[Any]:
    assert isinstance(value, list)
    return value
