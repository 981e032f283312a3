"""Writes a policy's playbooks down as a page that a sales manager can read, print and discuss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from classifiers.catalogue import CATALOGUE
from sync.policy.model import Conditions, Playbook, Policy, TaskPlan
from sync.policy.page_words import FACT_WORDS, PAGE_WORDS
from sync.policy.playbooks import HOW
from sync.words import Language, word


def playbook_page(policy: Policy, language: Language) -> str:
    """The page in Markdown: how it works, an overview, every playbook in its order, marks, requirements.

    Args:
        policy: shipped, or the manager's own.
        language: of the page; texts of the policy are shown in it.
    """
    page = _Page(policy, language)
    parts = (page.opening(), page.overview(), page.entries(), page.audiences(), page.origins())
    return "\n".join(line for part in parts for line in part) + "\n"


class _Page:
    def __init__(self, policy: Policy, language: Language) -> None:
        self._policy = policy
        self._language = language

    def opening(self) -> Iterator[str]:
        yield f"# {self._say('title')}"
        for paragraph in ("what", "order", "promotion", "gentle"):
            yield ""
            yield self._say(paragraph)

    def overview(self) -> Iterator[str]:
        yield ""
        yield f"## {self._say('overview')}"
        yield ""
        columns = ("number", "purpose", "for_whom", "every", "strategy", "task", "marks")
        yield _row(self._say(name) for name in columns)
        yield _row("---" for _ in columns)
        for place, playbook in enumerate(self._policy.playbooks, start=1):
            yield _row(
                (
                    str(place),
                    f"`{playbook.purpose}`",
                    self._for_whom(playbook),
                    self._every(playbook),
                    "✓" if playbook.strategy else "",
                    self._in_short(playbook.task) if playbook.task else "",
                    self._marks(playbook),
                )
            )

    def entries(self) -> Iterator[str]:
        yield ""
        yield f"## {self._say('entries')}"
        for place, playbook in enumerate(self._policy.playbooks, start=1):
            yield ""
            yield f"### {place} {playbook.purpose}"
            yield ""
            yield from self._entry(playbook)

    def audiences(self) -> Iterator[str]:
        yield ""
        yield f"## {self._say('audiences')}"
        yield ""
        yield self._say("audience")
        yield ""
        yield _row((self._say("marks"), self._say("code"), self._say("given_by")))
        yield _row(("---", "---", "---"))
        for code in self._policy.marks:
            givers = (f"`{p.purpose}`" for p in self._policy.playbooks if code in p.marks)
            yield _row((self._mark(code), f"`{code}`", ", ".join(givers)))

    def origins(self) -> Iterator[str]:
        by_number: dict[str, list[str]] = {}
        for playbook in self._policy.playbooks:
            for number in playbook.requirements:
                by_number.setdefault(number, []).append(f"`{playbook.purpose}`")
        if not by_number:
            return
        yield ""
        yield f"## {self._say('origins')}"
        yield ""
        yield _row((self._say("requirement"), self._say("met_by")))
        yield _row(("---", "---"))
        for number in sorted(by_number):
            yield _row((number, ", ".join(by_number[number])))

    def _entry(self, playbook: Playbook) -> Iterator[str]:
        yield self._point("for_whom", self._for_whom(playbook))
        if playbook.promotion:
            yield self._point("unless", self._say("dissatisfied"))
        if playbook.follow_up_days is not None:
            yield self._point("every", self._every(playbook))
        if playbook.strategy:
            yield self._point("strategy", playbook.strategy[self._language])
        if playbook.marks:
            yield self._point("marks", self._marks(playbook))
        if playbook.task is not None:
            yield from self._task(playbook.task)
        if playbook.requirements:
            yield self._point("origins", ", ".join(playbook.requirements))

    def _task(self, task: TaskPlan) -> Iterator[str]:
        yield self._point("task", task.subject[self._language])
        for step in task.checklist[self._language]:
            yield f"  - [ ] {step}"
        yield self._point("how", self._how(task))
        if task.remind_again_days is not None:
            yield self._point("again", self._again(task))
        if task.until:
            yield self._point("until", self._conditions(task.until, self._say("or")))
        if task.came_from:
            yield self._point("came_from", self._conditions(task.came_from, self._say("or")))
        if not task.at_first:
            yield self._point("begins", self._say("entering"))

    def _how(self, task: TaskPlan) -> str:
        done = [HOW[task.kind][self._language].strip(":").rpartition("：")[2]] if task.kind else []
        owner = self._say("to_manager" if task.for_manager else "to_owner")
        due = self._say("due" if task.due_in_days else "due_at_once").format(days=task.due_in_days)
        priority = self._say("priority").format(word=word(task.priority, self._language))
        return self._say("comma").join((*done, owner, due, priority))

    def _again(self, task: TaskPlan) -> str:
        parts = [self._days(task.remind_again_days or 0)]
        if task.last_round is not None:
            parts.append(self._say("at_most").format(rounds=task.last_round))
        return self._say("comma").join(parts)

    def _in_short(self, task: TaskPlan) -> str:
        notes = [self._say("to_manager")] if task.for_manager else []
        if task.came_from:
            came = self._conditions(task.came_from, self._say("or"))
            notes.append(f"{self._say('came_from')}{self._say('colon')}{came}")
        aside = self._say("aside").format(notes=self._say("and").join(notes)) if notes else ""
        return f"{task.subject[self._language]}{aside}"

    def _every(self, playbook: Playbook) -> str:
        return self._days(playbook.follow_up_days) if playbook.follow_up_days else ""

    def _days(self, days: int) -> str:
        return self._say("days").format(days=days)

    def _for_whom(self, playbook: Playbook) -> str:
        facts = [self._say("known").format(fact=self._fact(name)) for name in playbook.has]
        facts += [self._say("missing").format(fact=self._fact(name)) for name in playbook.lacks]
        classes = self._conditions(playbook.when, self._say("and"))
        return self._say("and").join([classes, *facts])

    def _conditions(self, conditions: Conditions, between: str) -> str:
        asked = {dimension.column: dimension for dimension in CATALOGUE}
        return between.join(
            self._say("is").format(
                question=asked[name].labels[self._language],
                answers=self._either([self._class(name, code) for code in codes]),
            )
            for name, codes in conditions.items()
        )

    def _class(self, column: str, code: str) -> str:
        own = self._policy.labels.get((column, code), {})
        asked = next(dimension for dimension in CATALOGUE if dimension.column == column)
        return own.get(self._language) or asked.label(code, self._language)

    def _fact(self, name: str) -> str:
        words: Mapping[Language, str] = FACT_WORDS.get(name, {})
        return words.get(self._language, name)

    def _mark(self, code: str) -> str:
        return self._policy.marks[code][self._language]

    def _marks(self, playbook: Playbook) -> str:
        return self._say("list").join(self._mark(code) for code in playbook.marks)

    def _either(self, answers: Sequence[str]) -> str:
        *others, last = answers
        return f"{self._say('list').join(others)}{self._say('either')}{last}" if others else last

    def _point(self, key: str, text: str) -> str:
        return f"- {self._say(key)}{self._say('colon')}{text}"

    def _say(self, key: str) -> str:
        return PAGE_WORDS[key][self._language]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
