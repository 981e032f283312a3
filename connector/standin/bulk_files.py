"""The file that a bulk read leaves: one CSV in one zip, with ids in place of links.

Source: Zoho v8 docs, bulk-read, download-result: the column of ids is always there, links are ids,
date-times are ISO 8601. How several choices stand in one cell is not documented; here as in Zoho's
own exports, with semicolons, and tags with commas.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from connector.standin.answers import JsonObject
from connector.standin.coql_columns import Column
from connector.standin.switches import Switches

BYTE_ORDER_MARK = "\ufeff"


def header(columns: Sequence[Column], switches: Switches) -> list[str]:
    """The first line: the ids, then the fields in the order in which they were asked for."""
    dotted = switches.bulk_lookup_column == "dotted"
    names = (
        f"{column.path}.id" if dotted and column.family == "lookup" else column.path
        for column in columns
    )
    return [switches.bulk_id_column, *names]


def packed(
    name: str, columns: Sequence[Column], records: Iterable[JsonObject], switches: Switches
) -> bytes:
    """The zip file with ``{name}.csv`` in it."""
    every = switches.bulk_quotes == "all"
    text = io.StringIO(newline="")
    writer = csv.writer(
        text,
        quoting=csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL,
        lineterminator="\n" if every else "\r\n",
    )
    text.write(BYTE_ORDER_MARK if every else "")
    writer.writerow(header(columns, switches))
    for record in records:
        writer.writerow([record["id"], *(cell(column.read(record)) for column in columns)])
    return zipped(f"{name}.csv", text.getvalue().encode("utf-8", "replace"))


def zipped(name: str, content: bytes) -> bytes:
    """A zip file with one file in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def cell(value: Any) -> str:  # noqa: ANN401 - any kind of JSON
    """A value as text.

    >>> cell(True), cell(None), cell({"id": "7", "name": "Zylker"}), cell(["a", "b"])
    ('true', '', '7', 'a;b')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return str(value.get("id") or "")
    if isinstance(value, list):
        tags = [item["name"] for item in value if isinstance(item, dict)]
        return ",".join(tags) if tags else ";".join(map(str, value))
    return str(value)
