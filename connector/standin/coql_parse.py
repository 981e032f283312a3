r"""Reads a query as Zoho's query language defines it, and refuses it with Zoho's own errors.

Grammar (Zoho v8 docs, COQL-Overview and COQL-Limitations)::

    query      select column {, column} from MODULE where criteria
               [group by name {, name}] [order by name [asc|desc] {, …}]
               [limit number] [offset number]
    column     name [as alias] | FUNCTION(name) [as alias]
    criteria   term [(and|or) term]              more than two: in brackets, two by two
    term       (criteria) | name operator value

Words are case-insensitive; texts stand in single quotes, where ``''`` and ``\'`` mean a quote.
"""

from __future__ import annotations

from connector.standin.coql_query import (
    Comparison,
    CoqlError,
    Criterion,
    Junction,
    Literal,
    Order,
    Query,
    Selected,
)
from connector.standin.coql_tokens import Token, tokens, unexpected

AGGREGATES = frozenset({"SUM", "MAX", "MIN", "AVG", "COUNT"})
_SIGNS = frozenset({"=", "!=", ">", ">=", "<", "<="})
_AFTER_NOT = frozenset({"in", "like", "between"})
_LATER_CLAUSES = frozenset({"where", "group", "order", "limit", "offset"})
_DEEPEST = 50


def parse(query: str) -> Query:
    """The query as values.

    Raises:
        CoqlError: ``SYNTAX_ERROR``, ``INVALID_ALIAS`` or ``INVALID_DATA`` with Zoho's details.
    """
    return _Parser(query).query()


class _Parser:
    """Walks over the tokens once, from left to right."""

    def __init__(self, query: str) -> None:
        self._tokens = list(tokens(query))
        self._at = 0

    def query(self) -> Query:
        if not self._skip("select"):
            raise CoqlError("SYNTAX_ERROR", "given coql query not supported", {})
        selected = [self._selected()]
        while self._skip(","):
            selected.append(self._selected())
        self._clause("from")
        module = self._name()
        self._clause("where")
        where = self._criteria()
        query = Query(
            tuple(selected),
            module,
            where,
            group_by=self._group_by(),
            order_by=self._order_by(),
            limit=self._count("limit"),
            offset=self._count("offset"),
        )
        if self._here.kind != "end":
            raise unexpected(self._here)
        return query

    @property
    def _here(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._here
        if token.kind == "end":
            raise unexpected(token)
        self._at += 1
        return token

    def _skip(self, *words: str) -> bool:
        """Step over these words if they come next; otherwise stay."""
        ahead = [token.word for token in self._tokens[self._at : self._at + len(words)]]
        if ahead != list(words):
            return False
        self._at += len(words)
        return True

    def _demand(self, word: str) -> None:
        if not self._skip(word):
            raise unexpected(self._here)

    def _clause(self, word: str) -> None:
        if self._skip(word):
            return
        if self._here.kind == "end" or self._here.word in _LATER_CLAUSES:
            raise CoqlError("SYNTAX_ERROR", "missing clause", {"clause": word})
        raise unexpected(self._here)

    def _name(self) -> str:
        token = self._next()
        # columns with a '$' or an arrow are written in quotes
        if token.kind == "name" or (token.kind == "string" and token.text):
            return token.text
        raise unexpected(token)

    def _selected(self) -> Selected:
        column, function = self._name(), ""
        if self._skip("("):
            function, column = column, self._name()
            self._demand(")")
            if function.upper() not in AGGREGATES:
                details = {
                    "reason": "unsupported aggregate function",
                    "column": f"{function}({column})",
                }
                raise CoqlError("INVALID_DATA", "invalid data", details)
        alias = self._alias(column) if self._skip("as") else None
        return Selected(column, function.upper(), alias)

    def _alias(self, column: str) -> str:
        token = self._next()
        if token.kind not in {"name", "string"}:
            raise unexpected(token)
        if not token.text:
            details = {"column_name": column, "alias": ""}
            raise CoqlError("INVALID_ALIAS", "alias name cannot be an empty string", details)
        return token.text

    def _criteria(self, depth: int = 0) -> Criterion:
        """At most two terms; a third one without brackets is left over and refused by the caller."""
        if depth > _DEEPEST:
            raise unexpected(self._here)
        left = self._term(depth)
        joiner = self._here.word
        if joiner not in {"and", "or"}:
            return left
        self._at += 1
        return Junction(joiner, left, self._term(depth))

    def _term(self, depth: int) -> Criterion:
        if self._skip("("):
            inner = self._criteria(depth + 1)
            self._demand(")")
            return inner
        if self._here.word == "not":
            raise CoqlError("SYNTAX_ERROR", "operator not supported", {"operator": "not"})
        column = self._name()
        operator = self._operator()
        return Comparison(column, operator, self._operands(operator))

    def _operator(self) -> str:
        token = self._next()
        word = token.word
        if word in _SIGNS or word in _AFTER_NOT:
            return word
        if word == "is":
            negated = self._skip("not")
            self._demand("null")
            return "is not null" if negated else "is null"
        if word == "not" and self._here.word in _AFTER_NOT:
            return f"not {self._next().word}"
        if word == "not":
            raise CoqlError("SYNTAX_ERROR", "operator not supported", {"operator": "not"})
        raise unexpected(token)

    def _operands(self, operator: str) -> tuple[Literal, ...]:
        if operator.endswith("null"):
            return ()
        if operator.endswith("between"):
            first = self._literal()
            self._demand("and")
            return (first, self._literal())
        if not operator.endswith("in"):
            return (self._literal(),)
        self._demand("(")
        values = [self._literal()]
        while self._skip(","):
            values.append(self._literal())
        self._demand(")")
        return tuple(values)

    def _literal(self) -> Literal:
        token = self._next()
        if token.kind == "sign":
            raise unexpected(token)
        return Literal(token.text, quoted=token.kind == "string")

    def _group_by(self) -> tuple[str, ...]:
        if not self._skip("group", "by"):
            return ()
        names = [self._name()]
        while self._skip(","):
            names.append(self._name())
        return tuple(names)

    def _order_by(self) -> tuple[Order, ...]:
        if not self._skip("order", "by"):
            return ()
        orders = [self._order()]
        while self._skip(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        column = self._name()
        if self._skip("("):
            column = f"{column.upper()}({self._name()})"
            self._demand(")")
        descending = self._skip("desc")
        if not descending:
            self._skip("asc")
        return Order(column, descending)

    def _count(self, word: str) -> str:
        return self._next().text if self._skip(word) else ""
