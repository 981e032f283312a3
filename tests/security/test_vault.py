"""Where the client secret and the refresh token are kept, that it is said, and what if it is gone."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_keyrings import Asking, Broken, Chain, Drawer, Forgetful, Locked, of_no_worth, plain_text
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as Fail
from keyring.backends.null import Keyring as Null

from sync.connection import vault
from sync.connection.credentials import (
    Credentials,
    CredentialsProblem,
    find_credentials,
    forget_credentials,
    has_credentials,
    save_credentials,
    whereabouts,
)

ROOT = Path(__file__).resolve().parents[2]
OURS = Credentials(
    "https://accounts.zoho.eu", "https://www.zohoapis.eu", "1000.ID", "shh-secret", "1000.refresh"
)
SECRETS = (OURS.client_secret, OURS.refresh_token)
Use = Callable[[KeyringBackend], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "credentials.json"


def saved(path: Path, wish: str = "") -> str:
    save_credentials(path, OURS, {"FENLEI_VAULT": wish} if wish else {})
    return path.read_text("utf-8")


def names_a_secret(text: str) -> bool:
    return any(secret in text for secret in SECRETS)


@pytest.mark.parametrize(
    "keyring",
    [
        Fail(),
        Null(),
        plain_text(),
        of_no_worth(),
        Chain(),
        Chain(plain_text(), Null()),
        Locked(),
        Forgetful(),
    ],
    ids=lambda keyring: type(keyring).__name__,
)
def test_without_a_real_keyring_secrets_go_into_a_private_file_and_it_is_said(
    path: Path, session_keyring: Use, keyring: KeyringBackend
) -> None:
    session_keyring(keyring)
    assert names_a_secret(saved(path))
    assert find_credentials({}, path) == OURS
    assert whereabouts({}, path).endswith(f"in the file {path}, which only you can read.")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not getattr(keyring, "entries", None)


def test_a_real_keyring_takes_the_secrets_and_the_file_holds_none(
    path: Path, session_keyring: Use
) -> None:
    drawer = Drawer()
    session_keyring(drawer)
    text = saved(path)
    assert not names_a_secret(text)
    assert json.loads(text)["client_id"] == "1000.ID"
    assert find_credentials({}, path) == OURS
    assert "keyring of this session (fake_keyrings.Drawer)" in whereabouts({}, path)
    assert list(drawer.entries) == [("fenlei", str(path.parent.resolve()))]


def test_of_a_chain_only_the_link_that_protects_is_used(path: Path, session_keyring: Use) -> None:
    leaky, drawer = plain_text(), Drawer()
    session_keyring(Chain(leaky, drawer))
    saved(path)
    assert find_credentials({}, path) == OURS
    assert len(drawer.entries) == 1
    assert not leaky.entries  # type: ignore[attr-defined]


def test_a_file_may_be_asked_for_where_there_is_a_keyring(path: Path, session_keyring: Use) -> None:
    drawer = Drawer()
    session_keyring(drawer)
    assert names_a_secret(saved(path, "file"))
    assert not drawer.entries


@pytest.mark.parametrize("wish", ["keyring", "keyrings", "vault"])
def test_who_insists_on_a_keyring_gets_no_file_instead(path: Path, wish: str) -> None:
    with pytest.raises(CredentialsProblem, match="or set FENLEI_VAULT=file"):
        saved(path, wish)
    assert not path.exists()


def test_the_choice_is_made_once(path: Path, session_keyring: Use) -> None:
    before = saved(path)
    session_keyring(Drawer())
    assert find_credentials({}, path) == OURS
    assert path.read_text("utf-8") == before


@pytest.mark.parametrize("gone", [Locked(), Fail(), Chain(plain_text())])
def test_a_keyring_that_is_locked_or_gone_later_ends_in_a_sentence(
    path: Path, session_keyring: Use, gone: KeyringBackend
) -> None:
    opened = Locked()
    opened.locked = False
    session_keyring(opened)
    saved(path)
    session_keyring(gone)
    with pytest.raises(CredentialsProblem, match=r"Unlock it, or .* FENLEI_VAULT=file"):
        find_credentials({}, path)


def test_a_keyring_that_is_set_up_wrongly_is_as_good_as_none(
    path: Path, session_keyring: Use
) -> None:
    session_keyring(Chain(Broken()))
    assert names_a_secret(saved(path))


def test_an_entry_that_somebody_deleted_asks_for_a_new_consent(
    path: Path, session_keyring: Use
) -> None:
    drawer = Drawer()
    session_keyring(drawer)
    saved(path)
    drawer.entries.clear()
    with pytest.raises(CredentialsProblem, match="'fenlei setup --reconnect'"):
        find_credentials({}, path)


def test_nobody_waits_for_ever_for_a_person_who_is_not_there(
    path: Path, session_keyring: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "PATIENCE", 0.01)
    session_keyring(Asking())
    assert names_a_secret(saved(path)), "what cannot be read back is not relied upon"


def test_the_environment_goes_first_and_the_keyring_is_not_asked(
    path: Path, session_keyring: Use
) -> None:
    session_keyring(Drawer())
    saved(path)
    session_keyring(Locked())
    env = {"FENLEI_CLIENT_SECRET": "other", "FENLEI_REFRESH_TOKEN": "1000.other"}
    assert find_credentials(env, path).refresh_token == "1000.other"
    assert has_credentials(env, path)
    assert whereabouts(env, path).endswith("come from environment variables.")


def test_a_file_of_the_earlier_form_still_works(path: Path, session_keyring: Use) -> None:
    session_keyring(Drawer())
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    path.write_text(
        '{"accounts_url": "https://accounts.zoho.eu", "api_domain": "https://www.zohoapis.eu",'
        ' "client_id": "1000.ID", "client_secret": "shh-secret", "refresh_token": "1000.refresh"}',
        "utf-8",
    )
    assert find_credentials({}, path) == OURS


def test_reconnecting_into_a_file_leaves_nothing_in_the_keyring(
    path: Path, session_keyring: Use
) -> None:
    drawer = Drawer()
    session_keyring(drawer)
    saved(path)
    saved(path, "file")
    assert not drawer.entries


def test_forgetting_empties_keyring_and_folder(path: Path, session_keyring: Use) -> None:
    drawer = Drawer()
    session_keyring(drawer)
    saved(path)
    assert forget_credentials(path) == ""
    assert not drawer.entries
    assert not path.exists()
    assert forget_credentials(path) == "", "forgetting twice is no harm"


def test_an_entry_that_cannot_be_deleted_is_named(path: Path, session_keyring: Use) -> None:
    session_keyring(Drawer())
    saved(path)
    session_keyring(Fail())
    assert forget_credentials(path).endswith("Delete it there.")
    assert not path.exists()


def test_two_state_folders_do_not_share_an_entry(tmp_path: Path, session_keyring: Use) -> None:
    session_keyring(Drawer())
    one, other = (tmp_path / name / "credentials.json" for name in ("sandbox", "production"))
    saved(one)
    save_credentials(other, Credentials("a", "b", "c", "other-secret", "1000.other"), {})
    assert find_credentials({}, one) == OURS


def test_keyring_is_not_imported_where_it_is_not_used(path: Path) -> None:
    save_credentials(path, OURS)
    program = (
        "import sys; from pathlib import Path; from sync.connection.credentials import find_credentials;"
        "find_credentials({}, Path(sys.argv[1])); print('keyring' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
