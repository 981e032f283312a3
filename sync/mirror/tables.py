"""The tables that classification reads: every account we may see, every deal in home money, every signal."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import narwhals as nw

from classifiers.stability import WAS_ON, was_column
from sync.mirror.columns import DATE, NUMBER, TEXT, literal, quoted
from sync.mirror.errors import NothingPulled
from sync.mirror.left_out import is_customer
from sync.mirror.money import column, home_amount
from sync.mirror.our_columns import Column
from sync.mirror.profile import profile_columns
from sync.mirror.signals import Meanings, signal_parts
from sync.mirror.stage_names import by_every_name
from sync.mirror.store import Mirror

CLASSIFIED_AT = "classified_at"
UNKNOWN = "unknown"
"""The category of a deal in a stage that neither the policy nor the CRM explains."""


NOTHING_MEANT = Meanings()
"""Nobody has told which words mean a trial, a complaint or a decision."""


class Tables(NamedTuple):
    """What the classifiers read; nothing of it is copied into Python.

    Args:
        accounts: one row an account that we may see.
        deals: one row a deal.
        signals: as for :func:`classifiers.dealings.account_dealings`; None where nothing tells of any.
        sources: where the signals come from, of :data:`classifiers.dealings.SOURCES`; a module that is
            not read, or that nobody uses, is none.
    """

    accounts: nw.LazyFrame[Any]
    deals: nw.LazyFrame[Any]
    signals: nw.LazyFrame[Any] | None
    sources: frozenset[str]


def classifier_tables(
    mirror: Mirror,
    *,
    stages: Mapping[str, str],
    ours: Sequence[Column] = (),
    meanings: Meanings = NOTHING_MEANT,
    inputs: Mapping[str, str] | None = None,
    left_out: Mapping[str, Collection[str]] | None = None,
) -> Tables:
    """The accounts, the deals and the signals as the classifiers want them.

    Args:
        mirror: open, and open for as long as the frames are used.
        stages: the policy's stage name → won, lost or open; goes before the CRM's own category.
        ours: our fields, where accounts shall carry the classes that the CRM shows now.
        meanings: what the organisation means by its own words.
        inputs: of :data:`sync.policy.model.INPUTS` → API name of the organisation's own field for it;
            fields of ours for that are among ``ours``.
        left_out: which accounts are no customers, as for :func:`sync.mirror.left_out.is_customer`.

    Returns:
        accounts: ``account_id`` and what any of them has of :data:`classifiers.profile.PROFILE`; with
        ``ours`` also ``was_<dimension>`` and ``was_on``, the class codes and the day number on which
        they were written. An override of a rep is not among them: it is no verdict of ours. deals:
        ``account_id`` (null for a deal of nobody, or of an account that was deleted or that we may
        not see), ``deal_id``, ``day`` (days since 1970-01-01), ``amount`` (home currency),
        ``category`` (won, lost, open, unknown).

    Raises:
        NothingPulled: accounts or deals were never pulled.
    """
    make_views(mirror, stages)
    theirs = [Column(key, name, "input") for key, name in (inputs or {}).items() if name]
    theirs += [field for field in ours if field.kind == "input"]
    profile = (f"{sql} AS {name}" for name, sql in profile_columns(mirror, theirs).items())
    shown = _shown(mirror.columns("Accounts"), ours)
    selected = ", ".join(["a.id AS account_id", *shown, *profile])
    customers = is_customer(mirror, left_out or {})
    accounts = mirror.relation(
        f'SELECT {selected} FROM crm."Accounts" a WHERE NOT a._unseen AND {customers}'
    )
    deals = mirror.relation("SELECT account_id, deal_id, day, amount, category FROM seen_deals")
    parts = signal_parts(mirror, meanings)
    signals = None
    if parts:
        signals = nw.from_native(mirror.relation(" UNION ALL ".join(parts.values()))).lazy()
    frames = (nw.from_native(accounts).lazy(), nw.from_native(deals).lazy())
    return Tables(*frames, signals, frozenset(parts))


def _shown(held: Mapping[str, str], ours: Sequence[Column]) -> Iterator[str]:
    """The SQL of the classes that the CRM shows, and of the day on which they were written."""
    for field in ours:
        name = quoted(field.name)
        if field.kind == "class" and field.stored and held.get(field.name) == TEXT:
            cases = " ".join(
                f"WHEN {literal(stored)} THEN {literal(code)}"
                for code, stored in field.stored.items()
            )
            yield f"CASE a.{name} {cases} END AS {was_column(field.key)}"
        elif field.key == CLASSIFIED_AT and held.get(field.name) == DATE:
            yield f"CAST(a.{name} - DATE '1970-01-01' AS BIGINT) AS {WAS_ON}"


def make_views(mirror: Mirror, stages: Mapping[str, str]) -> None:
    """Make the views ``seen_accounts``, ``deals_as_given`` and ``seen_deals``.

    They last as long as the mirror is open. The deals that are given name their account as the CRM does;
    those that are seen have a null for an account that we do not see.
    """
    deals = mirror.columns("Deals")
    if not deals or not mirror.columns("Accounts"):
        raise NothingPulled("No accounts and deals have been pulled yet.")
    policy = ", ".join(
        ["(CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR))"]
        + [
            f"({literal(stage)}, {literal(category)})"
            for stage, category in by_every_name(mirror, stages).items()
        ]
    )
    mirror.view(
        "seen_accounts", """SELECT id AS account_id FROM crm."Accounts" WHERE NOT _unseen"""
    )
    mirror.view(
        "deals_as_given",
        f"""SELECT {column(deals, "d", "Account_Name", TEXT)} AS given_account, d.id AS deal_id,
            CAST({column(deals, "d", "Closing_Date", DATE)} - DATE '1970-01-01' AS BIGINT) AS day,
            {home_amount(deals, mirror.home_currency(), "d", "Amount")} AS amount,
            coalesce(p.category, nullif(s.category, ''), '{UNKNOWN}') AS category,
            {column(deals, "d", "Stage", TEXT)} AS stage,
            {column(deals, "d", "Amount", NUMBER)} AS amount_as_given
        FROM crm."Deals" d
        LEFT JOIN (VALUES {policy}) p (name, category)
            ON p.name = {column(deals, "d", "Stage", TEXT)}
        LEFT JOIN state.stages s ON s.name = {column(deals, "d", "Stage", TEXT)}
        WHERE NOT d._unseen""",
    )
    mirror.view(
        "seen_deals",
        """SELECT seen.account_id, d.* EXCLUDE (given_account)
        FROM deals_as_given d LEFT JOIN seen_accounts seen ON seen.account_id = d.given_account""",
    )
