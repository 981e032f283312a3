"""Zoho CRM as the rest of the product sees it: each verb of the port, handed to its own module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

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
from connector.port import Window
from connector.zoho import (
    bulk_read,
    bulk_write,
    changes,
    listing,
    metadata,
    people,
    reading,
    writing,
)
from connector.zoho.choices import Choices
from connector.zoho.transport import Transport


class ZohoCrm:
    """The :class:`connector.port.Crm` that speaks Zoho's REST API.

    Args:
        transport: the connection, which keeps deadlines, retries, credits and tokens.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._choices = Choices()

    def organisation(self) -> Organisation:
        return people.organisation(self._transport)

    def users(self) -> list[User]:
        return people.users(self._transport)

    def me(self) -> str:
        return people.current_user(self._transport)

    def currencies(self) -> list[Currency]:
        return people.currencies(self._transport)

    def modules(self) -> list[str]:
        return metadata.modules(self._transport)

    def layouts(self, module: str) -> list[Layout]:
        return metadata.layouts(self._transport, module)

    def fields(self, module: str) -> list[Field]:
        return metadata.fields(self._transport, module)

    def know(self, module: str, fields: Sequence[Field]) -> None:
        self._choices.learn(module, fields)

    def count(self, module: str, window: Window | None = None) -> int:
        if window is None:
            return reading.count(self._transport, module)
        return changes.count(self._transport, module, window)

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
        pages = changes.changed(
            self._transport,
            module,
            fields,
            window,
            ordered=ordered,
            expected=expected,
            counted=counted,
        )
        return self._choices.pages(module, pages)

    def listed(
        self, module: str, fields: Sequence[str], *, modified_since: datetime | None = None
    ) -> Iterator[list[Record]]:
        pages = listing.listed(self._transport, module, fields, modified_since)
        return self._choices.pages(module, pages)

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
        pages = bulk_read.read_in_bulk(
            self._transport,
            module,
            fields,
            modified_since=modified_since,
            job=job,
            tell=tell,
            waiting=waiting,
        )
        return self._choices.pages(module, pages)

    def read(self, module: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        return self._choices.records(module, reading.read(self._transport, module, ids, fields))

    def deleted(self, module: str, since: datetime | None) -> Iterator[list[Deletion]]:
        return listing.deleted(self._transport, module, since)

    def update(
        self,
        module: str,
        rows: Sequence[Mapping[str, Json]],
        *,
        unmodified_since: datetime | None,
        run_workflows: bool = False,
    ) -> list[Outcome]:
        def send(some: Sequence[Mapping[str, Json]]) -> list[Outcome]:
            return writing.update(
                self._transport,
                module,
                some,
                unmodified_since=unmodified_since,
                run_workflows=run_workflows,
            )

        return self._choices.sent(module, rows, send)

    def update_in_bulk(
        self,
        module: str,
        rows: Sequence[Mapping[str, Json]],
        *,
        job: str = "",
        tell: Callable[[str], None] = lambda _: None,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> list[Outcome]:
        def send(some: Sequence[Mapping[str, Json]]) -> list[Outcome]:
            return bulk_write.update_in_bulk(
                self._transport, module, some, job=job, tell=tell, interrupted=interrupted
            )

        return self._choices.in_a_job(module, rows, send)

    def create(
        self, module: str, rows: Sequence[Mapping[str, Json]], *, run_workflows: bool = False
    ) -> list[Outcome]:
        def send(some: Sequence[Mapping[str, Json]]) -> list[Outcome]:
            return writing.create(self._transport, module, some, run_workflows=run_workflows)

        return self._choices.sent(module, rows, send)

    @property
    def at_once(self) -> int:
        return self._transport.at_once

    @property
    def transport(self) -> Transport:
        """The connection underneath, for who has to look at Zoho itself and not at what it holds."""
        return self._transport

    def create_fields(self, module: str, specs: Sequence[FieldSpec]) -> list[Outcome]:
        return metadata.create_fields(self._transport, module, specs)

    def relabel_field(self, module: str, field_id: str, label: str) -> Outcome:
        return metadata.relabel_field(self._transport, module, field_id, label)

    def change_choices(self, module: str, field_id: str, options: Sequence[Option]) -> Outcome:
        return metadata.change_choices(self._transport, module, field_id, options)

    def tag(self, module: str, ids: Sequence[str], tags: Sequence[str]) -> list[Outcome]:
        return writing.change_tags(self._transport, module, "add_tags", ids, tags)

    def untag(self, module: str, ids: Sequence[str], tags: Sequence[str]) -> list[Outcome]:
        return writing.change_tags(self._transport, module, "remove_tags", ids, tags)

    def now(self) -> datetime:
        return self._transport.now()

    def usage(self) -> Usage:
        return self._transport.meter.usage()

    def notices(self) -> tuple[str, ...]:
        return self._transport.notices

    def close(self) -> None:
        """Close the connection; the CRM is not to be used afterwards."""
        self._transport.close()
