"""What we need from a CRM, in a dozen verbs: whoever offers these can be tagged and followed up.

Glossary: a *record* is an account, deal or task; a *field* is one column of a module; a *window* is a
span of modification times whose end was fixed before reading began; an *outcome* is what became of
one row of a write.

Promises that every adapter keeps, and that ``tests/connector/contract.py`` checks on each of them:

- Reading either yields every record of the window or raises; it never ends early in silence.
- A write answers with exactly one outcome a row, in order. It raises only while provably nothing of
  the call was applied; after that, doubt is the outcome ``UNKNOWN``.
- A write is never repeated by the adapter unless the CRM's answer proves that nothing was applied.
- Nothing here decides anything: no business rule, no labels, no policy.
- Everything raised is a :class:`connector.errors.CrmError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connector.model import (
    Currency,
    Deletion,
    Field,
    FieldSpec,
    Json,
    Layout,
    Option,
    Organisation,
    Outcome,
    Record,
    Usage,
    User,
)

WRITE_BATCH = 100
"""Rows that one write may carry (Zoho's limit for insert and update)."""

BULK_BATCH = 25_000
"""Rows that one job of bulk writing may carry (Zoho's limit)."""

JOB_ENDED = "JOB_ENDED"
"""Code of an ``UNKNOWN`` row of a job that has ended: what the record holds now tells its fate."""


@dataclass(frozen=True, slots=True)
class Window:
    """Modification times from ``since`` (None: the beginning) up to and including ``until``."""

    since: datetime | None
    until: datetime


class Crm(Protocol):
    """A CRM as the rest of the product sees it."""

    def organisation(self) -> Organisation:
        """The customer's own company: time zone, home currency, edition."""

    def users(self) -> list[User]:
        """Every user, inactive ones too."""

    def me(self) -> str:
        """The id of the user on whose behalf we act; empty where the CRM does not tell."""

    def currencies(self) -> list[Currency]:
        """The organisation's currencies; only the home currency where it uses one."""

    def modules(self) -> list[str]:
        """The modules that our user may see through the API."""

    def layouts(self, module: str) -> list[Layout]:
        """The module's layouts; a field that is on none of them is seen by nobody."""

    def fields(self, module: str) -> list[Field]:
        """Every field of a module, picklist values included.

        Raises:
            Refused: there is no such module, or we may not see it.
        """

    def know(self, module: str, fields: Sequence[Field]) -> None:
        """From here on records hold and take the stored names of these fields' choices.

        Of other picklists they hold whatever the CRM tells, which may be the name that people see.
        """

    def count(self, module: str, window: Window | None = None) -> int:
        """How many records the module holds now, as far as our user may see them.

        Args:
            module: API name.
            window: only those last modified inside it.
        """

    @property
    def at_once(self) -> int:
        """Calls that may be asked for at a time, by as many threads; 1: by one thread only."""

    def changed(
        self,
        module: str,
        fields: Sequence[str],
        window: Window,
        *,
        ordered: bool = True,
        expected: int | None = None,
        counted: Callable[[int], None] = lambda _: None,
    ) -> Iterator[list[Record]]:
        """Pages of the records last modified inside the window, oldest change first.

        A record that is edited while we read leaves the window and belongs to the next one. More
        names than the CRM reads at once are read in several passes and merged.

        Args:
            module: API name.
            fields: API names.
            window: of modification times.
            ordered: False where the order does not matter, so that a long window may be read in
                several places at once.
            expected: how many records the window holds: as counted where it has no beginning, else
                about; None if nobody knows.
            counted: told how many the window holds, if the adapter counts because it is long; what it
                raises ends the reading. It may be never.
        """

    def listed(
        self, module: str, fields: Sequence[str], *, modified_since: datetime | None = None
    ) -> Iterator[list[Record]]:
        """Pages of all records, or of those modified since, from the list that is never behind.

        Unlike a search index the list shows a record as soon as it exists, so it is what settles
        whether an uncertain write arrived.
        """

    def exported(
        self,
        module: str,
        fields: Sequence[str],
        *,
        modified_since: datetime | None = None,
        job: str = "",
        tell: Callable[[str], None] = lambda _: None,
        waiting: Callable[[], None] = lambda: None,
    ) -> Iterator[list[Record]]:
        """Pages of all records, in no particular order, from files that the CRM makes: for very many.

        The records are as they were at some moment after the call; one may come again on a later page.
        Fields that the module does not have are left out.

        Args:
            module: API name.
            fields: API names.
            modified_since: only those modified then or later; None gives all.
            job: what ``tell`` was told before, by a call for the same records and fields whose file was
                not read.
            tell: told how the CRM knows what was ordered, as soon as that is so; it may be never.
            waiting: called before anything is ordered and while it is waited for; what it raises ends
                the reading. It may be never.
        """

    def read(self, module: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """These records as they are now; ids that no longer exist are left out."""

    def deleted(self, module: str, since: datetime | None) -> Iterator[list[Deletion]]:
        """Pages of what was deleted since, recycle bin and permanent, in no particular order."""

    def update(
        self,
        module: str,
        rows: Sequence[Mapping[str, Json]],
        *,
        unmodified_since: datetime | None,
        run_workflows: bool = False,
    ) -> list[Outcome]:
        """Change up to 100 records; each row has ``id`` and the fields to set, None clears one.

        Rows whose record was modified after ``unmodified_since`` come back ``STALE``, unchanged.
        """

    def update_in_bulk(
        self,
        module: str,
        rows: Sequence[Mapping[str, Json]],
        *,
        job: str = "",
        tell: Callable[[str], None] = lambda _: None,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> list[Outcome]:
        """Change up to 25,000 records by one job, whatever people did to them meanwhile.

        Each row has ``id`` and the fields to set. A row that a job cannot carry as it is (an empty value,
        a link, a record's second row) comes back ``NOT_APPLIED``, and so does every other row where
        nothing had to be sent. ``modified_at`` of a row that was applied is no earlier than the record's own.

        Args:
            module: API name.
            rows: as for :meth:`update`.
            job: what ``tell`` was told before, by a call with the same rows whose outcomes nobody heard:
                nothing is sent, the job is looked at and its outcomes are told.
            tell: told how the CRM knows the job, as soon as that is so; it may be never.
            interrupted: asked between two looks at the job whether to stop waiting for it; its rows are
                then ``UNKNOWN``.
        """

    def create(
        self, module: str, rows: Sequence[Mapping[str, Json]], *, run_workflows: bool = False
    ) -> list[Outcome]:
        """Create up to 100 records. A task names its account as ``What_Id`` (the account's id)."""

    def create_fields(self, module: str, specs: Sequence[FieldSpec]) -> list[Outcome]:
        """Create custom fields under their English labels; each outcome carries the new field's id."""

    def relabel_field(self, module: str, field_id: str, label: str) -> Outcome:
        """Change what people see as the field's name; its API name stays."""

    def change_choices(self, module: str, field_id: str, options: Sequence[Option]) -> Outcome:
        """Let a picklist of ours offer these: those with an id are there and shown anew, the others added.

        Args:
            module: the field's.
            field_id: the field.
            options: all that it shall offer; leaving one out does not take it away.
        """

    def tag(self, module: str, ids: Sequence[str], tags: Sequence[str]) -> list[Outcome]:
        """Add tags to records and leave their other tags alone."""

    def untag(self, module: str, ids: Sequence[str], tags: Sequence[str]) -> list[Outcome]:
        """Remove tags from records."""

    def now(self) -> datetime:
        """The CRM's own clock (UTC), by which windows and stamps are chosen; one cheap call at most."""

    def usage(self) -> Usage:
        """Calls and credits that this process has spent."""

    def notices(self) -> tuple[str, ...]:
        """What an administrator should know about the connection, as sentences; often nothing."""

    def close(self) -> None:
        """Let go of connections; nothing may be asked afterwards."""
