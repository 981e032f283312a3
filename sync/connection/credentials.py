"""Keeps what lets fenlei into the CRM (client and refresh token) where only its owner can read it.

The addresses and the client's id stand in a file of mode 0600 in the state folder. The client secret and
the refresh token stand in the keyring of the operating system or, where there is none, in that same file;
which of the two was decided by ``fenlei setup`` and is written down in the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from connector.errors import Refused
from connector.private_file import read_private, remove_private, write_private
from sync.connection.vault import Entry, VaultClosed, keep
from sync.sentences import CannotGoOn


class CredentialsProblem(CannotGoOn):
    """Credentials are missing or cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to reach one organisation. ``repr`` hides what is secret."""

    accounts_url: str
    api_domain: str
    client_id: str
    client_secret: str
    refresh_token: str

    def __repr__(self) -> str:
        return f"Credentials(accounts_url={self.accounts_url!r}, api_domain={self.api_domain!r}, …)"


_VARIABLES = {
    "accounts_url": "FENLEI_ACCOUNTS_URL",
    "api_domain": "FENLEI_API_DOMAIN",
    "client_id": "FENLEI_CLIENT_ID",
    "client_secret": "FENLEI_CLIENT_SECRET",
    "refresh_token": "FENLEI_REFRESH_TOKEN",
}

_SECRETS = ("client_secret", "refresh_token")
_VAULT = "FENLEI_VAULT"
"""``file`` keeps secrets in the file even where there is a keyring; ``keyring`` insists on one."""


def find_credentials(env: Mapping[str, str], path: Path) -> Credentials:
    """Credentials from the environment, else those that ``fenlei setup`` kept.

    A keyring is asked only for what the environment does not say.

    Raises:
        CredentialsProblem: some are missing, or the keyring that holds them is locked or gone.
        Refused: the file can be read by others, or is not ours.
    """
    saved = _read(path)
    entry = _entry(saved)
    if entry and not all(env.get(_VARIABLES[key]) for key in _SECRETS):
        saved = {**saved, **_from_keyring(entry)}
    values = {key: env.get(variable) or saved.get(key, "") for key, variable in _VARIABLES.items()}
    missing = [_VARIABLES[key] for key, value in values.items() if not value]
    if missing:
        raise CredentialsProblem(
            f"Not connected to a CRM yet: {', '.join(missing)} missing. "
            "Run 'fenlei setup', or set these variables."
        )
    return Credentials(**values)


def has_credentials(env: Mapping[str, str], path: Path) -> bool:
    """Whether anything is there to connect with; half of it is a problem, not an absence.

    Raises:
        CredentialsProblem: only some are there.
    """
    if not path.exists() and not named_in_environment(env):
        return False
    find_credentials(env, path)
    return True


def named_in_environment(env: Mapping[str, str]) -> list[str]:
    """The variables that name a part of the credentials."""
    return [variable for variable in _VARIABLES.values() if env.get(variable)]


def refuse_environment(env: Mapping[str, str]) -> None:
    """Make sure that the environment names no credentials, which would go before saved ones.

    Raises:
        CredentialsProblem: it does.
    """
    named = named_in_environment(env)
    if named:
        raise CredentialsProblem(
            f"{', '.join(named)} would still go before what is saved. Change these variables, or "
            "unset them and run 'fenlei setup --reconnect' again."
        )


def save_credentials(
    path: Path, credentials: Credentials, env: Mapping[str, str] | None = None
) -> None:
    """Keep them, whole or not at all: secrets in the keyring if there is a real one, else in the file.

    Args:
        path: the file, which gets mode 0600.
        credentials: what to keep, in place of what was kept before.
        env: ``FENLEI_VAULT=file`` or ``keyring`` decides where secrets go; without an environment they
            go into the file.

    Raises:
        CredentialsProblem: a keyring is insisted on, and there is none that takes them.
    """
    wish = "file" if env is None else env.get(_VAULT, "")
    before = _entry_before(path)
    values = asdict(credentials)
    secrets = {key: values[key] for key in _SECRETS}
    entry = keep(str(path.parent.resolve()), secrets) if wish in ("", "keyring") else None
    if entry is None and wish not in ("", "file"):
        raise CredentialsProblem(
            "FENLEI_VAULT asks for a keyring, and this session has none that protects secrets. Install "
            "'fenlei[keyring]' in a desktop session, or set FENLEI_VAULT=file."
        )
    if entry:
        public = {key: value for key, value in values.items() if key not in _SECRETS}
        values = {**public, "keyring": entry.backend, "entry": entry.name}
    write_private(path, json.dumps(values))
    if before and before != entry:
        _forget(before)


def forget_credentials(path: Path) -> str:
    """Delete what was kept, from the keyring and from disk.

    Returns:
        What could not be deleted and why, as a sentence; empty where nothing is left.
    """
    entry = _entry_before(path)
    left = _forget(entry) if entry else ""
    remove_private(path)
    return left


def whereabouts(env: Mapping[str, str], path: Path) -> str:
    """Where the client secret and the refresh token come from, as a sentence; empty where from nowhere.

    Raises:
        CredentialsProblem, Refused: as :func:`find_credentials`.
    """
    if all(env.get(_VARIABLES[key]) for key in _SECRETS):
        return "Client secret and refresh token come from environment variables."
    saved = _read(path)
    entry = _entry(saved)
    if entry:
        return (
            f"Client secret and refresh token are in the keyring of this session ({entry.backend})."
        )
    if saved:
        return f"Client secret and refresh token are in the file {path}, which only you can read."
    return ""


def _entry(saved: Mapping[str, str]) -> Entry | None:
    return Entry(saved["keyring"], saved.get("entry", "")) if saved.get("keyring") else None


def _entry_before(path: Path) -> Entry | None:
    """The entry of what is about to be replaced or deleted; a file that cannot be read names none."""
    try:
        return _entry(_read(path))
    except (CredentialsProblem, Refused):
        return None


def _from_keyring(entry: Entry) -> dict[str, str]:
    try:
        return entry.read()
    except VaultClosed as exc:
        raise CredentialsProblem(str(exc)) from exc


def _forget(entry: Entry) -> str:
    try:
        entry.remove()
    except VaultClosed:
        return (
            f"The keyring ({entry.backend}) could not be reached and still holds the entry 'fenlei' "
            f"({entry.name}). Delete it there."
        )
    return ""


def _read(path: Path) -> dict[str, str]:
    text = read_private(path)
    if text is None:
        return {}
    try:
        return {str(key): str(value) for key, value in json.loads(text).items()}
    except (ValueError, AttributeError, RecursionError) as exc:
        raise CredentialsProblem(
            f"The credentials file {path} cannot be read. Delete it and run 'fenlei setup' again."
        ) from exc
