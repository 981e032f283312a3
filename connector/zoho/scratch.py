"""A file on this machine for as long as a bulk job needs it, which nobody else can open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import BinaryIO

from connector.errors import Unavailable


@contextmanager
def scratch(purpose: str) -> Iterator[BinaryIO]:
    """A file without a name, which is gone as soon as it is closed.

    Raises:
        Unavailable: there is no room for it; the sentence names the purpose.
    """
    try:
        with TemporaryFile() as file:
            yield file
    except OSError as exc:
        raise Unavailable(
            f"This machine has no room for the file of a {purpose}.",
            code="disk",
            hint="Free some space where temporary files are kept, or set TMPDIR to another folder.",
        ) from exc
