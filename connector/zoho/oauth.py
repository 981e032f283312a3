"""Keeps us signed in to Zoho: hands out access tokens and renews them, once for everybody who waits."""

from __future__ import annotations

import logging
import random
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from connector.clock import Clock
from connector.errors import CrmError, ReconnectNeeded, Throttled, Unavailable
from connector.redaction import Secrets
from connector.retry import TOKEN, retrying
from connector.zoho.credentials import Credentials
from connector.zoho.hosts import Hosts, api_domain_of_token
from connector.zoho.token_endpoint import ACCESS_DENIED, TokenEndpoint
from connector.zoho.token_store import MARGIN, MOST_REJECTIONS, StoredToken, TokenFile
from connector.zoho.wire import NOT_CONNECTED, Timeouts, Wire

__all__ = ["Credentials", "Tokens"]

OTHERS_USE_IT = (
    "Zoho keeps ending our access tokens before their time: another program uses this client. "
    "Give that program a client of its own in Zoho's API console."
)

logger = logging.getLogger(__name__)


class Tokens:
    """The access tokens of one connection, for several threads and processes.

    Args:
        hosts: where the organisation lives.
        credentials: without a refresh token only :meth:`exchange_code` works.
        directory: where access tokens are kept between runs.
        clock: for expiry and for waiting.
        rng: for the random part of waits.
        timeouts: seconds for each single attempt.
        patience: seconds to wait at most for another process, or for a free place under the
            limit of refreshes.
        secrets: is told every secret that is in use, so that the log can hide it.
    """

    def __init__(
        self,
        hosts: Hosts,
        credentials: Credentials,
        *,
        directory: Path,
        clock: Clock,
        rng: random.Random,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - a frozen value
        patience: float = 120.0,
        secrets: Secrets | None = None,
    ) -> None:
        self._secrets = secrets or Secrets()
        self._secrets.add(credentials.client_secret, credentials.refresh_token)
        self._hosts = hosts
        self._credentials = credentials
        self._directory = directory
        self._clock = clock
        self._rng = rng
        self._patience = patience
        self._wire = Wire(clock=clock, timeouts=timeouts)
        self._endpoint = TokenEndpoint(hosts, self._wire)
        self._one_at_a_time = threading.Lock()
        self._held: StoredToken | None = None
        self._good_until = 0.0

    @property
    def api_domain(self) -> str:
        """Where to send calls: as the newest token's answer said, else as configured."""
        return self._held.api_domain if self._held else self._hosts.api_domain

    @property
    def notices(self) -> tuple[str, ...]:
        """What an administrator should know: that somebody else uses the same client, or nothing.

        It is asked last, when a run writes down how it ended, and a file that cannot be read has stopped
        that run already.
        """
        if not self._credentials.refresh_token:
            return ()
        with suppress(CrmError, OSError):
            return (OTHERS_USE_IT,) if self._file().rejections() > MOST_REJECTIONS else ()
        return ()

    def access_token(self) -> str:
        """Return a token that is good for another minute at least.

        Raises:
            ReconnectNeeded: Zoho no longer accepts the refresh token or the client.
            Throttled: too many refreshes; ``retry_after`` says for how long.
            Unavailable, Unintelligible: the accounts server gives no good answer.
            UntrustedHost: it names an API address that is not Zoho's.
        """
        with self._one_at_a_time:
            return self._still_good() or self._renewed(
                self._held.access_token if self._held else ""
            )

    def refresh(self, rejected: str) -> str:
        """Return another token than the one that Zoho rejected; raises as :meth:`access_token`.

        Of many threads and processes whose calls were rejected together one asks for a new token,
        and the others get that.
        """
        with self._one_at_a_time:
            good = self._still_good()
            return good if good and good != rejected else self._renewed(rejected, early=True)

    def exchange_code(self, code: str) -> str:
        """Exchange a self-client code for a refresh token, return that, and use it from now on.

        Not tried again: a code works once and lives for minutes.

        Raises:
            ReconnectNeeded: the code is wrong, used or expired, or the client is not accepted.
        """
        from connector.zoho.sdk import OAuth, Store, sign_in

        self._secrets.add(code)
        with self._one_at_a_time:
            token = OAuth(self._credentials, code=code, endpoint=self._endpoint, hosts=self._hosts)
            stored = sign_in(token, Store(None, self._clock), self._directory)
            self._secrets.add(token.refresh_token)
            self._credentials = replace(self._credentials, refresh_token=token.refresh_token)
            file = self._file()
            with file.locked(self._patience):
                file.save(stored)
            self._hold(stored)
            return self._credentials.refresh_token

    def revoke(self) -> None:
        """Make Zoho forget the refresh token, and delete what is stored even if Zoho cannot be told.

        Raises:
            Unavailable, Unintelligible: the stored token is gone, but Zoho may still accept the
                refresh token.
        """
        with self._one_at_a_time:
            self._held = None
            self._file().wipe()
            self._endpoint.revoke(self._credentials.refresh_token)

    def close(self) -> None:
        """Close the connection to the accounts server."""
        self._wire.close()

    def _still_good(self) -> str:
        """Return the token in hand, or nothing if it ends within a minute.

        Within the process a stopwatch decides, which a change of the machine's clock leaves alone.
        """
        if self._held is None or self._clock.monotonic() > self._good_until - MARGIN:
            return ""
        return self._held.access_token

    def _renewed(self, ended: str, *, early: bool = False) -> str:
        """Take over what another process has stored meanwhile, or ask Zoho for a new token.

        Args:
            ended: the token that is over, by our stopwatch or by Zoho's word; empty if there was none.
            early: Zoho ended it before its time.
        """
        from connector.zoho.sdk import OAuth, Store, sign_in

        if not self._credentials.refresh_token:
            raise ReconnectNeeded("There is no connection to Zoho yet.", code="no_refresh_token")
        file = self._file()

        def attempt() -> StoredToken:
            token = OAuth(
                self._credentials,
                endpoint=self._endpoint,
                hosts=self._hosts,
                before_refresh=lambda: file.note_refresh(self._patience),
            )
            try:
                return sign_in(token, Store(file, self._clock, ended), self._directory)
            except Throttled as exc:
                if exc.code == ACCESS_DENIED:
                    file.note_block()
                raise
            except Unavailable as exc:
                if exc.code == NOT_CONNECTED:
                    file.take_back_refresh()
                raise

        with file.locked(self._patience):
            if early:
                file.note_rejection(ended)
            return self._hold(retrying(TOKEN, self._clock, self._rng)(attempt))

    def _hold(self, token: StoredToken) -> str:
        """Keep a token for this process, with an API address that is checked even when stored."""
        self._secrets.add(token.access_token)
        domain = api_domain_of_token(self._hosts, token.api_domain)
        left = token.seconds_left(self._clock.now())
        self._held = replace(token, api_domain=domain)
        self._good_until = self._clock.monotonic() + left
        logger.info("access token in hand for %d s", left)
        return token.access_token

    def _file(self) -> TokenFile:
        return TokenFile(self._directory, self._credentials.refresh_token, clock=self._clock)
