"""Proposes from which amounts a customer counts as large or of high value, and shows who falls where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from classifiers.calibrate import Calibration, ClassShare
from classifiers.calibrate import calibrate as propose
from connector.model import Json
from sync.files import local_copy
from sync.ledger import Ledger
from sync.mirror import DuckEngine, Mirror, classifier_tables
from sync.opening import find_policy, opened_home
from sync.policy import Policy
from sync.verdicts import class_label, day_number, keep_tiers, keep_values, stage_names


@dataclass(frozen=True, slots=True)
class Proposal:
    """Thresholds that the organisation's own sales suggest."""

    calibration: Calibration
    as_of: date
    currency: str
    policy: Policy
    kept: bool

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "status": "done",
            "as_of": self.as_of.isoformat(),
            "large_from": self.calibration.thresholds.large_from,
            "medium_from": self.calibration.thresholds.medium_from,
            "classes": [dict(asdict(share)) for share in self.calibration.classes],
            "value_high_from": self.calibration.value_thresholds.high_from,
            "value_middle_from": self.calibration.value_thresholds.middle_from,
            "value_classes": [dict(asdict(share)) for share in self.calibration.value_classes],
            "kept": self.kept,
        }

    @property
    def text(self) -> str:
        """For people, ending in the lines to put into the policy."""
        tiers, values = self.calibration.thresholds, self.calibration.value_thresholds
        lines = [
            f"Sales of the last {self.policy.settings.tier_window_days} days, as of {self.as_of}:",
            "",
            *self._table("tier", self.calibration.classes),
            "",
            "Spend to be expected (sales of the last 365 days times the probability of more):",
            "",
            *self._table("value", self.calibration.value_classes),
        ]
        if tiers.large_from <= 0:
            lines += ["", "There are no sales in that time, so there is nothing to propose yet."]
            return "\n".join(lines)
        ending = (
            "These are used from now on."
            if self.kept
            else "Put these lines into your policy, or run it again with --keep."
        )
        lines += [
            "",
            "[tier]",
            f"large_from = {tiers.large_from:.12g}",
            f"medium_from = {tiers.medium_from:.12g}",
        ]
        if values.high_from > 0:
            lines += [
                "",
                "[value]",
                f"high_from = {values.high_from:.12g}",
                f"middle_from = {values.middle_from:.12g}",
            ]
        return "\n".join([*lines, "", ending])

    def _table(self, dimension: str, shares: Sequence[ClassShare]) -> list[str]:
        return [
            f"  {class_label(dimension, share.code, self.policy):<10} {share.accounts:>8,} accounts "
            f"({share.share_of_accounts:>4.0%})  {share.sales:>16,.0f} {self.currency} "
            f"({share.share_of_sales:>4.0%})"
            for share in shares
        ]


def calibrate(
    env: Mapping[str, str],
    *,
    files: tuple[Path | None, Path | None],
    as_of: date | None,
    keep: bool,
) -> Proposal:
    """Propose thresholds from the local copy, or from files.

    Raises:
        NothingPulled: there is no local copy yet.
        FileProblem: a file cannot be used.
    """
    with opened_home(env) as (home, ledger):
        policy = find_policy(env, home)
        with local_copy(home.mirror, files, policy) as mirror:
            day = as_of or _last_day(ledger, mirror)
            tables = classifier_tables(mirror, stages=stage_names(policy.stages))
            found = propose(
                tables.accounts,
                tables.deals,
                today=day_number(day),
                settings=policy.settings,
                engine=DuckEngine(mirror),
            )
            currency = policy.home_currency or mirror.home_currency()
        if keep:
            keep_tiers(ledger, found.thresholds, day)
            keep_values(ledger, found.value_thresholds, day)
        return Proposal(found, day, currency, policy, keep)


def _last_day(ledger: Ledger, mirror: Mirror) -> date:
    """The day of the last run, else the newest closing date: files are often from the past."""
    latest = ledger.runs.latest(limit=1)
    if latest and mirror.path is not None:
        return latest[0].as_of
    rows = mirror.rows(
        """SELECT max("Closing_Date") FROM crm."Deals" WHERE "Closing_Date" <= current_date"""
    )
    newest = rows[0][0]
    return newest if isinstance(newest, date) else date.today()  # noqa: DTZ011 - no deals, no better day
