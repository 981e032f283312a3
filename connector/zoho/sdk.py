"""Zoho's own Python kit, kept to the one thing it is good for here: the steps of signing in.

Its flow is used as it is (``Initializer``, ``OAuthToken.authenticate`` and ``parse_response``);
its HTTP, its files and its log are replaced: it sends without a timeout, keeps tokens readable by
everybody, and writes ``sdk_logs.log`` into the current directory. Importing it takes almost half a
second, so only :mod:`connector.zoho.oauth` imports this module, and only when a token is needed.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import ModuleType

from connector.clock import Clock
from connector.errors import ReconnectNeeded, Unintelligible
from connector.model import Json
from connector.zoho.credentials import Credentials
from connector.zoho.hosts import Hosts, api_domain_of_token
from connector.zoho.token_endpoint import TokenEndpoint
from connector.zoho.token_store import LONGEST_LIFE, MARGIN, StoredToken, TokenFile


@contextmanager
def _stub_of_mysql() -> Iterator[None]:
    """Satisfy an import that the kit does not declare and that only its database store uses."""
    stub, connector = ModuleType("mysql"), ModuleType("mysql.connector")
    vars(stub)["connector"] = connector
    vars(connector)["Error"] = Exception
    before = {name: sys.modules.get(name) for name in ("mysql", "mysql.connector")}
    sys.modules.update({"mysql": stub, "mysql.connector": connector})
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


with _stub_of_mysql():
    from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken, TokenType
    from zcrmsdk.src.com.zoho.api.authenticator.store import TokenStore
    from zcrmsdk.src.com.zoho.api.logger import Logger
    from zcrmsdk.src.com.zoho.crm.api.dc import DataCenter
    from zcrmsdk.src.com.zoho.crm.api.initializer import Initializer
    from zcrmsdk.src.com.zoho.crm.api.sdk_config import SDKConfig
    from zcrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

_ONE_AT_A_TIME = threading.Lock()
"""The kit keeps its settings in a class variable, so two organisations take turns."""


class OAuth(OAuthToken):  # type: ignore[misc]  # the kit ships no types
    """The kit's token, asking the accounts server through our own connection.

    Args:
        credentials: the client, and the refresh token unless a code is given.
        code: a self-client code to exchange instead.
        endpoint: asks the accounts server.
        hosts: to check the API address that comes with a token.
        before_refresh: is called before each refresh, and may refuse it.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        code: str = "",
        endpoint: TokenEndpoint,
        hosts: Hosts,
        before_refresh: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(
            credentials.client_id,
            credentials.client_secret,
            code or credentials.refresh_token,
            TokenType.GRANT if code else TokenType.REFRESH,
        )
        self._endpoint = endpoint
        self._hosts = hosts
        self._before_refresh = before_refresh
        self.api_domain = hosts.api_domain
        self.life = 0.0

    def refresh_access_token(self, user: UserSignature, store: TokenStore) -> OAuth:
        """Exchange the refresh token for an access token and store that."""
        self._before_refresh()
        answer = self._endpoint.ask(
            {"grant_type": "refresh_token", "refresh_token": self.refresh_token, **self._client}
        )
        store.save_token(user, self.parse_response(answer))
        return self

    def generate_access_token(self, user: UserSignature, store: TokenStore) -> OAuth:
        """Exchange a code for a refresh token and an access token, and store the latter."""
        answer = self._endpoint.ask(
            {"grant_type": "authorization_code", "code": self.grant_token, **self._client}
        )
        if not isinstance(answer.get("refresh_token"), str):
            raise ReconnectNeeded("Zoho gave no refresh token for this code.", code="no_refresh")
        store.save_token(user, self.parse_response(answer))
        return self

    def parse_response(self, response: dict[str, Json]) -> OAuth:
        """Take over the answer; its API address is checked before the token can be used."""
        told = response.get("api_domain")
        self.api_domain = api_domain_of_token(self._hosts, told if isinstance(told, str) else "")
        try:
            super().parse_response(response)
            self.life = min(LONGEST_LIFE, self.get_token_expires_in(response) / 1000)
        except (KeyError, TypeError, ValueError):
            raise Unintelligible("The token answer does not say how long it is valid.") from None
        return self

    @property
    def environment(self) -> DataCenter.Environment:
        """The hosts in the kit's words; it knows five data centres by name, we eight."""
        return DataCenter.Environment(self._hosts.api_domain, self._hosts.token_url, "")

    @property
    def _client(self) -> dict[str, str]:
        return {"client_id": self.client_id, "client_secret": self.client_secret}


class Store(TokenStore):  # type: ignore[misc]  # the kit ships no types
    """The kit's token store, over our own file.

    Args:
        file: where the refresh token's access token is kept; None while there is no refresh token.
        clock: to tell whether a stored token is still good.
        ended: an access token that is over, whatever the machine's clock makes of its end.
    """

    def __init__(self, file: TokenFile | None, clock: Clock, ended: str = "") -> None:
        self._file = file
        self._clock = clock
        self._ended = ended
        self.found: StoredToken | None = None

    def get_token(self, user: UserSignature, token: OAuth) -> OAuthToken | None:  # noqa: ARG002
        """Return the stored token if it can still be used, else None."""
        stored = self._file.read() if self._file else None
        if stored is None or stored.access_token == self._ended:
            return None
        left = stored.seconds_left(self._clock.now())
        if left < MARGIN:
            return None
        self.found = stored
        known = OAuthToken(
            token.client_id, token.client_secret, token.refresh_token, TokenType.REFRESH
        )
        known.access_token = stored.access_token
        known.expires_in = str(int((time.time() + left) * 1000))
        return known

    def save_token(self, user: UserSignature, token: OAuth) -> None:  # noqa: ARG002
        """Store a new token before anybody uses it."""
        expires_at = self._clock.now() + timedelta(seconds=token.life)
        self.found = StoredToken(token.access_token, expires_at, token.api_domain)
        if self._file:
            self._file.save(self.found)

    def delete_token(self, token: OAuth) -> None:  # noqa: ARG002
        """Forget the stored token."""
        if self._file:
            self._file.wipe()

    def get_tokens(self) -> list[OAuthToken]:
        """Return nothing: this store serves one token and lists none."""
        return []

    def delete_tokens(self) -> None:
        """Do nothing, for the same reason."""


def sign_in(token: OAuth, store: Store, directory: Path) -> StoredToken:
    """Run the kit's sign-in and return the access token that it ends with, stored or new.

    Raises:
        CrmError: as the endpoint, the store and ``before_refresh`` say.
    """
    with _ONE_AT_A_TIME:
        Initializer.initialize(
            user=UserSignature("nobody@example.com"),
            environment=token.environment,
            token=token,
            store=store,
            sdk_config=SDKConfig(),
            resource_path=str(directory),
            logger=Logger(Logger.Levels.CRITICAL, os.devnull),
        )
        _close_log()
        try:
            token.authenticate(_Request())
        finally:
            Initializer.initializer = None
    if store.found is None:
        raise Unintelligible("Signing in ended without a token.")
    return store.found


class _Request:
    """What the kit signs; our own transport sets the header itself, on every call."""

    def add_header(self, name: str, value: str) -> None:
        """Take the header, and leave it."""


def _close_log() -> None:
    """Take away the log file that the kit adds each time it is set up."""
    log = logging.getLogger("SDKLogger")
    for handler in list(log.handlers):
        log.removeHandler(handler)
        handler.close()
    log.propagate = False
