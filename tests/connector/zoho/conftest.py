from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from transport_bench import benches

from connector.clock import VirtualClock
from connector.standin.server import StandIn
from connector.zoho.hosts import hosts_from_urls
from connector.zoho.oauth import Credentials, Tokens
from connector.zoho.transport import Timeouts, Transport


@pytest.fixture(scope="session")
def company_files(company_files: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """30 accounts and 75 deals of the small company: every test here starts a stand-in of its own."""
    folder = tmp_path_factory.mktemp("quarter")
    accounts = company_files.accounts.read_text("utf-8").splitlines()[:31]
    kept = {"Account_Id", *(line.partition(",")[0] for line in accounts)}
    deals = company_files.deals.read_text("utf-8").splitlines()
    deals = [row for row in deals if row.split(",")[1] in kept][:76]
    files = {"accounts": accounts, "deals": deals}
    for name, rows in files.items():
        (folder / f"{name}.csv").write_text("\n".join(rows), "utf-8")
    return replace(company_files, **{name: folder / f"{name}.csv" for name in files})


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., Any]:
    return benches(tmp_path)


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Callable[..., Transport]]:
    made: list[Transport] = []

    def to(
        standin: StandIn, *, code: str = "", clock: VirtualClock | None = None, **how: Any
    ) -> Transport:
        clock = clock or VirtualClock(standin.clock.now())
        rng = random.Random(5)  # noqa: S311 - waits, not secrets
        hosts = hosts_from_urls(standin.api_domain, standin.accounts_url, allow_loopback=True)
        refresh_token = "" if code else standin.refresh_token
        credentials = Credentials(standin.client_id, standin.client_secret, refresh_token)
        tokens = Tokens(hosts, credentials, directory=tmp_path, clock=clock, rng=rng)
        if code:
            tokens.exchange_code(code)
        how.setdefault("timeouts", Timeouts(1, 0.5, 1))
        made.append(Transport(hosts, tokens, clock=clock, rng=rng, **how))
        return made[-1]

    yield to
    for transport in made:
        transport.close()
