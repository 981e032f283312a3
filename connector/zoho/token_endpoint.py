"""Asks Zoho's accounts server for tokens, and goes by what its answers say, not by their status."""

from __future__ import annotations

from collections.abc import Mapping

from connector.errors import (
    CrmError,
    ReconnectNeeded,
    Refused,
    Throttled,
    Unavailable,
    Unintelligible,
)
from connector.model import Json
from connector.zoho.answers import parse
from connector.zoho.hosts import Hosts
from connector.zoho.token_store import SPAN
from connector.zoho.wire import Wire

ACCESS_DENIED = "access_denied"
"""Our code for "Access Denied", which Zoho means as "too many" and never as "revoked"."""


class TokenEndpoint:
    """The accounts server of one data centre.

    Secrets travel in the form body only: a query string ends up in tracebacks, logs and proxies.
    """

    def __init__(self, hosts: Hosts, wire: Wire) -> None:
        self._hosts = hosts
        self._wire = wire

    def ask(self, form: Mapping[str, str]) -> dict[str, Json]:
        """Exchange a code or a refresh token and return the answer, which holds an access token.

        Most errors come under HTTP 200 with an ``error`` key (Zoho accounts docs show no statuses),
        so the status decides nothing where the body says something.

        Raises:
            ReconnectNeeded: code, refresh token or client are not accepted.
            Throttled: too many tokens were asked for; the connection itself is fine.
            Unavailable, Unintelligible: no answer, or none that can be read.
            Refused: any error that we do not know.
        """
        body = self._post(self._hosts.token_url, form)
        if isinstance(body.get("access_token"), str) and body["access_token"]:
            return body
        raise self._error(body)

    def revoke(self, refresh_token: str) -> None:
        """Make Zoho forget a refresh token and all that came from it; already forgotten is fine.

        Raises:
            Unavailable, Unintelligible: Zoho may still know it.
        """
        body = self._post(f"{self._hosts.token_url}/revoke", {"token": refresh_token})
        if body.get("status") == "success" or body.get("error") in _FORGOTTEN:
            return
        raise self._error(body)

    def _post(self, url: str, form: Mapping[str, str]) -> dict[str, Json]:
        reply = self._wire.exchange("POST", url, body=form)
        try:
            return parse(reply.content)
        except Unintelligible:
            if reply.status >= 500:
                raise Unavailable(
                    f"Zoho's accounts server could not answer (HTTP {reply.status})."
                ) from None
            raise

    def _error(self, body: dict[str, Json]) -> CrmError:
        told = body.get("error")
        if not isinstance(told, str):
            return Unintelligible("The accounts server's answer has no token and no error.")
        if told in _CODE_ERRORS:
            return ReconnectNeeded("Zoho no longer accepts our code or refresh token.", code=told)
        if told in _CLIENT_ERRORS:
            return ReconnectNeeded(
                f"Zoho does not accept the client id or secret in data centre "
                f"{self._hosts.data_centre}.",
                code=told,
                hint="Check the client id and secret in Zoho's API console, and that it is the "
                "console of this data centre; then run 'fenlei setup --reconnect'.",
            )
        described = f"{told} {body.get('error_description')}".lower()
        if any(sign in described for sign in _THROTTLE_SIGNS):
            return Throttled(
                "Zoho makes no more access tokens for now; ten minutes clear it.",
                retry_after=SPAN.total_seconds(),
                code=ACCESS_DENIED,
            )
        if told in _PASSING_ERRORS:
            return Unavailable("Zoho's accounts server has a passing problem.", code=told)
        return Refused("Zoho's accounts server refused the request.", code=_plain(told))


_CODE_ERRORS = {"invalid_code", "invalid_grant", "invalid_token", "invalid_refresh_token"}
_CLIENT_ERRORS = {"invalid_client", "invalid_client_secret"}
_FORGOTTEN = {"invalid_code", "invalid_token"}
_PASSING_ERRORS = {"general_error", "internal_error", "server_error", "temporarily_unavailable"}
_THROTTLE_SIGNS = ("access denied", "access_denied", "too many requests", "too_many_requests")


def _plain(text: str) -> str:
    return text if len(text) <= 64 and text.replace("_", "").isalnum() and text.isascii() else ""
