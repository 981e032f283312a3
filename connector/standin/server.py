"""The stand-in: a server on this machine that plays a Zoho CRM organisation, for demos and for tests.

::

    with StandIn(accounts=Path("accounts.csv"), deals=Path("deals.csv")) as s:
        s.connection()                    # what a client needs to reach it
        s.records("Accounts")             # what it holds now
        s.log                             # every change that was applied
        s.faults.add("POST /Tasks", nth=1, kind="lost_after_apply")
        s.switches = replace(s.switches, unique_on_tasks=False)
        s.rep.merge("Accounts", survivor, loser)      # a person at work, and an administrator
        s.admin.drop_field("Accounts", "Customer_Tier")
        s.workflow("Accounts", "Customer_Tier", then={"Rating": "Hot"})

It answers ``/crm/v8`` and, for the same calls, older versions down to ``/crm/v2``; anything else is an
error as Zoho words it. It does not encrypt, keeps nothing when it ends, and listens on loopback only.
"""

from __future__ import annotations

import signal
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import FrameType, TracebackType
from zoneinfo import ZoneInfo

from connector.clock import VirtualClock
from connector.standin.admin import Admin
from connector.standin.answers import JsonObject
from connector.standin.faults import Faults
from connector.standin.fields import FieldCatalogue
from connector.standin.journal import Journal, LogEntry, RequestSeen
from connector.standin.limits import Limits, credits_allowed
from connector.standin.line import HOST, Dead, dead_line, serve, stop
from connector.standin.oauth import DEFAULT_SCOPES, OAuth
from connector.standin.paging import PageTokens
from connector.standin.people import EDITIONS, People, currencies, make_people, organisation
from connector.standin.rep import Rep
from connector.standin.seeding import load_files
from connector.standin.store import Store
from connector.standin.switches import Switches
from connector.standin.tagbook import Tagbook
from connector.standin.tenant import Tenant
from connector.standin.workflow import Workflows

OPENING_HOUR = time(9)
LOADED_AGE = timedelta(days=30)
LICENCES = 10


class StandIn:
    """A running server that plays one Zoho CRM organisation; it serves from the moment it is made.

    Args:
        accounts: CSV or Parquet file with ``id, Account_Name`` and any further API names.
        deals: the same with ``id, Account_Id, Deal_Name, Stage, Amount, Closing_Date``.
        more: module → a file of its records: Contacts and Cases (``Account_Id``), Calls, Events and Tasks
            (``What_Id, Who_Id``) and Notes (``Parent_Id``).
        today: the day on which its clock starts, at nine in the morning; None is the present day.
        port: 0 takes any free one.
        log: file to which every applied change is appended as one line of JSON.
        clock: a clock to share; replaces ``today``.
        edition: Zoho's edition, which decides credits and how many calls may run at once.
        switches: how it behaves where Zoho's documents are silent.
        scopes: what the customer's consent covers.
        time_zone: the organisation's time zone, in which all times are told.
        home_currency: the organisation's home currency.
        credits_a_day: credits in 24 hours where they shall differ from the edition's.
        tls: a server's context with a certificate, good or bad; it then speaks HTTPS only.

    Raises:
        LoadError: a file cannot be read as records.
        OSError: the port is taken.
    """

    def __init__(
        self,
        accounts: Path | str | None = None,
        deals: Path | str | None = None,
        *,
        more: Mapping[str, Path | str] | None = None,
        today: date | None = None,
        port: int = 0,
        log: Path | str | None = None,
        clock: VirtualClock | None = None,
        edition: str = "enterprise",
        switches: Switches | None = None,
        scopes: Sequence[str] = DEFAULT_SCOPES,
        time_zone: str = "Asia/Shanghai",
        home_currency: str = "CNY",
        credits_a_day: int | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        zone = ZoneInfo(time_zone)
        self.clock = clock or _clock(today, zone)
        switches = switches or Switches()
        self._journal = Journal(Path(log) if log else None)
        store = Store(self.clock, zone, self._journal)
        allowed = credits_allowed(edition, LICENCES) if credits_a_day is None else credits_a_day
        self.tenant = Tenant(
            clock=self.clock,
            zone=zone,
            switches=switches,
            store=store,
            catalogue=FieldCatalogue(edition, store.new_id),
            people=People(make_people(store.new_id, time_zone)),
            organisation=organisation(edition, time_zone, home_currency, LICENCES),
            currencies=currencies(store.new_id, home_currency),
            limits=Limits(
                self.clock,
                allowed=allowed,
                at_once=EDITIONS[edition][3],
                strict=switches.limits_concurrency,
            ),
            oauth=OAuth(self.clock, switches, scopes),
            tokens=PageTokens(self.clock),
            tags=Tagbook(store.new_id),
        )
        self.rep = Rep(self.tenant)
        self.admin = Admin(self.tenant)
        self._workflows = Workflows(self.tenant)
        store.watch = self._workflows.changed
        self._closed = threading.Event()
        try:
            born = self.clock.now() - LOADED_AGE
            files = (("Accounts", accounts), ("Deals", deals), *(more or {}).items())
            load_files(self.tenant, born, [(name, Path(f) if f else None) for name, f in files])
            self._server, self._thread = serve(self.tenant, port, tls)
        except BaseException:
            self._journal.close()
            raise
        self.tenant.oauth.api_domain = self.api_domain

    @property
    def api_domain(self) -> str:
        """Where the API is, without the path: ``http://127.0.0.1:PORT``."""
        scheme = "https" if self._server.tls else "http"
        return f"{scheme}://{HOST}:{self._server.server_address[1]}"

    @property
    def accounts_url(self) -> str:
        """Where tokens are given out; the token call is at ``{accounts_url}/oauth/v2/token``."""
        return self.api_domain

    @property
    def client_id(self) -> str:
        """The id of the one registered client."""
        return self.tenant.oauth.client_id

    @property
    def client_secret(self) -> str:
        """The secret of the one registered client."""
        return self.tenant.oauth.client_secret

    @property
    def refresh_token(self) -> str:
        """A refresh token that was given out before the server started."""
        return self.tenant.oauth.refresh_token

    @property
    def grant_code(self) -> str:
        """A new self-client code at each look: good for three minutes, once."""
        return self.tenant.oauth.new_code()

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the consent covers; may be set to something else at any time."""
        return self.tenant.oauth.scopes

    @scopes.setter
    def scopes(self, scopes: Sequence[str]) -> None:
        self.tenant.oauth.scopes = tuple(scopes)

    def connection(self) -> dict[str, str]:
        """What a client needs: both addresses, the client's id and secret, a refresh token."""
        return {
            "api_domain": self.api_domain,
            "accounts_url": self.accounts_url,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
        }

    def records(self, module: str) -> Mapping[str, JsonObject]:
        """The live records of a module by id, in Zoho's JSON shape; read them, do not change them."""
        self.tenant.settle()
        return self.tenant.store.shelf(module).live

    @property
    def log(self) -> Sequence[LogEntry]:
        """Every change that was applied, in order."""
        self.tenant.settle()
        return self._journal.entries

    @property
    def requests(self) -> Sequence[RequestSeen]:
        """Every call that came in."""
        return self.tenant.requests

    @property
    def credits_spent(self) -> int:
        """API credits used since the start."""
        return self.tenant.limits.spent_ever

    @property
    def faults(self) -> Faults:
        """What shall go wrong, and what did."""
        return self.tenant.faults

    def workflow(
        self, module: str, when_field: str, then: Mapping[str, object], delay: float = 0.0
    ) -> None:
        """Set up a workflow rule; see :meth:`connector.standin.workflow.Workflows.add`."""
        self._workflows.add(module, when_field, then, delay)

    @property
    def switches(self) -> Switches:
        """How it behaves where Zoho's documents are silent; may be set to others at any time."""
        return self.tenant.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self.tenant.behave(switches)

    @property
    def users(self) -> Sequence[JsonObject]:
        """The organisation's users; the first is the one whom the tokens act for."""
        return self.tenant.people.users

    @property
    def locked(self) -> set[str]:
        """Ids of records that refuse changes with ``RECORD_LOCKED``; add and remove at will."""
        return self.tenant.store.locked

    @contextmanager
    def unplugged(self, how: Dead = "refused") -> Iterator[None]:
        """Let nobody in within the ``with``: connections are refused, or ("silent") never answered."""
        port, tls = int(self._server.server_address[1]), self._server.tls
        stop(self._server, self._thread)
        try:
            with dead_line(port, how):
                yield
        finally:
            self._server, self._thread = serve(self.tenant, port, tls)

    def expire_tokens(self) -> None:
        """Let every access token end now."""
        self.tenant.oauth.expire_tokens()

    def revoke(self) -> None:
        """Take back the customer's consent: refresh tokens and access tokens end."""
        self.tenant.oauth.revoke()

    def wait(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until Ctrl-C, SIGTERM or :meth:`close`, then close. Call it from the main thread.

        Args:
            ready: called once a signal would end the serving in good order; tell people only then.
        """

        def end(_signal: int, _frame: FrameType | None) -> None:
            self._closed.set()

        before = signal.signal(signal.SIGTERM, end)
        try:
            ready()
            self._closed.wait()
        except KeyboardInterrupt:
            pass
        finally:
            signal.signal(signal.SIGTERM, before)
            self.close()

    def close(self) -> None:
        """Stop serving, end all connections, close the log. May be called twice."""
        self._closed.set()
        stop(self._server, self._thread)
        self._journal.close()

    def __enter__(self) -> StandIn:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _clock(today: date | None, zone: ZoneInfo) -> VirtualClock:
    if today is None:
        return VirtualClock(datetime.now(UTC), ticking=True)
    return VirtualClock(datetime.combine(today, OPENING_HOUR, zone), ticking=True)
