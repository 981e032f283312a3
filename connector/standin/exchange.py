"""From a request to its answer: the token desk, the gate with its limits, the desk that does the work."""

from __future__ import annotations

import logging
from dataclasses import replace

from connector.standin import routes
from connector.standin.answers import Answer, JsonObject, Refusal, refusal
from connector.standin.request import Request
from connector.standin.tenant import Call, Tenant
from connector.standin.throttling import reworded

log = logging.getLogger(__name__)

TOKEN_PATHS = frozenset({"/", "/oauth/v2/token"})
"""Version 2's SDK posts to whatever address it was given, so the bare host works as well."""

VERSIONS = range(2, 9)
"""API versions that are answered."""

FREE = frozenset({401, 429})
"""Statuses of calls that were turned away at the gate and cost nothing."""


def answer_to(tenant: Tenant, request: Request) -> Answer:
    """What the stand-in says to a request, work done and credits booked."""
    try:
        if request.version:
            _demand_version(request)
            answer = _api(tenant, request)
        else:
            answer = _accounts(tenant, request)
    except Refusal as refused:
        answer = replace(refused.answer, credits=0)
        return reworded(answer, tenant.switches.throttle_body)
    except Exception:
        log.exception("call %s failed inside the stand-in", request.seq)
        return replace(refusal(500, "INTERNAL_ERROR", "Internal Server Error").answer, credits=0)
    tenant.last_answers.keep(request, answer, tenant.clock.now())
    return answer


def _demand_version(request: Request) -> None:
    if request.version not in VERSIONS:
        details: JsonObject = {"supported_version": VERSIONS[-1]}
        raise refusal(400, "API_NOT_SUPPORTED", "The API version is not supported", details)


def let_in(tenant: Tenant, request: Request) -> Call:
    """The call that a request makes, once its path and its token are found good.

    Raises:
        Refusal: 404 or 400 for the path, 401 for the token.
    """
    route_names = routes.find(request)[1]
    tenant.oauth.authorise(request)
    return Call(tenant, request, route_names)


def perform(call: Call) -> Answer:
    """Do the work of a call that was let in, and book its credits."""
    try:
        with call.tenant.lock:
            answer = routes.answer(call, routes.find(call.request)[0])
    except Refusal as refused:
        answer = refused.answer
    cost = 0 if answer.status in FREE else answer.credits
    call.tenant.limits.spend(cost)
    return replace(answer, credits=cost)


def _api(tenant: Tenant, request: Request) -> Answer:
    call = let_in(tenant, request)
    with tenant.limits.admitted(heavy=routes.is_heavy(request)):
        answer = perform(call)
    return replace(answer, headers={**answer.headers, **tenant.limits.headers()})


def _accounts(tenant: Tenant, request: Request) -> Answer:
    if request.method == "POST" and request.path in TOKEN_PATHS:
        return tenant.oauth.token(request)
    if request.method == "POST" and request.path == "/oauth/v2/token/revoke":
        return tenant.oauth.revoked(request)
    raise refusal(
        404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one"
    )
