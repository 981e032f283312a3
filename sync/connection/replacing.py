"""Takes back the consent that a new one has replaced, so that old ones do not pile up at Zoho.

Zoho keeps twenty consents of a client and user; the twenty-first ends the first without a word (Zoho
accounts docs, self client), and that may be the one that a scheduled job lives on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.clock import Clock
from connector.model import Json
from sync.connection.connecting import Connection
from sync.connection.revoking import revoke
from sync.home import Home

_LEFT = "Zoho keeps twenty consents and then ends the oldest."


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of the consent before the new one.

    Args:
        revoked: Zoho has taken it back.
        why_not: why it was left, as a sentence.
    """

    revoked: bool
    why_not: str = ""

    @property
    def sentence(self) -> str:
        """For people."""
        if self.revoked:
            return "The earlier consent is taken back at Zoho."
        return f"The earlier consent is still good at Zoho: {self.why_not} {_LEFT}"

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {"earlier_consent": {"revoked": self.revoked, "error": self.why_not}}


def take_back(
    made: Connection | None,
    env: Mapping[str, str],
    home: Home,
    clock: Clock,
    *,
    same_organisation: bool,
) -> Replaced | None:
    """Take back the earlier consent, once the new one has been seen to work.

    Args:
        made: the new connection; None where it is the old one.
        env: the environment.
        home: where access tokens are kept.
        clock: for waiting.
        same_organisation: both are known to lead into one organisation.

    Returns:
        What became of it; None where there was none, or Zoho gave the same token again.
    """
    if made is None or made.before is None:
        return None
    before, now = made.before, made.now
    if before.refresh_token == now.refresh_token:
        return None
    elsewhere = (before.api_domain, before.accounts_url) != (now.api_domain, now.accounts_url)
    if elsewhere or not same_organisation:
        return Replaced(False, "it may lead into another organisation, where it may be in use.")
    why_not = revoke(before, env, home.tokens, clock)
    return Replaced(not why_not, why_not)
