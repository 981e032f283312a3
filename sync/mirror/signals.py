"""What passed between us and each customer besides sales: calls, visits, notes, complaints, trials.

::

    Calls, Events, Tasks, Notes ──whose?──▶ touches ──┐
    Cases, Contacts, deals on trial ──────────────────┴──▶ one row a signal

Something counts for an account where it hangs on the account itself, on one of its deals or on one of its
contacts, and it counts once. That a contact looked at our website counts too, but it is no touch: nobody
spoke to anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sync.mirror.columns import INSTANT, TEXT, YES_NO, literal, quoted
from sync.mirror.days import day_of
from sync.mirror.mentions import mentions
from sync.mirror.money import column
from sync.mirror.stage_names import with_every_name
from sync.mirror.store import Mirror

COMPLAINT_STATUSES = ("escalated", "已升级", "升级", "已升級", "升級")
"""Whatever type it has, a case that was escalated is a complaint."""

CLOSED_STATUSES = (
    *("closed", "resolved", "solved", "done", "completed", "cancelled", "canceled", "duplicate"),
    *("已关闭", "关闭", "已解决", "已完成", "已取消", "已结案", "结案"),
    *("已關閉", "關閉", "已解決", "已結案", "結案"),
)
"""Statuses of a case, in lower case, that say that nobody has to do anything any more."""

NO_CALLS = ("missed", "scheduled", "overdue", "cancelled")
"""Types and statuses of a call, in lower case, in which nobody spoke to anybody."""

HELPERS = ("assistant", "assistants", "secretary", "助理", "秘书", "秘書", "特助")
"""Who works for somebody who decides does not decide."""

_COMPLETED = "Completed"
_OUR_MARK = r"#[a-z][a-z0-9_-]*-[a-z2-7]{8}\s*$"
"""The handle at the end of a task that we opened; see :mod:`sync.keys`."""


@dataclass(frozen=True, slots=True)
class Meanings:
    """What an organisation means by its own words, all in lower case but for the stages.

    Args:
        trials: deal stages in which a customer tries out what we sell.
        complaint_types: types of case that are complaints.
        complaint_words: words that make a complaint of a case in whose subject they stand.
        decision_titles: words in the title of a contact who decides.
    """

    trials: tuple[str, ...] = ()
    complaint_types: tuple[str, ...] = ()
    complaint_words: tuple[str, ...] = ()
    decision_titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Touch:
    """A module whose records say that somebody was in touch with a customer.

    Args:
        kind: of the signal.
        source: what the classifiers call the module.
        whose: the lookup that names an account, a deal or a case; ``contact``: that which names a contact.
        moment: when it happened, as SQL over the record ``t``.
        true: when it counts, as SQL over the record.
    """

    module: str
    kind: str
    source: str
    whose: str
    contact: str
    moment: str
    true: str


def signal_parts(mirror: Mirror, meanings: Meanings) -> dict[str, str]:
    """The queries that give the signals, by source: those that have anything to tell.

    The views ``seen_accounts`` and ``seen_deals`` have to be there. Each query gives ``account_id`` (null
    where it is about nobody we may see), ``kind``, ``day`` (days since 1970-01-01) and ``open``.

    Args:
        mirror: open.
        meanings: what the organisation means by its words.
    """
    _make_contacts(mirror, meanings)
    parts = {touch.source: _touches(mirror, touch) for touch in _touching(mirror)}
    if "Account_Name" in _held(mirror, "Cases"):
        parts["cases"] = _cases(mirror, meanings)
    if "Account_Name" in _held(mirror, "Contacts"):
        parts["contacts"] = _CONTACTS
        parts["online_visits"] = _ONLINE_VISITS
    told = [f"EXISTS (FROM ({query}))" for query in parts.values()]
    if told:
        [there] = mirror.rows(f"SELECT {', '.join(told)}")
        parts = {s: query for (s, query), one in zip(parts.items(), there, strict=True) if one}
    if meanings.trials:
        parts["trials"] = _trials(mirror, meanings.trials)
    return parts


def _held(mirror: Mirror, module: str) -> Mapping[str, str]:
    """The columns of a module that was read; nothing is asked of the file for one that was not."""
    return mirror.columns(module) if mirror.watermarks(module) != (None, None) else {}


def _touching(mirror: Mirror) -> Iterator[_Touch]:
    """The modules that we hold with every column that a touch cannot be told without."""
    if {"Call_Start_Time", "What_Id"} <= _held(mirror, "Calls").keys():
        held = _held(mirror, "Calls")
        true = _none_of(held, ("Call_Type", "Outgoing_Call_Status"), NO_CALLS)
        yield _Touch("Calls", "call", "calls", "What_Id", "Who_Id", 't."Call_Start_Time"', true)
    if {"Start_DateTime", "What_Id"} <= _held(mirror, "Events").keys():
        moment = 't."Start_DateTime"'
        yield _Touch("Events", "meeting", "meetings", "What_Id", "Who_Id", moment, "TRUE")
    if {"Status", "Subject", "What_Id"} <= _held(mirror, "Tasks").keys():
        held = _held(mirror, "Tasks")
        closed = column(held, "t", "Closed_Time", INSTANT)
        moment = f"coalesce({closed}, t._modified_at)"
        true = f"t.\"Status\" = '{_COMPLETED}' AND NOT {_closed_by_us(mirror, held)}"
        yield _Touch("Tasks", "task", "tasks", "What_Id", "Who_Id", moment, true)
    if {"Created_Time", "Parent_Id"} <= _held(mirror, "Notes").keys():
        moment = 't."Created_Time"'
        yield _Touch("Notes", "note", "notes", "Parent_Id", "Parent_Id", moment, "TRUE")


def _none_of(held: Mapping[str, str], names: Collection[str], values: Sequence[str]) -> str:
    listed = ", ".join(literal(value) for value in values)
    tests = [
        f"coalesce(lower(t.{quoted(name)}), '') NOT IN ({listed})"
        for name in names
        if held.get(name) == TEXT
    ]
    return " AND ".join(tests) or "TRUE"


def _closed_by_us(mirror: Mirror, held: Mapping[str, str]) -> str:
    """Whether a task is one that we opened and completed ourselves, as undoing a run does."""
    by = column(held, "t", "Modified_By", TEXT)
    ours = f"regexp_matches(coalesce(t.\"Subject\", ''), {literal(_OUR_MARK)})"
    return f"({ours} AND coalesce({by} = {literal(mirror.fact('me'))}, FALSE))"


def _touches(mirror: Mirror, touch: _Touch) -> str:
    """Every touch of a module, and once more as a decision's where it was with somebody who decides."""
    held = mirror.columns(touch.module)
    about = column(held, "t", touch.whose, TEXT)
    cases = "CAST(NULL AS VARCHAR)"
    joins = ""
    if touch.module == "Notes" and "Account_Name" in _held(mirror, "Cases"):
        cases = "own.account_id"
        joins = f"""LEFT JOIN crm."Cases" c ON c.id = {about}
            LEFT JOIN seen_accounts own ON own.account_id = c."Account_Name" """
    return f"""SELECT account_id, unnest(CASE WHEN decides THEN ['{touch.kind}', 'decision']
            ELSE ['{touch.kind}'] END) AS kind, day, FALSE AS open
        FROM (SELECT coalesce(a.account_id, d.account_id, k.account_id, {cases}) AS account_id,
            {day_of(mirror, touch.moment)} AS day, coalesce(k.decides, FALSE) AS decides
            FROM crm.{quoted(touch.module)} t
            LEFT JOIN seen_accounts a ON a.account_id = {about}
            LEFT JOIN seen_deals d ON d.deal_id = {about}
            LEFT JOIN seen_contacts k ON k.contact_id = {column(held, "t", touch.contact, TEXT)}
            {joins}
            WHERE NOT t._unseen AND {touch.true})"""


def _make_contacts(mirror: Mirror, meanings: Meanings) -> None:
    """The view ``seen_contacts``: whose contact it is, whether it decides and may still be written to.

    ``online_day`` is when it was last on the company's website.
    """
    held = _held(mirror, "Contacts")
    if "Account_Name" not in held:
        nobody = ", ".join(
            f"CAST(NULL AS {kind}) AS {name}"
            for name, kind in (
                *(("contact_id", TEXT), ("account_id", TEXT)),
                *(("decides", YES_NO), ("of_use", YES_NO), ("day", "BIGINT")),
                ("online_day", "BIGINT"),
            )
        )
        mirror.view("seen_contacts", f"SELECT {nobody} WHERE FALSE")
        return
    created = column(held, "c", "Created_Time", INSTANT)
    visited = column(held, "c", "Last_Visited_Time", INSTANT)
    title = column(held, "c", "Title", TEXT)
    decides = f"{mentions(title, meanings.decision_titles)} AND NOT {mentions(title, HELPERS)}"
    mirror.view(
        "seen_contacts",
        f"""SELECT c.id AS contact_id, seen.account_id,
            {decides} AS decides,
            NOT coalesce({column(held, "c", "Email_Opt_Out", YES_NO)}, FALSE) AS of_use,
            {day_of(mirror, created)} AS day, {day_of(mirror, visited)} AS online_day
        FROM crm."Contacts" c
        JOIN seen_accounts seen ON seen.account_id = c."Account_Name"
        WHERE NOT c._unseen""",
    )


_CONTACTS = """SELECT account_id, unnest(CASE WHEN decides THEN ['contact', 'decision_maker']
    ELSE ['contact'] END) AS kind, day, of_use AS open FROM seen_contacts"""

_ONLINE_VISITS = """SELECT account_id, 'online_visit' AS kind, online_day AS day, FALSE AS open
    FROM seen_contacts WHERE online_day IS NOT NULL"""


def _cases(mirror: Mirror, meanings: Meanings) -> str:
    held = _held(mirror, "Cases")
    opened = column(held, "c", "Created_Time", INSTANT)
    return f"""SELECT seen.account_id,
            CASE WHEN {complains(held, meanings)} THEN 'complaint' ELSE 'case' END AS kind,
            {day_of(mirror, opened)} AS day, {is_open_case(held)} AS open
        FROM crm."Cases" c LEFT JOIN seen_accounts seen ON seen.account_id = c."Account_Name"
        WHERE NOT c._unseen"""


def complains(held: Mapping[str, str], meanings: Meanings) -> str:
    """The SQL that is true of a case ``c`` that is a complaint; ``held`` are the columns of cases."""
    kind = f"lower(trim(coalesce({column(held, 'c', 'Type', TEXT)}, '')))"
    tests = (
        f"{kind} IN ({_listed(meanings.complaint_types)})",
        mentions(column(held, "c", "Subject", TEXT), meanings.complaint_words),
        f"{_case_status(held)} IN ({_listed(COMPLAINT_STATUSES)})",
    )
    return f"({' OR '.join(tests)})"


def is_open_case(held: Mapping[str, str]) -> str:
    """The SQL that is true of a case ``c`` on which somebody still has to do something."""
    return f"{_case_status(held)} NOT IN ({_listed(CLOSED_STATUSES)})"


def _case_status(held: Mapping[str, str]) -> str:
    return f"lower(trim(coalesce({column(held, 'c', 'Status', TEXT)}, '')))"


def _trials(mirror: Mirror, stages: Sequence[str]) -> str:
    created = column(mirror.columns("Deals"), "own", "Created_Time", INSTANT)
    return f"""SELECT d.account_id, 'trial' AS kind,
            coalesce({day_of(mirror, created)}, d.day) AS day,
            d.category NOT IN ('won', 'lost') AS open
        FROM seen_deals d JOIN crm."Deals" own ON own.id = d.deal_id
        WHERE d.stage IN ({_listed(with_every_name(mirror, stages))})"""


def _listed(words: Collection[str]) -> str:
    return ", ".join(literal(word) for word in sorted(words)) or "NULL"
