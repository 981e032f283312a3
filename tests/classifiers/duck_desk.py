"""A small DuckDB engine and tables from plain rows, so that a test can state its accounts and deals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pytest

from classifiers.classify import Classification, classify
from classifiers.engine import Columns, Frame
from classifiers.profile import PROFILE
from classifiers.settings import Settings

DATA = Path(__file__).resolve().parents[2] / "../shared/data"

Deal = tuple[str | None, int | None, float | None, str]
"""Account id, day number, amount, category."""

Signal = tuple[str | None, str, int | None, bool]
"""Account id, kind, day number, still going on."""

Known = tuple[
    Mapping[str, Any],
    Sequence[tuple[int | None, float | None, str]],
    Sequence[tuple[str, int | None, bool]],
]
"""What is known of one account: its profile, its deals and its signals, both without its id."""

Classify = Callable[..., tuple[Classification, dict[str, dict[str, Any]]]]
"""What the fixture ``classified`` gives: ids, deals, today and settings in; verdicts by id out."""


SQL_TYPES: dict[Any, str] = {nw.String: "varchar", nw.Int64: "bigint", nw.Float64: "double"}

SHOWN = ("tier", "loyalty", "churn_risk", "value")
"""The dimensions that the CRM has a field for."""


class Desk:
    """An engine over DuckDB that also takes plain rows and gives plain rows back."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.tables = 0

    def keep(self, frame: Frame, name: str) -> Frame:
        self.tables += 1
        table = f"{name}_{self.tables}"
        frame.to_native().create(table)
        return nw.from_native(self.connection.table(table))

    def fetch(self, frame: Frame) -> Columns:
        return dict(frame.to_native().fetchnumpy())

    def accounts(self, ids: Iterable[str]) -> Frame:
        return self._query("select unnest(?::varchar[]) as account_id", [list(ids)])

    def shown(
        self, verdicts: Mapping[str, Mapping[str, Any]], on: int | Mapping[str, int | None]
    ) -> Frame:
        """Accounts that the CRM shows in the classes of these verdicts, written on one day or on these."""
        columns = [[*verdicts], *([v[name] for v in verdicts.values()] for name in SHOWN)]
        days = [on if isinstance(on, int) else on[account] for account in verdicts]
        names = ", ".join(f"unnest(?::varchar[]) as was_{name}" for name in SHOWN)
        sql = f"select unnest(?::varchar[]) as account_id, {names}, unnest(?::bigint[]) as was_on"
        return self._query(sql, [*columns, days])

    def deals(self, deals: Iterable[Deal]) -> Frame:
        columns = [list(column) for column in zip(*deals, strict=True)] or [[]] * 4
        return self._query(
            """select unnest(?::varchar[]) as account_id, unnest(?::bigint[]) as day,
            unnest(?::double[]) as amount, unnest(?::varchar[]) as category""",
            columns,
        )

    def profiled(self, rows: Mapping[str, Mapping[str, Any]]) -> Frame:
        """Accounts with those columns of the profile that any of the rows has; null where a row lacks it."""
        names = [name for name in PROFILE if any(name in row for row in rows.values())]
        columns = [[row.get(name) for row in rows.values()] for name in names]
        given = "".join(f", unnest(?::{SQL_TYPES[PROFILE[name]]}[]) as {name}" for name in names)
        return self._query(f"select unnest(?::varchar[]) as account_id{given}", [[*rows], *columns])

    def signals(self, signals: Iterable[Signal]) -> Frame:
        columns = [list(column) for column in zip(*signals, strict=True)] or [[]] * 4
        return self._query(
            """select unnest(?::varchar[]) as account_id, unnest(?::varchar[]) as kind,
            unnest(?::bigint[]) as day, unnest(?::boolean[]) as open""",
            columns,
        )

    def verdict(
        self,
        profile: Mapping[str, Any],
        deals: Sequence[tuple[int | None, float | None, str]] = (),
        signals: Sequence[tuple[str, int | None, bool]] = (),
        **asked: Any,
    ) -> dict[str, Any]:
        """The verdicts of one account, by what is known of it."""
        return self.verdicts([(profile, deals, signals)], **asked)[0]

    def verdicts(
        self,
        accounts: Sequence[Known],
        *,
        today: int,
        sources: Collection[str] = (),
        settings: Settings | None = None,
        asked: Collection[str] | None = None,
    ) -> list[dict[str, Any]]:
        """The verdicts of several accounts, in their order, which cost hardly more than those of one."""
        known = {f"a{place:04}": account for place, account in enumerate(accounts)}
        found = classify(
            self.profiled({name: profile for name, (profile, _, _) in known.items()}),
            self.deals((name, *deal) for name, (_, deals, _) in known.items() for deal in deals),
            today=today,
            settings=settings or Settings(),
            engine=self,
            signals=self.signals(
                (name, *signal) for name, (_, _, signals) in known.items() for signal in signals
            ),
            sources=sources,
            asked=asked,
        )
        rows = self.rows(found.verdicts)
        return [rows[name] for name in known]

    def csv(self, folder: str) -> tuple[Frame, Frame]:
        """Accounts and deals of a development data set; skips the test where it is absent."""
        path = DATA / folder
        if not path.exists():
            pytest.skip(f"the development data set {folder} is not beside this checkout")
        accounts = self._query(
            "select id as account_id from read_csv(?, all_varchar = true)",
            [str(path / "accounts.csv")],
        )
        deals = self._query(
            """select Account_Id as account_id, Amount::double as amount,
            Closing_Date::date - DATE '1970-01-01' as day, 'won' as category
            from read_csv(?, all_varchar = true)""",
            [str(path / "deals.csv")],
        )
        return accounts, deals

    def rows(self, frame: Frame) -> dict[str, dict[str, Any]]:
        """Every row by its account id."""
        native = frame.to_native()
        return {row[0]: dict(zip(native.columns, row, strict=True)) for row in native.fetchall()}

    def _query(self, sql: str, values: list[Any]) -> Frame:
        self.tables += 1
        self.connection.execute(f"create table given_{self.tables} as {sql}", values)
        return nw.from_native(self.connection.table(f"given_{self.tables}"))
