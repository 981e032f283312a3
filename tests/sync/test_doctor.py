"""The doctor names each thing that is wrong with an installation, and says what to do about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from workbench import DAY, NAMES, Office, call_task, planned, sender

from connector.clock import VirtualClock
from connector.model import OPTIONAL, REQUIRED, Module
from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.switches import Switches
from connector.zoho.crm import ZohoCrm
from sync.brakes import Allowed
from sync.checks.bulk import savings
from sync.connection.credentials import Credentials, save_credentials
from sync.doctor import Check, Level, examine
from sync.home import Home
from sync.ledger import Kind, State
from sync.task_key.proof import prove_key

Break = Callable[[Office], Any]

BULK = "ZohoCRM.bulk.READ"

EXPECTED = {"fallback owner", "loopback"}
"""What is said of a healthy office: some of its users are inactive, and it is not Zoho."""


def environment(office: Office, **more: str) -> dict[str, str]:
    connection = office.standin.connection()
    env = {f"FENLEI_{key.upper()}": value for key, value in connection.items()}
    env |= {
        "FENLEI_HOME": str(office.path),
        "FENLEI_ALLOW_LOOPBACK": "1",
        "FENLEI_HOST": "office-pc",
    }
    return env | more


def examined(office: Office, **more: str) -> list[Check]:
    return list(examine(environment(office, **more), office.clock))


def wrong(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks if check.level is not Level.OK}


def tells(check: Check, word: str) -> bool:
    """Whether a finding says this, and ends in a sentence that says what to do."""
    said = f"{check.text} {check.advice}".strip()
    return word in said and (said[-1] == "." or "Run: chmod" in said)


def test_nothing_is_wrong_with_a_healthy_installation(office: Office) -> None:
    office.run("backfill")
    assert wrong(examined(office)).keys() == EXPECTED


def test_looking_writes_nothing_into_the_crm(office: Office) -> None:
    office.run("backfill")
    applied, account = len(office.standin.log), office.account(6)
    examined(office)
    assert (len(office.standin.log), office.account(6)) == (applied, account)


def without(office: Office, scope: str) -> None:
    """The consent no longer covers this."""
    office.standin.scopes = [kept for kept in office.standin.scopes if kept != scope]


SCOPES = {
    "ZohoCRM.modules.accounts.READ": "reading Accounts",
    "ZohoCRM.modules.accounts.UPDATE": "changing Accounts",
    "ZohoCRM.modules.deals.READ": "reading Deals",
    "ZohoCRM.modules.tasks.READ": "reading Tasks",
    "ZohoCRM.modules.tasks.CREATE": "opening Tasks",
    "ZohoCRM.modules.tasks.UPDATE": "changing Tasks",
    **{f"ZohoCRM.modules.{module.lower()}.READ": "further modules" for module in OPTIONAL},
    "ZohoCRM.coql.READ": "queries",
    "ZohoCRM.settings.modules.READ": "modules",
    "ZohoCRM.settings.fields.READ": "fields of Accounts",
    "ZohoCRM.settings.fields.CREATE": "creating fields",
    "ZohoCRM.settings.fields.UPDATE": "naming fields",
    "ZohoCRM.settings.layouts.READ": "layouts",
    "ZohoCRM.org.READ": "connection",
    "ZohoCRM.users.READ": "users",
}


@pytest.mark.fault("A10")
@pytest.mark.parametrize(("scope", "name"), SCOPES.items())
def test_a_missing_scope_is_named_where_it_is_needed_and_nothing_else_is_blamed(
    office: Office, scope: str, name: str
) -> None:
    without(office, scope)
    applied = len(office.standin.log)
    found = wrong(examined(office))
    assert tells(found[name], "setup --reconnect")
    area = scope if "coql" not in scope else "ZohoCRM.coql.READ"
    assert area in found[name].text
    also = {"queries"} if scope.endswith(("accounts.READ",)) else set()
    also |= {f"fields of {module}" for module in REQUIRED} if "fields.READ" in scope else set()
    assert found.keys() - EXPECTED - {"last success"} == {name} | also
    assert len(office.standin.log) == applied


def test_only_one_scope_cannot_be_told_and_every_other_is_tried() -> None:
    untold = {"ZohoCRM.settings.currencies.READ"}
    assert set(DEFAULT_SCOPES) - SCOPES.keys() == untold | {BULK}


class Grown(ZohoCrm):
    """The same organisation, years later."""

    def count(self, module: str) -> int:
        return 210_000 if module == Module.DEALS else 9


def test_a_consent_without_bulk_reading_is_right_and_the_doctor_says_what_it_would_save(
    office: Office,
) -> None:
    without(office, BULK)
    assert "bulk reading" not in {check.name for check in examined(office)}, "nothing to save"
    with office.desk() as desk:
        assert isinstance(desk.crm, ZohoCrm)
        grown = Grown(desk.crm.transport)
        (found,) = savings(grown)
        assert found.level is Level.OK
        assert "lacks ZohoCRM.bulk.READ" in found.text
        assert "about 122 credits instead of 317" in found.text
        office.standin.scopes = DEFAULT_SCOPES
        assert list(savings(grown)) == []


def misdirected(office: Office) -> None:
    office.standin.admin.misdirect("https://evil.example")
    office.standin.expire_tokens()


def copied(office: Office) -> None:
    """The folder was in use on another machine before."""
    list(examine(environment(office, FENLEI_HOST="old-laptop"), office.clock))


def hidden(office: Office) -> None:
    office.standin.admin.hide("Accounts", [office.account_id(n) for n in (1, 6, 8)])


def throttled(office: Office) -> None:
    """Another program has had its ten tokens, and what the CRM says to us is kept."""
    office.standin.expire_tokens()
    state = stored_tokens(office)
    state["blocked_until"] = (office.clock.now() + timedelta(minutes=4)).isoformat()
    store_tokens(office, state)


def ten_tokens_elsewhere(office: Office) -> None:
    office.standin.expire_tokens()
    form = {"grant_type": "refresh_token"}
    form |= {
        k: v for k, v in office.standin.connection().items() if not k.endswith(("url", "main"))
    }
    for _ in range(10):
        requests.post(f"{office.standin.accounts_url}/oauth/v2/token", data=form, timeout=9).close()


def six_refreshes(office: Office) -> None:
    state = stored_tokens(office)
    state["refreshes"] = [office.clock.now().isoformat()] * 6
    store_tokens(office, state)


def stored_tokens(office: Office) -> dict[str, Any]:
    (path,) = Home(office.path).tokens.glob("token-*.json")
    return dict(json.loads(path.read_text()))


def store_tokens(office: Office, state: Mapping[str, Any]) -> None:
    (path,) = Home(office.path).tokens.glob("token-*.json")
    path.write_text(json.dumps(state))


def another_program(office: Office) -> None:
    """Four times within the hour somebody else fetches so many tokens that ours ends."""
    for _ in range(4):
        office.standin.admin.mint_tokens(15)
        office.after(700)
        examined(office)


def chain_broken(office: Office) -> None:
    """Somebody who knows how takes the triggers away, changes a row, and puts the triggers back."""
    with office.ledger() as ledger:
        file = ledger.audit._file
        found = file.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        for name, _ in found:
            file.change(f"DROP TRIGGER {name}", ())
        file.change("UPDATE audit SET new = '\"forged\"' WHERE id = 2", ())
        for _, sql in found:
            file.change(sql, ())


def half_a_ledger(office: Office) -> None:
    path = Home(office.path).ledger
    for companion in office.path.glob("ledger.sqlite-*"):
        companion.unlink()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def key_field(office: Office, action: str, *more: Any) -> None:
    getattr(office.standin.admin, action)("Tasks", "Sync_Key", *more)


def key_not_enforced(office: Office) -> None:
    office.standin.switches = Switches(unique_on_tasks=False)
    with office.desk() as desk:
        tasks = [call_task(office.account_id(n), "proof") for n in (1, 2)]
        planned(desk, *(replace(t, body={**t.body, "Sync_Key": t.key}) for t in tasks))
        sender(desk).send_tasks(desk.ledger.intents.in_state(State.PLANNED, Kind.TASK))
        prove_key(desk.crm, desk.ledger, desk.crm.fields(Module.TASKS), quarantine=desk.quarantine)


MISCONFIGURED: list[Any] = [
    ("A1", lambda o: o.standin.expire_tokens(), "", ""),
    ("A2", another_program, "tokens", "another program uses this client"),
    ("A3", lambda o: o.standin.revoke(), "connection", "setup --reconnect"),
    ("A4", throttled, "tokens", "no more access tokens for us until"),
    ("A4", ten_tokens_elsewhere, "connection", "wait for 600 seconds"),
    ("A5", six_refreshes, "tokens", "6 of the 8 access tokens"),
    ("A7", lambda o: o.standin.admin.consent(20), "connection", "setup --reconnect"),
    (
        "A8",
        lambda o: o.standin.faults.add("GET /org", kind="unauthorized", times=9),
        "connection",
        "choose the data centre",
    ),
    (
        "A9",
        misdirected,
        "connection",
        "not an address of Zoho's",
    ),
    (
        "A11",
        lambda o: o.standin.admin.deactivate(o.standin.users[0]["id"]),
        "connection",
        "whether the user that gave the consent was deactivated",
    ),
    ("A11", lambda o: o.standin.admin.forbid("Deals"), "reading Deals", "permission Deals"),
    ("A12", hidden, "hidden records", "our user sees 7 Accounts, 3 fewer"),
    ("Q3", lambda o: o.standin.admin.drain_credits(100), "credits", "Credits come back"),
    ("C8", half_a_ledger, "installation", "is damaged"),
    (
        "C8",
        lambda o: Home(o.path).mirror.write_bytes(b"x" * 8192),
        "local copy",
        "costs one full pull",
    ),
    ("C12", copied, "machine", "last used on another machine (old-laptop)"),
    ("C13", lambda o: o.path.chmod(0o755), "installation", "chmod 700"),
    ("C13", lambda o: Home(o.path).ledger.chmod(0o644), "files", "chmod 600"),
    ("C13", lambda o: Home(o.path).mirror.chmod(0o640), "files", "chmod 600"),
    ("H11", lambda o: key_field(o, "drop_field"), "task key", "Run 'fenlei setup'"),
    ("H13", lambda o: key_field(o, "read_only"), "task key", "can no longer be written"),
    (
        "H21",
        lambda o: o.standin.admin.redefine("Tasks", "Sync_Key", unique=False),
        "task key",
        "Make the field unique",
    ),
    ("H21", key_not_enforced, "task key", "does not refuse a second task"),
]
"""Row of the fault matrix, what somebody does, and the finding with a word of its sentence."""

NEED_A_RUN = {"A12", "C8", "C13"}
"""Only an office that has read and written has a local copy that somebody could break."""


@pytest.mark.parametrize(
    ("row", "break_it", "name", "word"),
    [pytest.param(*case, marks=pytest.mark.fault(case[0])) for case in MISCONFIGURED],
)
def test_each_thing_that_can_be_wrong_is_found(
    office: Office, row: str, break_it: Break, name: str, word: str
) -> None:
    if row in NEED_A_RUN:
        office.run("backfill")
    break_it(office)
    found = wrong(examined(office))
    if name:
        assert tells(found[name], word), found
    else:
        assert found.keys() - {"last success"} == EXPECTED


def test_a_local_copy_that_stops_every_run_is_a_problem(office: Office) -> None:
    office.run("backfill")
    Home(office.path).mirror.write_bytes(b"x" * 8192)
    assert wrong(examined(office))["local copy"].level is Level.PROBLEM


def test_a_changed_audit_trail_is_found_and_says_from_where_on(office: Office) -> None:
    office.run("backfill")
    chain_broken(office)
    found = wrong(examined(office))["audit trail"]
    assert found.level is Level.PROBLEM
    assert tells(found, "Row 2 of the audit trail")


def test_a_dead_scheduler_and_doubts_are_noticed(office: Office) -> None:
    office.standin.faults.add("POST /Tasks", kind="lost_after_apply")
    office.run("backfill")
    office.after(3 * DAY)
    found = wrong(examined(office))
    assert "3 days ago" in found["last success"].text
    assert "unknown" in found["in doubt"].text


def test_records_that_a_pull_found_hidden_are_named(office: Office) -> None:
    office.run("backfill")
    hidden(office)
    office.after(8 * DAY)
    office.run("sync", allowed=Allowed.everything_asked(shrink=True))
    assert tells(wrong(examined(office))["data"], "3 × hidden record (Accounts)")


@pytest.mark.fault("A14", "T2")
@pytest.mark.parametrize(
    ("hours", "word"), [(1, "3,600 seconds ahead"), (-2, "7,200 seconds behind")]
)
def test_a_clock_that_is_wrong_is_noticed(office: Office, hours: int, word: str) -> None:
    late = VirtualClock(office.clock.now() + timedelta(hours=hours))
    assert word in wrong(examined(replace(office, clock=late)))["clock"].text


def test_the_file_stop_is_pointed_at(office: Office) -> None:
    Home(office.path).stop.touch()
    assert tells(wrong(examined(office))["stop file"], f"delete {Home(office.path).stop}")


@pytest.mark.fault("A8")
@pytest.mark.parametrize(
    ("more", "word"),
    [
        (
            {
                "FENLEI_API_DOMAIN": "https://www.zohoapis.eu",
                "FENLEI_ACCOUNTS_URL": "https://accounts.zoho.com",
            },
            "is in data centre EU",
        ),
        ({"FENLEI_API_DOMAIN": "https://evil.example"}, "not an address of Zoho's"),
        ({"FENLEI_ALLOW_LOOPBACK": ""}, "FENLEI_ALLOW_LOOPBACK=1"),
        ({"FENLEI_CLIENT_SECRET": "wrong"}, "API console"),
        ({"FENLEI_REFRESH_TOKEN": "1000.wrong"}, "setup --reconnect"),
    ],
)
def test_wrong_addresses_and_credentials_are_told_apart(
    office: Office, more: dict[str, str], word: str
) -> None:
    office.standin.expire_tokens()
    office.after(3600)
    assert tells(wrong(examined(office, **more))["connection"], word)


def test_where_the_secrets_are_is_said_and_a_file_that_others_read_is_refused(
    office: Office,
) -> None:
    connection = office.standin.connection()
    home = Home(office.path)
    env = {"FENLEI_HOME": str(office.path), "FENLEI_ALLOW_LOOPBACK": "1"}
    save_credentials(home.credentials, Credentials(**connection))
    (kept,) = (c for c in examine(env, office.clock) if c.name == "secrets")
    assert (kept.level, str(home.credentials) in kept.text) == (Level.OK, True)
    home.credentials.chmod(0o644)
    found = wrong(list(examine(env, office.clock)))
    assert tells(found["files"], f"chmod 600 {home.credentials}")
    assert found["secrets"].level is Level.PROBLEM


def test_a_layout_that_hides_our_fields_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = office.standin.tenant.catalogue
    shown = catalogue.layouts_json("Accounts", "v8")
    for section in shown[0]["sections"]:
        section["fields"] = [f for f in section["fields"] if f["api_name"] != NAMES["tier"]]
    monkeypatch.setattr(catalogue, "layouts_json", lambda *_: shown)
    found = wrong(examined(office))
    assert found["layouts"].text.endswith(f"does not show {NAMES['tier']}")


@pytest.mark.parametrize(
    ("policy", "name", "word"),
    [
        (
            '[follow_up]\nfallback_owner = "nobody@example.com"',
            "fallback owner",
            "nobody@example.com",
        ),
        ('home_currency = "EUR"', "currency", "CNY"),
        ('[stages]\nwon = ["Signed"]\nlost = ["Signed"]', "policy", "stages"),
    ],
)
def test_a_policy_that_does_not_fit_is_found_and_the_rest_is_looked_at(
    office: Office, policy: str, name: str, word: str
) -> None:
    (office.path / "policy.toml").write_text(policy, encoding="utf-8")
    checks = examined(office)
    found = wrong(checks)[name]
    assert found.level is Level.PROBLEM
    assert word in found.text
    assert (found.advice or found.text).endswith((".", '"'))
    assert "connection" in {check.name for check in checks if check.level is Level.OK}


def test_fields_that_the_policy_has_no_longer_written_are_named_with_what_they_show(
    office: Office,
) -> None:
    office.run()
    assert "left fields" not in wrong(examined(office))
    written = '[fields]\nwrite = ["tier", "loyalty", "reason", "classified_at", "next_follow_up"]\n'
    (office.path / "policy.toml").write_text(written, encoding="utf-8")
    found = wrong(examined(office))["left fields"]
    held = {label: found.text.count(label) for label in ("Churn Risk", "Customer Value", "Loyalty")}
    assert held == {"Churn Risk": 1, "Customer Value": 1, "Loyalty": 0}
    told = [one.get(NAMES["churn_risk"]) for one in office.standin.records("Accounts").values()]
    assert f"Churn Risk ({sum(map(bool, told))} accounts)" in found.text
    assert tells(found, "fenlei runs")


def test_a_module_that_cannot_be_read_is_named_with_what_goes_without_it(office: Office) -> None:
    without(office, "ZohoCRM.modules.cases.READ")
    found = wrong(examined(office))["further modules"]
    assert found.level is Level.WARNING
    assert found.text.startswith("Cases cannot be read: ")
    assert "satisfaction" in found.text
    assert "setup --reconnect" in found.advice
    assert found.advice.endswith("Or leave Cases out in the policy under [read] modules.")


ADMINISTRATORS_ONLY: dict[str, Any] = {
    "kind": "code",
    "status": 403,
    "code": "NOT_SUPPORTED",
    "times": 9,
}
"""Zoho's v8 OpenAPI files, getRecords: the list of notes is for administrators."""


def test_notes_that_a_query_gives_are_not_said_to_be_unreadable(office: Office) -> None:
    office.standin.faults.add("GET /Notes", **ADMINISTRATORS_ONLY)
    assert "further modules" not in wrong(examined(office))


def test_notes_that_only_administrators_may_list_are_told_with_who_can_help(office: Office) -> None:
    office.standin.faults.add("GET /Notes", **ADMINISTRATORS_ONLY)
    answer = ADMINISTRATORS_ONLY | {"status": 400, "code": "INVALID_MODULE"}
    office.standin.faults.add("POST /coql", nth=2, **answer)
    found = wrong(examined(office))["further modules"]
    assert found.text.startswith("Notes cannot be read: ")
    assert "let one of them give the consent" in found.advice
    assert found.advice.endswith("Or leave Notes out in the policy under [read] modules.")
