"""What can go wrong with a call, and on which calls: hypothesis draws from these."""

from __future__ import annotations

from hypothesis import strategies as st

routes = st.sampled_from(
    [
        "POST /Tasks",
        "PUT /Accounts",
        "PUT /Tasks",
        "POST /coql",
        "GET /Tasks",
        "GET /*/deleted",
        "POST /oauth/v2/token",
        "*",
    ]
)
fault_kinds = st.sampled_from(
    [
        "unauthorized",
        "throttled",
        "html_502",
        "error_500",
        "reset",
        "truncated",
        "lost_after_apply",
        "html_200",
        "empty_200",
        "delayed_apply",
    ]
)

odd_writes = st.one_of(
    st.sampled_from(["short", "long", "shuffled", "foreign_id", "twice"]).map(
        lambda how: {"kind": "answer_rows", "how": how}
    ),
    st.sampled_from(["INVALID_DATA", "RECORD_LOCKED", "LIMIT_EXCEEDED"]).map(
        lambda code: {"kind": "rows", "rows": (0,), "code": code}
    ),
    st.sampled_from(["reset_request", "idle_close", "gzip_cut", "numeric_ids", "cached"]).map(
        lambda kind: {"kind": kind}
    ),
    st.just({"kind": "idle_close", "when": "after"}),
    st.just({"kind": "batch_refused", "rows": (0,), "sticky": False}),
)
"""Faults of a write whose answer fits badly, refuses a row, or is that of another call."""

odd_readings = st.sampled_from(
    ["repeated_rows", "numeric_ids", "nan", "gzip_cut", "idle_close", "stale_date"]
)
"""Answers to a reading that are none, or are told twice, in numbers or with a date of half a minute ago."""
