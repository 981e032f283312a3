"""A few tasks of our own in the CRM, and plain calls to try things out on them.

The port hides what is asked here (lags, statuses, which row spoiled a batch), so the calls go past it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.clock import Clock
from connector.errors import Refused
from connector.model import Field, Json, Module
from connector.zoho.rows import rows
from connector.zoho.transport import Answer, Transport
from connector.zoho.values import moment, zoho_time
from sync.probes.said import Made, ids_of, told

NAME = "fenlei probe"
"""How the subject of everything begins that we make."""

GRAIN = 2.0
"""Seconds after which two changes certainly bear different stamps, as Zoho keeps whole seconds."""

LOOKS = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Seconds to wait before each look for something that may come late; about two minutes in all."""

SYSTEM = frozenset(
    {"id", "Created_Time", "Modified_Time", "Created_By", "Modified_By", "Last_Activity_Time"}
)
"""Fields that Zoho sets itself and says so."""

_LIST = {"sort_by": "id", "sort_order": "asc", "per_page": "200"}


class NotRun(Exception):
    """An experiment that could not be made here; the message says why, as a clause."""


@dataclass(slots=True)
class Bench:
    """Where experiments are made.

    Args:
        line: the connection.
        clock: for waiting.
        stamp: tells the records of this time from those of another.
        fields: of Tasks.
        key: API name of our key field on tasks; empty where there is none.
        began: a moment shortly before the first of our tasks.
        made: ids of the tasks that are there because of us, in the order of their making.
    """

    line: Transport
    clock: Clock
    stamp: str
    fields: Sequence[Field]
    key: str
    began: datetime
    made: list[str] = field(default_factory=list)

    def subject(self, letter: str) -> str:
        """What a task of ours is called."""
        return f"{NAME} {self.stamp} {letter}"

    def key_of(self, letter: str) -> str:
        """The key of a task of ours, which looks like none that fenlei gives."""
        return f"probe{self.stamp}{letter}".replace("-", "")

    def make(self, letter: str, *, key_of: str = "") -> Made:
        """Open one task; with ``key_of`` it gets another one's key.

        Raises:
            CrmError: it was not made, or nobody knows.
        """
        body: dict[str, Json] = {"Subject": self.subject(letter), "Description": NAME}
        if self.key:
            body[self.key] = self.key_of(key_of or letter)
        answer = self.line.write(
            "POST",
            f"/{Module.TASKS}",
            json={"data": [body], "trigger": []},
            credits=1,
            creates=True,
        )
        made = told(answer)[0]
        if made.done:
            self.made.append(made.id)
        return made

    def change(
        self, *changes: dict[str, Json], since: datetime | None = None, workflows: bool = False
    ) -> Answer:
        """Change tasks of ours, as one call.

        Raises:
            CrmError: the call was refused as a whole, or nobody knows.
        """
        body: dict[str, Json] = {"data": [*changes]}
        if not workflows:
            body["trigger"] = []
        headers = {"If-Unmodified-Since": zoho_time(since)} if since else {}
        return self.line.write("PUT", f"/{Module.TASKS}", json=body, headers=headers, credits=1)

    def written(self, *changes: dict[str, Json], since: datetime | None = None) -> list[Made]:
        """What became of each row of a change, also where Zoho refused the call as a whole.

        Raises:
            CrmError: nobody knows, or the refusal has no code.
        """
        try:
            return told(self.change(*changes, since=since))
        except Refused as exc:
            if not exc.code:
                raise
            return [Made("", exc.code, {})]

    def task(self, place: int = 0) -> str:
        """The id of a task of ours, by the order of their making.

        Raises:
            NotRun: there are not so many.
        """
        if len(self.made) <= place:
            raise NotRun("too few tasks could be opened")
        return self.made[place]

    def read(self, task_id: str, *names: str) -> Mapping[str, Json]:
        """A task of ours as it is now; empty where it is not there."""
        params = {"ids": task_id, "fields": ",".join((*names, "Modified_Time"))}
        found = rows(self.line.get(f"/{Module.TASKS}", params=params))
        return found[0] if found else {}

    def modified(self, task_id: str) -> datetime:
        """When a task of ours was last changed, by Zoho's word."""
        return moment(self.read(task_id).get("Modified_Time"))

    def listed(self, since: datetime, **params: str) -> Answer:
        """One page of the tasks that were changed after a moment."""
        return self.line.get(
            f"/{Module.TASKS}",
            params={"fields": "Subject,Modified_Time", **_LIST, **params},
            headers={"If-Modified-Since": zoho_time(since)},
        )

    def in_list(self, task_id: str) -> bool:
        """Whether the list of tasks shows it."""
        return task_id in ids_of(self.listed(self.began))

    def rest(self, seconds: float = GRAIN) -> None:
        """Let time pass."""
        self.clock.sleep(seconds)

    def seconds_until(self, comes: Callable[[], bool]) -> tuple[float, float] | None:
        """Look again and again until something comes.

        Returns:
            Seconds at the last look without it (0 if there was none) and at the one with it; None
            where it did not come.
        """
        began, missed = self.clock.monotonic(), 0.0
        for wait in LOOKS:
            self.clock.sleep(wait)
            if comes():
                return missed, (self.clock.monotonic() - began) if wait else 0.0
            missed = self.clock.monotonic() - began
        return None
