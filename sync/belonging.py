"""Makes sure that a state folder serves one organisation, so that a sandbox and the real one never mix."""

from __future__ import annotations

import hashlib

from connector.model import Organisation
from sync import facts as facts_of
from sync.credentials import Credentials
from sync.ledger import Ledger

_ORGANISATION = "organisation"
_CONNECTION = "connection"


class WrongOrganisation(Exception):
    """The state folder belongs to another organisation; nothing was written."""


def belongs_to(ledger: Ledger, organisation: Organisation) -> None:
    """Check that the ledger is this organisation's, or nobody's yet.

    Raises:
        WrongOrganisation: it was set up for another one, whose records it knows.
    """
    owner = ledger.fact(_ORGANISATION)
    if owner and owner != organisation.id:
        raise WrongOrganisation(
            f"This state folder was set up for another organisation (id {owner}), and the credentials are "
            f"those of {organisation.name} (id {organisation.id}). Set FENLEI_HOME to a folder of its own "
            "for each organisation."
        )


def claim(ledger: Ledger, organisation: Organisation) -> None:
    """Let the ledger be this organisation's from now on.

    Raises:
        WrongOrganisation: it is another's already.
    """
    belongs_to(ledger, organisation)
    ledger.remember(_ORGANISATION, organisation.id)


def notice_connection(ledger: Ledger, credentials: Credentials) -> None:
    """Ask who we are connected to anew where the credentials have changed since the last run."""
    secret = f"{credentials.api_domain}\x1f{credentials.client_id}\x1f{credentials.refresh_token}"
    fingerprint = hashlib.sha256(secret.encode()).hexdigest()[:16]
    if ledger.fact(_CONNECTION) != fingerprint:
        facts_of.forget(ledger)
        ledger.remember(_CONNECTION, fingerprint)
