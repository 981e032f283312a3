"""Looks whether access tokens run short, and whether somebody else uses them up."""

from __future__ import annotations

from collections.abc import Iterator

from connector.clock import Clock
from connector.port import Crm
from connector.zoho.token_store import MOST_REFRESHES, token_use
from sync.checks.check import Check, Level
from sync.home import Home

_FEW_LEFT = 2


def shortage(home: Home, clock: Clock) -> Iterator[Check]:
    """What the stored counts say, without asking anybody; a problem means that no token can be had now."""
    for use in token_use(home.tokens, clock.now()):
        if use.blocked_until:
            yield Check(
                "tokens",
                Level.PROBLEM,
                f"Zoho makes no more access tokens for us until {use.blocked_until:%H:%M} UTC",
                "Wait until then and start nothing in between. If it comes again, another program uses "
                "the same client: give it one of its own in Zoho's API console.",
            )
        elif use.refreshes > MOST_REFRESHES - _FEW_LEFT - 1:
            yield Check(
                "tokens",
                Level.WARNING,
                f"{use.refreshes} of the {MOST_REFRESHES} access tokens that we may fetch in ten minutes are "
                "used up",
                "Something starts fenlei over and over, or it dies each time: look at the scheduler and "
                "its log. Ten quiet minutes clear it.",
            )


def notices(crm: Crm) -> Iterator[Check]:
    """What the connection itself has noticed."""
    for sentence in crm.notices():
        said, _, advice = sentence.partition(". ")
        yield Check("tokens", Level.WARNING, said, advice)
