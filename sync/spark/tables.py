"""The accounts, the deals and the trials as the classifiers want them, and what is odd about them.

The counterpart of ``sync/mirror/tables.py`` and ``findings.py`` for files that a cluster reads.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as sf

from sync.mirror.files import STANDARD_STAGES
from sync.mirror.tables import UNKNOWN
from sync.policy import Policy
from sync.spark.engine import SparkEngine
from sync.spark.reading import Given, unreadable
from sync.spark.values import date, day_number, filled, home_amount, moment_day, number, profile
from sync.verdicts import stage_names

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


@dataclass(frozen=True, slots=True)
class ClusterTables:
    """Tables of Spark's, held; :class:`sync.mirror.tables.Tables` says what stands in them.

    ``every_account`` has the ids of all accounts, those that the policy leaves out among them; ``deals``
    has ``amount_as_given`` besides.
    """

    accounts: DataFrame
    every_account: DataFrame
    deals: DataFrame
    trials: DataFrame | None


def cluster_tables(
    accounts: Given, deals: Given, policy: Policy, engine: SparkEngine
) -> ClusterTables:
    """Turn the texts of both files into what the classifiers read, once."""
    held = engine.hold(_deals(deals, policy), "deals")
    trials = held.where("on_trial") if policy.stages.trial else None
    if trials is not None:
        trials = trials.select(
            "account_id",
            sf.lit("trial").alias("kind"),
            sf.coalesce("created_day", "day").alias("day"),
            (~sf.col("category").isin("won", "lost")).alias("open"),
        )
    told = profile(accounts.column, policy.inputs, policy.home_currency)
    every = accounts.table.select(sf.col("id").alias("account_id"))
    return ClusterTables(_accounts(accounts, told, policy), every, held, trials)


def count_findings(
    tables: ClusterTables, accounts: Given, deals: Given, today: int
) -> dict[str, int]:
    """How many records are odd, by kind: as :func:`sync.mirror.findings.findings` counts them."""
    category, day, amount = sf.col("category"), sf.col("day"), sf.col("amount")
    given = sf.col("amount_as_given")
    kinds = {
        "deal_without_amount": given.isNull(),
        "missing_rate": amount.isNull() & given.isNotNull(),
        "unknown_stage": category == UNKNOWN,
        "won_without_date": (category == "won") & day.isNull(),
        "won_in_future": (category == "won") & (day > today),
        "open_deal_overdue": (category == "open") & (day < today),
        "open_without_date": (category == "open") & day.isNull(),
    }
    odd = tables.deals.agg(
        *(sf.count(sf.when(test, 1)).alias(kind) for kind, test in kinds.items())
    )
    counted = odd.collect()[0].asDict()
    orphans = tables.deals.join(tables.every_account, "account_id", "left_anti").count()
    lost = sum(_unreadable(one) for one in (accounts, deals))
    found = {"orphan_deal": orphans, **counted, "unreadable_value": lost}
    return {kind: count for kind, count in found.items() if count}


def _unreadable(given: Given) -> int:
    tests = unreadable(given)
    if not tests:
        return 0
    return sum(given.table.agg(*(sf.count(test) for test in tests)).collect()[0])


def _deals(given: Given, policy: Policy) -> DataFrame:
    meaning = STANDARD_STAGES | stage_names(policy.stages)
    stages = sf.create_map(*(sf.lit(text) for pair in meaning.items() for text in pair))
    stage, created = sf.col("Stage"), given.column("Created_Time")
    return given.table.select(
        sf.col("Account_Id").alias("account_id"),
        day_number(date(sf.col("Closing_Date"))).alias("day"),
        home_amount(given.column, "Amount", policy.home_currency).alias("amount"),
        sf.coalesce(stages[stage], sf.lit(UNKNOWN)).alias("category"),
        number(sf.col("Amount")).alias("amount_as_given"),
        sf.coalesce(stage.isin(*policy.stages.trial), sf.lit(False)).alias("on_trial"),
        (sf.lit(None).cast("bigint") if created is None else moment_day(created)).alias(
            "created_day"
        ),
    )


def _accounts(given: Given, told: Mapping[str, Column], policy: Policy) -> DataFrame:
    """The customers, with what any account has of its profile: a column that nobody filled tells nothing."""
    counts = given.table.agg(*(sf.count(column).alias(name) for name, column in told.items()))
    filled_in = counts.collect()[0].asDict()
    columns = [column.alias(name) for name, column in told.items() if filled_in[name]]
    left_out = sf.lit(False)
    for name, values in policy.accounts_left_out.items():
        column = given.column(name)
        if column is not None and values:
            left_out = left_out | _is_one_of(column, values)
    return given.table.where(~left_out).select(sf.col("id").alias("account_id"), *columns)


def _is_one_of(column: Column, values: Collection[str]) -> Column:
    among = [value.strip().lower() for value in values]
    return sf.coalesce(sf.lower(sf.trim(filled(column))).isin(*among), sf.lit(False))
