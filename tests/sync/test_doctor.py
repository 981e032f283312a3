"""The doctor names each thing that is wrong with an installation, and says what to do about it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from workbench import NAMES, Office

from sync.doctor import Check, Level, examine


def examined(office: Office, **more: str) -> list[Check]:
    connection = office.standin.connection()
    env = {f"FENLEI_{key.upper()}": value for key, value in connection.items()}
    env |= {"FENLEI_HOME": str(office.path), "FENLEI_ALLOW_LOOPBACK": "1"}
    return list(examine(env | more, office.clock))


def wrong(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks if check.level is not Level.OK}


def test_nothing_is_wrong_with_a_healthy_installation(office: Office) -> None:
    office.run("backfill")
    assert wrong(examined(office)).keys() <= {"fallback owner"}


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        ("ZohoCRM.modules.accounts.READ", "reading Accounts"),
        ("ZohoCRM.modules.deals.READ", "reading Deals"),
        ("ZohoCRM.modules.tasks.READ", "reading Tasks"),
        ("ZohoCRM.settings.modules.READ", "modules"),
        ("ZohoCRM.settings.fields.READ", "fields of Accounts"),
        ("ZohoCRM.settings.layouts.READ", "layouts"),
        ("ZohoCRM.users.READ", "users"),
        ("ZohoCRM.coql.READ", "queries"),
        ("ZohoCRM.org.READ", "connection"),
    ],
)
def test_a_missing_scope_is_found_where_it_is_needed(office: Office, scope: str, name: str) -> None:
    office.standin.scopes = [kept for kept in office.standin.scopes if kept != scope]
    office.standin.expire_tokens()
    found = wrong(examined(office))
    assert name in found
    assert "setup --reconnect" in found[name].advice


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
def test_a_policy_that_does_not_fit_is_found(
    office: Office, policy: str, name: str, word: str
) -> None:
    path = office.path / "policy.toml"
    path.write_text(policy, encoding="utf-8")
    found = wrong(examined(office))
    assert found[name].level is Level.PROBLEM
    assert word in found[name].text
    assert (found[name].advice or found[name].text).endswith((".", '"'))


def test_a_dead_scheduler_and_doubts_are_noticed(office: Office) -> None:
    office.standin.faults.add("POST /Tasks", kind="lost_after_apply")
    office.run("backfill")
    office.after(3 * 86_400)
    found = wrong(examined(office))
    assert "3 days ago" in found["last success"].text
    assert "unknown" in found["in doubt"].text


def test_a_clock_that_is_wrong_is_noticed(office: Office) -> None:
    late = replace(office, clock=type(office.clock)(office.clock.now()))
    late.clock.advance(3600)
    assert "3,600 seconds ahead" in wrong(examined(late))["clock"].text
