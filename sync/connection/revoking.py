"""Takes a consent back at Zoho, so that what is no longer used lets nobody in."""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from connector.clock import Clock
from connector.errors import CrmError
from connector.retry import TOKEN, retrying
from connector.zoho.hosts import hosts_from_urls
from connector.zoho.oauth import Credentials as Client
from connector.zoho.oauth import Tokens
from sync.connection.credentials import Credentials


def revoke(credentials: Credentials, env: Mapping[str, str], token_dir: Path, clock: Clock) -> str:
    """Make Zoho forget a refresh token, and delete the access token that came from it here.

    Returns:
        Why Zoho could not be told, as a sentence; empty where it has forgotten it.
    """
    rng = random.Random()  # noqa: S311 - spreads waiting times, guards nothing
    client = Client(credentials.client_id, credentials.client_secret, credentials.refresh_token)
    try:
        hosts = hosts_from_urls(
            credentials.api_domain,
            credentials.accounts_url,
            allow_loopback=env.get("FENLEI_ALLOW_LOOPBACK") == "1",
        )
        with closing(Tokens(hosts, client, directory=token_dir, clock=clock, rng=rng)) as tokens:
            # Taking back a consent twice is no harm, so a passing fault is worth another attempt.
            retrying(TOKEN, clock, rng)(tokens.revoke)
    except CrmError as exc:
        return exc.message
    return ""
