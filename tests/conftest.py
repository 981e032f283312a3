"""What tests share: a running stand-in with a small company in it, a caller, the development data."""

from __future__ import annotations

import csv
import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, settings

from connector.standin.server import StandIn
from sync.policy import Policy, load
from sync.policy.sections import Catalogue

# No test may ever ask the keyring of whoever runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

# How fast a machine draws examples says nothing about the code; fixtures that examples share are
# rolled back or read only. A build server draws the same examples each time, a person new ones.
settings.register_profile(
    "fenlei",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("fenlei")

LONG = (
    "machine",
    "crash",
    "test_online_retail.py",
    "test_demo.py",
    "faults",
    "bad_input",
    "security",
)
"""What takes longest begins first, lest one process works on alone when the other has nothing left."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """As many processes as there are cores: with its files in memory (Makefile) none waits for a disk."""
    return min(8, os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the tests into the order in which the processes take whole files of them."""
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        first = item.path.relative_to(here).parts[0]
        return LONG.index(first) if first in LONG else len(LONG)

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Spare the garbage collector most of its rounds through thousands of tests that stay until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_unconfigure() -> None:
    """Let go of everything in the end, since libraries in C complain of what is still there then."""
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def _policies_read_once() -> Iterator[None]:
    """Read each policy once a test process: to read the shipped one takes a tenth of a small office's run.

    Nobody can change a policy, so nobody can tell; tests of the reading itself call ``load_text``.
    """
    read, known = load.load_text, {}

    def once(text: str, *, catalogue: Catalogue) -> Policy:
        key = (text, id(catalogue))
        if key not in known:
            known[key] = (
                read(text, catalogue=catalogue),
                catalogue,
            )  # held, so that its id stays its own
        return known[key][0]

    load.load_text = once
    yield
    load.load_text = read


TODAY = date(2011, 12, 9)
DATA = Path(__file__).resolve().parents[1] / "../shared/data"


@dataclass(frozen=True)
class DataFiles:
    """Where the files of one development data set are."""

    accounts: Path
    deals: Path


@dataclass
class Caller:
    """A plain client of a stand-in over one kept-alive connection."""

    standin: StandIn
    session: requests.Session = field(default_factory=requests.Session)
    token: str = ""

    def sign_in(self) -> str:
        """Fetch an access token with the refresh token."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self.standin.refresh_token,
            "client_id": self.standin.client_id,
            "client_secret": self.standin.client_secret,
        }
        answer = self.session.post(f"{self.standin.accounts_url}/oauth/v2/token", data=form)
        self.token = answer.json()["access_token"]
        return self.token

    def __call__(
        self,
        method: str,
        path: str,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        version: int = 8,
        **params: object,
    ) -> requests.Response:
        """One API call; the keyword arguments that are left are query parameters."""
        if not self.token:
            self.sign_in()
        return self.session.request(
            method,
            f"{self.standin.api_domain}/crm/v{version}{path}",
            params={name: str(value) for name, value in params.items()},
            json=json,
            headers={"Authorization": f"Zoho-oauthtoken {self.token}", **(headers or {})},
            timeout=10,
        )

    def query(self, statement: str) -> requests.Response:
        """One COQL call."""
        return self("POST", "/coql", json={"select_query": statement})


def write_table(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    """Write rows as a CSV file; the first row's keys are the header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def small_company(folder: Path, accounts: int = 120, deals: int = 300) -> DataFiles:
    """A made-up company: accounts in Chinese and English, deals spread over them by number."""
    account_rows = [
        {
            "id": 9_100_000_000_000_000_000 + number,
            "Account_Name": f"上海贸易 {number:04d}"
            if number % 2
            else f"Acme Trading {number:04d}",
            "Billing_Country": "China" if number % 2 else "United Kingdom",
        }
        for number in range(accounts)
    ]
    deal_rows = [
        {
            "id": 9_200_000_000_000_000_000 + number,
            "Account_Id": account_rows[number * 7 % accounts]["id"],
            "Deal_Name": f"Order {number:04d}",
            "Stage": "Closed Lost" if number % 5 == 0 else "Closed Won",
            "Amount": round(100 + number * 1.25, 2),
            "Closing_Date": date.fromordinal(TODAY.toordinal() - number).isoformat(),
        }
        for number in range(deals)
    ]
    return DataFiles(
        write_table(folder / "accounts.csv", account_rows),
        write_table(folder / "deals.csv", deal_rows),
    )


@pytest.fixture(scope="session")
def company_files(tmp_path_factory: pytest.TempPathFactory) -> DataFiles:
    """The files of a small company: 120 accounts, 300 deals."""
    return small_company(tmp_path_factory.mktemp("company"))


@pytest.fixture
def make_company(tmp_path: Path) -> Callable[..., DataFiles]:
    """Writes the files of a small company of any size."""

    def make(accounts: int = 120, deals: int = 300) -> DataFiles:
        return small_company(tmp_path, accounts, deals)

    return make


@pytest.fixture
def make_standin(company_files: DataFiles) -> Iterator[Callable[..., StandIn]]:
    """Starts stand-ins of the small company with any of StandIn's arguments; closes them afterwards."""
    running: list[StandIn] = []

    def make(**arguments: Any) -> StandIn:
        defaults: dict[str, Any] = {
            "accounts": company_files.accounts,
            "deals": company_files.deals,
            "today": TODAY,
        }
        running.append(StandIn(**(defaults | arguments)))
        return running[-1]

    yield make
    for standin in running:
        standin.close()


@pytest.fixture
def standin(make_standin: Callable[..., StandIn]) -> StandIn:
    """A running stand-in with 120 accounts and 300 deals; its day is 2011-12-09."""
    return make_standin()


@pytest.fixture
def make_caller() -> Iterator[Callable[[StandIn], Caller]]:
    """Makes plain clients of any stand-in; closes their connections afterwards."""
    callers: list[Caller] = []

    def make(standin: StandIn) -> Caller:
        callers.append(Caller(standin))
        return callers[-1]

    yield make
    for caller in callers:
        caller.session.close()


@pytest.fixture
def caller(make_caller: Callable[[StandIn], Caller], standin: StandIn) -> Caller:
    """A plain client of the ``standin`` fixture."""
    return make_caller(standin)


@pytest.fixture(scope="session")
def online_retail() -> DataFiles:
    """The wholesaler's real purchase history (5,942 accounts, 44,876 deals), where it is at hand."""
    folder = DATA / "online_retail_ii"
    files = DataFiles(folder / "accounts.csv", folder / "deals.csv")
    if not files.accounts.exists() or not files.deals.exists():
        pytest.skip(
            "the development data (shared/data/online_retail_ii) is not beside the checkout"
        )
    return files
