"""What the security tests share: the offices of the tests of the run, and keyrings that are put back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

sys.path.append(str(Path(__file__).parents[1] / "sync"))  # the workbench is there

keyring.set_keyring(NoKeyring())  # no test may ever ask the keyring of whoever runs it


@pytest.fixture
def session_keyring() -> Iterator[Callable[[KeyringBackend], None]]:
    """Makes a keyring the one of this session, until the test ends."""
    yield keyring.set_keyring
    keyring.set_keyring(NoKeyring())
