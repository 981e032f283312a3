"""Reads and writes small files that hold secrets, so that nobody but their owner ever can.

On Windows the folder under the user's profile keeps others out; modes and owners are a matter of the
other systems.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from connector.errors import Refused

NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""Do not follow a link that somebody else may have put there; Windows has no such flag."""

LARGEST = 64 * 1024
"""Characters; what we keep in such files is some hundred, so more is damage or an attack."""


def read_private(path: Path) -> str | None:
    """Return the text of the file, or None where there is none.

    Raises:
        Refused: it is a link, belongs to somebody else, is open to other users (looser than 0600), or
            is larger than we ever write one.
    """
    try:
        fd = os.open(path, os.O_RDONLY | NO_LINK)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise _refused(path, "cannot be opened") from exc
    with os.fdopen(fd, encoding="utf-8", errors="replace") as file:
        why = _not_ours_alone(os.fstat(fd))
        if why:
            raise _refused(path, why)
        text = file.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise _refused(path, "is too large to be ours")
    return text


def write_private(path: Path, text: str) -> None:
    """Replace the file as a whole: after a crash it is either the old one or the new one.

    The mode is 0600 from the first moment, whatever the umask. Writers must exclude each other.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        _keep_for_owner(fd)
        file.write(text)
        file.flush()
        os.fsync(fd)
    fresh.replace(path)
    _remember_rename(path.parent)


def make_private(path: Path) -> None:
    """Make an empty file with mode 0600 where there is none, whatever the umask.

    What is there already stays as it is; ask :func:`why_not_ours_alone` before using it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK, 0o600)
    except FileExistsError:
        return
    _keep_for_owner(fd)
    os.close(fd)


def is_open_to_others(path: Path) -> bool:
    """Whether other users of this machine may read or change the file or folder."""
    return bool(why_not_ours_alone(path))


def why_not_ours_alone(path: Path) -> str:
    """Tell what lets others at a file or folder that is there, as a clause; empty where nothing does.

    A folder may be a link, since people move theirs to another disk; a link in the place of a file
    is what somebody else would put there.
    """
    if sys.platform == "win32":
        return ""
    folder = path.is_dir()
    if path.is_symlink() and not folder:
        return "is a link"
    return _not_ours_alone(path.stat(), forbidden=0o077 if folder else 0o177)


def remove_private(path: Path) -> None:
    """Delete a file for good, so that not even a power cut brings it back; none there is fine."""
    path.unlink(missing_ok=True)
    if path.parent.exists():
        _remember_rename(path.parent)


def _keep_for_owner(fd: int) -> None:
    """A umask can only take rights away, but it may take ours too."""
    if sys.platform != "win32":
        os.fchmod(fd, 0o600)


def _not_ours_alone(status: os.stat_result, forbidden: int = 0o177) -> str:
    if sys.platform == "win32":
        return ""
    if status.st_uid != os.geteuid():
        return "belongs to another user"
    return "is open to other users" if stat.S_IMODE(status.st_mode) & forbidden else ""


def _remember_rename(folder: Path) -> None:
    """A rename survives a power cut only once its folder is on disk."""
    if sys.platform == "win32":
        return
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
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
