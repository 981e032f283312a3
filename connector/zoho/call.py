"""One call to Zoho before it leaves, as bytes that stay the same however often they are sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from connector.errors import Refused
from connector.model import Json
from connector.zoho.meter import route_of

_BULK = "/bulk"


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the adapter asked for it.

    Attributes:
        path: below the version.
        params: the query string.
        credits: that it costs.
        writes: it changes something, so an unclear answer is doubt.
        creates: it makes something new, so doing it twice does harm.
        orders: it orders a job, so that the answer is about that one thing and not about rows.
        uploads: it hands in a file, for which Zoho has another host.
        odd_numbers: a reader takes rows in which a number is none.
        into: where a good answer's body goes, instead of into memory.
    """

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes | None
    credits: int
    writes: bool
    creates: bool = False
    orders: bool = False
    uploads: bool = False
    odd_numbers: bool = False
    into: BinaryIO | None = None

    @property
    def route(self) -> str:
        """The kind of call, without the ids of records."""
        return route_of(self.method, self.path)

    def address(self, version: str) -> str:
        """Return the whole path; bulk jobs have a place of their own, in front of the version.

        >>> Call("GET", "/bulk/read/1", {}, {}, None, 1, writes=False).address("v8")
        '/crm/bulk/v8/read/1'
        """
        area = _BULK if self.path.startswith(f"{_BULK}/") else ""
        return f"/crm{area}/{version}{self.path.removeprefix(area)}"

    def headers_with(self, token: str) -> dict[str, str]:
        """Return the call's headers, signed, and asking every proxy on the way for fresh answers."""
        headers = {
            **self.headers,
            "Authorization": f"Zoho-oauthtoken {token}",
            "Cache-Control": "no-cache",
        }
        if self.body is not None:
            headers.setdefault("Content-Type", "application/json")
        return headers


def encoded(value: Json) -> bytes:
    """Return a body as JSON.

    Raises:
        Refused: it holds a number that is none.
    """
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except ValueError:
        raise Refused("A number that is none cannot be sent.", code="not_a_number") from None
