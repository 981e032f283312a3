"""What can go wrong between us and the CRM, in four words that decide what happens next.

::

    CrmError
    ├── Unavailable          nothing was done; the same call may work later
    │   ├── Throttled         too many calls at once, or in a row
    │   └── OutOfCredits      the organisation's API credits of the day are used up
    ├── Refused              the CRM understood and said no; a person must change something
    │   ├── ReconnectNeeded   the refresh token or client is no longer accepted
    │   ├── ScopeMissing      the consent did not include what this call needs
    │   ├── NotPermitted      the CRM user's profile may not do this
    │   ├── WrongDataCentre   the token belongs to another data centre or environment
    │   └── UntrustedHost     an address that is not on our list of Zoho's hosts
    ├── Uncertain            a write may or may not have happened; read back before doing it again
    └── Unintelligible       an answer that cannot be read as documented; never taken as "nothing there"

Foreign exceptions (``requests``, ``zcrmsdk``, ``json``) stop at the adapter and come out as one of
these, ``raise … from exc``. Errors of single records are not exceptions at all: they are
:class:`connector.model.Outcome` values, so that one bad record never blocks the others.
"""

from __future__ import annotations


class CrmError(Exception):
    """The base of everything the connector raises.

    Args:
        message: one sentence in plain English, without secrets, ids of people or response bodies.
        code: the CRM's own code where it gave one, for support and for tests.
        hint: what the reader should do next, as a sentence.
    """

    hint = "Run 'fenlei doctor' to see what is wrong."

    def __init__(self, message: str, *, code: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        if hint:
            self.hint = hint


class Unavailable(CrmError):
    """Nothing was done, and the same call may work later."""

    hint = "Nothing is lost: the next scheduled run carries on from here."


class Throttled(Unavailable):
    """The CRM asks us to slow down.

    Args:
        retry_after: seconds that the CRM asked us to wait, or None where it did not say.
    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, code: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.retry_after = retry_after


class OutOfCredits(Unavailable):
    """The organisation's API credits of the last 24 hours are used up."""

    hint = "Credits come back over the next 24 hours; the next scheduled run carries on from here."


class Refused(CrmError):
    """The CRM understood the call and said no; repeating it changes nothing."""


class ReconnectNeeded(Refused):
    """The refresh token, code or client is no longer accepted."""

    hint = "Run 'fenlei setup --reconnect' with a new self-client code; nothing that is waiting gets lost."


class ScopeMissing(Refused):
    """The consent that was given does not cover this call."""

    hint = (
        "Generate a new self-client code with the scopes listed in the README, then run "
        "'fenlei setup --reconnect'."
    )


class NotPermitted(Refused):
    """The profile of the CRM user that we act as may not do this."""

    hint = "Ask the Zoho administrator to give this user's profile the permission."


class WrongDataCentre(Refused):
    """The token belongs to another data centre or environment than the host we call."""

    hint = (
        "Run 'fenlei setup --reconnect' and choose the data centre that your Zoho address ends in."
    )


class UntrustedHost(Refused):
    """An address that is not one of Zoho's, so no token is ever sent there."""

    hint = "Check FENLEI_API_DOMAIN and FENLEI_ACCOUNTS_URL against the table in the README."


class Uncertain(CrmError):
    """A write may or may not have happened: read back before sending it again."""

    hint = "The next run reads back what arrived before it sends anything again."


class Unintelligible(CrmError):
    """An answer that cannot be read as documented: a web page, a cut-off body, missing data."""

    hint = "Run it again later; if it stays, a proxy or antivirus may be changing Zoho's answers."
