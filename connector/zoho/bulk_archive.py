"""Opens the file of a bulk read without trusting it: one table of bounded size, and nothing else.

Nothing is unpacked to the disk, the name inside is never used, and the table is read line by line.
"""

from __future__ import annotations

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from connector.errors import Unintelligible
from connector.retry import TOO_LARGE

LARGEST_TABLE = 2 * 1024**3
"""Bytes, unpacked: 200,000 records with every field full stay below."""

MOST_RATIO = 300
"""Times that a table may be larger than its file: one of 200 empty columns in quotes is 130 times as
large (measured), a file that is made to swell a thousand times."""

_ALWAYS_FINE = 16 * 1024**2
"""Bytes, unpacked, that do no harm whatever their ratio."""

_TAIL = struct.Struct("<4s4H2LH")
_TAIL_MARK = b"PK\x05\x06"
_LARGE_MARK = b"PK\x06\x07"
_LARGE_MARK_SIZE = 20
_LONGEST_COMMENT = 65_535
_LARGEST_DIRECTORY = 64 * 1024
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, csv.Error),
    *(EOFError, ValueError, OSError, NotImplementedError),
)
"""What Python's own readers raise at files that are not what they seem."""


@contextmanager
def table(file: BinaryIO) -> Iterator[Iterator[list[str]]]:
    """The lines of the one table in a zip file, the header first.

    Raises:
        Unintelligible: it is no such file, or is broken, or (code ``too_large``) swells without measure.
    """
    _check_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            entry = _only(archive)
            with (
                archive.open(entry) as raw,
                io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text,
            ):
                yield (line for line in csv.reader(text, strict=True) if line)
    except _BROKEN as exc:
        raise Unintelligible("The file of the bulk read is broken.", code="archive") from exc


def _check_directory(file: BinaryIO) -> None:
    """Refuse a directory of contents that is too long to be read into memory.

    The size of the directory stands in the last 22 bytes, or before a comment (PKWARE's APPNOTE,
    4.3.16); the larger form of it (4.3.15) is for files that are never this small.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _TAIL.size - _LONGEST_COMMENT - _LARGE_MARK_SIZE))
    end = file.read()
    at = end.rfind(_TAIL_MARK)
    if at < 0 or len(end) - at < _TAIL.size:
        raise Unintelligible(
            "Zoho's bulk read gave something else than a zip file.", code="archive"
        )
    directory_size = _TAIL.unpack_from(end, at)[5]
    large = end[max(0, at - _LARGE_MARK_SIZE) : at].startswith(_LARGE_MARK)
    if large or directory_size > _LARGEST_DIRECTORY:
        raise _swells()


def _only(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one table of an archive."""
    entries = archive.infolist()
    if len(entries) != 1:
        raise Unintelligible("The file of the bulk read holds more than one table.", code="archive")
    entry = entries[0]
    plain = not {"/", "\\"} & set(entry.filename) and entry.filename.lower().endswith(".csv")
    encrypted = entry.flag_bits & 1
    if not plain or encrypted or entry.compress_type not in _PACKINGS:
        raise Unintelligible("The file of the bulk read holds no plain table.", code="archive")
    ratio = entry.file_size / max(1, entry.compress_size)
    if entry.file_size > LARGEST_TABLE or (entry.file_size > _ALWAYS_FINE and ratio > MOST_RATIO):
        raise _swells()
    return entry


def _swells() -> Unintelligible:
    return Unintelligible("The file of the bulk read is larger than allowed.", code=TOO_LARGE)
