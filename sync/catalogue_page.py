"""Writes the catalogue of questions as a page: what each asks, its answers and limits, and what it all meets.

``docs/catalogue.md`` is this page; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from classifiers.catalogue import CATALOGUE
from classifiers.dealings import DEALINGS
from classifiers.dimension import Dimension, Thresholds, TierThresholds
from classifiers.profile import PROFILE
from classifiers.settings import Settings
from sync.coverage import cited, coverage_section, placed, read_requirements
from sync.policy import Playbook
from sync.words import Language

_HEAD = """# The catalogue

Every run asks every account these questions. Each answer is a class with a stable code; people see its
label in the policy's language. A question whose organisation keeps nothing to answer it from abstains for
everybody, and an account that lacks the fact gets no class; nothing is ever guessed. The limits are those of
the shipped policy, and every one of them can be changed there ([policy.md](policy.md)).
"""

_UNKNOWN = Thresholds(Settings(), TierThresholds(0.0, 0.0, proposed=True))
"""Without an organisation's own sales the amounts that it would propose are not known."""

_PROPOSED = ("large_from", "medium_from", "high_from", "middle_from")


def catalogue_page(playbooks: Sequence[Playbook]) -> str:
    """The page, in Markdown: a table of all questions, a section for each, and the requirements.

    Args:
        playbooks: the shipped ones, which tell what requirements they are there for.
    """
    parts = [_HEAD, _overview(CATALOGUE)]
    parts += [_section(dimension) for dimension in CATALOGUE]
    citations = cited(CATALOGUE, playbooks)
    parts.append(coverage_section(placed(read_requirements(), citations)))
    return "\n".join(parts)


def _overview(dimensions: Sequence[Dimension]) -> str:
    rows = [
        (
            f"[{_name(dimension)}](#{dimension.column.replace('_', '-')})",
            f"`{dimension.column}`",
            ", ".join(f"`{answer.code}`" for answer in dimension.classes),
        )
        for dimension in dimensions
    ]
    return _table(("question", "column", "classes"), rows)


def _section(dimension: Dimension) -> str:
    lines = [f'<a id="{dimension.column.replace("_", "-")}"></a>', "", f"## {_name(dimension)}", ""]
    several = " An account may have several of them." if dimension.several else ""
    lines += [f"{_sentence(dimension)}{several}", "", _classes(dimension)]
    lines += [f"Goes by {_listed(dimension.reads)}.", ""]
    if dimension.needs:
        lines += [f"Abstains unless there is one of: {_listed(sorted(dimension.needs))}.", ""]
    if dimension.after:
        lines += [f"Reads the answers to {_listed(dimension.after)}.", ""]
    limits = dict(_limits(dimension))
    if limits:
        lines += [_table(("limit", "shipped"), [(f"`{n}`", told) for n, told in limits.items()])]
    lines += [_rules(dimension)]
    if dimension.requirements:
        lines += [f"Requirements: {', '.join(dimension.requirements)}.", ""]
    return "\n".join(lines)


def _name(dimension: Dimension) -> str:
    return dimension.labels[Language.EN]


def _sentence(dimension: Dimension) -> str:
    """What the dimension's own module says that it is about."""
    module = __import__(dimension.decide.__module__, fromlist=["decide"])
    return str(module.__doc__).strip().partition("\n\n")[0].replace("\n", " ")


def _classes(dimension: Dimension) -> str:
    rows = [
        (f"`{answer.code}`", *(answer.labels[language] for language in Language))
        for answer in dimension.classes
    ]
    return _table(("class", *Language), rows)


def _limits(dimension: Dimension) -> Iterator[tuple[str, str]]:
    for name, value in dimension.thresholds(_UNKNOWN).items():
        proposed = name in _PROPOSED and value == 0
        yield name, "from the organisation's own sales" if proposed else f"{value:.15g}"


def _rules(dimension: Dimension) -> str:
    rows = [(f"`{rule}`", _quoted(says)) for rule, says in dimension.says.items()]
    return _table(("rule", "what a rep reads"), rows)


def _quoted(says: Mapping[str, str]) -> str:
    return says[Language.EN].replace("|", "\\|").replace("{", "‹").replace("}", "›")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`{_whence(name)}" for name in names)


def _whence(name: str) -> str:
    if name in PROFILE:
        return " (profile)"
    return " (signals)" if name in DEALINGS else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join([*lines, ""])
