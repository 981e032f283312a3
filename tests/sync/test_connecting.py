"""The first connection: a code that a person pastes becomes credentials that only its owner can read."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import responses

from connector.clock import SystemClock
from connector.errors import ReconnectNeeded, Refused
from sync.connection.connecting import Asked, Connection, connect_first
from sync.connection.credentials import (
    Credentials,
    CredentialsProblem,
    find_credentials,
    save_credentials,
)

ENDPOINT = "https://accounts.zoho.eu/oauth/v2/token"
GIVEN = {
    "access_token": "1000.access",
    "refresh_token": "1000.refresh",
    "api_domain": "https://www.zohoapis.eu",
    "token_type": "Bearer",
    "expires_in": 3600,
}
SAVED = Credentials(
    "https://accounts.zoho.eu", "https://www.zohoapis.eu", "1000.ID", "secret", "1000.refresh"
)


@pytest.fixture
def zoho() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(ENDPOINT, json=GIVEN)
        yield mock


def pasted() -> Asked:
    return Asked("eu", "production", "1000.ID", "secret", "1000.code")


def nobody() -> Asked:
    raise AssertionError("nobody should be asked")


def connect(home: Path, ask: Callable[[], Asked] = pasted, **more: bool) -> Connection | None:
    return connect_first({"FENLEI_HOME": str(home)}, SystemClock(), ask, **more)


def test_a_code_becomes_credentials_and_is_asked_for_once(
    zoho: responses.RequestsMock, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    assert connect(home)
    assert not connect(home, nobody)
    assert find_credentials({}, home / "credentials.json") == SAVED
    assert stat.S_IMODE((home / "credentials.json").stat().st_mode) == 0o600
    (call,) = zoho.calls
    assert call.request.url == ENDPOINT, "nothing secret in the address"
    form = parse_qs(str(call.request.body))
    assert (form["code"], form["grant_type"]) == (["1000.code"], ["authorization_code"])


def test_reconnecting_replaces_what_was_saved(zoho: responses.RequestsMock, tmp_path: Path) -> None:
    home = tmp_path / "home"
    connect(home)
    zoho.replace(responses.POST, ENDPOINT, json=GIVEN | {"refresh_token": "1000.newer"})
    newer = replace(SAVED, refresh_token="1000.newer")
    assert connect(home, again=True) == Connection(newer, before=SAVED)
    assert find_credentials({}, home / "credentials.json") == newer


def test_a_wrong_code_leaves_the_old_credentials(
    zoho: responses.RequestsMock, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    connect(home)
    zoho.replace(responses.POST, ENDPOINT, json={"error": "invalid_code"})
    with pytest.raises(ReconnectNeeded):
        connect(home, again=True)
    assert find_credentials({}, home / "credentials.json") == SAVED


def test_the_environment_goes_first_and_cannot_be_reconnected_here(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    save_credentials(path, SAVED)
    assert find_credentials({"FENLEI_CLIENT_ID": "other"}, path).client_id == "other"
    env = {"FENLEI_HOME": str(tmp_path / "home"), "FENLEI_REFRESH_TOKEN": "1000.env"}
    with pytest.raises(CredentialsProblem, match="FENLEI_REFRESH_TOKEN would still go before"):
        connect_first(env, SystemClock(), nobody, again=True)
    with pytest.raises(
        CredentialsProblem, match=r"FENLEI_CLIENT_SECRET missing\. Run 'fenlei setup'"
    ):
        connect_first(env, SystemClock(), nobody)


@pytest.mark.parametrize("text", ["", "[]", "not json"])
def test_a_broken_credentials_file_is_no_traceback(tmp_path: Path, text: str) -> None:
    path = tmp_path / "credentials.json"
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CredentialsProblem, match="Delete it and run 'fenlei setup' again"):
        find_credentials({}, path)


def test_credentials_that_others_can_read_are_not_used(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    save_credentials(path, SAVED)
    path.chmod(0o644)
    with pytest.raises(Refused, match="open to other users"):
        find_credentials({}, path)


def test_no_repr_shows_a_secret() -> None:
    for text in (repr(SAVED), repr(pasted())):
        assert "secret" not in text.replace("client_secret", "")
        assert "1000.refresh" not in text
        assert "1000.code" not in text
