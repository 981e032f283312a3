"""What the tests of the stand-in share: a caller that has its token already."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def signed_in(caller: Any) -> Any:
    """A caller that has its token, so that only the call itself can fail."""
    caller.sign_in()
    return caller
