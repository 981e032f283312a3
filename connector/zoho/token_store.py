"""Keeps the access token between runs in a file that only its owner can read, and counts refreshes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.clock import Clock
from connector.errors import Throttled, Unavailable
from connector.file_lock import take_lock
from connector.private_file import NO_LINK, read_private, write_private

MOST_REFRESHES = 8
"""In one span; Zoho blocks a refresh token after 10, and other programs may use it too."""

SPAN = timedelta(minutes=10)
"""The span over which Zoho counts new access tokens (Zoho accounts docs, access token expiry)."""

REJECTION_SPAN = timedelta(hours=1)
MOST_REJECTIONS = 3
"""Tokens that may die before their time in that span; more means that somebody else makes tokens too,
because each one above fifteen ends the oldest (Zoho accounts docs, access token expiry)."""

MARGIN = 60.0
"""Seconds that a token must still be good for when it is handed out."""

LONGEST_LIFE = 3600.0
"""Seconds that an access token lives at most (Zoho accounts docs, access token expiry)."""

_LOCK_POLL = 0.05


@dataclass(frozen=True, slots=True)
class StoredToken:
    """An access token, when it ends (UTC), and the API address that came with it."""

    access_token: str = field(repr=False)
    expires_at: datetime
    api_domain: str

    def seconds_left(self, now: datetime) -> float:
        """Return how long it is still good for, at most an hour even if a clock was set back."""
        return min(LONGEST_LIFE, (self.expires_at - now).total_seconds())


@dataclass(frozen=True, slots=True)
class _Contents:
    token: StoredToken | None = None
    refreshes: tuple[datetime, ...] = ()
    rejections: tuple[datetime, ...] = ()
    blocked_until: datetime | None = None


class TokenFile:
    """The stored access token of one refresh token, shared by every process of this user.

    Everything but :meth:`wipe` is called inside :meth:`locked`. A damaged file counts as empty,
    because all that is lost is one refresh; a file that others can read is refused.
    """

    def __init__(self, directory: Path, refresh_token: str, *, clock: Clock) -> None:
        name = hashlib.sha256(refresh_token.encode()).hexdigest()[:16]
        self._directory = directory
        self._path = directory / f"token-{name}.json"
        self._lock_path = directory / f"token-{name}.lock"
        self._clock = clock

    @contextmanager
    def locked(self, patience: float) -> Iterator[None]:
        """Hold the file against every other process.

        Raises:
            Unavailable: another process held it for longer than ``patience`` seconds.
        """
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | NO_LINK, 0o600)
        try:
            self._wait_for_lock(fd, patience)
            yield
        finally:
            os.close(fd)

    def read(self) -> StoredToken | None:
        """Return the stored token, whether or not it is still valid.

        Raises:
            Refused: others may read the file, or it is not ours.
        """
        return self._read().token

    def save(self, token: StoredToken) -> None:
        """Store the token, durably, before anybody uses it."""
        self._write(replace(self._read(), token=token, blocked_until=None))

    def note_refresh(self, patience: float) -> None:
        """Count one refresh before it is asked for, so that even a crash loop stays within limits.

        Waits where that ends the shortage within ``patience`` seconds.

        Raises:
            Throttled: it would take longer; ``retry_after`` says how long.
        """
        wait = self._wait_needed()
        if wait > patience:
            raise Throttled(
                "Too many access tokens were asked for in the last ten minutes.",
                retry_after=wait,
                code="token_limit",
            )
        self._clock.sleep(wait)
        now = self._clock.now()
        contents = self._read()
        recent = tuple(at for at in contents.refreshes if abs(now - at) < SPAN)
        self._write(replace(contents, refreshes=(*recent, now)))

    def take_back_refresh(self) -> None:
        """Uncount the newest refresh, because it never left this machine."""
        contents = self._read()
        self._write(replace(contents, refreshes=contents.refreshes[:-1]))

    def note_block(self) -> None:
        """Remember that Zoho refused to make more tokens for now."""
        self._write(replace(self._read(), blocked_until=self._clock.now() + SPAN))

    def note_rejection(self, access_token: str) -> None:
        """Forget a token that Zoho rejected before its time was over, and remember when that was."""
        contents = self._read()
        if contents.token is None or contents.token.access_token != access_token:
            return
        now = self._clock.now()
        recent = tuple(at for at in contents.rejections if abs(now - at) < REJECTION_SPAN)
        self._write(replace(contents, token=None, rejections=(*recent, now)))

    def rejections(self) -> int:
        """How many tokens Zoho rejected before their time within the last hour."""
        now = self._clock.now()
        return sum(abs(now - at) < REJECTION_SPAN for at in self._read().rejections)

    def wipe(self) -> None:
        """Delete the token; its lock file stays, since another process may be holding it."""
        self._path.unlink(missing_ok=True)

    def _wait_needed(self) -> float:
        """Return the seconds until another refresh fits."""
        now = self._clock.now()
        contents = self._read()
        free_at = now
        recent = sorted(at for at in contents.refreshes if abs(now - at) < SPAN)
        if len(recent) >= MOST_REFRESHES:
            free_at = recent[-MOST_REFRESHES] + SPAN
        if contents.blocked_until is not None and contents.blocked_until - now <= SPAN:
            free_at = max(free_at, contents.blocked_until)
        return max(0.0, (free_at - now).total_seconds())

    def _wait_for_lock(self, fd: int, patience: float) -> None:
        deadline = self._clock.monotonic() + patience
        while not take_lock(fd):
            if self._clock.monotonic() >= deadline:
                raise Unavailable(
                    "Another process has been renewing the access token for too long.",
                    code="token_lock",
                )
            self._clock.sleep(_LOCK_POLL)

    def _read(self) -> _Contents:
        return _contents(self._path)

    def _write(self, contents: _Contents) -> None:
        write_private(self._path, _encoded(contents))


@dataclass(frozen=True, slots=True)
class TokenUse:
    """How far the access tokens of one refresh token are used up.

    Args:
        refreshes: asked for within the last span.
        blocked_until: Zoho refuses to make more before then; None where it does not.
    """

    refreshes: int
    blocked_until: datetime | None


def token_use(directory: Path, now: datetime) -> Iterator[TokenUse]:
    """What the stored counts say of each refresh token, without asking anybody.

    Raises:
        Refused: others may read a file, or it is not ours.
    """
    for path in sorted(directory.glob("token-*.json")):
        contents = _contents(path)
        until = contents.blocked_until
        blocked = until is not None and now < until <= now + SPAN
        used = sum(abs(now - at) < SPAN for at in contents.refreshes)
        yield TokenUse(used, until if blocked else None)


def _contents(path: Path) -> _Contents:
    try:
        return _decoded(json.loads(read_private(path) or "{}"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _Contents()


def _encoded(contents: _Contents) -> str:
    token, blocked = contents.token, contents.blocked_until
    return json.dumps(
        {
            "access_token": token.access_token if token else "",
            "expires_at": token.expires_at.isoformat() if token else "",
            "api_domain": token.api_domain if token else "",
            "refreshes": [at.isoformat() for at in contents.refreshes],
            "rejections": [at.isoformat() for at in contents.rejections],
            "blocked_until": blocked.isoformat() if blocked else "",
        }
    )


def _decoded(saved: dict[str, Any]) -> _Contents:
    if not saved:
        return _Contents()
    token = None
    if saved["access_token"]:
        expires_at = _instant(saved["expires_at"])
        token = StoredToken(saved["access_token"], expires_at, saved["api_domain"])
    blocked = _instant(saved["blocked_until"]) if saved["blocked_until"] else None
    refreshes = tuple(_instant(at) for at in saved["refreshes"])
    rejections = tuple(_instant(at) for at in saved.get("rejections", ()))
    return _Contents(token, refreshes, rejections, blocked)


def _instant(text: str) -> datetime:
    """Read a time; one without an offset is damage, since we always write UTC."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without an offset")
    return at.astimezone(UTC)
