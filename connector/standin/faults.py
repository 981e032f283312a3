"""Things that go wrong on purpose: the same call fails in the same way every time a test is run.

A fault waits for the nth call of its route, counted from the moment it is added. Kinds:

=================  =============================================================================
``unauthorized``   401 ``INVALID_TOKEN``
``throttled``      429, with ``Retry-After`` where ``retry_after`` is given
``html_502``       a proxy's web page
``error_500``      Zoho's ``INTERNAL_ERROR``
``html_200``       a web page that pretends to be an answer
``empty_200``      200 with ``{}``
``reset``          the connection is reset; with ``k``, after that many bytes of the body
``truncated``      the body ends after ``k`` bytes, though all were announced
``lost_after_apply``  the call is applied and then gets no answer
``hang``           no answer for ``seconds`` (real ones); applied first where ``apply`` is true
``slow``           the answer drips: ``k`` bytes every ``seconds``
``delayed_apply``  no answer; applied ``seconds`` later by the stand-in's own clock
=================  =============================================================================

``when="after"`` applies the call before an ``unauthorized``, ``throttled``, ``html_502``,
``error_500``, ``html_200``, ``empty_200`` or ``reset``; the default is "before": nothing is applied.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from connector.standin.answers import JSON_TYPE, Answer, error_row

HTML = "text/html;charset=UTF-8"
_BAD_GATEWAY = (
    b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
)
_SIGN_IN = (
    b"<!DOCTYPE html><html><body><h1>Maintenance</h1><p>Please sign in again.</p></body></html>"
)


def _json(code: str, message: str) -> bytes:
    return json.dumps(error_row(code, message)).encode()


ANSWERS: Mapping[str, Answer] = {
    "unauthorized": Answer(401, _json("INVALID_TOKEN", "invalid oauth token"), credits=0),
    "throttled": Answer(
        429, _json("TOO_MANY_REQUESTS", "Too many requests. Please try again later."), credits=0
    ),
    "html_502": Answer(502, _BAD_GATEWAY, content_type=HTML, credits=0),
    "error_500": Answer(500, _json("INTERNAL_ERROR", "Internal Server Error"), credits=0),
    "html_200": Answer(200, _SIGN_IN, content_type=HTML, credits=0),
    "empty_200": Answer(200, b"{}", content_type=JSON_TYPE, credits=0),
}
"""The faults that are only a different answer."""

SILENT = frozenset({"reset", "lost_after_apply", "hang", "delayed_apply"})
"""The faults after which no whole answer comes."""

KINDS = frozenset(ANSWERS) | SILENT | {"truncated", "slow"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, waiting for calls number ``nth`` to ``nth + times - 1`` of ``route``.

    ``route`` is a verb and a path below the version, with ``*`` for anything: ``GET /Accounts``,
    ``PUT /Accounts*``, ``POST /oauth/v2/token``, ``*``.
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

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(
                f"no such fault: {self.kind}; choose one of {', '.join(sorted(KINDS))}"
            )
        if self.when not in {"before", "after"}:
            raise ValueError("a fault strikes 'before' or 'after' the call is applied")

    @property
    def applies(self) -> bool:
        """Whether the call has its effect at once, in spite of the fault."""
        if self.kind in {"truncated", "slow", "lost_after_apply"}:
            return True
        if self.kind == "hang":
            return self.apply
        return self.when == "after" or (self.kind == "reset" and self.k is not None)

    def answer(self) -> Answer:
        """The answer that this fault puts in place of the true one."""
        plain = ANSWERS[self.kind]
        if self.retry_after is None:
            return plain
        return replace(plain, headers={"Retry-After": str(self.retry_after)})


@dataclass(frozen=True, slots=True)
class Fired:
    """A fault that struck: which one, and the call (its number in ``StandIn.requests``)."""

    fault: Fault
    request: int


class Faults:
    """The faults that are waiting and those that have struck, in order."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []
        self.fired: list[Fired] = []
        self._lock = threading.Lock()

    def add(self, route: str, nth: int = 1, kind: str = "error_500", **params: object) -> None:
        """Let the nth call of a route from now on fail; see the module's table for kinds and params.

        Raises:
            ValueError: there is no such kind.
            TypeError: there is no such parameter.
        """
        fault = Fault(route=route, nth=nth, kind=kind, **params)  # type: ignore[arg-type]
        with self._lock:
            self.waiting.append(fault)

    def clear(self) -> None:
        """Forget the faults that have not struck yet."""
        with self._lock:
            self.waiting.clear()

    def strike(self, route: str, request: int) -> Fault | None:
        """Count a call; the fault that is due for it, if any."""
        with self._lock:
            due: Fault | None = None
            still: list[Fault] = []
            for waiting in self.waiting:
                fault = waiting
                if fnmatchcase(route, fault.route) or fault.route == "*":
                    fault = replace(fault, seen=fault.seen + 1)
                    if due is None and fault.seen >= fault.nth:
                        due = fault
                if fault.seen < fault.nth + fault.times - 1:
                    still.append(fault)
            self.waiting = still
            if due is not None:
                self.fired.append(Fired(due, request))
            return due
