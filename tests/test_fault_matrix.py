"""The page of faults is true: every row has a test that is marked with it, and every mark a row."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PAGE = TESTS.parent / "docs" / "faults.md"

_ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+) \| (.+) \| ([1-4]) \| (.+) \|$", re.MULTILINE)
_COUNTS = re.compile(r"^rows: (\d+); severity 1: (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page; ``shown_by`` names test files."""

    id: str
    severity: int
    shown_by: str

    @property
    def files(self) -> list[str]:
        """The test files that it names."""
        return re.findall(r"[\w/]+\.py", self.shown_by)


@cache
def rows() -> tuple[Row, ...]:
    """The rows of the page, in order."""
    found = _ROW.findall(PAGE.read_text("utf-8"))
    return tuple(Row(name, int(severity), shown_by) for name, _, _, severity, shown_by in found)


@cache
def shown() -> dict[str, frozenset[str]]:
    """Row → the test files in which something is marked with it."""
    found: dict[str, set[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text("utf-8")
        if "fault(" in text or "case(" in text:
            for row in marked(ast.parse(text)):
                found.setdefault(row, set()).add(path.relative_to(TESTS).as_posix())
    return {row: frozenset(files) for row, files in found.items()}


def marked(module: ast.Module) -> Iterator[str]:
    """The rows that the marks of a module name, on whatever they stand.

    A mark names its rows as texts, ``case("N5 N16", …)`` as one text; a mark that is made for each
    entry of a table (``fault(case[0]) for case in TABLE``) takes them from the table.
    """
    tables = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _called(node) == "fault":
            for argument in node.args:
                yield from _texts(argument) or _column(argument, node, module, tables)
        elif isinstance(node, ast.Call) and _called(node) == "case" and node.args:
            for text in _texts(node.args[0]):
                yield from text.split()


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _texts(node: ast.expr) -> list[str]:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return [node.value] if is_text else []  # type: ignore[attr-defined]


def _column(
    argument: ast.expr, mark: ast.Call, module: ast.Module, tables: dict[str, ast.expr]
) -> list[str]:
    """The texts in one column of the table over whose entries a comprehension makes the mark."""
    for made in ast.walk(module):
        if not isinstance(made, ast.ListComp | ast.GeneratorExp) or mark not in ast.walk(made):
            continue
        table = made.generators[0].iter
        entries = tables.get(table.id) if isinstance(table, ast.Name) else None
        if isinstance(argument, ast.Subscript) and isinstance(entries, ast.List | ast.Tuple):
            at = ast.literal_eval(argument.slice)
            columns = [e.elts[at] for e in entries.elts if isinstance(e, ast.Tuple)]
            return [text for column in columns for text in _texts(column)]
    raise AssertionError(f"line {mark.lineno}: nobody can read which rows this mark names")


def test_no_row_stands_twice_and_their_numbers_count_up() -> None:
    names = [row.id for row in rows()]
    letters = sorted({name[0] for name in names}, key=[name[0] for name in names].index)
    numbers = {letter: [int(name[1:]) for name in names if name[0] == letter] for letter in letters}
    assert letters == list("NHAQPDWCTBK")
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert names == [f"{letter}{number}" for letter in letters for number in numbers[letter]]


def test_every_row_names_a_test_that_is_marked_with_it() -> None:
    wrong = [
        row.id
        for row in rows()
        if not row.files or not set(row.files) <= shown().get(row.id, set())
    ]
    assert wrong == [], (
        "add the row to @pytest.mark.fault of a test, and the test's file to the page"
    )


def test_every_mark_names_a_row_of_the_page() -> None:
    assert sorted(shown().keys() - {row.id for row in rows()}) == []


def test_the_counts_at_the_top_are_right() -> None:
    worst = sum(row.severity == 1 for row in rows())
    told = _COUNTS.search(PAGE.read_text("utf-8"))
    assert told is not None
    assert tuple(int(figure) for figure in told.groups()) == (len(rows()), worst)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('pytestmark = mark.fault("N1")', ["N1"]),
        ('@pytest.mark.fault("N1", "N2")\nclass TestIt: ...', ["N1", "N2"]),
        (
            'TABLE = [("N1", 2), ("N3", 4)]\nmarks = [mark.fault(row[0]) for row in TABLE]',
            ["N1", "N3"],
        ),
        ('table = [case("N5 N16", 1)]', ["N5", "N16"]),
        ("fault = 1", []),
    ],
)
def test_marks_are_found_wherever_they_stand(text: str, expected: list[str]) -> None:
    assert list(marked(ast.parse(text))) == expected
