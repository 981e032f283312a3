"""What can go wrong with a call, and on which calls: hypothesis draws from these."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from connector.standin.switches import Switches
from connector.standin.throttling import ThrottleBody

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

any_switches = st.builds(
    Switches,
    stale_refuses=st.sampled_from(["row", "batch"]),
    modified_since_inclusive=st.booleans(),
    page_token=st.sampled_from(["live", "snapshot", "offset"]),
    token_throttle_status=st.sampled_from([200, 400]),
    live_tokens=st.sampled_from([15, 2]),
    records_speak=st.sampled_from(["stored", "shown", "shown, takes both"]),
    actual_is_shown=st.booleans(),
    strict_picklists=st.booleans(),
    unique_on_tasks=st.booleans(),
    trims_text=st.booleans(),
    equal_values_move_time=st.booleans(),
    deleted_names=st.booleans(),
    list_lag_seconds=st.sampled_from([0.0, 45.0]),
    coql_lag_seconds=st.sampled_from([0.0, 60.0]),
    throttle_body=st.sampled_from(get_args(ThrottleBody)),
    silent_read_only=st.booleans(),
    partial_status=st.sampled_from([200, 207]),
    merge_touches_children=st.booleans(),
)
"""Every way in which Zoho may behave where a life of the office can meet it."""
