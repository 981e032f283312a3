"""How the CRM says "too many requests": nobody documents its words, so there are several.

The code is on Zoho's status page; the message and whether it tells credits from concurrency are not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal

from connector.standin.answers import Answer, error_row

ThrottleBody = Literal["concurrency", "credits", "plain", "html"]

CODE = "TOO_MANY_REQUESTS"
CONCURRENCY = "Too many requests. Please try again later."
CREDITS = "You have crossed the maximum number of API credits allowed in 24 hours"

_ANSWERS: Mapping[str, Answer] = MappingProxyType(
    {
        "concurrency": Answer(429, json.dumps(error_row(CODE, CONCURRENCY)).encode()),
        "credits": Answer(429, json.dumps(error_row(CODE, CREDITS)).encode()),
        "plain": Answer(429, b"Too Many Requests", content_type="text/plain;charset=UTF-8"),
        "html": Answer(
            429,
            b"<html><head><title>429</title></head><body>Too Many Requests</body></html>",
            content_type="text/html;charset=UTF-8",
        ),
    }
)


def too_many_requests(body: ThrottleBody) -> Answer:
    """The answer to a call too many, in one of the ways in which it may be worded."""
    return _ANSWERS[body]


def reworded(answer: Answer, body: ThrottleBody) -> Answer:
    """A 429 of the gate in the chosen wording; "concurrency" leaves its own message for each cause."""
    if answer.status != 429 or body == "concurrency":
        return answer
    return replace(too_many_requests(body), headers=answer.headers)
