"""What a fault does to a call, from the work that is done to the last byte that the client gets."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from connector.standin.answers import Answer, Refusal
from connector.standin.bad_rows import refused_batch, refused_rows
from connector.standin.exchange import answer_to, let_in, perform
from connector.standin.false_answers import false_answer
from connector.standin.fault_kinds import FALSE, SPOILED, Fault
from connector.standin.request import Request
from connector.standin.spoiled_answers import spoiled, without_lie
from connector.standin.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Wire:
    """What the client gets: an answer or none, how much of it, and whether the connection goes on.

    ``cut`` is how many bytes of the body are sent, though all are announced; ``drip`` how many bytes
    go at a time and the seconds between; ``pause`` real seconds of silence first.
    """

    answer: Answer | None
    ends: bool = False
    reset: bool = False
    cut: int | None = None
    drip: tuple[int, float] | None = None
    pause: float = 0.0


Strike = Callable[[Tenant, Request, Fault], Wire]


def strike(tenant: Tenant, request: Request, fault: Fault) -> Wire:
    """Do as much of the work as the fault lets happen; what the client gets of it."""
    return _STRIKES[fault.kind](tenant, request, fault)


def _false(tenant: Tenant, request: Request, fault: Fault) -> Wire:
    spent = answer_to(tenant, request).credits if fault.when == "after" else 0
    return Wire(replace(false_answer(fault, tenant.switches), credits=spent))


def _rows(tenant: Tenant, request: Request, fault: Fault) -> Wire:
    refused = refused_rows(fault, request)
    return Wire(answer_to(tenant, replace(request, refused_rows=refused)))


def _batch(tenant: Tenant, request: Request, fault: Fault) -> Wire:
    refused = refused_batch(fault, request)
    if refused is None:
        return Wire(answer_to(tenant, request))
    if fault.sticky:
        tenant.faults.remember(fault, request)
    tenant.limits.spend(refused.credits)
    return Wire(refused)


def _spoiled(tenant: Tenant, request: Request, fault: Fault) -> Wire:
    before = tenant.last_answers.of(request)
    true = answer_to(tenant, without_lie(request))
    return Wire(spoiled(fault, request, true, before, tenant.clock.now()))


def _cached(tenant: Tenant, request: Request, _: Fault) -> Wire:
    """A proxy answers; the call never arrives, unless the proxy has nothing to give."""
    kept = tenant.last_answers.of(request)
    return Wire(answer_to(tenant, request) if kept is None else replace(kept, credits=0))


def _truncated(tenant: Tenant, request: Request, fault: Fault) -> Wire:
    true = answer_to(tenant, request)
    return Wire(true, ends=True, cut=len(true.body) // 2 if fault.k is None else fault.k)


def _slow(tenant: Tenant, request: Request, fault: Fault) -> Wire:
    return Wire(answer_to(tenant, request), drip=(fault.k or 1, fault.seconds))


def _reset(tenant: Tenant, request: Request, fault: Fault) -> Wire:
    if fault.k is not None:
        return Wire(answer_to(tenant, request), ends=True, reset=True, cut=fault.k)
    if fault.when == "after":
        answer_to(tenant, request)
    return Wire(None, ends=True, reset=True)


def _idle_close(tenant: Tenant, request: Request, fault: Fault) -> Wire:
    if fault.when == "after":
        answer_to(tenant, request)
    return Wire(None, ends=True)


def _lost(tenant: Tenant, request: Request, _: Fault) -> Wire:
    answer_to(tenant, request)
    return Wire(None, ends=True)


def _hang(tenant: Tenant, request: Request, fault: Fault) -> Wire:
    if fault.apply:
        answer_to(tenant, request)
    return Wire(None, ends=True, pause=fault.seconds)


def _delayed(tenant: Tenant, request: Request, fault: Fault) -> Wire:
    with contextlib.suppress(Refusal):
        # let in now: the token may well have ended by the time the work is done
        call = let_in(tenant, request)
        tenant.apply_later(fault.seconds, lambda: perform(call))
    return Wire(None, ends=True)


_STRIKES: Mapping[str, Strike] = MappingProxyType(
    {
        **dict.fromkeys(FALSE, _false),
        **dict.fromkeys(SPOILED, _spoiled),
        "rows": _rows,
        "batch_refused": _batch,
        "cached": _cached,
        "truncated": _truncated,
        "slow": _slow,
        "reset": _reset,
        "idle_close": _idle_close,
        "lost_after_apply": _lost,
        "hang": _hang,
        "delayed_apply": _delayed,
    }
)
