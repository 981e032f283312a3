"""Who may call the stand-in: codes, refresh tokens and access tokens, with Zoho's lifetimes and limits.

Sources: accounts.zoho.com protocol pages (self-client, access-token-expiry), v8 token-validity. Most
errors of the token endpoint come with HTTP 200, as several client projects recorded.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connector.clock import Clock
from connector.standin.answers import Answer, Refusal, refusal, said
from connector.standin.request import Request
from connector.standin.switches import Switches

LIFETIME = 3_600
CODE_LIFETIME = 180.0
THROTTLE_WINDOW = 600.0
TOKENS_PER_WINDOW = 10
REFRESH_TOKENS = 20

DEFAULT_SCOPES = (
    "ZohoCRM.modules.accounts.READ",
    "ZohoCRM.modules.accounts.UPDATE",
    "ZohoCRM.modules.deals.READ",
    "ZohoCRM.modules.tasks.READ",
    "ZohoCRM.modules.tasks.CREATE",
    "ZohoCRM.modules.tasks.UPDATE",
    "ZohoCRM.modules.contacts.READ",
    "ZohoCRM.modules.calls.READ",
    "ZohoCRM.modules.events.READ",
    "ZohoCRM.modules.cases.READ",
    "ZohoCRM.modules.notes.READ",
    "ZohoCRM.coql.READ",
    "ZohoCRM.bulk.READ",
    "ZohoCRM.settings.modules.READ",
    "ZohoCRM.settings.fields.READ",
    "ZohoCRM.settings.fields.CREATE",
    "ZohoCRM.settings.fields.UPDATE",
    "ZohoCRM.settings.layouts.READ",
    "ZohoCRM.settings.currencies.READ",
    "ZohoCRM.org.READ",
    "ZohoCRM.users.READ",
)

WIDE_SCOPES = (
    "ZohoCRM.modules.ALL",
    "ZohoCRM.settings.ALL",
    "ZohoCRM.coql.READ",
    "ZohoCRM.bulk.ALL",
    "ZohoFiles.files.ALL",
    "ZohoCRM.org.ALL",
    "ZohoCRM.users.ALL",
    "ZohoSearch.securesearch.READ",
)
"""What an integration of somebody else's may have been given, for trying such a client out."""

TOO_MANY_TOKENS = {
    "error_description": "You have made too many requests continuously. Please try again after some time.",
    "error": "Access Denied",
    "status": "failure",
}


def covers(granted: Sequence[str], needed: str) -> bool:
    """Whether the granted scopes allow what ``needed`` names, e.g. ``modules.Accounts.READ``.

    ``ALL`` stands for every operation (``ZohoCRM.modules.ALL`` for every module as well), ``WRITE``
    for creating and updating; upper and lower case are not told apart.
    """
    *area, operation = needed.lower().split(".")
    operations = {operation, "all"}
    if operation in {"create", "update"}:
        operations.add("write")
    names = {scope.lower().removeprefix("zohocrm.") for scope in granted}
    return any(
        ".".join([*area[:depth], verb]) in names
        for depth in range(1, len(area) + 1)
        for verb in operations
    )


@dataclass(slots=True)
class RefreshToken:
    """A standing permission, and the access tokens made from it."""

    made: deque[float] = field(default_factory=deque)
    live: OrderedDict[str, float] = field(default_factory=OrderedDict)


class OAuth:
    """The accounts server of the stand-in."""

    def __init__(
        self, clock: Clock, switches: Switches, scopes: Sequence[str] = DEFAULT_SCOPES
    ) -> None:
        self.client_id = f"1000.{secrets.token_hex(15).upper()}"
        self.client_secret = secrets.token_hex(21)
        self.scopes = tuple(scopes)
        self.api_domain = ""
        self.deactivated = False
        self._clock = clock
        self.switches = switches
        self._lock = threading.RLock()
        self._codes: dict[str, float] = {}
        self._refresh: OrderedDict[str, RefreshToken] = OrderedDict()
        self.refresh_token = self._new_refresh_token()

    def _new_refresh_token(self) -> str:
        token = _new_token()
        self._refresh[token] = RefreshToken()
        if len(self._refresh) > REFRESH_TOKENS:
            self._refresh.popitem(last=False)
        return token

    def new_code(self) -> str:
        """A self-client code, as the API console generates it: good for three minutes, once."""
        with self._lock:
            code = _new_token()
            self._codes[code] = self._clock.monotonic() + CODE_LIFETIME
            return code

    def mint(self, count: int) -> list[str]:
        """Access tokens for another program with the same refresh token; too many end the oldest.

        They count as fetched long ago, so our own next ten are not throttled.
        """
        with self._lock:
            standing = self._refresh[self.refresh_token]
            now = self._clock.monotonic()
            tokens = [_new_token() for _ in range(count)]
            for token in tokens:
                standing.live[token] = now + LIFETIME
                self._drop_oldest(standing, now)
            return tokens

    def consent(self) -> str:
        """A refresh token of another consent of the same user; the 21st ends the first."""
        with self._lock:
            return self._new_refresh_token()

    def expire_tokens(self) -> None:
        """Let every access token end now; the refresh tokens stay good."""
        with self._lock:
            for standing in self._refresh.values():
                standing.live.clear()

    def revoke(self, token: str | None = None) -> bool:
        """Take back one refresh token, or all of them; whether there was anything to take back."""
        with self._lock:
            if token is None:
                found = bool(self._refresh)
                self._refresh.clear()
                return found
            return self._refresh.pop(token, None) is not None

    def token(self, request: Request) -> Answer:
        """``POST /oauth/v2/token``: a code or a refresh token in, an access token out."""
        form = request.form()
        with self._lock:
            wrong = self._wrong_client(form)
            if wrong:
                return self._failed(wrong)
            grant = form.get("grant_type", "")
            if grant == "authorization_code":
                return self._redeem(form.get("code", ""))
            if grant == "refresh_token":
                return self._refreshed(form.get("refresh_token", ""))
            return self._failed("general_error")

    def _wrong_client(self, form: Mapping[str, str]) -> str:
        if not secrets.compare_digest(form.get("client_id", "").encode(), self.client_id.encode()):
            return "invalid_client"
        given = form.get("client_secret", "").encode()
        right = secrets.compare_digest(given, self.client_secret.encode())
        return "" if right else "invalid_client_secret"

    def _failed(self, error: str) -> Answer:
        return said({"error": error}, status=self.switches.token_error_status, credits_spent=0)

    def _redeem(self, code: str) -> Answer:
        if self._codes.pop(code, -1.0) < self._clock.monotonic():
            return self._failed("invalid_code")
        refresh = self._new_refresh_token()
        return self._issue(refresh, {"refresh_token": refresh})

    def _refreshed(self, refresh: str) -> Answer:
        if refresh not in self._refresh:
            return self._failed("invalid_code")
        return self._issue(refresh, {})

    def _issue(self, refresh: str, extra: dict[str, str]) -> Answer:
        standing = self._refresh[refresh]
        now = self._clock.monotonic()
        while standing.made and standing.made[0] <= now - THROTTLE_WINDOW:
            standing.made.popleft()
        if len(standing.made) >= TOKENS_PER_WINDOW:
            status = self.switches.token_throttle_status
            return said(TOO_MANY_TOKENS, status=status, credits_spent=0)
        standing.made.append(now)
        token = _new_token()
        standing.live[token] = now + LIFETIME
        self._drop_oldest(standing, now)
        content = {
            "access_token": token,
            **extra,
            "scope": " ".join(self.scopes),
            "api_domain": self.api_domain,
            "token_type": "Bearer",
            "expires_in": LIFETIME,
        }
        return said(content, credits_spent=0)

    def _drop_oldest(self, standing: RefreshToken, now: float) -> None:
        for token in [key for key, ends in standing.live.items() if ends <= now]:
            del standing.live[token]
        while len(standing.live) > self.switches.live_tokens:
            standing.live.popitem(last=False)

    def revoked(self, request: Request) -> Answer:
        """``POST /oauth/v2/token/revoke``: the customer disconnects."""
        if self.revoke(request.form().get("token", "")):
            return said({"status": "success"}, credits_spent=0)
        return self._failed("invalid_token")

    def authorise(self, request: Request) -> None:
        """Let a call through only with a live access token.

        Raises:
            Refusal: 401, no token or one that is not valid (any more).
        """
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            raise refusal(401, "AUTHENTICATION_FAILURE", "Authentication failed")
        now = self._clock.monotonic()
        with self._lock:
            ends = [
                standing.live[token]
                for standing in self._refresh.values()
                if token in standing.live
            ]
        if kind.lower() != "zoho-oauthtoken" or not ends or ends[0] <= now:
            raise refusal(401, "INVALID_TOKEN", "invalid oauth token")
        if self.deactivated:
            raise refusal(401, "AUTHENTICATION_FAILURE", "Authentication failed")

    def demand(self, *needed: str) -> None:
        """Let a call through only where the consent covers one of these scopes.

        Raises:
            Refusal: 401 ``OAUTH_SCOPE_MISMATCH``.
        """
        if not any(covers(self.scopes, scope) for scope in needed):
            raise scope_mismatch()


def scope_mismatch() -> Refusal:
    """The consent does not cover this call; Zoho says so with 401, not 403."""
    return refusal(401, "OAUTH_SCOPE_MISMATCH", "Unauthorized")


def _new_token() -> str:
    return f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
