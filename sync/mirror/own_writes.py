"""Shows the local copy as the next reading will find it: with what the last run wrote after it had read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from connector.model import Json
from sync.mirror.columns import quoted, typed
from sync.mirror.store import Mirror


class Written(NamedTuple):
    """A record that we wrote, the CRM's own stamp of that, and the values by API name."""

    record_id: str
    modified_at: datetime
    values: Mapping[str, Json]


class _Undo(Exception):
    """Takes back what was laid over the copy."""


@contextmanager
def overlaid(
    mirror: Mirror, writes: Mapping[str, Sequence[Written]], new: Mapping[str, Sequence[Written]]
) -> Iterator[None]:
    """Lay our own writes over the copy for as long as the block lasts; the file stays as it was.

    Args:
        mirror: open.
        writes: module → records that we changed; those that the copy has read since are left alone.
        new: module → records that we made.
    """
    try:
        with mirror.transaction():
            for module, records in new.items():
                _add(mirror, module, records)
                _change(mirror, module, records)
            for module, records in writes.items():
                _change(mirror, module, records)
            yield
            raise _Undo  # noqa: TRY301 - only an error takes a transaction back
    except _Undo:
        return


def _add(mirror: Mirror, module: str, records: Sequence[Written]) -> None:
    if records and mirror.columns(module):
        mirror.run(
            f"""INSERT INTO crm.{quoted(module)} (id, _modified_at, _unseen)
            SELECT id, TIMESTAMPTZ '1970-01-01', FALSE
            FROM (SELECT unnest(CAST(? AS VARCHAR[])) AS id)
            WHERE id NOT IN (SELECT id FROM crm.{quoted(module)})""",
            [[record.record_id for record in records]],
        )


def _change(mirror: Mirror, module: str, records: Sequence[Written]) -> None:
    """One statement a column; the stamp comes last, because it says which records are out of date."""
    for name, kind in mirror.columns(module).items():
        having = [record for record in records if name in record.values]
        if having:
            values = [_text(record.values[name]) for record in having]
            _set(mirror, module, having, f"{quoted(name)} = {typed('w.value', kind)}", values)
    if records:
        _set(mirror, module, records, "_modified_at = w.stamp", [None] * len(records))


def _set(
    mirror: Mirror,
    module: str,
    records: Sequence[Written],
    assignment: str,
    values: Sequence[str | None],
) -> None:
    if not mirror.columns(module):
        return
    mirror.run(
        f"""UPDATE crm.{quoted(module)} AS t SET {assignment} FROM (
            SELECT unnest(CAST(? AS VARCHAR[])) AS id, unnest(CAST(? AS VARCHAR[])) AS value,
                unnest(CAST(? AS TIMESTAMPTZ[])) AS stamp) w
        WHERE t.id = w.id AND t._modified_at < w.stamp""",
        [
            [record.record_id for record in records],
            list(values),
            [record.modified_at for record in records],
        ],
    )


def _text(value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
