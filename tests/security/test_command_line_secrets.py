"""At the command line: a careless line tells no secret, a defect is a sentence, and disconnecting wipes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from workbench import TODAY, write_company
from worker import Worker, worker

from connector.standin.server import StandIn

CUSTOMER = "Canary顾客公司"


class Place:
    """An organisation, a state folder with credentials in it, and a worker."""

    def __init__(self, server: StandIn, home: Path, hand: Worker) -> None:
        self.server, self.home, self.hand = server, home, hand
        self.hand.does("@connect", server.connection(), server.grant_code)
        assert self.hand.does("setup", "--yes") == 0

    def secrets(self) -> set[str]:
        standing = self.server.tenant.oauth._refresh
        live = {token for refresh in standing.values() for token in refresh.live}
        return {self.server.client_secret, *standing, *live}


@pytest.fixture
def make_place(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    with ExitStack() as stack:

        def make(**variables: str) -> Place:
            accounts, deals = write_company(tmp_path / "company")
            server = stack.enter_context(StandIn(accounts, deals, today=TODAY))
            home = tmp_path / "home"
            env = {"FENLEI_HOME": str(home), "FENLEI_ALLOW_LOOPBACK": "1", **variables}
            hand = stack.enter_context(worker(tmp_path / "work", env))
            return Place(server, home, hand)

        yield make


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_line_that_tells_every_call_tells_no_secret(
    make_place: Callable[..., Place], debug: str
) -> None:
    place = make_place(FENLEI_DEBUG=debug)
    place.hand.does("@careless")
    place.server.expire_tokens()
    assert place.hand.does("backfill", "--yes") == 0
    told = place.hand.stderr
    assert "/oauth/v2/token" in told
    assert "'refresh_token': '[hidden]'" in told
    assert "'client_secret': '[hidden]'" in told
    assert "Zoho-oauthtoken [hidden]" in told
    for secret in place.secrets():
        assert not any(part in told for part in [secret, *secret.split(".")[1:]])


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_defect_is_a_sentence_and_all_of_it_only_where_it_was_asked_for(
    make_place: Callable[..., Place], debug: str
) -> None:
    place = make_place(FENLEI_DEBUG=debug)
    secret = place.server.refresh_token
    place.hand.does("@defective", f"{secret} of {CUSTOMER}\x1b[2J")
    place.hand.does("doctor")  # which has the credentials read, and so the secrets known
    assert place.hand.does("sync") == 1
    said = " ".join(place.hand.stderr.split())
    assert "fenlei: This is a defect of fenlei's own (LookupError)." in said
    assert str(place.home / "unexpected.txt") in said
    assert "LookupError" in (place.home / "unexpected.txt").read_text("utf-8")
    assert CUSTOMER not in (place.home / "unexpected.txt").read_text("utf-8")
    assert ("Traceback (most recent call last)" in said) == bool(debug)
    assert (CUSTOMER in said) == bool(debug)
    assert "\x1b" not in said


def test_disconnecting_wipes_and_the_next_command_asks_for_a_set_up(
    make_place: Callable[..., Place],
) -> None:
    place = make_place()
    assert place.hand.does("disconnect", "--yes") == 0
    assert not place.server.tenant.oauth._refresh or len(place.server.tenant.oauth._refresh) == 1
    assert not (place.home / "credentials.json").exists()
    assert place.hand.does("sync") == 1
    assert "Not connected to a CRM yet" in place.hand.stderr
    assert (place.home / "ledger.sqlite").exists()


def test_setting_up_says_where_the_secrets_are(make_place: Callable[..., Place]) -> None:
    place = make_place()
    assert place.hand.does("doctor") == 0
    told: Any = " ".join(place.hand.stdout.split())
    assert "which only you can read" in told
