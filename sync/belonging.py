"""Makes sure that a state folder serves one organisation, on one machine, so that none mix or collide."""

from __future__ import annotations

import hashlib

from connector.model import Organisation
from sync import facts as facts_of
from sync.connection.credentials import Credentials
from sync.host import Host
from sync.ledger import Ledger
from sync.sentences import CannotGoOn

_ORGANISATION = "organisation"
_CONNECTION = "connection"
_LEADS_HERE = "connection_leads_here"
_HOST, _HOST_NAME = "host", "host_name"


class WrongOrganisation(CannotGoOn):
    """The state folder belongs to another organisation; nothing was written."""


class WrongMachine(CannotGoOn):
    """The state folder was last used on another machine; nothing was called and nothing was written."""


def belongs_here(ledger: Ledger, host: Host | None, *, moved: bool = False) -> None:
    """Check that the ledger is this machine's, and make it so if it is nobody's yet.

    The run lock keeps two runs on one machine apart; it cannot see a copy of the folder elsewhere.

    Args:
        ledger: the ledger.
        host: this machine; where it cannot be told from others nothing is checked.
        moved: a person says that the folder has moved here for good.

    Raises:
        WrongMachine: it was last used on another machine.
    """
    if host is None:
        return
    owner = ledger.fact(_HOST)
    if owner and owner != host.fingerprint and not moved:
        raise WrongMachine(
            f"This state folder was last used on another machine ({ledger.fact(_HOST_NAME)}), and two "
            "copies of it would open tasks twice. If it has moved here for good, run 'fenlei setup "
            "--moved'; for a second installation set FENLEI_HOME to a new folder."
        )
    if owner != host.fingerprint:
        with ledger.transaction():
            ledger.remember(_HOST, host.fingerprint)
            ledger.remember(_HOST_NAME, host.name)


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
    if owner and ledger.fact(_LEADS_HERE) != ledger.fact(_CONNECTION):
        ledger.remember(_LEADS_HERE, ledger.fact(_CONNECTION))


def claim(ledger: Ledger, organisation: Organisation) -> None:
    """Let the ledger be this organisation's from now on.

    Raises:
        WrongOrganisation: it is another's already.
    """
    if not ledger.fact(_ORGANISATION):
        ledger.remember(_ORGANISATION, organisation.id)
    belongs_to(ledger, organisation)


def notice_connection(ledger: Ledger, credentials: Credentials) -> None:
    """Ask who we are connected to anew where the credentials have changed since the last run."""
    fingerprint = _fingerprint(credentials)
    if ledger.fact(_CONNECTION) != fingerprint:
        facts_of.forget(ledger)
        ledger.remember(_CONNECTION, fingerprint)


def leads_here(ledger: Ledger, credentials: Credentials | None) -> bool:
    """Whether these credentials were the last ones seen to lead into the ledger's organisation."""
    return credentials is not None and ledger.fact(_LEADS_HERE) == _fingerprint(credentials)


def _fingerprint(credentials: Credentials) -> str:
    secret = f"{credentials.api_domain}\x1f{credentials.client_id}\x1f{credentials.refresh_token}"
    return hashlib.sha256(secret.encode()).hexdigest()[:16]
