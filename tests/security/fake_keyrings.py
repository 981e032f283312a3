"""Keyrings for tests: one that works, some that keep a secret badly, and some that do not work any more."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

Entries = dict[tuple[str, str], str]


class Drawer(KeyringBackend):
    """A keyring of the better kind: the operating system's, as far as ``keyring`` can tell."""

    priority = 5

    def __init__(self) -> None:
        self.entries: Entries = {}
        super().__init__()

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


class Locked(Drawer):
    """One that its owner has locked."""

    locked = True

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("locked")
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked("locked")
        super().set_password(service, username, password)


class Forgetful(Drawer):
    """One that takes a secret and does not keep it."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class Asking(Drawer):
    """One that asks a person who is not there."""

    def get_password(self, service: str, username: str) -> str | None:
        threading.Event().wait(3600)
        return None


class Broken(Drawer):
    """One that fails as soon as it is looked at."""

    @property
    def priority(self) -> float:  # type: ignore[override]
        raise RuntimeError("no session bus")


class Chain(KeyringBackend):
    """Several keyrings behind one another, as ``keyring`` puts them together."""

    priority = 10

    def __init__(self, *backends: KeyringBackend) -> None:
        self.backends: Sequence[KeyringBackend] = backends
        super().__init__()

    def get_password(self, service: str, username: str) -> str | None:
        raise AssertionError("a chain may hand a secret on to anybody")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("a chain may hand a secret on to anybody")


def plain_text() -> KeyringBackend:
    """``keyrings.alt``'s file of plain text, which needs not be installed for this."""
    kind = type("PlaintextKeyring", (Drawer,), {"__module__": "keyrings.alt.file", "priority": 0.5})
    return kind()  # type: ignore[no-any-return]


def of_no_worth() -> KeyringBackend:
    """One that ``keyring`` itself does not recommend."""
    return type("LastResort", (Drawer,), {"priority": 0.9})()  # type: ignore[no-any-return]
