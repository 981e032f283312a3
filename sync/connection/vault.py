"""Keeps the client secret and the refresh token in the operating system's own store where there is one.

That store (Keychain, Credential Manager, Secret Service, KWallet) is reached through the optional
package ``keyring``, which is imported here alone, and only when it is asked for. Its own notes name the
limits: on macOS every program of the same Python may read the item.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Protocol, TypeVar, cast

logger = logging.getLogger(__name__)

SERVICE = "fenlei"
"""The name under which people see our entry in their keyring."""

PATIENCE = 60.0
"""Seconds for a person to unlock a keyring; a scheduled run must not wait there for ever."""

_NO_STORE = ("keyring.backends.fail", "keyring.backends.null", "keyring.backends.chainer")
"""What ``keyring`` offers where there is nothing; a chain is looked through link by link instead."""

_NOT_PROTECTED = "keyrings.alt"
"""Files in plain text or with a password of their own; our own 0600 file is the better one."""

_RECOMMENDED = 1
"""The priority from which ``keyring`` itself recommends a backend (its backend API)."""

T = TypeVar("T")
Secrets = Mapping[str, str]


class VaultClosed(Exception):
    """The keyring does not give or take secrets; the message says what to do."""


class Keyring(Protocol):
    """What every backend of ``keyring`` can do; ``service`` and ``username`` name an entry."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """Where secrets are: the backend's name, and the name of the entry in it."""

    backend: str
    name: str

    def read(self) -> dict[str, str]:
        """The secrets.

        Raises:
            VaultClosed: the keyring is locked, gone, or does not hold them any more.
        """
        kept = _within_patience(lambda: self._keyring().get_password(SERVICE, self.name), self)
        try:
            return {str(key): str(value) for key, value in json.loads(kept or "").items()}
        except (ValueError, AttributeError, RecursionError):
            raise VaultClosed(
                f"The keyring ({self.backend}) does not hold our secrets any more. "
                "Run 'fenlei setup --reconnect' with a new self-client code."
            ) from None

    def remove(self) -> None:
        """Delete the secrets; none there is fine.

        Raises:
            VaultClosed: the keyring is locked or gone.
        """
        keyring = self._keyring()

        def work() -> None:
            if keyring.get_password(SERVICE, self.name) is not None:
                keyring.delete_password(SERVICE, self.name)

        _within_patience(work, self)

    def _keyring(self) -> Keyring:
        for keyring in real_keyrings():
            if name_of(keyring) == self.backend:
                return keyring
        raise self.closed("cannot be reached")

    def closed(self, why: str) -> VaultClosed:
        """The error for a keyring that is there no more, or not for us."""
        return VaultClosed(
            f"The keyring ({self.backend}) {why}. Unlock it, or run fenlei in the login session that it "
            "belongs to; to keep the secrets in a file instead, set FENLEI_VAULT=file and run "
            "'fenlei setup --reconnect'."
        )


def keep(name: str, secrets: Secrets) -> Entry | None:
    """Put secrets into the first real keyring and make sure that they can be read again.

    Args:
        name: of the entry; what it held before is replaced.
        secrets: whatever shall be kept.

    Returns:
        Where they are; None where there is no real keyring, or it would not take them.
    """
    for keyring in real_keyrings():
        entry = Entry(name_of(keyring), name)
        put = partial(keyring.set_password, SERVICE, name, json.dumps(dict(secrets)))
        try:
            _within_patience(put, entry)
            if entry.read() == dict(secrets):
                return entry
        except VaultClosed:
            logger.warning("the keyring %s would not take the secrets", entry.backend)
    return None


def real_keyrings() -> list[Keyring]:
    """The keyrings of this session that protect what they hold, the preferred one first.

    Left out are the empty ones, those that keep plain text, and chains, which could hand a secret on
    to either; what a chain is made of is looked at one by one.
    """
    if find_spec("keyring") is None:
        return []
    try:
        import keyring

        first = keyring.get_keyring()
        links = getattr(first, "backends", None) or [first]
        return [cast("Keyring", link) for link in links if _is_real(link)]
    except Exception as exc:  # noqa: BLE001 - a keyring that is set up wrongly is as good as none
        logger.warning("the keyring of this session cannot be used (%s)", type(exc).__name__)
        return []


def name_of(keyring: object) -> str:
    """The backend's own name, such as ``keyring.backends.SecretService.Keyring``."""
    return f"{type(keyring).__module__}.{type(keyring).__qualname__}"


def _is_real(keyring: object) -> bool:
    module = type(keyring).__module__
    if module in _NO_STORE or module.split(".")[:2] == _NOT_PROTECTED.split("."):
        return False
    return float(getattr(keyring, "priority", 0)) >= _RECOMMENDED


def _within_patience(work: Callable[[], T], entry: Entry) -> T:
    """Do something with a keyring that may be waiting for a person who is not there."""
    done: list[T] = []
    failed: list[BaseException] = []

    def attempt() -> None:
        try:
            done.append(work())
        except Exception as exc:  # noqa: BLE001 - every backend has errors of its own
            failed.append(exc)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if done:
        return done[0]
    if failed and isinstance(failed[0], VaultClosed):
        raise failed[0]
    kind = type(failed[0]).__name__ if failed else "no answer"
    raise entry.closed(f"is locked or does not answer ({kind})")
