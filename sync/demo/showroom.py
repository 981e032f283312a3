"""Shows every class of every question in three languages, as reps find it in their CRM.

::

    the made-up company ── an office in English ────────────┐
                        ── one in simplified Chinese ───────┼──▶ what each CRM holds, side by side
                        ── one in traditional Chinese ──────┘
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from connector.model import Json
from sync.demo.company_files import account_id
from sync.demo.customers import CUSTOMERS
from sync.demo.offices import Office, Record, worked
from sync.keys import read_mark
from sync.verdicts import CLASSES
from sync.words import Language

STATUS = "class_status"
"""The field that tells how far the review of an account's classes has come."""

NUMBERS = ("value_score", "growth_rate", "churn_probability", "next_follow_up")
"""What stands on an account beside its classes and is the same in every language."""

Words = dict[Language, str]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One class of one question.

    Args:
        dimension: the question's key.
        labels: what reps read for the class.
        accounts: ids of those that have it, in every office the same.
        example: one of them, empty where there is none.
        whys: why that one has it.
    """

    dimension: str
    code: str
    labels: Words
    accounts: tuple[str, ...]
    example: str
    whys: Words


@dataclass(frozen=True)
class Showroom:
    """The offices, one a language, and what can be seen in them."""

    offices: tuple[Office, ...]

    @property
    def first(self) -> Office:
        """The office that counts are taken from."""
        return self.offices[0]

    @property
    def customers(self) -> tuple[str, ...]:
        """The ids of the customers with a story of their own."""
        return tuple(account_id(number) for number in range(len(CUSTOMERS)))

    @cached_property
    def exhibits(self) -> Mapping[str, tuple[Exhibit, ...]]:
        """Question → its classes; each example is one that stands for as few other classes as possible."""
        used: Counter[str] = Counter()
        return {
            dimension: tuple(self._exhibit(dimension, code, used) for code in codes)
            for dimension, codes in self._asked.items()
        }

    @property
    def _asked(self) -> dict[str, Sequence[str]]:
        """Every question with its classes, and the states of a review."""
        return {**CLASSES, STATUS: tuple(self.first.choices[STATUS])}

    @property
    def missing(self) -> list[str]:
        """The classes that no account has, as ``question.class``; there should be none."""
        return [
            f"{one.dimension}.{one.code}"
            for shown in self.exhibits.values()
            for one in shown
            if not one.accounts
        ]

    @property
    def at_odds(self) -> list[str]:
        """The classes that other accounts have in another language; there should be none."""
        return [
            f"{dimension}.{code}"
            for dimension, codes in self._asked.items()
            for code in codes
            if len({tuple(_having(office, dimension, code)) for office in self.offices}) > 1
        ]

    @property
    def complete(self) -> bool:
        """Whether every class is there, in every language the same."""
        return not self.missing and not self.at_odds

    def texts(self, account: str, key: str) -> Words:
        """What stands in a text field of ours of an account, in each language."""
        return {office.language: str(office.value(account, key) or "") for office in self.offices}

    def titles(self, key: str) -> Words:
        """The label of one of our fields in each language."""
        return {office.language: office.titles[key] for office in self.offices}

    def marks(self) -> Iterator[tuple[str, Words, int]]:
        """Each mark with its label in each language and the number of accounts that have it."""
        for code in self.first.choices["marks"]:
            labels = {office.language: office.choices["marks"][code] for office in self.offices}
            yield code, labels, len(_having(self.first, "marks", code))

    def strategies(self) -> list[tuple[Words, list[str]]]:
        """Each strategy in each language with the accounts for which it is advised, the most common first."""
        advised: dict[str, list[str]] = {}
        for account in self.first.accounts:
            if told := str(self.first.value(account, "strategy") or ""):
                advised.setdefault(told, []).append(account)
        found = [(self.texts(ids[0], "strategy"), ids) for ids in advised.values()]
        return sorted(found, key=lambda one: -len(one[1]))

    def tasks(self) -> Iterator[tuple[Record, Words]]:
        """Each task of ours with its subject in each language, the earliest due first."""
        subjects: dict[tuple[str, str], Words] = {}
        for office in self.offices:
            for task in office.tasks:
                subject = str(task["Subject"]).rpartition("#")[0].strip()
                subjects.setdefault(_occasion(task), {})[office.language] = subject
        for task in self.first.tasks:
            yield task, subjects[_occasion(task)]

    def name(self, account: str) -> str:
        """What a customer is called."""
        return str(self.first.accounts[account]["Account_Name"])

    def as_json(self) -> dict[str, Json]:
        """For ``--json``: everything that is shown, and the reason and numbers of every account."""
        return {
            "status": "ok" if self.complete else "incomplete",
            "missing": [*self.missing],
            "at_odds": [*self.at_odds],
            "dimensions": {
                dimension: {
                    "titles": _spoken(self.titles(dimension)),
                    "classes": {one.code: self._plain(one) for one in shown},
                }
                for dimension, shown in self.exhibits.items()
            },
            "marks": {
                code: {"labels": _spoken(labels), "accounts": count}
                for code, labels, count in self.marks()
            },
            "strategies": [
                {"texts": _spoken(texts), "accounts": [*map(self.name, ids)]}
                for texts, ids in self.strategies()
            ],
            "tasks": [_plain_task(task, subjects) for task, subjects in self.tasks()],
            "accounts": [
                {
                    "id": account,
                    "name": self.name(account),
                    **{key: self.first.value(account, key) for key in NUMBERS},
                    "reason": _spoken(self.texts(account, "reason")),
                }
                for account in self.first.accounts
            ],
            "runs": {
                office.language: [report.as_json() for report in office.reports]
                for office in self.offices
            },
        }

    def _exhibit(self, dimension: str, code: str, used: Counter[str]) -> Exhibit:
        accounts = _having(self.first, dimension, code)
        told = [one for one in accounts if one in self.customers] or accounts
        example = min(told, key=lambda one: used[one], default="")
        used[example] += 1
        return Exhibit(
            dimension=dimension,
            code=code,
            labels={o.language: o.choices[dimension][code] for o in self.offices},
            accounts=tuple(accounts),
            example=example,
            whys=self._whys(example, dimension) if example else {},
        )

    def _whys(self, account: str, dimension: str) -> Words:
        if dimension == STATUS:
            return self.texts(account, "reason")
        return {office.language: office.whys[account][dimension] for office in self.offices}

    def _plain(self, one: Exhibit) -> Json:
        if not one.example:
            return {"labels": _spoken(one.labels), "accounts": 0, "example": None}
        return {
            "labels": _spoken(one.labels),
            "accounts": len(one.accounts),
            "example": {
                "account": self.name(one.example),
                "why": _spoken(one.whys),
                "reason": _spoken(self.texts(one.example, "reason")),
            },
        }


def look_round(languages: Sequence[Language] = tuple(Language)) -> Showroom:
    """Have the made-up company classified in an office of each language; nothing outside is called."""
    return Showroom(tuple(worked(language) for language in languages))


def _having(office: Office, key: str, code: str) -> list[str]:
    return [account for account in office.accounts if code in office.chosen(account, key)]


def _occasion(task: Record) -> tuple[str, str]:
    """What a task is for, and whom it is about: the same in every language."""
    mark, about = read_mark(str(task["Subject"])), task["What_Id"]
    return mark[0] if mark else "", str(about["id"]) if isinstance(about, dict) else ""


def owner_of(task: Record) -> str:
    """The name of whoever has a task."""
    owner = task["Owner"]
    return str(owner["name"]) if isinstance(owner, dict) else ""


def _plain_task(task: Record, subjects: Words) -> Json:
    purpose, account = _occasion(task)
    return {
        "purpose": purpose,
        "account": account,
        "owner": owner_of(task),
        "due": task["Due_Date"],
        "priority": task["Priority"],
        "status": task["Status"],
        "subjects": _spoken(subjects),
    }


def _spoken(words: Mapping[Language, str]) -> dict[str, Json]:
    return {str(language): text for language, text in words.items()}
