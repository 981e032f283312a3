"""The page of the catalogue is what the code says, and tells every class and rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.catalogue import CATALOGUE
from classifiers.dimension import Dimension
from sync.pages import main, pages
from sync.words import Language

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("name", pages())
def test_a_page_that_is_made_from_the_code_is_not_behind_it(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == pages()[name], "run 'make pages'"


@pytest.mark.parametrize("asked", CATALOGUE, ids=lambda d: d.name)
def test_every_class_rule_fact_and_requirement_of_a_dimension_is_told(asked: Dimension) -> None:
    section = pages()["catalogue.md"].partition(f"## {asked.labels[Language.EN]}\n")[2]
    section = section.partition("\n## ")[0]
    for answer in asked.classes:
        assert all(answer.labels[language] in section for language in Language)
    named = (*asked.says, *asked.reads, *asked.needs, *asked.after)
    assert [name for name in named if f"`{name}`" not in section] == []
    assert [number for number in asked.requirements if number not in section] == []


def test_the_pages_are_written_where_they_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["pages", str(tmp_path)])
    main()
    assert {path.name for path in tmp_path.iterdir()} == set(pages())
