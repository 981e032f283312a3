"""Ids as whole numbers for the classifiers: two texts become one number only where they are one text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.model import Field, Record
from sync.mirror import Mirror, classifier_tables, numbered

DAY = datetime(2025, 3, 1, tzinfo=UTC)


def account_ids(accounts: list[str], deals_of: list[str]) -> tuple[list[object], list[object]]:
    """What the classifiers read as ``account_id`` of these accounts, and of a deal of each of those."""
    with Mirror(None) as mirror:
        owners = {f"d{place}": {"Account_Name": owner} for place, owner in enumerate(deals_of)}
        records = {"Accounts": {key: {"Account_Name": "x"} for key in accounts}, "Deals": owners}
        for module, rows in records.items():
            mirror.prepare(module, [Field("", "Account_Name", "Account_Name", "text")])
            with mirror.pulling(module) as pulling:
                pulling.stage([Record(key, DAY, dict(values)) for key, values in rows.items()])
                pulling.commit(DAY, DAY, full=True)
        tables = numbered(mirror, classifier_tables(mirror, stages={}))
        return tuple(
            [id for (id,) in frame.select("account_id").to_native().order("1").fetchall()]
            for frame in (tables.accounts, tables.deals)
        )


def test_ids_of_digits_become_numbers() -> None:
    id = "4150868000000225013"
    assert account_ids([id, "7"], ["7", id]) == ([7, int(id)], [7, int(id)])


@pytest.mark.parametrize("odd", ["07", " 7", "+7", "7.0", "7e0", "0x7", "７", "none", ""])
def test_a_deal_of_an_id_that_only_reads_like_an_account_is_nobodys(odd: str) -> None:
    assert account_ids(["7"], [odd]) == ([7], [None])


@pytest.mark.parametrize("odd", ["007", "a7", "7.0", "99999999999999999999"])
def test_one_account_of_another_id_leaves_all_ids_as_they_are(odd: str) -> None:
    accounts, deals = account_ids(["7", odd], [odd, "7", "gone"])
    assert set(accounts) == {"7", odd}
    assert set(deals) == {"7", odd, None}
