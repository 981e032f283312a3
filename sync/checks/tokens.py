"""Looks whether access tokens run short, and whether somebody else uses them up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from connector.clock import Clock
from connector.port import Crm
from connector.private_file import read_private
from connector.zoho.token_store import MOST_REFRESHES, SPAN
from sync.checks.check import Check, Level
from sync.home import Home

_FEW_LEFT = 2


def shortage(home: Home, clock: Clock) -> Iterator[Check]:
    """What the stored counts say, without asking anybody; a problem means that no token can be had now."""
    now = clock.now()
    for stored in _stored(home):
        until = _moments([stored.get("blocked_until")])
        if until and now < until[0] <= now + SPAN:
            yield Check(
                "tokens",
                Level.PROBLEM,
                f"Zoho makes no more access tokens for us until {until[0]:%H:%M} UTC",
                "Wait until then and start nothing in between. If it comes again, another program uses "
                "the same client: give it one of its own in Zoho's API console.",
            )
            continue
        used = sum(abs(now - at) < SPAN for at in _moments(stored.get("refreshes")))
        if used > MOST_REFRESHES - _FEW_LEFT - 1:
            yield Check(
                "tokens",
                Level.WARNING,
                f"{used} of the {MOST_REFRESHES} access tokens that we may fetch in ten minutes are used up",
                "Something starts fenlei over and over, or it dies each time: look at the scheduler and "
                "its log. Ten quiet minutes clear it.",
            )


def notices(crm: Crm) -> Iterator[Check]:
    """What the connection itself has noticed."""
    for sentence in crm.notices():
        said, _, advice = sentence.partition(". ")
        yield Check("tokens", Level.WARNING, said, advice)


def _stored(home: Home) -> Iterator[Mapping[str, object]]:
    for path in sorted(home.tokens.glob("token-*.json")):
        try:
            found = json.loads(read_private(path) or "{}")
        except ValueError:
            continue  # a damaged file costs one token and nothing else
        if isinstance(found, dict):
            yield found


def _moments(texts: object) -> list[datetime]:
    listed: Iterable[object] = texts if isinstance(texts, list) else ()
    return [datetime.fromisoformat(text) for text in listed if isinstance(text, str) and text]
