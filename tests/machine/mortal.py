"""A process that dies in the middle of a call, before it leaves or after it was answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connector.port import Crm


class Killed(BaseException):
    """The process is gone: nothing catches this and nobody tidies up."""


@dataclass
class Mortal:
    """A CRM in whose nth call the process dies, before the call leaves or after it was answered."""

    crm: Crm
    nth: int
    after: bool
    calls: int = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.crm, name)
        if name in ("now", "usage", "close") or not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            dies = self.calls == self.nth
            if dies and not self.after:
                raise Killed
            answer = found(*arguments, **named)
            if dies:
                if isinstance(answer, Iterator):
                    list(answer)
                raise Killed
            return answer

        return call
