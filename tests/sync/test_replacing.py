"""Connecting anew takes the earlier consent back, once the new one works and only where it is ours."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from workbench import MORNING, Office, write_company

from connector.clock import VirtualClock
from connector.errors import ReconnectNeeded
from connector.standin.server import StandIn
from connector.zoho.hosts import hosts_from_urls
from connector.zoho.oauth import Credentials as Client
from connector.zoho.oauth import Tokens
from sync import facts as facts_of
from sync.belonging import WrongOrganisation, leads_here, notice_connection
from sync.connection.connecting import Connection
from sync.connection.credentials import Credentials
from sync.connection.replacing import Replaced, take_back
from sync.home import Home

REVOKE = "POST /oauth/v2/token/revoke"
ENV = {"FENLEI_ALLOW_LOOPBACK": "1"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StandIn]:
    with StandIn(*write_company(tmp_path / "company", (100.0,)), clock=VirtualClock(MORNING)) as it:
        yield it


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    return home


def again(server: StandIn, before: Credentials) -> Connection:
    """The connection after a new consent of the same client."""
    return Connection(replace(before, refresh_token=server.tenant.oauth.consent()), before)


def replaced(made: Connection | None, home: Home, *, same: bool = True) -> Replaced | None:
    return take_back(made, ENV, home, VirtualClock(MORNING), same_organisation=same)


def works(credentials: Credentials, home: Home) -> bool:
    """Whether Zoho gives an access token for these credentials."""
    hosts = hosts_from_urls(credentials.api_domain, credentials.accounts_url, allow_loopback=True)
    client = Client(credentials.client_id, credentials.client_secret, credentials.refresh_token)
    rng, clock = random.Random(1), VirtualClock(MORNING)  # noqa: S311 - spreads waits
    tokens = Tokens(hosts, client, directory=home.tokens, clock=clock, rng=rng)
    with closing(tokens):
        try:
            return bool(tokens.access_token())
        except ReconnectNeeded:
            return False


def revocations(server: StandIn) -> int:
    return sum(seen.path.endswith("/revoke") for seen in server.requests)


@pytest.mark.fault("A7")
def test_the_earlier_consent_is_taken_back_and_the_new_one_works(
    server: StandIn, home: Home
) -> None:
    made = again(server, Credentials(**server.connection()))
    told = replaced(made, home)
    assert told == Replaced(True)
    assert told.sentence == "The earlier consent is taken back at Zoho."
    assert told.as_json() == {"earlier_consent": {"revoked": True, "error": ""}}
    assert works(made.now, home)
    assert made.before is not None
    assert not works(made.before, home)


@pytest.mark.fault("A7")
def test_connecting_anew_however_often_ends_nobody_elses_consent(
    server: StandIn, home: Home
) -> None:
    connection = Credentials(**server.connection())
    elsewhere = replace(connection, refresh_token=server.tenant.oauth.consent())
    for _ in range(25):
        made = again(server, connection)
        replaced(made, home)
        connection = made.now
    assert works(elsewhere, home)
    assert works(connection, home)


def test_where_nothing_was_replaced_nothing_is_called(server: StandIn, home: Home) -> None:
    same = Credentials(**server.connection())
    for made in (None, Connection(same, None), Connection(same, same)):
        assert replaced(made, home) is None
    assert revocations(server) == 0
    assert works(same, home)


@pytest.mark.parametrize("other", ["organisation", "host"])
def test_a_consent_that_may_be_of_another_organisation_is_left_and_that_is_said(
    server: StandIn, home: Home, other: str
) -> None:
    made = again(server, Credentials(**server.connection()))
    assert made.before is not None
    if other == "host":
        made = Connection(made.now, replace(made.before, api_domain="https://www.zohoapis.eu"))
    told = replaced(made, home, same=other != "organisation")
    assert told is not None
    assert told.sentence.startswith(
        "The earlier consent is still good at Zoho: it may lead into another organisation"
    )
    assert revocations(server) == 0


@pytest.mark.parametrize("kind", ["reset", "error_500", "html_200"])
def test_a_zoho_that_cannot_be_told_never_fails_a_setup(
    server: StandIn, home: Home, kind: str
) -> None:
    server.faults.add(REVOKE, kind=kind, times=99)
    told = replaced(again(server, Credentials(**server.connection())), home)
    assert told is not None
    assert not told.revoked
    assert told.why_not in told.sentence
    assert told.why_not.endswith(".")


def test_it_is_known_which_credentials_led_into_this_organisation(office: Office) -> None:
    first, second = (
        Credentials("https://accounts.zoho.com", "https://www.zohoapis.com", "id", "s", token)
        for token in ("first", "second")
    )
    with office.ledger() as ledger:
        assert not leads_here(ledger, None)
        notice_connection(ledger, first)
        assert not leads_here(ledger, first), "nobody has asked yet where it leads"
    office.run("backfill")
    with office.ledger() as ledger:
        assert leads_here(ledger, first)
        notice_connection(ledger, second)
        facts_of.forget(ledger)
    office.standin.tenant.organisation["zgid"] = "70000000001"
    with pytest.raises(WrongOrganisation):
        office.run()
    with office.ledger() as ledger:
        assert not leads_here(ledger, second)
        assert leads_here(ledger, first)
