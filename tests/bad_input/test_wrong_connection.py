"""Wrong addresses, tokens and consents: no call goes astray, and once mended the work gets done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from keyboard import Office, failed

from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.server import StandIn


@pytest.mark.parametrize(
    ("variables", "problem", "advice"),
    [
        (
            {"FENLEI_API_DOMAIN": "https://www.zohoapis.example"},
            "'www.zohoapis.example' is not an address of Zoho's.",
            "leave the addresses out and choose one.",
        ),
        (
            {"FENLEI_ACCOUNTS_URL": "https://accounts.zoho.example"},
            "'accounts.zoho.example' is not an address of Zoho's.",
            "leave the addresses out and choose one.",
        ),
        (
            {
                "FENLEI_API_DOMAIN": "https://www.zohoapis.eu",
                "FENLEI_ACCOUNTS_URL": "https://accounts.zoho.com",
            },
            "is in data centre EU, but https://accounts.zoho.com is not.",
            "choose the data centre that your Zoho address ends in.",
        ),
        (
            {"FENLEI_ALLOW_LOOPBACK": ""},
            "'127.0.0.1' is not an address of Zoho's.",
            "Set FENLEI_ALLOW_LOOPBACK=1 to use the stand-in.",
        ),
    ],
)
def test_no_call_goes_to_a_wrong_address(
    office: Office, variables: dict[str, str], problem: str, advice: str
) -> None:
    said = failed(office.fenlei("sync", **variables))
    assert problem in said
    assert said.endswith(advice)
    assert not office.server.requests


@pytest.mark.fault("A8")
def test_a_token_of_another_data_centre_says_so(
    make_office: Callable[..., Office], good_end: Any
) -> None:
    here, elsewhere = make_office(), make_office()
    here.set_up()
    elsewhere.server.tenant.oauth.api_domain = here.server.api_domain
    foreign = {
        name: elsewhere.env[name]
        for name in (
            "FENLEI_ACCOUNTS_URL",
            "FENLEI_CLIENT_ID",
            "FENLEI_CLIENT_SECRET",
            "FENLEI_REFRESH_TOKEN",
        )
    }
    said = failed(here.fenlei("backfill", "--yes", **foreign))
    assert "fresh access token is not accepted" in said
    assert said.endswith("choose the data centre that your Zoho address ends in.")
    assert here.fenlei("backfill", "--yes").exit_code == 0
    assert here.state() == good_end


def test_a_client_of_another_data_centre_says_so(make_office: Callable[..., Office]) -> None:
    here, elsewhere = make_office(), make_office()
    client = {"FENLEI_CLIENT_ID": elsewhere.env["FENLEI_CLIENT_ID"]}
    said = failed(here.fenlei("setup", "--yes", **client))
    assert "does not accept the client id or secret in data centre" in said
    assert said.endswith("then run 'fenlei setup --reconnect'.")


@pytest.mark.fault("A3")
def test_a_revoked_token_stops_the_run_at_once(office: Office) -> None:
    office.backfilled()
    before, asked = office.state(), len(office.server.requests)
    office.server.revoke()
    said = failed(office.fenlei("sync"))
    assert "Zoho no longer accepts our code or refresh token." in said
    assert said.endswith("nothing that is waiting gets lost.")
    calls = [call.path for call in office.server.requests[asked:]]
    assert calls.count("/oauth/v2/token") == 1
    assert len(calls) == 2, "one call that showed it, one refresh that was refused"
    result = office.fenlei("sync", FENLEI_REFRESH_TOKEN=consent_again(office.server))
    assert result.exit_code == 0
    assert office.state() == before


def consent_again(server: StandIn) -> str:
    """What the administrator gets for a new self-client code."""
    form = {
        "grant_type": "authorization_code",
        "code": server.grant_code,
        "client_id": server.client_id,
        "client_secret": server.client_secret,
    }
    answer = requests.post(f"{server.accounts_url}/oauth/v2/token", data=form, timeout=10)
    return str(answer.json()["refresh_token"])


@pytest.mark.fault("A10")
@pytest.mark.parametrize(
    ("scope", "route"),
    [
        ("modules.accounts.READ", "GET /Accounts/actions/count"),
        ("modules.deals.READ", "GET /Deals/actions/count"),
        ("coql.READ", "POST /coql"),
        ("modules.tasks.CREATE", "POST /Tasks"),
        ("settings.fields.CREATE", "POST /settings/fields"),
    ],
)
def test_a_missing_scope_is_named_by_what_it_stops(
    office: Office, good_end: Any, scope: str, route: str
) -> None:
    office.server.scopes = [given for given in DEFAULT_SCOPES if given != f"ZohoCRM.{scope}"]
    first = office.fenlei("setup", "--yes")
    said = failed(first if first.exit_code else office.fenlei("backfill", "--yes"))
    assert (
        f"The consent does not cover {route} (OAUTH_SCOPE_MISMATCH; it needs ZohoCRM.{scope}"
        in said
    )
    assert said.endswith("then run 'fenlei setup --reconnect'.")
    office.server.scopes = DEFAULT_SCOPES
    assert office.backfilled().state() == good_end
