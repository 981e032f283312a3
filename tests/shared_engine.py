"""One database engine for all offices of a test process, since starting one costs more than a small run."""

from __future__ import annotations

import atexit
import tempfile
from pathlib import Path

from sync.mirror import Instance

ENGINE = Instance(Path(tempfile.gettempdir()) / "fenlei-tests.tmp", threads=1)
atexit.register(ENGINE.close)
