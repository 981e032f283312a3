"""Which accounts are no customers, as the manager says: competitors, suppliers, what nobody sells to."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sync.mirror.columns import literal, quoted
from sync.mirror.store import Mirror

_OWNER = "Owner"


def is_customer(mirror: Mirror, left_out: Mapping[str, Collection[str]]) -> str:
    """The SQL that is true of an account ``a`` that has none of these values.

    Large and small letters are alike, and so are blanks around a value. Fields that the local copy does not
    have leave nobody out.

    Args:
        mirror: the local copy.
        left_out: API name of a field on Accounts → values; of the owner ids or e-mail addresses.
    """
    held = mirror.columns("Accounts")
    tests = [
        f"coalesce({_has(name, values)}, FALSE)"
        for name, values in left_out.items()
        if name in held and values
    ]
    return f"NOT ({' OR '.join(tests)})" if tests else "TRUE"


def _has(name: str, values: Collection[str]) -> str:
    among = ", ".join(literal(value.strip().lower()) for value in values)
    found = f"lower(trim(CAST(a.{quoted(name)} AS VARCHAR))) IN ({among})"
    if name == _OWNER:
        people = f"SELECT id FROM state.users WHERE lower(email) IN ({among})"
        return f"({found} OR a.{quoted(name)} IN ({people}))"
    return found
