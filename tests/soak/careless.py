"""The command line with a ledger that does not wait for its disk, to show that a power cut hurts it."""

from __future__ import annotations

import paths  # noqa: F401 - makes the others importable
import victim

from sync.ledger.file import LedgerFile

_durable = LedgerFile._make_durable


def _less_durable(file: LedgerFile) -> None:
    _durable(file)
    file.rows("PRAGMA synchronous=NORMAL")


if __name__ == "__main__":
    LedgerFile._make_durable = _less_durable  # type: ignore[method-assign,assignment]
    victim.main()
