"""Disconnecting: Zoho takes the consent back, this machine forgets it, and what we did stays on record."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_keyrings import Drawer, Locked
from workbench import MORNING, write_company

from connector.clock import VirtualClock
from connector.standin.server import StandIn
from connector.zoho.hosts import hosts_from_urls
from connector.zoho.oauth import Credentials as Client
from connector.zoho.oauth import Tokens
from sync.connection.credentials import Credentials, CredentialsProblem, save_credentials
from sync.connection.disconnecting import Disconnected, disconnect
from sync.home import Home
from sync.ledger import Ledger
from sync.lock import LockHeld, run_lock

REVOKE = "POST /oauth/v2/token/revoke"


class Installation:
    """A state folder as ``fenlei setup`` leaves it, with an access token that was used a moment ago."""

    def __init__(self, folder: Path, server: StandIn) -> None:
        self.server = server
        self.clock = VirtualClock(MORNING)
        self.home = Home(folder / "home")
        self.home.prepare()
        self.env = {"FENLEI_HOME": str(self.home.path), "FENLEI_ALLOW_LOOPBACK": "1"}
        save_credentials(self.home.credentials, Credentials(**server.connection()), self.env)
        with Ledger(self.home.ledger) as ledger:
            ledger.remember("organisation", "42")
        self.tokens().access_token()

    def tokens(self) -> Tokens:
        hosts = hosts_from_urls(
            self.server.api_domain, self.server.accounts_url, allow_loopback=True
        )
        client = Client(self.server.client_id, self.server.client_secret, self.server.refresh_token)
        tokens = Tokens(
            hosts,
            client,
            directory=self.home.tokens,
            clock=self.clock,
            rng=random.Random(1),  # noqa: S311 - spreads waits
        )
        self.opened = tokens
        return tokens

    def disconnect(self, **variables: str) -> Disconnected:
        return disconnect(self.env | variables, self.clock)

    def revocations(self) -> int:
        return sum(seen.path.endswith("/revoke") for seen in self.server.requests)

    def secrets_left(self) -> list[Path]:
        """Every file that holds a secret, and every file that exists to hold one."""
        files = [path for path in self.home.path.rglob("*") if path.is_file()]
        secrets = (self.server.client_secret.encode(), self.server.refresh_token.encode())
        return [
            path
            for path in files
            if path == self.home.credentials
            or path.suffix == ".json"
            or any(secret in path.read_bytes() for secret in secrets)
        ]


@pytest.fixture
def installed(tmp_path: Path) -> Any:
    accounts, deals = write_company(tmp_path / "company", (100.0,))
    with StandIn(accounts, deals, clock=VirtualClock(MORNING)) as server:
        there = Installation(tmp_path, server)
        yield there
        there.opened.close()


def test_zoho_takes_the_consent_back_and_nothing_secret_is_left(installed: Installation) -> None:
    assert installed.secrets_left()
    ended = installed.disconnect()
    assert ended.complete
    assert "Zoho has taken back the consent" in ended.sentence
    assert installed.revocations() == 1
    assert not installed.server.tenant.oauth._refresh
    assert installed.secrets_left() == []


def test_the_ledger_stays_as_it_was(installed: Installation) -> None:
    before = installed.home.ledger.read_bytes()
    installed.disconnect()
    assert installed.home.ledger.read_bytes() == before


@pytest.mark.parametrize(
    "fault", [{"kind": "reset"}, {"kind": "error_500"}, {"kind": "html_502"}, {"kind": "html_200"}]
)
def test_if_zoho_cannot_be_told_the_store_is_empty_all_the_same_and_it_is_said(
    installed: Installation, fault: dict[str, Any]
) -> None:
    installed.server.faults.add(REVOKE, times=99, **fault)
    ended = installed.disconnect()
    assert not ended.complete
    assert "but Zoho may still accept them" in ended.sentence
    assert "delete the self client in Zoho's API console" in ended.sentence
    assert ended.as_json()["status"] == "partial"
    assert installed.secrets_left() == []


def test_a_passing_fault_is_tried_again(installed: Installation) -> None:
    installed.server.faults.add(REVOKE, kind="error_500")
    assert installed.disconnect().complete
    assert installed.revocations() == 2


def test_a_consent_that_zoho_has_forgotten_already_is_as_good(installed: Installation) -> None:
    installed.server.revoke()
    assert installed.disconnect().complete
    assert installed.secrets_left() == []


def test_credentials_of_the_environment_are_revoked_but_only_named(
    installed: Installation,
) -> None:
    secrets = {"FENLEI_REFRESH_TOKEN": installed.server.refresh_token}
    ended = installed.disconnect(**secrets)
    assert ended.revoked
    assert not ended.complete
    assert "Unset FENLEI_REFRESH_TOKEN" in ended.sentence


def test_a_keyring_is_emptied_too_and_one_that_is_locked_is_named(
    installed: Installation, session_keyring: Callable[[Any], None]
) -> None:
    for drawer in (Drawer(), Locked()):
        drawer.locked = False  # type: ignore[attr-defined]
        session_keyring(drawer)
        save_credentials(
            installed.home.credentials, Credentials(**installed.server.connection()), {}
        )
        assert len(drawer.entries) == 1
        drawer.locked = True  # type: ignore[attr-defined]
        ended = installed.disconnect()
        assert ended.complete == (not drawer.entries)
        assert ("Delete it there." in ended.sentence) == bool(drawer.entries)
        assert installed.secrets_left() == []


def test_nothing_to_disconnect_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CredentialsProblem, match="Not connected to a CRM yet"):
        disconnect({"FENLEI_HOME": str(tmp_path / "home")}, VirtualClock(MORNING))


def test_a_run_that_is_going_on_keeps_its_credentials(installed: Installation) -> None:
    with run_lock(installed.home.lock), pytest.raises(LockHeld):
        installed.disconnect()
    assert installed.secrets_left()
    assert not installed.revocations()
