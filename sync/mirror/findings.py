"""What is odd about the records themselves, counted and with a few ids to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sync.mirror.store import Mirror
from sync.mirror.tables import UNKNOWN, make_views

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of oddity.

    Args:
        code: ``orphan_deal`` (a deal without an account that we may see), ``deal_without_amount``,
            ``missing_rate`` (foreign currency without a usable rate), ``unknown_stage``,
            ``won_without_date``, ``won_in_future``, ``open_deal_overdue``, ``open_without_date``,
            ``unreadable_value`` or ``hidden_record``.
        count: how many records (values for ``unreadable_value``).
        examples: up to five ids.
        detail: the stage's name, the field as ``Deals.Amount``, or the module.
    """

    code: str
    count: int
    examples: tuple[str, ...]
    detail: str = ""


def findings(mirror: Mirror, *, today: date, stages: Mapping[str, str]) -> list[Finding]:
    """Every oddity of the accounts and deals that we hold, as of a day.

    Args:
        mirror: what was pulled.
        today: a deal won after this day is a finding.
        stages: the policy's stage name → category.

    Raises:
        NothingPulled: accounts or deals were never pulled.
    """
    with mirror:
        make_views(mirror, stages)
        return _deals(mirror, today) + _unreadable(mirror) + _hidden(mirror)


def _conditions(today: date) -> dict[str, str]:
    day = (today - date(1970, 1, 1)).days
    return {
        "orphan_deal": "account_id IS NULL",
        "deal_without_amount": "amount_as_given IS NULL",
        "missing_rate": "amount IS NULL AND amount_as_given IS NOT NULL",
        "unknown_stage": f"category = '{UNKNOWN}'",
        "won_without_date": "category = 'won' AND day IS NULL",
        "won_in_future": f"category = 'won' AND day > {day}",
        "open_deal_overdue": f"category = 'open' AND day < {day}",
        "open_without_date": "category = 'open' AND day IS NULL",
    }


def _deals(mirror: Mirror, today: date) -> list[Finding]:
    conditions = _conditions(today)
    answers = ", ".join(
        f"count(*) FILTER ({test}), min(deal_id, {EXAMPLES}) FILTER ({test})"
        for test in conditions.values()
    )
    [row] = mirror.rows(f"SELECT {answers} FROM seen_deals")
    found: list[Finding] = []
    for code, count, ids in zip(conditions, row[::2], row[1::2], strict=True):
        if count and code == "unknown_stage":
            found += _unknown_stages(mirror)
        elif count:
            found.append(Finding(code, count, tuple(ids)))
    return found


def _unknown_stages(mirror: Mirror) -> list[Finding]:
    rows = mirror.rows(
        f"""SELECT coalesce(stage, '') AS detail, count(*) AS deals, min(deal_id, {EXAMPLES})
        FROM seen_deals WHERE category = '{UNKNOWN}' GROUP BY detail ORDER BY deals DESC, detail"""
    )
    return [Finding("unknown_stage", count, tuple(ids), text) for text, count, ids in rows]


def _unreadable(mirror: Mirror) -> list[Finding]:
    rows = mirror.rows(
        f"""SELECT module || '.' || field AS place, count(*), min(id, {EXAMPLES})
        FROM state.unreadable GROUP BY place ORDER BY place"""
    )
    return [Finding("unreadable_value", count, tuple(ids), place) for place, count, ids in rows]


def _hidden(mirror: Mirror) -> list[Finding]:
    rows = mirror.rows(
        " UNION ALL ".join(
            f"""SELECT '{module}' AS module, count(*) AS records, min(id, {EXAMPLES})
            FROM crm."{module}" WHERE _unseen"""
            for module in ("Accounts", "Deals")
        )
    )
    found = [
        Finding("hidden_record", count, tuple(ids), module) for module, count, ids in rows if count
    ]
    return sorted(found, key=lambda finding: finding.detail)
