"""Which slice of a list a caller gets: pages up to row 2,000, page tokens beyond, as Zoho rules it.

Source: Zoho v8 docs, get-records: ``per_page`` ≤ 200, ``page * per_page`` ≤ 2,000 without a token;
a token is good for 24 hours, for the same parameters only, and up to 100,000 records.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from connector.clock import Clock
from connector.standin.answers import bad_param, refusal
from connector.standin.request import Request

LARGEST_PAGE = 200
ROWS_BY_PAGE_NUMBER = 2_000
ROWS_BY_TOKEN = 100_000
TOKEN_LIFETIME = 86_400

_WHOLE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a token stands: rows read so far, the last row's place in the order, a frozen list."""

    read: int
    last: tuple[object, ...]
    frozen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """What was asked for: which page of what size, or from which position on."""

    number: int
    size: int
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    bound: str
    expires: float
    position: Position


def whole_number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A parameter between 1 and ``most``.

    Raises:
        Refusal: it is no such number.
    """
    text = query.get(name, "")
    if not text:
        return default
    if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= most:
        raise bad_param(name)
    return int(text)


@dataclass(slots=True)
class PageTokens:
    """The page tokens that were given out."""

    clock: Clock
    _tokens: dict[str, _Token] = field(default_factory=dict)

    def read(self, request: Request) -> Page:
        """Understand the paging parameters of a list call.

        Raises:
            Refusal: a number out of range, both a page and a token, or a token that is expired or
                was given out for other parameters.
        """
        size = whole_number(request.query, "per_page", LARGEST_PAGE, LARGEST_PAGE)
        number = whole_number(request.query, "page", 1, 1_000_000)
        given = request.query.get("page_token", "")
        if given:
            if "page" in request.query:
                details = {
                    "ambiguity_due_to": [{"param_name": "page"}, {"param_name": "page_token"}]
                }
                raise refusal(
                    400,
                    "AMBIGUITY_DURING_PROCESSING",
                    "Ambiguity while processing the request",
                    details,
                )
            position = self._position(given, request)
            return Page(position.read // size + 1, size, position)
        if number * size > ROWS_BY_PAGE_NUMBER:
            raise refusal(
                400,
                "DISCRETE_PAGINATION_LIMIT_EXCEEDED",
                "You can only get the first 2000 records without using page_token param",
                {"limit": ROWS_BY_PAGE_NUMBER},
            )
        return Page(number, size)

    def _position(self, given: str, request: Request) -> Position:
        token = self._tokens.get(given)
        if token is None or token.bound != _bound(request):
            raise refusal(
                400,
                "TOKEN_BOUND_DATA_MISMATCH",
                "The page_token given seems to be invalid or input param is added or altered or deleted",
                {"param_name": "page_token"},
            )
        if token.expires <= self.clock.monotonic():
            raise refusal(
                400,
                "EXPIRED_VALUE",
                "Page token expired",
                {"api_name": "page_token", "json_path": "$.query.page_token"},
            )
        if token.position.read >= ROWS_BY_TOKEN:
            raise refusal(
                400,
                "PAGINATION_LIMIT_EXCEEDED",
                "You have reached the maximum limit for pagination",
                {"param_name": "page_token", "limit": ROWS_BY_TOKEN},
            )
        return token.position

    def expire(self) -> None:
        """Let every page token end now."""
        now = self.clock.monotonic()
        self._tokens = {key: replace(token, expires=now) for key, token in self._tokens.items()}

    def give(self, request: Request, position: Position) -> str:
        """A token that goes on from a position."""
        token = secrets.token_hex(32)
        expires = self.clock.monotonic() + TOKEN_LIFETIME
        self._tokens[token] = _Token(_bound(request), expires, position)
        return token


def _bound(request: Request) -> str:
    kept = sorted(
        (name, value) for name, value in request.query.items() if name not in {"page", "page_token"}
    )
    return repr((request.resource, kept, request.headers.get("if-modified-since", "")))
