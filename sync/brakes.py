"""Stops a run that looks like a mistake before it touches the CRM, and says how to let it pass."""

from __future__ import annotations

from dataclasses import dataclass

from sync.home import Home
from sync.policy import Limits
from sync.sentences import BRAKED, CannotGoOn, Sentence


class Brake(CannotGoOn):
    """The run stopped itself; nothing of what it doubted was written.

    Args:
        name: which brake, for scripts.
        message: what looked wrong, in one sentence.
        hint: what to do next, naming the flag that allows it.
    """

    def __init__(self, name: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.hint = hint

    def sentence(self) -> Sentence:
        """What looked wrong and what to do, with the brake's name for scripts."""
        return Sentence(BRAKED, self.message, self.hint, {"brake": self.name})


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the person at the keyboard has said yes to."""

    first_run: bool = False
    changes: bool = False
    tasks: bool = False
    shrink: bool = False

    @classmethod
    def everything_asked(cls, *, shrink: bool = False) -> Allowed:
        """All questions answered with yes; a mass disappearance is no question and needs its own flag."""
        return cls(first_run=True, changes=True, tasks=True, shrink=shrink)


@dataclass(frozen=True, slots=True)
class PlanSize:
    """How big a plan is.

    Args:
        tagged: accounts that carried a class before this run.
        moved: of those, how many change a class.
        accounts: accounts to write.
        tasks: tasks to open.
        first: nothing was ever written to this organisation.
    """

    tagged: int
    moved: int
    accounts: int
    tasks: int
    first: bool


STOPPED = "The file STOP is in the state folder, so nothing is written."


def check_stop(home: Home) -> None:
    """Raise where somebody has put the file ``STOP`` into the state folder.

    Raises:
        Brake: with the file to delete.
    """
    if home.stop.exists():
        raise Brake("stop_file", STOPPED, _free_again(home))


def stopped_note(home: Home) -> str:
    """What to know of the file ``STOP``, as a note; empty where it is not there."""
    return f"{STOPPED} {_free_again(home)}" if home.stop.exists() else ""


def _free_again(home: Home) -> str:
    return f"Find out who put it there; delete {home.stop} to let runs write again."


def check(size: PlanSize, limits: Limits, allowed: Allowed) -> None:
    """Raise the first brake that the plan runs into.

    Raises:
        Brake: with the flag that lets it pass.
    """
    if size.first and not allowed.first_run and (size.accounts or size.tasks):
        raise Brake(
            "first_run",
            f"This is the first run on this organisation: it would write {size.accounts:,} accounts and "
            f"open {size.tasks:,} tasks.",
            "Look at it with 'fenlei plan', then start it once with 'fenlei backfill' or with --yes.",
        )
    if (
        size.tagged
        and not allowed.changes
        and size.moved * 100 > size.tagged * limits.max_changed_percent
    ):
        raise Brake(
            "mass_change",
            f"{size.moved:,} of {size.tagged:,} tagged accounts would change their class "
            f"(the policy allows {limits.max_changed_percent:g} % in one run).",
            "If you changed the policy or the data, run again with --allow-changes.",
        )
    if size.tasks > limits.max_tasks and not allowed.tasks:
        raise Brake(
            "too_many_tasks",
            f"{size.tasks:,} tasks would be opened (the policy allows {limits.max_tasks:,} in one run).",
            "Narrow the playbooks, raise limits.max_tasks, or run again with --allow-tasks.",
        )
