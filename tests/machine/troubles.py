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
