"""Reads and writes small files that hold secrets, so that nobody but their owner ever can."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from connector.errors import Refused


def read_private(path: Path) -> str | None:
    """Return the text of the file, or None where there is none.

    Raises:
        Refused: it is a link, belongs to somebody else, or is open to other users (looser than 0600).
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise _refused(path, "cannot be opened") from exc
    with os.fdopen(fd, encoding="utf-8", errors="replace") as file:
        status = os.fstat(fd)
        if status.st_uid != os.geteuid():
            raise _refused(path, "belongs to another user")
        if stat.S_IMODE(status.st_mode) & 0o177:
            raise _refused(path, "is open to other users")
        return file.read()


def write_private(path: Path, text: str) -> None:
    """Replace the file as a whole: after a crash it is either the old one or the new one.

    The mode is 0600 from the first moment, whatever the umask. Writers must exclude each other.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        os.fchmod(fd, 0o600)
        file.write(text)
        file.flush()
        os.fsync(fd)
    fresh.replace(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _refused(path: Path, why: str) -> Refused:
    return Refused(
        f"The file {path} {why}, so its secrets are not used.",
        code="private_file",
        hint="Delete it and run 'fenlei setup' again; if somebody else may have read it, revoke "
        "the token in Zoho first.",
    )
