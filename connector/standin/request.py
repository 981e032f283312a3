"""One call as it came in over the network: verb, path, parameters, headers and body."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import BinaryIO
from urllib.parse import parse_qsl, unquote, urlsplit

from connector.standin.answers import JsonObject, refusal

LONGEST_LINE = 65_536
MOST_HEADERS = 100
LARGEST_BODY = 64 * 1024 * 1024

_API_PATH = re.compile(r"/crm(/bulk)?/v(\d+)(?:\.\d+)?(/(?!bulk/).*)")


class Unreadable(Exception):
    """What came in is no HTTP request; the connection is closed."""


@dataclass(frozen=True)  # no slots: its parts are worked out once, when first asked for
class Request:
    """A parsed HTTP request. ``at`` is the moment of arrival by the server's own clock.

    ``refused_rows`` are rows of a write that a fault refuses: their places, and what is said of them.
    """

    seq: int
    at: datetime
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    refused_rows: Mapping[int, JsonObject] = field(default_factory=dict)

    @cached_property
    def version(self) -> int:
        """The API version in the path: 8 for ``/crm/v8/…``; 0 where there is none."""
        found = _API_PATH.fullmatch(self.path)
        return int(found[2]) if found else 0

    @cached_property
    def resource(self) -> str:
        """The path without the version (``/Accounts``, ``/bulk/read``), or all of it outside the API."""
        found = _API_PATH.fullmatch(self.path)
        return f"{found[1] or ''}{found[3]}" if found else self.path

    @property
    def route(self) -> str:
        """Verb and resource, as faults name it: ``GET /Accounts``."""
        return f"{self.method} {self.resource}"

    @cached_property
    def content(self) -> JsonObject | None:
        """The body as a JSON object, or None where it is not one."""
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return content if isinstance(content, dict) else None

    def json(self) -> JsonObject:
        """The body as a JSON object.

        Raises:
            Refusal: the body is not a JSON object.
        """
        if self.content is None:
            raise refusal(400, "INVALID_DATA", "body is not a valid JSON object")
        return self.content

    def rows(self, key: str) -> list[JsonObject]:
        """The list of rows in the body under ``key``.

        Raises:
            Refusal: there is no such list, or it is empty or holds something else than objects.
        """
        rows = self.json().get(key)
        if not isinstance(rows, list) or not rows:
            details = {"api_name": key, "json_path": f"$.{key}"}
            raise refusal(400, "MANDATORY_NOT_FOUND", "required field not found", details)
        if not all(isinstance(row, dict) for row in rows):
            details = {"expected_data_type": "jsonobject", "api_name": key}
            raise refusal(400, "INVALID_DATA", "invalid data", details)
        return rows

    def form(self) -> dict[str, str]:
        """Parameters of the query and of a form body together, as the token endpoint takes them."""
        return dict(self.query) | dict(parse_qsl(self.body.decode("utf-8", "replace")))


@dataclass(frozen=True, slots=True)
class Head:
    """The first part of a request: its line and its headers (names in lower case)."""

    method: str
    target: str
    headers: Mapping[str, str]
    protocol: str = "HTTP/1.1"

    @property
    def keeps_alive(self) -> bool:
        """Whether the client wants to use the connection again; before HTTP/1.1 it has to say so."""
        wish = self.headers.get("connection", "").lower()
        return wish == "keep-alive" if self.protocol == "HTTP/1.0" else wish != "close"


def read_head(stream: BinaryIO) -> Head | None:
    """Read a request line and headers; None where the client has gone.

    Raises:
        Unreadable: what came in is no HTTP.
    """
    line = stream.readline(LONGEST_LINE)
    if not line:
        return None
    words = line.decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Unreadable("no HTTP request line")
    headers: dict[str, str] = {}
    for _ in range(MOST_HEADERS):
        line = stream.readline(LONGEST_LINE)
        if line in {b"\r\n", b"\n", b""}:
            return Head(words[0], words[1], headers, words[2])
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    raise Unreadable("too many headers")


def read_body(stream: BinaryIO, head: Head) -> bytes:
    """Read as many bytes as the client announced, at once or piece by piece.

    Raises:
        Unreadable: a length is no sensible number, or the client stopped in the middle.
    """
    if head.headers.get("transfer-encoding", "").lower() == "chunked":
        return _chunked(stream)
    return _exactly(stream, _length(head.headers.get("content-length", "0"), 10))


def _chunked(stream: BinaryIO) -> bytes:
    """A body whose length nobody knew beforehand: pieces, each after its own length (RFC 9112)."""
    body = b""
    while True:
        size = _length(
            stream.readline(LONGEST_LINE).decode("latin-1").partition(";")[0].strip(), 16
        )
        if not size:
            break
        if len(body) + size > LARGEST_BODY:
            raise Unreadable("the body is too long")
        body += _exactly(stream, size)
        stream.readline(LONGEST_LINE)
    while stream.readline(LONGEST_LINE).strip():
        pass  # headers after the last piece say nothing that is needed here
    return body


def _length(text: str, base: int) -> int:
    try:
        size = int(text, base)
    except ValueError:
        size = -1
    if not 0 <= size <= LARGEST_BODY:
        raise Unreadable("no sensible length")
    return size


def _exactly(stream: BinaryIO, size: int) -> bytes:
    body = stream.read(size)
    if len(body) < size:
        raise Unreadable("the body ended early")
    return body


def split_target(target: str) -> tuple[str, dict[str, str]]:
    """The path and the query parameters of a request's target.

    Raises:
        Unreadable: it is no address.
    """
    try:
        parts = urlsplit(target)
    except ValueError as wrong:
        raise Unreadable("no address") from wrong
    return unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))
