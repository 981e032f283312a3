"""The parts of a question to the CRM: which columns, of which records, under which criteria, in which order.

Plain values that the parser makes and the other ``coql_`` modules read; see
:mod:`connector.standin.coql` for the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias


class CoqlError(Exception):
    """A query that Zoho would refuse, in Zoho's own words.

    Args:
        code: ``SYNTAX_ERROR``, ``INVALID_QUERY``, ``INVALID_MODULE``, ``LIMIT_EXCEEDED``, …
        message: Zoho's message where one is documented.
        details: the ``details`` object of the error body.
    """

    def __init__(self, code: str, message: str, details: dict[str, Any]) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details = details


def invalid(reason: str, **details: object) -> CoqlError:
    """The refusal of a query that is well written but asks for something that does not exist."""
    return CoqlError("INVALID_QUERY", "Invalid query formed", {"reason": reason, **details})


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it was written; ``quoted`` tells a text from a number or a bare word."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """One criterion; ``operator`` in lower case, such as ``>=`` or ``not in``."""

    column: str
    operator: str
    operands: tuple[Literal, ...] = ()


@dataclass(frozen=True, slots=True)
class Junction:
    """Two criteria joined by ``and`` or ``or``."""

    joiner: str
    left: Criterion
    right: Criterion


Criterion: TypeAlias = "Comparison | Junction"


def comparisons(criterion: Criterion) -> Iterator[Comparison]:
    """Every single comparison, from left to right."""
    if isinstance(criterion, Comparison):
        yield criterion
        return
    yield from comparisons(criterion.left)
    yield from comparisons(criterion.right)


@dataclass(frozen=True, slots=True)
class Selected:
    """One column of the answer; ``function`` is an aggregate in upper case, or empty."""

    column: str
    function: str = ""
    alias: str | None = None

    @property
    def key(self) -> str:
        """The key under which the answer holds it."""
        if self.alias:
            return self.alias
        return f"{self.function}({self.column})" if self.function else self.column


@dataclass(frozen=True, slots=True)
class Order:
    """One field to sort by."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query; ``limit`` and ``offset`` are as written, empty where they were not."""

    selected: tuple[Selected, ...]
    module: str
    where: Criterion
    group_by: tuple[str, ...] = ()
    order_by: tuple[Order, ...] = ()
    limit: str = ""
    offset: str = ""
