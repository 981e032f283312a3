"""Says the classes of an account in people's words, be it one class or several."""

from __future__ import annotations

from collections.abc import Mapping

from sync.mirror.our_columns import split
from sync.policy import Policy
from sync.verdicts import class_label
from sync.words import word


def labels(classes: Mapping[str, str | None], policy: Policy) -> dict[str, str]:
    """Dimension → what people read for the class, for the dimensions that have an answer."""
    return {
        dimension: label(dimension, code, policy)
        for dimension, code in classes.items()
        if code is not None
    }


def label(dimension: str, code: str, policy: Policy) -> str:
    """What people read for a class, or for several that are separated by semicolons."""
    named = (class_label(dimension, one, policy) for one in split(code))
    return word("comma", policy.language).join(named)
