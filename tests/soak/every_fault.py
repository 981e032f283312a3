"""Lets every call of a life go wrong in every way that a network, a proxy or Zoho has been seen to have."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aftermath import aftermath
from again import chance
from course import Course
from deaths import Roll, lived, rolls
from scenario import CHAPTERS

from sync.sentences import sentence

Fault = Mapping[str, Any]

FOR_GOOD = 60
"""Calls in a row that go wrong in the same way: more than any chapter makes."""

REFUSALS = (
    (400, "INVALID_DATA"),
    (400, "INVALID_QUERY"),
    (400, "INVALID_MODULE"),
    (400, "LIMIT_EXCEEDED"),
    (400, "MANDATORY_NOT_FOUND"),
    (401, "AUTHENTICATION_FAILURE"),
    (403, "FEATURE_NOT_SUPPORTED"),
    (403, "NO_PERMISSION"),
    (403, "OAUTH_SCOPE_MISMATCH"),
    (404, "INVALID_URL_PATTERN"),
    (405, "INVALID_REQUEST_METHOD"),
    (413, "REQUEST_ENTITY_TOO_LARGE"),
    (429, "LIMIT_EXCEEDED"),
    (200, "INVALID_DATA"),
)
"""With which Zoho says that it has done nothing."""

_NONSENSE = (
    *("", "[]", "null", '"x"', '{"data":null}', '{"data":[null]}', '{"data":{}}'),
    *('{"data":[{}],"info":{}}', '{"data":[],"info":{"more_records":true}}'),
)

UNCLEAR: tuple[Fault, ...] = (
    *({"kind": kind} for kind in ("html_502", "error_500", "html_200", "empty_200", "deep_json")),
    {"kind": "throttled"},
    {"kind": "code", "status": 503, "body": "Service Unavailable"},
    {"kind": "code", "status": 500, "code": "INTERNAL_ERROR"},
    *({"kind": "code", "status": 200, "body": body} for body in _NONSENSE),
)
"""Answers that do not tell whether anything was done: it may have been, or not."""

LOST: tuple[Fault, ...] = (
    *({"kind": kind} for kind in ("reset", "reset_request", "lost_after_apply", "idle_close")),
    {"kind": "reset", "k": 30},
    {"kind": "idle_close", "when": "after"},
    {"kind": "delayed_apply", "seconds": 5},
    {"kind": "truncated", "k": 20},
    {"kind": "gzip_cut", "k": 10},
)
"""No whole answer comes."""

ODD: tuple[Fault, ...] = (
    *({"kind": kind} for kind in ("nan", "numeric_ids", "repeated_rows", "more_forever")),
    {"kind": "stale_date", "seconds": 30},
    {"kind": "redirect", "status": 302},
    {"kind": "throttled", "retry_after": "30"},
    {"kind": "throttled", "retry_after": "soon"},
    {"kind": "unauthorized"},
)

OF_WRITES: tuple[Fault, ...] = (
    *(
        {"kind": "rows", "rows": (0,), "code": code}
        for code in (
            *("INVALID_DATA", "RECORD_LOCKED", "LIMIT_EXCEEDED", "NO_PERMISSION", "DUPLICATE_DATA"),
            *("RECORD_IN_BLUEPRINT", "ENTITY_ID_INVALID", "INTERNAL_ERROR"),
        )
    ),
    {"kind": "rows", "rows": tuple(range(10)), "code": "INVALID_DATA"},
    *(
        {"kind": "batch_refused", "rows": (0,), "sticky": False, **more}
        for more in ({}, {"named": False}, {"wrapped": True})
    ),
    *(
        {"kind": "answer_rows", "how": how}
        for how in ("short", "long", "shuffled", "foreign_id", "twice")
    ),
    {"kind": "no_content", "status": 204},
    {"kind": "delayed_apply", "seconds": 600},
)

EVERYWHERE: tuple[Fault, ...] = (
    *({"kind": "code", "status": status, "code": code} for status, code in REFUSALS),
    *({**fault, "when": when} for fault in UNCLEAR for when in ("before", "after")),
    *LOST,
    *ODD,
)


def every_fault(course: Course) -> None:
    """Try each fault at each call of each chapter, once and from then on, in an order drawn by the seed.

    Left out is what nobody could withstand: a refusal of what was done all the same, a list that leaves
    records out, and a clock that is days off.

    Raises:
        Violation: the process ended in no sentence of ours, or the CRM does not end as if all had gone well.
    """
    names = [chapter.name for chapter in CHAPTERS]
    done = 0
    for unique in (False, True):
        with (
            tempfile.TemporaryDirectory() as folder,
            rolls(Path(folder), *names, unique=unique) as played,
        ):
            for roll in played:
                cases = list(_cases(roll))
                chance(f"{course.seed} {roll.chapter.name}").shuffle(cases)
                if unique:  # once more where it matters whether the CRM refuses a key that it has
                    cases = [case for case in cases if case[0] in _writes(roll)]
                course.tell(f"{roll.chapter.name}: {len(cases):,} faults")
                for call, fault in cases:
                    done += 1
                    if course.over or (course.most and done > course.start + course.most):
                        return
                    if done > course.start:
                        _strike(course, roll, call, fault, done - 1)


def _cases(roll: Roll) -> Iterator[tuple[int, Fault]]:
    for call in range(1, roll.calls + 1):
        faults = (*EVERYWHERE, *OF_WRITES) if call in _writes(roll) else EVERYWHERE
        for fault in faults:
            yield call, fault
            if (
                fault["kind"] != "nan"
            ):  # what is none each time is Zoho's own, and stays so until it is read anew
                yield call, {**fault, "times": FOR_GOOD}


def _writes(roll: Roll) -> set[int]:
    """The numbers of the calls that change anything."""
    return {
        moment.call
        for moment, _ in roll.moments
        if not moment.route.startswith("GET ") and moment.route not in ("POST coql", "POST token")
    }


def _strike(course: Course, roll: Roll, call: int, fault: Fault, number: int) -> None:
    where = f"{roll.chapter.name}, call {call}: {dict(fault)}"
    with roll.alive(roll.start) as office:
        office.standin.faults.add("*", nth=call, **fault)
        try:
            lived(office, roll.chapter)
        except Exception as exc:  # noqa: BLE001 - whatever it is, a person has to understand it
            if sentence(exc) is None:
                course.broken(where, repr(exc), number)
            course.counts["ended_in_a_sentence"] += 1
        if wrong := aftermath(office, roll.chapter, roll.ends):
            course.broken(where, wrong, number)
        course.counts["faults"] += 1
    if course.counts["faults"] % 500 == 0:
        course.tell(f"{course.counts['faults']:,} faults")
