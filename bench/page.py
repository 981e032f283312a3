"""Writes docs/performance.md from what the benchmarks found, with the machine that they ran on.

Run it from a checkout, after the benchmarks have written their results::

    python bench/page.py build/bench docs/performance.md

The words around the tables are kept in ``bench/page_words/``, the churn tables among them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from measuring.results import LIBRARIES, Result, Table, read_result

WORDS = Path(__file__).with_name("page_words")
HEADINGS = {
    "pull": "Reading",
    "write": "Writing",
    "credits": "API credits",
    "classify": "Classifying",
    "end_to_end": "The whole job",
    "memory": "Memory",
    "startup": "Starting",
}
"""Benchmark → heading, in the order of the page."""


def main() -> None:
    """Write the page from a folder of results."""
    folder, page = (Path(word) for word in sys.argv[1:])
    found = {path.stem: read_result(path) for path in sorted(folder.glob("*.json"))}
    page.write_text(rendered([found[name] for name in HEADINGS if name in found]), encoding="utf-8")


def rendered(results: Sequence[Result]) -> str:
    """The whole page."""
    words = {name: (WORDS / f"{name}.md").read_text(encoding="utf-8").strip() for name in _KEPT}
    sections = [section(result) for result in results]
    speed = [words["speed"], *machines(results), *sections]
    return "\n\n".join([words["head"], *speed, words["churn"]]) + "\n"


_KEPT = ("head", "speed", "churn")


def section(result: Result) -> str:
    """One benchmark: its command, its machine, its tables, and what was aimed at."""
    parts = [
        f"### {HEADINGS[result.bench]}",
        f"`{result.command}`, {result.at}; load of the machine {result.machine['load']}.",
        *(as_markdown(table) for table in result.tables),
    ]
    if result.aims:
        parts.append("\n".join(f"- {aim.told}" for aim in result.aims))
    return "\n\n".join(parts)


def machines(results: Sequence[Result]) -> list[str]:
    """Each machine in one sentence, with the versions of whatever any of its benchmarks found installed."""
    found: dict[str, dict[str, list[str]]] = {}
    for result in results:
        told = result.machine
        sentence = (
            f"{told['cores']} cores ({told['processor']}), {told['memory']}, {told['system']}, "
            f"Python {told['Python']}"
        )
        versions = found.setdefault(sentence, {})
        for library in filter(None, told["libraries"].split(", ")):
            name, _, version = library.rpartition(" ")
            if version not in versions.setdefault(name, []):
                versions[name].append(version)
    return [
        f"The machine: {sentence}{'; ' * bool(of)}{_libraries(of)}."
        for sentence, of in found.items()
    ]


def _libraries(versions: Mapping[str, Sequence[str]]) -> str:
    known = sorted(versions, key=lambda name: LIBRARIES.index(name) if name in LIBRARIES else 99)
    return ", ".join(f"{name} {' and '.join(versions[name])}" for name in known)


def as_markdown(table: Table) -> str:
    """A title, the table, and its notes."""
    headings = [heading.strip() for heading, _ in table.columns]
    ruler = ["---", *["--:"] * (len(headings) - 1)]
    lines = [headings, ruler, *table.texts()]
    parts = [f"**{table.title}**", "\n".join(_row(line) for line in lines)]
    if table.notes:
        parts.append("\n".join(f"- {note}" for note in table.notes))
    return "\n\n".join(parts)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
