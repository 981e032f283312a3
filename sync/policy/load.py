"""Reads the manager's policy file, merged over the shipped one, and tells every mistake in it at once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from sync.policy.accounts_section import read_left_out_accounts
from sync.policy.dimension_sections import (
    read_complaints,
    read_decision_titles,
    read_dimensions,
    read_inputs,
)
from sync.policy.document import fingerprint
from sync.policy.effective import read_effective_from
from sync.policy.follow_up_section import read_follow_up
from sync.policy.home import read_home
from sync.policy.intervals import with_intervals
from sync.policy.lines import key_lines
from sync.policy.model import LONGEST_RETENTION, Policy
from sync.policy.playbook_tables import read_marks, read_playbooks
from sync.policy.problems import Notes, PolicyError, Problem
from sync.policy.questions import note_unanswered, read_further_modules, read_left_out
from sync.policy.review_section import read_review, with_status
from sync.policy.sections import (
    Catalogue,
    read_fields,
    read_home_currency,
    read_labels,
    read_language,
    read_limits,
    read_portfolio,
    read_settings,
    read_stages,
)
from sync.policy.table import TOP_LEVEL, Table
from sync.review.rules import guarded

LARGEST = 1024 * 1024
"""Bytes of a policy file; the shipped one, explanations included, has a tenth of that."""

SHIPPED = ("default.toml", "playbooks.toml", "words.toml")
"""The files of the shipped policy, in the order in which a manager reads them."""

MOST_DOTS = 200
"""On one line; ``tomllib`` takes half a minute over a key of some thousand parts."""

_FULL_WIDTH = "\u201c\u201d\u2018\u2019\uff02\uff1d\u3010\u3011\uff0c\uff3b\uff3d"
"""Quotes, equals signs, commas and brackets as a Chinese keyboard types them."""


def load_policy(path: Path | None, *, catalogue: Catalogue) -> Policy:
    """The policy of a file, or the shipped one for None.

    Only what differs need be in the file. A list in it, such as the playbooks, replaces the
    shipped list as a whole.

    Args:
        path: the manager's TOML file.
        catalogue: dimension → the codes of its classes.

    Raises:
        PolicyError: with every problem of the file.
    """
    return replace(load_text(_text_of(path) if path else "", catalogue=catalogue), source=path)


def load_text(text: str, *, catalogue: Catalogue) -> Policy:
    """The policy of a file's text, merged over the shipped one; an empty text is the shipped one.

    Raises:
        PolicyError: with every problem of the text.
    """
    policy, problems = _read(text, catalogue)
    if policy is None:
        raise PolicyError(problems)
    return replace(policy, text=text)


def check_text(text: str, *, catalogue: Catalogue) -> list[Problem]:
    """Every problem of a policy file's text, in its order; empty when it can be used."""
    return _read(text.removeprefix("\ufeff"), catalogue)[1]


@cache
def default_text() -> str:
    """The shipped policy with its explanations, to begin a file of one's own from."""
    folder = files(__package__)
    texts = (folder.joinpath(name).read_text("utf-8").strip() for name in SHIPPED)
    return "\n\n\n".join(texts) + "\n"


@cache
def _shipped() -> dict[str, Any]:
    """The shipped policy as a document; nobody may change it."""
    return tomllib.loads(default_text())


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            written = file.read(LARGEST + 1)
        if len(written) > LARGEST:
            advice = f"{path.name} is larger than 1 MB, so it is no policy. Name the right file."
            raise PolicyError([Problem(None, "", advice)])
        return written.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as exc:
        advice = f"{path.name} is not UTF-8 text. Save it again with the encoding UTF-8."
        raise PolicyError([Problem(None, "", advice)]) from exc
    except OSError as exc:
        advice = (
            f"{path} cannot be read ({exc.strerror}). "
            "Correct the path, or leave it out to use the shipped policy."
        )
        raise PolicyError([Problem(None, "", advice)]) from exc


def _read(text: str, catalogue: Catalogue) -> tuple[Policy | None, list[Problem]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_DOTS:
            advice = f"There are more than {MOST_DOTS} dots on this line. Break it into several."
            return None, [Problem(number, "", advice)]
    try:
        own = tomllib.loads(text)
    except ValueError as exc:  # TOMLDecodeError, or an integer of thousands of digits
        return None, [_syntax_problem(text, exc)]
    except RecursionError:
        return None, [Problem(None, "", "The brackets are nested too deeply. Write plain lists.")]
    notes = Notes(key_lines(text))
    document = _merged(_shipped(), own)
    policy = _policy(Table(document, (), notes, TOP_LEVEL), catalogue)
    problems = notes.problems()
    return (None if problems else policy), problems


def _policy(root: Table, catalogue: Catalogue) -> Policy:
    follow_up = read_follow_up(root)
    writes = root.section("writes", ("run_workflows", "probability_step"))
    run_workflows = writes.flag("run_workflows", False)
    retention = root.section("retention", ("days",))
    marks = read_marks(root)
    home = read_home(root.section("region", ("home_country", "domestic_regions")))
    left_out = read_left_out(root, catalogue)
    playbooks = with_intervals(root, read_playbooks(root, catalogue, marks))
    review = read_review(root, catalogue, marks, playbooks)
    policy = Policy(
        number=root.whole("version", 1, 1, 1_000_000),
        effective_from=read_effective_from(root),
        fingerprint="",
        language=read_language(root),
        home_currency=read_home_currency(root),
        settings=read_dimensions(root, read_settings(root), home),
        stages=read_stages(root),
        fields=with_status(read_fields(root), review),
        labels=read_labels(root, catalogue),
        playbooks=guarded(playbooks, review),
        limits=read_limits(root, run_workflows=run_workflows),
        otherwise_days=follow_up.otherwise_days,
        most_tasks_per_account=follow_up.most_tasks_per_account,
        run_workflows=run_workflows,
        fallback_owner=follow_up.fallback_owner,
        tasks_per_day=follow_up.tasks_per_day,
        working_days=follow_up.working_days,
        probability_step=writes.whole("probability_step", 5, 0, 100),
        retention_days=retention.whole("days", 90, 1, LONGEST_RETENTION),
        marks=marks,
        home=home,
        complaints=read_complaints(root),
        decision_titles=read_decision_titles(root),
        inputs=read_inputs(root),
        further_modules=read_further_modules(root),
        left_out=left_out,
        portfolio=read_portfolio(root),
        review=review,
        accounts_left_out=read_left_out_accounts(root),
    )
    note_unanswered(root, left_out, policy.playbooks)
    return replace(policy, fingerprint=fingerprint(policy))


def _merged(shipped: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Tables merge key by key; everything else, lists included, is the manager's where it is given."""
    merged = dict(shipped)
    for key, value in own.items():
        below = shipped.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[key] = _merged(below, value)
        else:
            merged[key] = value
    return merged


def _syntax_problem(text: str, exc: ValueError) -> Problem:
    """The one problem of a file that is no TOML, on the line where ``tomllib`` stopped."""
    lines = text.splitlines()
    found = re.search(r"\(at line (\d+)", str(exc))
    line = int(found[1]) if found else max(len(lines), 1)
    written = lines[line - 1] if line <= len(lines) else ""
    if re.search(f"[{_FULL_WIDTH}]", written):
        advice = 'Type quotes, commas, = and brackets in half-width form: " , = [ ]'
    elif re.search(r"=\s*[+-]?(\d{1,3}(,\d{3})+|.*[\uff10-\uff19])", written):
        advice = "Write numbers in half-width digits without commas: 1000000 or 1_000_000"
    else:
        advice = "Compare the line with the shipped policy: key = value, text in quotes."
    what = re.sub(r" \(at .*\)$", "", str(exc))
    if re.match("Cannot (overwrite|declare)", what):
        advice = "It stands in the file already: keep one of the two."
    return Problem(line, "", f"This is not valid TOML: {what}. {advice}")
