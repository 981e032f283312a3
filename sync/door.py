"""Lets one command in at a time, and ends it in good order when somebody asks it to stop.

Nothing heavy is imported here: who comes second leaves before a single library is loaded, and the lock is
held from then on until the command ends.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping
from typing import ParamSpec

from sync.home import Home, find_home
from sync.lock import run_lock
from sync.sentences import CannotGoOn, Sentence

SIGNALS = (signal.SIGTERM, signal.SIGINT)

Asked = ParamSpec("Asked")


class Stopped(BaseException):
    """Somebody asked us to stop while nothing was under way.

    Not an ``Exception``, so that nothing that it passes takes it for an error of its own.
    """


class StoppedEarly(CannotGoOn):
    """A command was stopped before it had sent anything.

    Args:
        kind: the kind of run, which then counts as paused; empty for a command that has to be started
            again by whoever started it.
    """

    def __init__(self, kind: str) -> None:
        super().__init__("Stopped before anything was sent.")
        self.kind = kind

    def sentence(self) -> Sentence:
        """What to tell; to machines, of a run, as its report."""
        if not self.kind:
            return Sentence(self.exit_code, str(self), "Run the command again when it suits you.")
        from sync.report import Report, Status

        report = Report("", self.kind, Status.PAUSED, "", notes=(str(self),)).as_json()
        advice = "The next run carries on from here."
        return Sentence(0, str(self), advice, {**report, "error": ""})


class NobodyAnswers(CannotGoOn):
    """A question was put, and the input had ended: there is nobody to answer it."""

    def sentence(self) -> Sentence:
        """What to tell."""
        advice = (
            "Run the command at a terminal, or answer every question beforehand with --yes; setup then takes "
            "the connection from the environment variables that the README names."
        )
        return Sentence(self.exit_code, "There was a question, and nobody to answer it.", advice)


class Visit:
    """One command inside.

    Args:
        home: the state folder, ready to be used, its run lock held.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self._asked = False
        self._at_once = True

    def hear(self, _number: int, _frame: object) -> None:
        """Take a signal: it ends what merely gets ready or waits, and is noted for what is under way."""
        self._asked = True
        self._stop_where_asked()

    def under_way(self) -> Callable[[], bool]:
        """From now on whatever is under way is finished first.

        Returns:
            Asked between two steps: whether to end early.
        """
        self._stop_where_asked()  # a library may have swallowed the first one
        self._at_once = False
        return lambda: self._asked

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """While a person thinks about an answer nothing is under way."""
        before, self._at_once = self._at_once, True
        try:
            self._stop_where_asked()
            yield
        finally:
            self._at_once = before

    def agreed(self, ask: Callable[Asked, bool]) -> Callable[Asked, bool]:
        """The same question to a person, which a signal answers with no."""

        def answer(*args: Asked.args, **kwargs: Asked.kwargs) -> bool:
            try:
                with self.waiting():
                    return ask(*args, **kwargs)
            except Stopped:
                return False

        return answer

    def _stop_where_asked(self) -> None:
        if self._asked and self._at_once:
            raise Stopped


@contextlib.contextmanager
def enter(env: Mapping[str, str], kind: str = "") -> Iterator[Visit]:
    """Hold the state folder for one command, from its first moment to its last.

    Args:
        env: the environment.
        kind: of a run that carries on where an earlier one stopped.

    Raises:
        HomeUnusable: with what to do.
        LockHeld: at once, if another command is inside; nothing was called.
        StoppedEarly: a signal came before anything was under way.
    """
    visit = Visit(find_home(env))
    before = {number: signal.signal(number, visit.hear) for number in SIGNALS}
    try:
        visit.home.prepare()
        with run_lock(visit.home.lock):
            yield visit
    except Stopped:
        raise StoppedEarly(kind) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
