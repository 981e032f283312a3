"""The points on which Zoho's documents are silent, each with the ways in which Zoho may really behave.

A test turns one switch and shows that the product is right either way. The defaults are what Zoho's
samples and other people's recordings suggest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connector.standin.throttling import ThrottleBody


@dataclass(frozen=True, slots=True)
class Switches:
    """One plausible Zoho.

    Attributes:
        stale_refuses: with ``If-Unmodified-Since``, a stale row is refused alone or with its whole batch.
        modified_since_inclusive: ``If-Modified-Since`` also returns records of that very second.
        page_token: what a page token remembers: the last record seen ("live"), the list as it was
            when paging began ("snapshot"), or only how many rows went before ("offset").
        token_error_status: HTTP status of ``invalid_code`` and its like.
        token_throttle_status: HTTP status of "Access Denied" after ten tokens in ten minutes.
        live_tokens: access tokens of one refresh token that are valid at the same time.
        records_speak: whether records give and take the stored names of choices (``actual_value``), those
            that people see (``display_value``), or give the latter and take both.
        actual_is_shown: the fields API tells the name that people see of a choice as ``actual_value``, too;
            what it was given at its creation is its ``reference_value``. Records speak shown names then.
        strict_picklists: a value outside the picklist is refused; otherwise stored.
        unknown_fields: values under unknown names are ignored, or refuse their row.
        unique_on_tasks: unique fields of Tasks are enforced.
        trims_text: texts lose the blanks around them when stored.
        equal_values_move_time: an update that changes nothing still moves ``Modified_Time``.
        deleted_names: the deleted feed tells ``display_name``.
        list_lag_seconds: how long a new record is missing from lists.
        coql_lag_seconds: how long a change is missing from COQL.
        multi_currency: the organisation uses more than its home currency.
        limits_concurrency: more calls at once than the edition allows are turned away.
        throttle_body: how a 429 is worded: about concurrency (or, where that is the cause, credits),
            always about credits, as plain text, or as a web page.
        search_lag_seconds: how long a change is missing from search.
        silent_read_only: values for read-only fields are ignored, or refuse their row.
        partial_status: HTTP status of a write of which some rows were refused.
        workflows_ignore_trigger: workflow rules fire although the call sent ``trigger: []``.
        merge_touches_children: what belonged to a record that was merged away counts as changed.
        reorders_choices: a multi-select picklist gives its values back in another order.
        bulk_seconds: how long a bulk job takes.
        bulk_queues: a bulk job stands in a queue before it is worked on, and says so.
        bulk_reads_at: a bulk read sees the records as they were when it was ordered, or when it ends.
        bulk_failed: what the state of a bulk read that failed is called.
        bulk_scopes: a bulk read needs the scope of bulk jobs and the module's, or either of them.
        bulk_result_hours: how long the file of a bulk read can be fetched.
        bulk_id_column: how the column of ids is headed in that file.
        bulk_lookup_column: a lookup's column is headed by its name, or by name and ``.id``.
        bulk_quotes: in that file every cell stands in quotes, after a byte order mark; or only where
            it has to, and no mark.
        bulk_progress: what the state of a bulk write that is being worked on is called.
        bulk_runs_workflows: workflow rules fire for rows that were written in bulk.
    """

    stale_refuses: Literal["row", "batch"] = "row"
    modified_since_inclusive: bool = False
    page_token: Literal["live", "snapshot", "offset"] = "live"  # noqa: S105 - no secret
    token_error_status: int = 200
    token_throttle_status: int = 400
    live_tokens: int = 15
    records_speak: Literal["stored", "shown", "shown, takes both"] = "stored"
    actual_is_shown: bool = False
    strict_picklists: bool = True
    unknown_fields: Literal["ignored", "refused"] = "ignored"
    unique_on_tasks: bool = True
    trims_text: bool = False
    equal_values_move_time: bool = True
    deleted_names: bool = True
    list_lag_seconds: float = 0.0
    coql_lag_seconds: float = 0.0
    multi_currency: bool = True
    limits_concurrency: bool = True
    throttle_body: ThrottleBody = "concurrency"
    search_lag_seconds: float = 0.0
    silent_read_only: bool = True
    partial_status: Literal[200, 207] = 207
    workflows_ignore_trigger: bool = False
    merge_touches_children: bool = True
    reorders_choices: bool = False
    bulk_seconds: float = 30.0
    bulk_queues: bool = True
    bulk_reads_at: Literal["start", "end"] = "end"
    bulk_failed: Literal["FAILURE", "FAILED"] = "FAILURE"
    bulk_scopes: Literal["both", "either"] = "both"
    bulk_result_hours: float = 24.0
    bulk_id_column: Literal["id", "Id"] = "id"
    bulk_lookup_column: Literal["plain", "dotted"] = "plain"
    bulk_quotes: Literal["minimal", "all"] = "minimal"
    bulk_progress: Literal["IN PROGRESS", "INPROGRESS"] = "IN PROGRESS"
    bulk_runs_workflows: bool = False
