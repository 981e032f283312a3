"""What is proposed for a policy, as a table for people, as lines to paste, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from classifiers.calibrate import Calibration, ClassShare
from classifiers.limits import ENOUGH, Limits
from connector.model import Json
from sync.calibration.work import Capacity, IntervalProposal
from sync.policy import Policy
from sync.verdicts import class_label

_BAR = 20
"""Characters of a bar that stands for everybody."""

_FOLLOWS = "won_tier"
"""Has no limits of its own, and moves with those of value and potential."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Limits that the organisation's own figures suggest.

    Args:
        calibration: the limits of classes, and who falls where.
        intervals: how often to follow up, by playbook.
        capacities: what fits into a day, and when a pause is too common.
        kept: the amounts of tier and value are used from now on where the policy says "auto".
    """

    calibration: Calibration
    intervals: tuple[IntervalProposal, ...]
    capacities: tuple[Capacity, ...]
    as_of: date
    currency: str
    policy: Policy
    kept: bool

    @property
    def sections(self) -> dict[str, dict[str, float]]:
        """Section of the policy → key → proposed value, in the order of the file; only what is proposed."""
        found: dict[str, dict[str, float]] = {}
        for limits in self._asked():
            if limits.proposed:
                found.setdefault(limits.section, {}).update(limits.proposed)
        for one in self.capacities:
            if one.proposed is not None:
                section, key = one.key.split(".")
                found.setdefault(section, {})[key] = one.proposed
        days = {one.purpose: float(one.proposed) for one in self.intervals if one.proposed}
        return {**found, "intervals": days} if days else found

    @property
    def lines(self) -> str:
        """What to put into the policy, as TOML."""
        blocks = (
            "\n".join([f"[{section}]", *(f"{key} = {value:.12g}" for key, value in keys.items())])
            for section, keys in self.sections.items()
        )
        return "\n\n".join(blocks)

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        found = self.calibration
        return {
            "status": "done",
            "as_of": self.as_of.isoformat(),
            "large_from": found.thresholds.large_from,
            "medium_from": found.thresholds.medium_from,
            "classes": [dict(asdict(share)) for share in found.classes],
            "value_high_from": found.value_thresholds.high_from,
            "value_middle_from": found.value_thresholds.middle_from,
            "value_classes": [dict(asdict(share)) for share in found.value_classes],
            "kept": self.kept,
            "limits": [
                {
                    "section": one.section,
                    "now": dict(one.now),
                    "proposed": dict(one.proposed) or None,
                    "how": one.how,
                    "speaking": one.speaking,
                    "needed": ENOUGH,
                }
                for one in self._asked()
            ],
            "who_falls_where": {
                dimension: {
                    "now": [dict(asdict(share)) for share in found.now[dimension]],
                    "proposed": [dict(asdict(share)) for share in found.then[dimension]],
                }
                for dimension in found.now
                if dimension not in self.policy.left_out
            },
            "intervals": [dict(asdict(one)) for one in self.intervals],
            "capacities": [dict(asdict(one)) for one in self.capacities],
            "lines": self.lines,
        }

    @property
    def text(self) -> str:
        """For people, ending in the lines to put into the policy."""
        return "\n".join(self._text())

    def _text(self) -> Iterator[str]:
        yield f"As of {self.as_of}, amounts in {self.currency or 'the home currency'}."
        asked = list(self._asked())
        for limits in asked:
            yield ""
            yield from self._limits(limits)
            last_of_its_section = limits is [x for x in asked if x.section == limits.section][-1]
            if last_of_its_section and limits.section in self.calibration.now:
                yield from self._who(limits.section)
            if limits.section == "churn" and limits.proposed:
                yield from self._horizon(limits)
        if _FOLLOWS not in self.policy.left_out:
            yield ""
            yield "Won customer tier, which follows value and potential:"
            yield from self._who(_FOLLOWS)
        yield from self._work()
        yield ""
        if not self.sections:
            yield "There are no sales and no work in that time, so there is nothing to propose yet."
            return
        yield self.lines
        yield ""
        yield (
            "The amounts of tier and value are used from now on. Put the other lines into your policy."
            if self.kept
            else "Put these lines into your policy. 'fenlei policy diff' tells what they would change."
        )

    def _asked(self) -> Iterator[Limits]:
        return (one for one in self.calibration.limits if one.section not in self.policy.left_out)

    def _limits(self, limits: Limits) -> Iterator[str]:
        if not limits.proposed:
            keys = ", ".join(limits.now)
            few = f"{limits.speaking:,} accounts speak ({ENOUGH} are needed)."
            why = few if limits.speaking < ENOUGH else limits.how
            yield f"[{limits.section}] {keys}: nothing proposed. {why}"
            return
        keys = ", ".join(
            f"{key} {limits.now[key]:,.12g} → {value:,.12g}"
            for key, value in limits.proposed.items()
        )
        yield f"[{limits.section}] {keys}"
        yield f"  {limits.how} {limits.speaking:,} accounts speak."

    def _who(self, dimension: str) -> Iterator[str]:
        now, then = self.calibration.now[dimension], self.calibration.then[dimension]
        if not any(share.accounts for share in (*now, *then)):
            return
        yield f"  {'':<22}{'now':<40}proposed"
        for before, after in zip(now, then, strict=True):
            label = class_label(dimension, before.code, self.policy)
            yield f"  {label:<22}{_cell(before):<40}{_cell(after)}"

    def _horizon(self, limits: Limits) -> Iterator[str]:
        gaps = self.calibration.gaps
        now, then = limits.now["horizon_days"], limits.proposed["horizon_days"]
        yield (
            f"  Customers whose usual gap is longer: {gaps.accounts - gaps.up_to(now):,} now, "
            f"{gaps.accounts - gaps.up_to(then):,} under the proposal."
        )

    def _work(self) -> Iterator[str]:
        for one in self.capacities:
            yield ""
            if one.proposed is None:
                yield (
                    f"[{one.key}]: nothing proposed, {one.speaking:,} speak ({one.needed} are needed)."
                )
                continue
            yield f"[{one.key}] {one.now:.12g} → {one.proposed:.12g}"
            yield (
                f"  {one.how} {one.speaking:,} speak; beyond it are {one.over_now:,} now, "
                f"{one.over_then:,} under the proposal."
            )
        if self.intervals:
            yield ""
            yield "[intervals] Days between two follow-ups of a playbook's customers"
            yield "  The median of their usual days between two purchases, in whole weeks; who matters less"
            yield "  is never called more often, and nobody less than every 730 days."
            yield from _interval_lines(self.intervals)


def _interval_lines(intervals: Sequence[IntervalProposal]) -> Iterator[str]:
    for one in intervals:
        proposed = one.proposed if one.proposed is not None else "nothing proposed"
        yield (
            f"  {one.purpose:<22}{one.now:>5} → {proposed!s:<18}{one.accounts:>8,} accounts, "
            f"{one.speaking:,} bought more than once"
        )


def _cell(share: ClassShare) -> str:
    bar = "█" * round(share.share_of_accounts * _BAR)
    sales = f" {share.share_of_sales:>4.0%} of it" if share.sales else ""
    return f"{share.accounts:>7,} {share.share_of_accounts:>4.0%}{sales} {bar}"
