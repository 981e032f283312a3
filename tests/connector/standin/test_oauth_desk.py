"""Who is let in: codes, refresh tokens, access tokens and consent, with Zoho's odd statuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connector.standin.oauth import DEFAULT_SCOPES, WIDE_SCOPES, covers
from connector.standin.server import StandIn
from connector.standin.switches import Switches


def _form(standin: StandIn, **changes: str) -> dict[str, str]:
    whole = {
        "grant_type": "refresh_token",
        "refresh_token": standin.refresh_token,
        "client_id": standin.client_id,
        "client_secret": standin.client_secret,
    }
    return whole | changes


def _ask(caller: Any, path: str = "/oauth/v2/token", **form: str) -> Any:
    return caller.session.post(caller.standin.accounts_url + path, data=form)


def test_a_refresh_token_gives_an_access_token_for_an_hour(caller: Any, standin: StandIn) -> None:
    answer = _ask(caller, **_form(standin)).json()
    assert answer["api_domain"] == standin.api_domain
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    assert "refresh_token" not in answer
    caller.token = answer["access_token"]
    assert caller("GET", "/org").status_code == 200
    standin.clock.advance(3601)
    late = caller("GET", "/org")
    assert (late.status_code, late.json()["code"]) == (401, "INVALID_TOKEN")


def test_parameters_may_come_in_the_query_and_the_bare_host_is_a_token_desk(
    caller: Any, standin: StandIn
) -> None:
    for path in ("/oauth/v2/token", "/"):
        answer = caller.session.post(standin.accounts_url + path, params=_form(standin))
        assert answer.json()["access_token"]


def test_a_code_is_good_once_and_for_three_minutes(caller: Any, standin: StandIn) -> None:
    def redeem(code: str) -> dict[str, Any]:
        form = _form(standin, grant_type="authorization_code", code=code)
        return dict(_ask(caller, **form).json())

    code = standin.grant_code
    first = redeem(code)
    assert first["refresh_token"] != standin.refresh_token
    assert redeem(code) == {"error": "invalid_code"}
    renewed = _ask(caller, **_form(standin, refresh_token=first["refresh_token"]))
    assert renewed.json()["access_token"]
    late = standin.grant_code
    standin.clock.advance(181)
    assert redeem(late) == {"error": "invalid_code"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"refresh_token": "1000.nothing"}, "invalid_code"),
        ({"client_id": "1000.OTHER"}, "invalid_client"),
        ({"client_secret": "guess"}, "invalid_client_secret"),
        ({"grant_type": "password"}, "general_error"),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_errors_of_the_token_desk_come_with_the_status_that_the_switch_says(
    make_standin: Callable[..., StandIn],
    make_caller: Callable[[StandIn], Any],
    change: dict[str, str],
    error: str,
    status: int,
) -> None:
    standin = make_standin(accounts=None, deals=None, switches=Switches(token_error_status=status))
    answer = _ask(make_caller(standin), **_form(standin, **change))
    assert (answer.status_code, answer.json()) == (status, {"error": error})


@pytest.mark.parametrize("status", [400, 200])
def test_the_eleventh_token_in_ten_minutes_is_denied(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any], status: int
) -> None:
    standin = make_standin(
        accounts=None, deals=None, switches=Switches(token_throttle_status=status)
    )
    caller = make_caller(standin)
    for _ in range(10):
        assert "access_token" in _ask(caller, **_form(standin)).json()
    denied = _ask(caller, **_form(standin))
    assert (denied.status_code, denied.json()["error"]) == (status, "Access Denied")
    standin.clock.advance(600)
    assert "access_token" in _ask(caller, **_form(standin)).json()


def test_the_sixteenth_live_token_ends_the_oldest(caller: Any, standin: StandIn) -> None:
    tokens = []
    for number in range(16):
        if number == 10:
            standin.clock.advance(601)
        tokens.append(_ask(caller, **_form(standin)).json()["access_token"])
    statuses = []
    for token in tokens[:2]:
        caller.token = token
        statuses.append(caller("GET", "/org").status_code)
    assert statuses == [401, 200]


def test_ended_and_revoked_tokens_are_told_apart(caller: Any, standin: StandIn) -> None:
    caller("GET", "/org")
    standin.expire_tokens()
    assert caller("GET", "/org").json()["code"] == "INVALID_TOKEN"
    caller.sign_in()
    assert caller("GET", "/org").status_code == 200
    gone = _ask(caller, "/oauth/v2/token/revoke", token=standin.refresh_token)
    assert gone.json() == {"status": "success"}
    assert caller("GET", "/org").json()["code"] == "INVALID_TOKEN"
    assert _ask(caller, **_form(standin)).json() == {"error": "invalid_code"}


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({}, "AUTHENTICATION_FAILURE"),
        ({"Authorization": "Zoho-oauthtoken 1000.x"}, "INVALID_TOKEN"),
    ],
)
def test_a_call_without_a_good_token_is_refused(
    caller: Any, standin: StandIn, header: dict[str, str], code: str
) -> None:
    answer = caller.session.get(f"{standin.api_domain}/crm/v8/org", headers=header)
    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_what_the_consent_does_not_cover_is_refused_with_401(caller: Any, standin: StandIn) -> None:
    account = next(iter(standin.records("Accounts")))
    for method, path in [("DELETE", f"/Accounts/{account}"), ("POST", "/Accounts")]:
        answer = caller(method, path, json={"data": [{"Account_Name": "x"}]})
        assert (answer.status_code, answer.json()["code"]) == (401, "OAUTH_SCOPE_MISMATCH")
    assert caller.query("select id from Leads where id is not null").status_code == 401
    assert standin.log == []
    standin.scopes = ("ZohoCRM.modules.ALL",)
    assert caller("POST", "/Accounts", json={"data": [{"Account_Name": "x"}]}).status_code == 201
    assert caller("GET", "/users").status_code == 401


@pytest.mark.parametrize(
    ("granted", "needed", "allowed"),
    [
        ("ZohoCRM.modules.ALL", "modules.Tasks.CREATE", True),
        ("ZohoCRM.modules.READ", "modules.Tasks.READ", True),
        ("ZohoCRM.modules.tasks.WRITE", "modules.Tasks.CREATE", True),
        ("ZohoCRM.modules.tasks.WRITE", "modules.Tasks.READ", False),
        ("ZohoCRM.modules.Tasks.ALL", "modules.Tasks.DELETE", True),
        ("ZohoCRM.modules.deals.ALL", "modules.Tasks.READ", False),
        ("ZohoCRM.settings.ALL", "settings.fields.CREATE", True),
        ("ZohoCRM.users.ALL", "users.READ", True),
    ],
)
def test_scopes_cover_what_they_name(granted: str, needed: str, allowed: bool) -> None:
    assert covers((granted,), needed) is allowed


def test_the_wide_consent_covers_all_that_the_stand_in_plays() -> None:
    asked = [scope.removeprefix("ZohoCRM.") for scope in DEFAULT_SCOPES]
    further = [
        "bulk.CREATE",
        "ZohoFiles.files.CREATE",
        "modules.Leads.DELETE",
        "settings.tags.CREATE",
    ]
    assert [need for need in asked + further if not covers(WIDE_SCOPES, need)] == []
