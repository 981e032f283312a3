"""Ends the connection to Zoho: takes back the consent there, and wipes what let us in from this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.clock import Clock
from connector.errors import CrmError
from connector.model import Json
from connector.private_file import remove_private
from connector.redaction import Secrets
from sync.connection.credentials import (
    CredentialsProblem,
    find_credentials,
    forget_credentials,
    named_in_environment,
)
from sync.connection.revoking import revoke
from sync.home import Home, find_home
from sync.lock import run_lock


@dataclass(frozen=True, slots=True)
class Disconnected:
    """How it ended; nothing secret is left here unless ``left`` says so.

    Args:
        revoked: Zoho has taken the consent back.
        why_not: why it has not, as a sentence.
        left: what could not be wiped here, as sentences.
    """

    revoked: bool
    why_not: str = ""
    left: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do, here or at Zoho."""
        return self.revoked and not self.left

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "status": "done" if self.complete else "partial",
            "revoked": self.revoked,
            "error": self.why_not,
            "left": [*self.left],
        }

    @property
    def sentence(self) -> str:
        """For people."""
        told = (
            "Zoho has taken back the consent, and credentials and tokens are wiped from this machine."
            if self.revoked
            else f"Credentials and tokens are wiped from this machine, but Zoho may still accept them: "
            f"{self.why_not} End it by hand: delete the self client in Zoho's API console."
        )
        kept = "Ledger and local copy are kept; 'fenlei setup' connects again."
        return " ".join([told, *self.left, kept])


def disconnect(
    env: Mapping[str, str],
    clock: Clock,
    *,
    locked: bool = False,
    secrets: Secrets | None = None,
) -> Disconnected:
    """Revoke the refresh token at Zoho, then wipe it and every access token from this machine.

    The wiping does not depend on Zoho's answer. The ledger is never touched: it is what undo and a later
    connection need.

    Args:
        env: the environment.
        clock: for expiry and for waiting.
        locked: whoever calls this holds the run lock already.
        secrets: told what must not be logged.

    Raises:
        LockHeld: a run is going on.
        CredentialsProblem: there is nothing to disconnect.
        HomeUnusable: the state folder cannot be used.
    """
    home = find_home(env)
    home.prepare()
    with run_lock(home.lock, held=locked):
        if not home.credentials.exists():
            find_credentials(env, home.credentials)
        try:
            why_not = _revoke(env, home, clock, secrets or Secrets())
        finally:
            left = _wipe(env, home)
    return Disconnected(not why_not, why_not, left)


def _revoke(env: Mapping[str, str], home: Home, clock: Clock, secrets: Secrets) -> str:
    """Tell Zoho; the reason why it could not be told, or nothing."""
    try:
        found = find_credentials(env, home.credentials)
        secrets.add(found.client_secret, found.refresh_token)
        return revoke(found, env, home.tokens, clock)
    except CrmError as exc:
        return exc.message
    except CredentialsProblem as exc:
        return str(exc)


def _wipe(env: Mapping[str, str], home: Home) -> tuple[str, ...]:
    """Delete every secret of the state folder; what is left, as sentences."""
    for path in [*home.tokens.glob("token-*.json"), *home.tokens.glob("token-*.json.new")]:
        remove_private(path)
    left = [forget_credentials(home.credentials)]
    if named := named_in_environment(env):
        left.append(f"Unset {', '.join(named)}: the environment still names credentials.")
    return tuple(sentence for sentence in left if sentence)
