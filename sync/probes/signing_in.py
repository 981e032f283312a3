"""How Zoho's accounts server says no, asked with made-up credentials that harm nobody's tokens."""

from __future__ import annotations

from contextlib import closing

from connector.zoho.answers import parse
from connector.zoho.rows import text
from connector.zoho.wire import Timeouts, Wire
from sync.probes.answer import Seen
from sync.probes.bench import Bench, NotRun

_MADE_UP = {
    "grant_type": "refresh_token",
    "refresh_token": "1000.fenlei-probe",
    "client_id": "1000.FENLEIPROBE",
    "client_secret": "fenlei-probe",
}


def error_status(bench: Bench) -> Seen:
    """Ask for a token as a client that does not exist."""
    with closing(Wire(clock=bench.clock, timeouts=Timeouts())) as wire:
        reply = wire.exchange("POST", bench.line.hosts.token_url, body=_MADE_UP)
    error = text(parse(reply.content).get("error"))
    if not error:
        raise NotRun("the answer names no error")
    return Seen(f"an unknown client is answered with HTTP {reply.status}, {error}", reply.status)
