"""What each account's own record tells of a company: its trade, its town, its size, and what reps noted.

A field that the organisation does not have, or that nobody ever filled, is left out altogether: it is
nothing to go by, which is not the same as a company of which it is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sync.mirror.columns import DATE, INSTANT, NUMBER, TEXT, WHOLE, literal, quoted
from sync.mirror.days import day_of
from sync.mirror.money import home_amount
from sync.mirror.our_columns import SEPARATOR, Column
from sync.mirror.store import Mirror

PROFILE_FIELDS = (
    "Industry",
    "Account_Type",
    "Billing_Country",
    "Billing_City",
    "Shipping_Country",
    "Shipping_City",
    "Employees",
    "Annual_Revenue",
    "Currency",
    "Exchange_Rate",
    "Description",
)
"""The standard fields of an account that are read for its profile alone."""

_NOTHING = "-None-"
"""What Zoho shows as the first choice of a picklist without a value, and some imports store."""


def profile_columns(mirror: Mirror, inputs: Sequence[Column]) -> dict[str, str]:
    """The columns of the profile that any account has a value in, as SQL over ``crm."Accounts" a``.

    Args:
        mirror: open, with accounts in it.
        inputs: the fields in which reps enter what :data:`sync.policy.model.INPUTS` names, one each at
            most; a choice with a code comes as that code.

    Returns:
        Name, as in ``classifiers.profile.PROFILE``, → expression. Days are days since 1970-01-01, amounts
        are in the home currency, several choices stand in one text and are separated by ``;``.
    """
    known = {name: sql for name, sql in _known(mirror, inputs).items() if sql}
    if not known:
        return {}
    counts = ", ".join(f"count({sql})" for sql in known.values())
    [filled] = mirror.rows(f'SELECT {counts} FROM crm."Accounts" a WHERE NOT a._unseen')
    return {name: sql for (name, sql), count in zip(known.items(), filled, strict=True) if count}


def _known(mirror: Mirror, inputs: Sequence[Column]) -> dict[str, str]:
    held = mirror.columns("Accounts")
    created = held.get("Created_Time") == INSTANT
    given = {one.key: one for one in inputs}
    return {
        "industry_given": _text(held, "Industry"),
        "account_type": _text(held, "Account_Type"),
        "country": _first(held, "Billing_Country", "Shipping_Country"),
        "city": _first(held, "Billing_City", "Shipping_City"),
        "employees": _number(held, "Employees", WHOLE),
        "annual_revenue": _revenue(mirror, held),
        "words": _words(held),
        "description": _text(held, "Description"),
        "created_day": day_of(mirror, 'a."Created_Time"') if created else "",
        "pause_reason": _choices(held, given.get("pause_reason")),
        "resume_day": _day(held, given.get("resume_date")),
        "satisfaction_score": _number(held, _name(given.get("satisfaction_score")), NUMBER),
        "need_given": _choices(held, given.get("need_given")),
    }


def _text(held: Mapping[str, str], name: str) -> str:
    """A text, null where it is empty; an empty expression where there is no such field."""
    if held.get(name) != TEXT:
        return ""
    return f"nullif(nullif(trim(a.{quoted(name)}), ''), '{_NOTHING}')"


def _first(held: Mapping[str, str], *names: str) -> str:
    found = [sql for name in names if (sql := _text(held, name))]
    return f"coalesce({', '.join(found)})" if found else ""


def _words(held: Mapping[str, str]) -> str:
    found = [sql for name in ("Account_Name", "Description") if (sql := _text(held, name))]
    return f"nullif(concat_ws(' ', {', '.join(found)}), '')" if found else ""


def _number(held: Mapping[str, str], name: str, kind: str) -> str:
    """A number, also from a picklist whose choices are numbers."""
    readable = held.get(name) in (TEXT, NUMBER, WHOLE)
    return f"TRY_CAST(a.{quoted(name)} AS {kind})" if readable else ""


def _revenue(mirror: Mirror, held: Mapping[str, str]) -> str:
    if held.get("Annual_Revenue") != NUMBER:
        return ""
    return home_amount(held, mirror.home_currency(), "a", "Annual_Revenue")


def _name(field: Column | None) -> str:
    return field.name if field else ""


def _day(held: Mapping[str, str], field: Column | None) -> str:
    """A day number, also from a text that is a date, as in files."""
    name = _name(field)
    readable = held.get(name) in (TEXT, DATE)
    date = f"TRY_CAST(a.{quoted(name)} AS DATE)"
    return f"CAST({date} - DATE '1970-01-01' AS BIGINT)" if readable else ""


def _choices(held: Mapping[str, str], field: Column | None) -> str:
    """What was chosen, by code where it has one; the local copy keeps several choices as a JSON list."""
    text = _text(held, _name(field))
    if field is None or not text:
        return ""
    several = f"list_transform(TRY_CAST({text} AS VARCHAR[]), lambda one: {_code('one', field)})"
    joined = f"nullif(array_to_string({several}, {literal(SEPARATOR)}), '')"
    return f"CASE WHEN starts_with({text}, '[') THEN {joined} ELSE {_code(text, field)} END"


def _code(stored: str, field: Column) -> str:
    cases = " ".join(
        f"WHEN {literal(text)} THEN {literal(code)}" for code, text in field.stored.items()
    )
    return f"CASE {stored} {cases} ELSE {stored} END" if cases else stored
