"""Which part may know which, and that asking for help stays fast."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from sync import ONE_THREAD

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ("classifiers", "connector", "sync")
HEAVY = ("duckdb", "numpy", "scipy", "narwhals", "requests", "zcrmsdk", "rich")


@cache
def modules(folder: str) -> tuple[Path, ...]:
    return tuple(sorted((ROOT / folder).rglob("*.py")))


@cache
def imported(path: Path) -> frozenset[str]:
    """The dotted names that a module imports, those inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide who knows whom"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


def offenders(folder: str, *forbidden: str) -> Iterator[str]:
    for path in modules(folder):
        for name in sorted(roots(path) & set(forbidden)):
            yield f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("classifiers", ("connector", "sync", "cli")),
        ("connector", ("classifiers", "sync", "cli")),
        ("sync", ("cli",)),
    ],
)
def test_imports_point_one_way(folder: str, forbidden: tuple[str, ...]) -> None:
    assert not list(offenders(folder, *forbidden))


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("requests", "connector/zoho/"),
        ("zcrmsdk", "connector/zoho/"),
        ("tenacity", "connector/retry.py"),
        ("duckdb", "sync/mirror/"),
        ("sqlite3", "sync/ledger/"),
        ("pyspark", "sync/spark/"),
        ("py4j", "sync/spark/"),
        ("click", "cli.py"),
    ],
)
def test_each_library_has_one_home(library: str, home: str) -> None:
    paths = [ROOT / "cli.py", *(path for folder in SHIPPED for path in modules(folder))]
    users = [str(path.relative_to(ROOT)) for path in paths if library in roots(path)]
    assert users, f"nobody uses {library} any more"
    assert [path for path in users if not path.startswith(home)] == []


def test_the_stand_in_needs_nothing_but_the_standard_library() -> None:
    allowed = {*sys.stdlib_module_names, "connector"}
    strangers = {path.name: roots(path) - allowed for path in modules("connector/standin")}
    assert {name: found for name, found in strangers.items() if found} == {}


def test_the_stand_in_does_not_know_the_adapter_that_is_tried_on_it() -> None:
    names = {name for path in modules("connector/standin") for name in imported(path)}
    assert [name for name in names if name.startswith("connector.zoho")] == []


def test_the_classifiers_do_no_input_and_no_output() -> None:
    outside = ("pathlib", "os", "io", "socket", "urllib", "http", "subprocess", "logging", "time")
    assert not list(offenders("classifiers", *outside))


def test_the_command_line_starts_without_heavy_libraries_and_a_run_without_that_of_a_fit() -> None:
    heavy = f"print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    program = f"import cli, sys; {heavy}; import sync.run; print(*{{'scipy'}} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_arithmetic_is_held_to_one_thread_before_numpy_is_loaded() -> None:
    program = (
        "import os, sync, sys; print('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])"
    )
    for told, kept in (({}, "1"), ({"OPENBLAS_NUM_THREADS": "2"}, "2")):
        plain = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=plain | told,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == ["False", kept]
