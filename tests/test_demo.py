"""The demo plays the whole job, in the language that is asked for, and its figures are the stand-in's own."""

from __future__ import annotations

import io
import re

from rich.console import Console

from sync.demo.companies import company
from sync.demo.play import play
from sync.words import FIELD_LABELS, Language

CUSTOMERS = 300
"""Of the panel's 2,357; 'make demo' plays with all of them."""


def test_the_demo_tells_the_whole_story() -> None:
    language = Language.ZH_HANS
    paper = io.StringIO()
    play(language, Console(file=paper, width=100), customers_up_to=CUSTOMERS)
    told = paper.getvalue()
    backfill, later, again = (
        int(n.replace(",", "")) for n in re.findall(r"log has ([\d,]+) new", told)
    )
    assert backfill > CUSTOMERS, "every account, and tasks"
    assert 0 < later < 200
    assert again == 0
    assert "Changes in the stand-in's own log since setup: 0." in told
    assert FIELD_LABELS["reason"][language] in told
    assert "#" in told, "the open task carries its mark"


def test_every_company_of_the_demo_has_a_name_of_its_own() -> None:
    names = [company(number).name for number in range(1, 2358)]
    assert len(set(names)) == len(names)
    assert names == [company(number).name for number in range(1, 2358)]
