"""Answers that a fault puts in place of the true one: proxies' pages, errors, bombs, nothing at all."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from connector.standin.answers import JSON_TYPE, Answer, JsonObject, error_row
from connector.standin.bad_rows import MESSAGES, worded
from connector.standin.fault_kinds import Fault
from connector.standin.switches import Switches
from connector.standin.throttling import too_many_requests

HTML = "text/html;charset=UTF-8"
_BAD_GATEWAY = (
    b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
)
_SIGN_IN = (
    b"<!DOCTYPE html><html><body><h1>Maintenance</h1><p>Please sign in again.</p></body></html>"
)
_BLOCK = 1 << 20


def false_answer(fault: Fault, switches: Switches) -> Answer:
    """The answer that a fault puts in place of the true one; costs nothing."""
    answer = _ANSWERS[fault.kind](fault, switches)
    headers = dict(answer.headers)
    if fault.retry_after is not None:
        headers["Retry-After"] = str(fault.retry_after)
    return replace(answer, headers=headers, credits=0)


def _error(status: int, code: str) -> Answer:
    return Answer(status, json.dumps(error_row(code, MESSAGES[code])).encode())


def _coded(fault: Fault, _: Switches) -> Answer:
    """Zoho's error object with any status; or any body that was asked for."""
    body: str | JsonObject = worded(fault, fault.details) if fault.body is None else fault.body
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return Answer(fault.status or 400, text.encode())


def _redirect(fault: Fault, _: Switches) -> Answer:
    return Answer(fault.status or 302, headers={"Location": fault.location}, content_type=HTML)


def _deep(fault: Fault, _: Switches) -> Answer:
    return Answer(200, b'{"data":' * fault.depth + b"[]" + b"}" * fault.depth)


def _bomb(fault: Fault, _: Switches) -> Answer:
    return Answer(200, packed_blanks(fault.size), headers={"Content-Encoding": "gzip"})


def packed_blanks(size: int) -> bytes:
    """An empty JSON object padded with blanks to ``size`` bytes, packed without ever being whole.

    A block that is packed with a full flush stands alone, so the same few bytes can follow each other
    any number of times (RFC 1951, RFC 1952).
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    blanks = max(0, size - 2)
    pieces = [b" " * _BLOCK] * (blanks // _BLOCK) + [b" " * (blanks % _BLOCK)]
    body = packer.compress(b"{") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * _BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    body += block * (blanks // _BLOCK) + packer.compress(pieces[-1] + b"}") + packer.flush()
    check = zlib.crc32(b"{")
    for piece in pieces:
        check = zlib.crc32(piece, check)
    check = zlib.crc32(b"}", check)
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    return (
        head + body + check.to_bytes(4, "little") + (blanks + 2 & 0xFFFFFFFF).to_bytes(4, "little")
    )


_ANSWERS: Mapping[str, Callable[[Fault, Switches], Answer]] = MappingProxyType(
    {
        "unauthorized": lambda *_: _error(401, "INVALID_TOKEN"),
        "throttled": lambda _, switches: too_many_requests(switches.throttle_body),
        "html_502": lambda *_: Answer(502, _BAD_GATEWAY, content_type=HTML),
        "error_500": lambda *_: _error(500, "INTERNAL_ERROR"),
        "html_200": lambda *_: Answer(200, _SIGN_IN, content_type=HTML),
        "empty_200": lambda *_: Answer(200, b"{}", content_type=JSON_TYPE),
        "code": _coded,
        "no_content": lambda fault, _: Answer(fault.status or 204),
        "redirect": _redirect,
        "deep_json": _deep,
        "gzip_bomb": _bomb,
    }
)
