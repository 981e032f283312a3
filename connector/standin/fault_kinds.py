"""What can go wrong with a call on purpose, by name: every kind of fault and what may be asked of it.

Kinds that put
another answer in place of the true one (``when="after"`` applies the call all the same; the default,
"before", applies nothing):

=================  =============================================================================
``unauthorized``   401 ``INVALID_TOKEN``
``throttled``      429, with ``Retry-After`` where ``retry_after`` is given (any text or number);
                   its body follows the switch ``throttle_body``
``html_502``       a proxy's web page
``error_500``      Zoho's ``INTERNAL_ERROR``
``html_200``       a web page that pretends to be an answer
``empty_200``      200 with ``{}``
``code``           Zoho's error object at the top level: ``status``, ``code``, ``message``,
                   ``details``; with ``body`` (a text or an object) that instead
``no_content``     no body at all: ``status`` 204 or 304
``redirect``       ``status`` 302 to ``location``
``deep_json``      an answer nested ``depth`` objects deep
``gzip_bomb``      a small answer that unpacks to ``size`` bytes
=================  =============================================================================

Kinds that refuse rows of a write; ``code``, ``message`` and ``details`` word the refusal:

=================  =============================================================================
``rows``           ``rows`` (places, from 0) or ``ids`` are refused, their neighbours applied
``batch_refused``  nothing is applied because of ``rows`` or ``ids``; ``named`` tells whether the
                   answer says which. The same rows are refused again wherever they come back on
                   that route, until the faults are cleared; with ``sticky=False`` only this once.
                   ``wrapped`` puts the error into a ``data`` list
=================  =============================================================================

Kinds that spoil the true answer of a call that was applied:

=================  =============================================================================
``answer_rows``    ``how`` the rows of a write's answer do not fit: short, long, shuffled,
                   foreign_id or twice
``truncated``      the body ends after ``k`` bytes, though all were announced
``gzip_cut``       the answer is packed, and only ``k`` bytes of it are announced and sent
``slow``           the answer drips: ``k`` bytes every ``seconds``
``nan``            a number in the answer is ``NaN``
``numeric_ids``    ids come as numbers, not as texts
``stale_date``     the header ``Date`` is ``seconds`` behind (negative: ahead)
``cached``         the previous answer of the route again, with its old ``Date``; not applied
``more_forever``   ``more_records`` is true for ever, with the same page and token again
``no_more``        ``more_records`` is false, whatever is left
``repeated_rows``  the page begins with the last row of the page before
=================  =============================================================================

Kinds after which no whole answer comes:

=================  =============================================================================
``reset``          the connection is reset; with ``k``, after that many bytes of the body
``reset_request``  the connection is reset after ``k`` bytes of the request's body were read;
                   nothing is applied
``idle_close``     the connection ends without one byte of answer; ``when`` before or after
``lost_after_apply``  the call is applied and then gets no answer
``hang``           no answer for ``seconds`` (real ones); applied first where ``apply`` is true
``delayed_apply``  no answer; applied ``seconds`` later by the stand-in's own clock
=================  =============================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase

from connector.standin.answers import JsonObject

FALSE = frozenset(
    {"unauthorized", "throttled", "html_502", "error_500", "html_200", "empty_200"}
    | {"code", "no_content", "redirect", "deep_json", "gzip_bomb"}
)
"""Kinds with another answer in place of the true one."""

REFUSING = frozenset({"rows", "batch_refused"})
"""Kinds that only a write with rows can have."""

SPOILED = frozenset(
    {"answer_rows", "gzip_cut", "nan", "numeric_ids", "stale_date"}
    | {"more_forever", "no_more", "repeated_rows"}
)
"""Kinds that send another content than the true one, or the true one with another date."""

SENT_BADLY = frozenset({"truncated", "slow", "cached"})
"""Kinds that send a true answer in part, in drops, or once more."""

SILENT = frozenset(
    {"reset", "reset_request", "idle_close", "lost_after_apply", "hang", "delayed_apply"}
)
"""Kinds after which no whole answer comes."""

KINDS = FALSE | REFUSING | SPOILED | SENT_BADLY | SILENT
WAYS = frozenset({"short", "long", "shuffled", "foreign_id", "twice"})
"""How the rows of an answer may not fit those of the request."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, waiting for calls number ``nth`` to ``nth + times - 1`` of ``route``.

    ``route`` is a verb and a path below the version, with ``*`` for anything: ``GET /Accounts``,
    ``PUT /Accounts*``, ``POST /oauth/v2/token``, ``*``. What the other parameters mean is in the
    module's tables.
    """

    route: str
    nth: int
    kind: str
    when: str = "before"
    retry_after: str | int | None = None
    k: int | None = None
    seconds: float = 0.0
    apply: bool = False
    times: int = 1
    seen: int = 0
    status: int | None = None
    code: str = "INVALID_DATA"
    message: str = ""
    details: JsonObject = field(default_factory=dict)
    body: str | JsonObject | None = None
    rows: tuple[int, ...] = ()
    ids: tuple[str, ...] = ()
    named: bool = True
    sticky: bool = True
    wrapped: bool = False
    how: str = "short"
    size: int = 64 * 1024 * 1024
    depth: int = 10_000
    location: str = "https://elsewhere.example/"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(
                f"no such fault: {self.kind}; choose one of {', '.join(sorted(KINDS))}"
            )
        if self.when not in {"before", "after"}:
            raise ValueError("a fault strikes 'before' or 'after' the call is applied")
        if self.how not in WAYS:
            raise ValueError(f"rows may not fit in these ways: {', '.join(sorted(WAYS))}")

    def hits(self, route: str) -> bool:
        """Whether a call of this route counts."""
        return self.route == "*" or fnmatchcase(route, self.route)

    def as_json(self, route: str, nth: int) -> JsonObject:
        """The fault as one line of a script: at which call it struck, and what was asked of it."""
        line: JsonObject = {"route": route, "nth": nth, "kind": self.kind}
        for parameter in fields(self)[3:]:
            value = getattr(self, parameter.name)
            if parameter.name in {"times", "seen"} or value in (parameter.default, (), {}):
                continue
            line[parameter.name] = list(value) if isinstance(value, tuple) else value
        return line


def fault_from(given: Mapping[str, object]) -> Fault:
    """A fault from its parameters as JSON has them, with lists for tuples.

    Raises:
        ValueError: there is no such kind.
        TypeError: there is no such parameter.
    """
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}
    return Fault(**values)  # type: ignore[arg-type]
