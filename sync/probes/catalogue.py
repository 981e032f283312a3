"""The eleven probes: which questions each asks, whether fenlei relies on the answer, and how to find out."""

from __future__ import annotations

from connector.model import Json
from sync.probes import automation, changing, finding, signing_in, storing
from sync.probes.answer import Question
from sync.sight import SETTLE


def _within_settling(seconds: Json) -> bool:
    return isinstance(seconds, int | float) and abs(seconds) <= SETTLE.total_seconds()


QUESTIONS: tuple[Question, ...] = (
    Question(
        3,
        "How soon does the list show a new task?",
        "Yes: a task in doubt that the list does not show after the quarantine counts as not there. The "
        "lag has to stay below the policy's quarantine_minutes.",
        "list_lag_seconds",
        finding.list_lag,
    ),
    Question(
        3,
        "How soon does a query (COQL) show a new task?",
        "Yes: a pull leaves the last two minutes to the next one. A longer lag is made up for only by the "
        "weekly comparison of everything.",
        "coql_lag_seconds",
        finding.coql_lag,
        is_safe=_within_settling,
    ),
    Question(
        3,
        "How soon does search show a new task?",
        "No: fenlei never searches.",
        "search_lag_seconds",
        finding.search_lag,
        "Consent to ZohoSearch.securesearch.READ as well and run the probe again.",
    ),
    Question(
        3,
        "Does If-Modified-Since include the second that it names?",
        "No: fenlei asks from a second earlier on.",
        "modified_since_inclusive",
        finding.since_is_inclusive,
    ),
    Question(
        1,
        "Does Zoho refuse a second task with the same value in a unique field?",
        "No: the quarantine and the look into the list alone keep tasks single. It is the second defence.",
        "unique_on_tasks",
        changing.key_twice,
        "Run 'fenlei setup', which makes the field, then run the probe again.",
    ),
    Question(
        1,
        "Is a unique value still taken while its record lies in the recycle bin?",
        "No: what was deleted is not opened again anyway.",
        by_hand="Delete a closed probe task, then create a task with the same value in the key field.",
    ),
    Question(
        1,
        "Can a record be read by an external key (X-EXTERNAL)?",
        "No: fenlei reads by id and by list.",
        by_hand="Create an external field for the organisation on Tasks, then ask GET /Tasks/{value} with "
        "the header X-EXTERNAL: Tasks.{field}.",
    ),
    Question(
        2,
        "With If-Unmodified-Since, does one stale row have the whole batch refused?",
        "No: rows that were refused without being stale are sent again by themselves.",
        "stale_refuses",
        changing.stale_batch,
    ),
    Question(
        2,
        "Does a change at the very second of If-Unmodified-Since count as later?",
        "No: fenlei names a moment two seconds before it began to read.",
        experiment=changing.stale_moment,
    ),
    Question(
        2,
        "Which HTTP status has a write that was applied in part?",
        "No: each row's own code decides.",
        "partial_status",
        changing.partial_answer,
    ),
    Question(
        4,
        "How long after a broken connection can a task still appear?",
        "Yes: this is what the policy's quarantine_minutes has to exceed.",
        by_hand="In a sandbox send POST /Tasks two hundred times, close the connection at once each time, "
        "and note the longest time until a task shows in the list.",
    ),
    Question(
        5,
        "Does the list of deleted tasks tell their names?",
        "No: where one has no name, a task in doubt is put aside for a person.",
        "deleted_names",
        finding.deleted_names,
        "Delete a task in Zoho, then run the probe again.",
    ),
    Question(
        6,
        "What does a page token remember while records change?",
        "No: a list is gone through again after a deletion and compared with a query. Tried on three "
        "tasks, one a page.",
        "page_token",
        finding.page_token,
        "With 5,000 records: edit, delete and insert some between two pages and compare what was shown.",
    ),
    Question(
        7,
        "How is a 429 worded for too many calls at once and for used-up credits, and is there a Retry-After?",
        "No: every 429 means later; it says credits only where Zoho's words or header do.",
        "throttle_body",
        by_hand="In a sandbox start 30 calls at once with another program and note status, body and headers.",
    ),
    Question(
        7,
        "Are more calls at once than the edition allows turned away?",
        "No: fenlei stays two below the limit and slows down after a 429.",
        "limits_concurrency",
        by_hand="As above, with one call more than the edition's limit.",
    ),
    Question(
        8,
        "Which HTTP status have the token endpoint's errors?",
        "No: the body decides.",
        "token_error_status",
        signing_in.error_status,
    ),
    Question(
        8,
        "How does the token endpoint answer the eleventh token in ten minutes?",
        "No: fenlei stops at eight, and knows both wordings.",
        "token_throttle_status",
        by_hand="With a client of its own in a sandbox, refresh eleven times within ten minutes. This stops "
        "every program that uses that client for ten minutes.",
    ),
    Question(
        8,
        "How many access tokens of one refresh token are good at a time?",
        "No: a token that ends early is renewed once.",
        "live_tokens",
        by_hand="With a client of its own, refresh every two minutes and try the first token after each. "
        "This ends the tokens of every program that uses that client.",
    ),
    Question(
        9,
        "Does an update that changes nothing move Modified_Time?",
        "No: values that are there already are never sent.",
        "equal_values_move_time",
        changing.equal_value,
    ),
    Question(
        9,
        "Does 'trigger: []' keep workflow rules from running?",
        "Yes: else every tag that is written runs the organisation's workflow rules, mails included.",
        "workflows_ignore_trigger",
        automation.workflows,
        "Make a workflow rule on Tasks in the sandbox that sets a field whenever a task is edited, then run "
        "the probe again. Scoring rules, assignment rules and Zia have to be looked at by eye.",
        is_safe=lambda ignored: ignored is False,
    ),
    Question(
        9,
        "Do an account's deals count as changed when it is merged into another?",
        "No: the weekly comparison finds what no stamp tells.",
        "merge_touches_children",
        by_hand="Merge two accounts with deals in the sandbox and compare the deals' Modified_Time.",
    ),
    Question(
        10,
        "Is an unknown picklist value refused?",
        "No: fenlei sends only choices that the field has.",
        "strict_picklists",
        storing.unknown_choice,
    ),
    Question(
        10,
        "Do records speak the stored names of choices or those that people see?",
        "No: both are understood, and a choice that is refused is sent under its other name.",
        "records_speak",
        storing.names_of_choices,
        "Rename a choice of Priority on Tasks in the sandbox, so that it shows another name than it stores, "
        "then run the probe again.",
    ),
    Question(
        10,
        "Which of a choice's names does the fields API call its actual_value?",
        "No: a class is known by what was given at its creation, wherever that stands, and by what is shown.",
        "actual_is_shown",
        by_hand="Rename a choice of Priority on Tasks in the sandbox, ask GET /settings/fields?module=Tasks, "
        "and compare its actual_value with its display_value and its reference_value.",
    ),
    Question(
        10,
        "Are blanks around a text cut off?",
        "No: texts are compared without them.",
        "trims_text",
        storing.blanks,
    ),
    Question(
        10,
        "Do multi-select values come back in another order?",
        "No: they are compared without their order.",
        "reorders_choices",
        storing.order_of_choices,
        "Give Tasks a multi-select picklist in the sandbox, then run the probe again.",
    ),
    Question(
        10,
        "What becomes of a value for a field that does not exist?",
        "No: fields are bound by id and looked up before anything is written.",
        "unknown_fields",
        storing.unknown_field,
    ),
    Question(
        10,
        "Is a value for a read-only field dropped in silence?",
        "No: read-only fields are not written; a value that did not arrive shows at the next pull.",
        "silent_read_only",
        storing.read_only_field,
    ),
    Question(
        11,
        "How far is Modified_Time from the header Date?",
        "Yes: windows are chosen by the header and hold stamps; two minutes are allowed for.",
        experiment=finding.clock_skew,
        is_safe=_within_settling,
    ),
)
"""In the order in which they are asked: the first three open the tasks that the others use."""
