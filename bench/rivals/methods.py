"""The rows of the table: what each method is called, what it needs, and where it is."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from rivals.records import Records


@dataclass(frozen=True, slots=True)
class Method:
    """One row.

    Args:
        key: its name on the command line.
        title: its name in the table.
        where: module and function, as ``rivals.simple:recency``.
        library: what must be importable besides NumPy, or empty.
    """

    key: str
    title: str
    where: str
    library: str = ""

    def answer(self, records: Records, cut: int, horizon: int) -> object:
        """The method's forecast (:class:`rivals.simple.Answer`)."""
        module, function = self.where.split(":")
        return getattr(import_module(module), function)(records, cut, horizon)


_DEAD = "rivals.buy_till_you_die"
METHODS = (
    Method("recency", "recency alone", "rivals.simple:recency"),
    Method("hiatus", "silence > k × own gap", "rivals.simple:hiatus"),
    Method("rfm", "RFM quintiles", "rivals.simple:rfm"),
    Method("bgnbd", "BG/NBD + Gamma-Gamma (lifetimes)", f"{_DEAD}:bgnbd", "lifetimes"),
    Method("pymc", "BG/NBD, MAP (pymc-marketing)", f"{_DEAD}:bayesian", "pymc_marketing.clv"),
    Method("pareto", "Pareto/NBD (lifetimes)", f"{_DEAD}:pareto", "lifetimes"),
    Method(
        "logistic",
        "logistic regression (scikit-learn)",
        "rivals.learners:logistic",
        "sklearn.linear_model",
    ),
    Method("lightgbm", "LightGBM, past snapshots", "rivals.learners:boosted_trees", "lightgbm"),
    Method("cox", "Cox (lifelines)", "rivals.learners:cox", "lifelines"),
    Method("spend", "last 365 days' spend", "rivals.simple:last_year"),
)
BY_KEY = {method.key: method for method in METHODS}
OURS = "fenlei"
TRUTH = "truth"
