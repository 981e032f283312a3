"""Where fenlei keeps its own files on this machine, readable by its owner alone."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connector.private_file import why_not_ours_alone
from sync.sentences import CannotGoOn


class HomeUnusable(CannotGoOn):
    """The state folder cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Home:
    """The state folder: ledger and credentials matter, the mirror may be deleted at any time."""

    path: Path

    @property
    def ledger(self) -> Path:
        """What we wrote and meant to write; keep it in your backups."""
        return self.path / "ledger.sqlite"

    @property
    def mirror(self) -> Path:
        """The local copy of what the CRM holds; deleting it costs one full pull."""
        return self.path / "mirror.duckdb"

    @property
    def lock(self) -> Path:
        """Held while a run is going on."""
        return self.path / "run.lock"

    @property
    def stop(self) -> Path:
        """While a file of this name is there, no run writes anything."""
        return self.path / "STOP"

    @property
    def credentials(self) -> Path:
        """Client and refresh token, mode 0600."""
        return self.path / "credentials.json"

    @property
    def tokens(self) -> Path:
        """Short-lived access tokens, shared by the processes of this machine."""
        return self.path / "tokens"

    @property
    def policy(self) -> Path:
        """The manager's policy file, where FENLEI_POLICY does not name another."""
        return self.path / "policy.toml"

    def prepare(self) -> None:
        """Make the folder with mode 0700 and refuse one that others can read or we cannot write.

        Raises:
            HomeUnusable: with the command that mends it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as exc:
            raise HomeUnusable(
                f"The state folder {self.path} cannot be made ({exc.strerror}). "
                "Set FENLEI_HOME to a folder that this user may write."
            ) from exc
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise HomeUnusable(
                f"The state folder {self.path} cannot be written. "
                "Give this user the folder, or set FENLEI_HOME to another."
            )
        if why := why_not_ours_alone(self.path):
            name = shlex.quote(str(self.path))
            raise HomeUnusable(f"The state folder {self.path} {why}. Run: chmod 700 {name}")


def find_home(env: Mapping[str, str]) -> Home:
    """The state folder by ``FENLEI_HOME``, else the platform's usual place for such data.

    Raises:
        HomeUnusable: it would be in the home folder of a user who has none, as in many containers.
    """
    try:
        return _usual_home(env)
    except RuntimeError as exc:  # what pathlib raises for such a user
        raise HomeUnusable(
            "The state folder cannot be told, because this user has no home folder. "
            "Set FENLEI_HOME to a whole path that this user may write."
        ) from exc


def _usual_home(env: Mapping[str, str]) -> Home:
    if env.get("FENLEI_HOME"):
        return Home(Path(env["FENLEI_HOME"]).expanduser())
    if sys.platform == "win32":
        return Home(Path(env.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "fenlei")
    if sys.platform == "darwin":
        return Home(Path.home() / "Library/Application Support/fenlei")
    return Home(Path(env.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "fenlei")
