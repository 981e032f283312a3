"""Whether a field says what we would write, as SQL: one condition for each kind of field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sync.mirror.columns import literal, quoted
from sync.mirror.our_columns import SEPARATOR, Column

FOLLOW_UP = "next_follow_up"
NUMBER_STEP = 0.1
"""By which share of itself a number has to differ before that alone is written."""

MOST_PERCENT = 9_999
"""Percent beyond which a growth tells nothing more; Zoho's percent fields take five digits."""


def needs_a_look(column: Column, step: int, today: date | None, wanted: Mapping[str, str]) -> str:
    """The SQL that is true where the account needs a look because of this column; empty for never.

    Args:
        column: one of our fields.
        step: percent points.
        today: leave out to ignore follow-ups that have passed.
        wanted: key of a field that playbooks fill, or decide the day in → the SQL of what they want there.
    """
    current, verdict = f"a.{quoted(column.name)}", f"v.{quoted(column.key)}"
    match column.kind:
        case "class":
            return _class(current, verdict, column.stored)
        case "classes":
            return _classes(current, verdict, column.stored)
        case "marks" | "strategy" | "status":
            return _from_playbooks(column, current, wanted.get(column.key, ""))
        case "percent":
            return _number(current, _whole_percent(verdict), f">= {int(step)}")
        case "number":
            now = f"abs(TRY_CAST({current} AS DOUBLE))"
            return _number(current, verdict, f"> {NUMBER_STEP} * {now}")
        case "text" | "date":
            return _aging(column, current, today, wanted.get(column.key, ""))
        case "override" | "input":
            return ""


def chosen(current: str) -> str:
    """The SQL of the values chosen in a field that takes several, sorted; empty where it is empty."""
    return (
        f"CASE WHEN coalesce({current}, '') = '' THEN []::VARCHAR[]"
        f" WHEN json_valid({current})"
        f" THEN list_sort(list_distinct(json_extract_string({current}, '$[*]')))"
        f" ELSE [{current}] END"
    )


def chosen_where(conditions: Iterable[tuple[str, str]]) -> str:
    """The SQL of a sorted list of those values whose condition holds.

    Args:
        conditions: (value, SQL of the condition).
    """
    parts = [
        f"CASE WHEN {condition} THEN [{literal(value)}] ELSE []::VARCHAR[] END"
        for value, condition in conditions
    ]
    return f"list_sort(list_concat({', '.join(parts)}))" if parts else "[]::VARCHAR[]"


def _class(current: str, verdict: str, stored: Mapping[str, str]) -> str:
    given = f"nullif({current}, '')"
    if not stored:
        return ""
    cases = " ".join(f"WHEN {literal(code)} THEN {literal(text)}" for code, text in stored.items())
    codes = ", ".join(literal(code) for code in stored)
    return (
        f"({verdict} IS NULL OR {verdict} IN ({codes}))"
        f" AND {given} IS DISTINCT FROM CASE {verdict} {cases} END"
    )


def _classes(current: str, verdict: str, stored: Mapping[str, str]) -> str:
    if not stored:
        return ""
    codes = f"string_split(coalesce({verdict}, ''), '{SEPARATOR}')"
    offered = ", ".join(literal(code) for code in (*stored, ""))
    wanted = chosen_where(
        (text, f"list_contains({codes}, {literal(code)})") for code, text in stored.items()
    )
    return f"list_has_all([{offered}], {codes}) AND {chosen(current)} IS DISTINCT FROM {wanted}"


def _from_playbooks(column: Column, current: str, wanted: str) -> str:
    if not wanted:
        return ""
    if column.kind == "marks":
        return f"{chosen(current)} IS DISTINCT FROM {wanted}"
    return f"nullif({current}, '') IS DISTINCT FROM {wanted}"


def _whole_percent(share: str) -> str:
    whole = f"greatest(-{MOST_PERCENT}, least({MOST_PERCENT}, floor({share} * 100 + 0.5)))"
    return f"CASE WHEN {share} IS NOT NULL THEN {whole} END"  # both pass over a NULL


def _number(current: str, wanted: str, far: str) -> str:
    now = f"TRY_CAST({current} AS DOUBLE)"
    return f"({now} IS NULL) <> ({wanted} IS NULL) OR abs({now} - {wanted}) {far}"


def _aging(column: Column, current: str, today: date | None, wanted: str) -> str:
    tests = [f"coalesce(CAST({current} AS VARCHAR), '') = ''"]
    if column.key == FOLLOW_UP and today is not None:
        tests.append(f"TRY_CAST({current} AS DATE) < DATE '{today.isoformat()}'")
    if wanted:
        tests.append(f"TRY_CAST({current} AS DATE) <> {wanted}")
    return " OR ".join(tests)
