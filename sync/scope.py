"""Narrows a backfill to the accounts that somebody names."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sync.explain import find_account
from sync.mirror import Mirror, verdict_ids
from sync.sentences import USAGE, CannotGoOn
from sync.verdicts import CLASSES


class ScopeProblem(CannotGoOn):
    """A ``--where`` that cannot be understood; the message shows how it is written."""

    exit_code = USAGE


Scope = Callable[[Mirror], frozenset[str] | None]


def everything(_mirror: Mirror) -> None:
    """No narrowing: every account."""


def chosen(accounts: Sequence[str], wheres: Sequence[str]) -> Scope:
    """Which accounts to write, asked once the verdicts are there; None means all.

    Args:
        accounts: ids, names or parts of names.
        wheres: ``dimension=class[,class…]`` each; an account has to match all of them.

    Raises:
        ScopeProblem: at once, for an unknown dimension or class.
    """
    if not accounts and not wheres:
        return everything
    conditions = [_condition(text) for text in wheres]

    def scope(mirror: Mirror) -> frozenset[str] | None:
        named = frozenset(find_account(mirror, text) for text in accounts) if accounts else None
        if not conditions:
            return named
        matching = verdict_ids(mirror, dict(conditions))
        return matching if named is None else named & matching

    return scope


def _condition(text: str) -> tuple[str, tuple[str, ...]]:
    dimension, _, listed = text.partition("=")
    dimension = dimension.strip()
    codes = tuple(code.strip() for code in listed.split(",") if code.strip())
    if dimension not in CLASSES or not codes:
        raise ScopeProblem(
            f"--where {text!r} is not understood. Write DIMENSION=CLASS, e.g. loyalty=at_risk,churned; "
            f"the dimensions are {', '.join(CLASSES)}."
        )
    unknown = [code for code in codes if code not in CLASSES[dimension]]
    if unknown:
        raise ScopeProblem(
            f"{dimension} has no class {unknown[0]!r}. Choose from {', '.join(CLASSES[dimension])}."
        )
    return dimension, codes
