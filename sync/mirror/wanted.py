"""What the playbooks want an account's fields to say, as SQL over accounts and verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sync.mirror.columns import literal, quoted
from sync.mirror.comparison import chosen_where
from sync.mirror.engine import kept_view
from sync.mirror.matching import When, matches, overriding
from sync.mirror.our_columns import Column
from sync.mirror.store import Mirror


@dataclass(frozen=True, slots=True)
class Rule:
    """For whom a playbook is, and what it wants to stand in a field.

    Args:
        when: dimension → classes, of each of which the account must have one.
        says: the values; of a text there is one.
        has: verdict columns that must be known.
        lacks: verdict columns that must be there and empty.
        unless: dimension → classes; an account with one of them is left out.
        unless_has: verdict columns; an account of which one is known is left out.
    """

    when: When
    says: Sequence[str]
    has: Sequence[str] = ()
    lacks: Sequence[str] = ()
    unless: When = field(default_factory=dict)
    unless_has: Sequence[str] = ()


class Wishes:
    """Turns rules into SQL for the local copy as it is now; it must hold verdicts."""

    def __init__(self, mirror: Mirror, columns: Sequence[Column]) -> None:
        self._mirror = mirror
        held = mirror.columns("Accounts")
        self._overrides = overriding([column for column in columns if column.name in held])
        self._facts = frozenset(mirror.names_in(kept_view("verdicts")))

    def first(self, rules: Sequence[Rule]) -> str:
        """The SQL of the text of the first rule that holds, NULL where none does."""
        cases = [f"WHEN {self._holds(rule)} THEN {literal(rule.says[0])}" for rule in rules]
        return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS VARCHAR)"

    def every(self, rules: Sequence[Rule], stored: Mapping[str, str]) -> str:
        """The SQL of a sorted list of the values of all rules that hold.

        Args:
            rules: what each says are codes.
            stored: code → the text that the CRM stores; codes that are missing here are left out.
        """
        givers: dict[str, list[str]] = {}
        for rule in rules:
            condition = self._holds(rule)
            for code in rule.says:
                if code in stored:
                    givers.setdefault(stored[code], []).append(condition)
        return chosen_where((value, " OR ".join(any_of)) for value, any_of in givers.items())

    def fact(self, name: str, stored: Mapping[str, str]) -> str:
        """The SQL of what the CRM stores for a fact that is a code; empty where nobody asked for the fact."""
        if name not in self._facts:
            return ""
        cases = " ".join(
            f"WHEN {literal(code)} THEN {literal(text)}" for code, text in stored.items()
        )
        return f"CASE v.{quoted(name)} {cases} END" if cases else ""

    def holding(self, rule: Rule) -> list[str]:
        """Ids of the accounts for which a rule holds."""
        rows = self._mirror.rows(
            f"""SELECT a.id FROM crm."Accounts" a JOIN {kept_view("verdicts")} v ON v.account_id = a.id
            WHERE NOT a._unseen AND {self._holds(rule)} ORDER BY a.id"""
        )
        return [str(row[0]) for row in rows]

    def _holds(self, rule: Rule) -> str:
        tests = [matches(rule.when, self._overrides)]
        tests += [self._known(name) for name in rule.has]
        tests += [f"NOT {self._known(name)}" for name in rule.lacks]
        tests += ["FALSE" for name in rule.lacks if name not in self._facts]
        tests += [
            f"NOT {matches({dimension: codes}, self._overrides)}"
            for dimension, codes in rule.unless.items()
        ]
        tests += [f"NOT {self._known(name)}" for name in rule.unless_has]
        return f"({' AND '.join(tests)})"

    def _known(self, name: str) -> str:
        """The SQL that is true where a fact is there; nothing, an empty text and a count of 0 are none."""
        if name not in self._facts:
            return "FALSE"
        nothing = "('', '0', '0.0', 'false')"
        return f"(coalesce(CAST(v.{quoted(name)} AS VARCHAR), '') NOT IN {nothing})"
