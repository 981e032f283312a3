"""What proves to Zoho who we are."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client of Zoho's API console and, once connected, the refresh token that it was given.

    Only the client's id may be shown; the other two never appear in a repr.
    """

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
