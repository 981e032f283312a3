"""The operating system's own lock on a file, which is gone the moment its holder dies."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import msvcrt

    def take_lock(fd: int) -> bool:
        """Lock an open file for this process, at once or not at all.

        Returns:
            Whether we hold it now; it is let go when the file is closed.
        """
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def take_lock(fd: int) -> bool:
        """Lock an open file for this process, at once or not at all.

        Returns:
            Whether we hold it now; it is let go when the file is closed.
        """
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
