"""Tables about what comes next and what was sold: planned steps, sales by month and owner, open deals."""

from __future__ import annotations

from collections.abc import Iterator

from sync.portfolio.cells import label, number, percent, question
from sync.portfolio.figures import share
from sync.portfolio.record import Portfolio
from sync.portfolio.sales import PIPELINE_BY, expected, won_share
from sync.portfolio.sheet import Sheet, words
from sync.portfolio.won_by import WonBy
from sync.portfolio.words import word

MOST_VALUES = 20
"""So many values of a field are shown in a table; deals without a value come besides."""


def outlook(found: Portfolio) -> Iterator[Sheet]:
    """Those of them that have something to show."""
    if found.plans.total.accounts:
        yield _plans(found)
    yield from _sales(found)
    if found.complaints:
        yield _complaints(found)


def _complaints(found: Portfolio) -> Sheet:
    language = found.policy.language
    rows = [
        [one.name or word("unanswered", language), number(one.came), number(one.still_open)]
        for one in found.complaints
    ]
    heads = words(found, "channel", "came", "still_open")
    return Sheet(word("complaints", language), heads, rows)


def _sales(found: Portfolio) -> Iterator[Sheet]:
    """What was sold in each month and by whom, and the open deals."""
    language, sold = found.policy.language, found.sales
    if sold.total.months:
        rows = [
            [month, number(one.deals), number(one.customers), number(round(one.sales))]
            for month, one in sold.total.months.items()
        ]
        columns = ("month", "won_deals", "won", "sold")
        yield Sheet(word("sales_by_month", language), words(found, *columns), rows)
        sellers = (*sold.sellers, sold.total)
        rows = [[one.name, number(one.deals), number(round(one.sales))] for one in sellers]
        heads = words(found, found.by, "won_deals", "sold")
        yield Sheet(word("sales_by_owner", language), heads, rows)
        yield from (_won_by(found, one) for one in found.won_by)
    if any(one.deals for one in sold.pipeline):
        yield _pipeline(found)


def _plans(found: Portfolio) -> Sheet:
    """Whether the next step with each customer is planned by the day that the policy asks for."""
    rows = [
        [one.name, *map(number, (one.in_time, one.later, one.missing)), percent(one.rate)]
        for one in (*found.plans.groups, found.plans.total)
    ]
    columns = (found.by, "step_in_time", "step_later", "step_missing", "step_rate")
    title = word("next_steps", found.policy.language)
    return Sheet(title, words(found, *columns), rows)


def _won_by(found: Portfolio, won: WonBy) -> Sheet:
    """The whole company's, as far as a page is read; nobody looks at the hundredth value of a text."""
    language, values = found.policy.language, won.total.values
    rows = [
        [
            one.name,
            number(one.deals),
            percent(share(one.deals, won.total.deals)),
            number(round(one.sales)),
        ]
        for one in (*values[:MOST_VALUES], *(one for one in values[MOST_VALUES:] if not one.value))
    ]
    further = len(values) - len(rows)
    return Sheet(
        word("won_by", language, field=won.label),
        words(found, "field_value", "won_deals", "share", "sold"),
        rows,
        word("further_values", language, count=f"{further:,}") if further else "",
    )


def _pipeline(found: Portfolio) -> Sheet:
    rows = [
        [
            label(PIPELINE_BY, one.code, found.policy),
            number(one.deals),
            number(round(one.amount)),
            percent(won_share(one)),
            number(None if (likely := expected(one)) is None else round(likely)),
        ]
        for one in found.sales.pipeline
    ]
    columns = ("class", "open_deals", "open_amount", "won_share", "expected")
    language = found.policy.language
    title = word("pipeline", language, dimension=question(PIPELINE_BY, found.policy))
    return Sheet(title, words(found, *columns), rows, word("expected_means", language))
