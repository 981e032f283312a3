"""Keeps what lets fenlei into the CRM (client and refresh token) in a file that only its owner reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from connector.private_file import read_private, write_private


class CredentialsProblem(Exception):
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


def find_credentials(env: Mapping[str, str], path: Path) -> Credentials:
    """Credentials from the environment, else from the file that ``fenlei setup`` wrote.

    Raises:
        CredentialsProblem: some are missing.
        Refused: the file can be read by others, or is not ours.
    """
    saved = _read(path)
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
    if not path.exists() and not any(env.get(variable) for variable in _VARIABLES.values()):
        return False
    find_credentials(env, path)
    return True


def refuse_environment(env: Mapping[str, str]) -> None:
    """Make sure that the environment names no credentials, which would go before saved ones.

    Raises:
        CredentialsProblem: it does.
    """
    named = [variable for variable in _VARIABLES.values() if env.get(variable)]
    if named:
        raise CredentialsProblem(
            f"{', '.join(named)} would still go before what is saved. Change these variables, or "
            "unset them and run 'fenlei setup --reconnect' again."
        )


def save_credentials(path: Path, credentials: Credentials) -> None:
    """Write them with mode 0600, whole or not at all."""
    write_private(path, json.dumps(asdict(credentials)))


def _read(path: Path) -> dict[str, str]:
    text = read_private(path)
    if text is None:
        return {}
    try:
        return {str(key): str(value) for key, value in json.loads(text).items()}
    except (ValueError, AttributeError) as exc:
        raise CredentialsProblem(
            f"The credentials file {path} cannot be read. Delete it and run 'fenlei setup' again."
        ) from exc
