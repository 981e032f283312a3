"""Draws the record: whether as many left as was said, and how many of the leavers one finds early.

Blue and vermilion are of the palette that colour-blind people tell apart (Okabe and Ito 2008, Color
Universal Design); the lines also differ in their dashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from classifiers.backtest import Pooled
from classifiers.backtest.intervals import wilson
from classifiers.backtest.judging import GAIN_SHARES, VERDICTS
from sync.backtesting.record import Record, day
from sync.backtesting.svg import Drawing, Point, wrapped
from sync.backtesting.words import WORDS
from sync.words import Language

BLUE, VERMILION, GREY, PALE, FAINT = "#0072B2", "#D55E00", "#666666", "#c9dfee", "#e4e4e4"

WIDTH, HEIGHT = 980, 640
SIDE = 360
"""Pixels of a chart's width and height: both axes go from 0 to 100 %."""

_DASHES = {VERDICTS: "", "recency": "9 4"}
_COLOURS = {VERDICTS: BLUE, "recency": VERMILION}


@dataclass(frozen=True, slots=True)
class _Chart:
    """A square from 0 to 1 both ways, its lower left corner at a place of the drawing."""

    drawing: Drawing
    left: float
    bottom: float

    def at(self, x: float, y: float) -> Point:
        """Where two shares come to lie."""
        return self.left + SIDE * x, self.bottom - SIDE * y

    def axes(self, heading: str, across: str, up: str) -> None:
        """Grid, percentages and words."""
        for step in range(6):
            share = step / 5
            self.drawing.line([self.at(0, share), self.at(1, share)], colour=FAINT, width=1)
            self.drawing.line([self.at(share, 0), self.at(share, 1)], colour=FAINT, width=1)
            x, y = self.at(share, 0)
            self.drawing.text((x, y + 18), f"{share:.0%}", size=12, colour=GREY, anchor="middle")
            x, y = self.at(0, share)
            self.drawing.text((x - 8, y + 4), f"{share:.0%}", size=12, colour=GREY, anchor="end")
        self.drawing.line([self.at(0, 1), self.at(0, 0), self.at(1, 0)], colour=GREY, width=1)
        middle = self.left + SIDE / 2
        self.drawing.text((self.left, self.bottom - SIDE - 14), heading, size=15, bold=True)
        self.drawing.text((middle, self.bottom + 40), across, anchor="middle")
        self.drawing.text(
            (self.left - 52, self.bottom - SIDE / 2), up, anchor="middle", upright=False
        )

    def below(self, words: str, distance: float) -> None:
        """A remark under the axis."""
        at = (self.left + SIDE / 2, self.bottom + distance)
        self.drawing.text(at, words, size=12, colour=GREY, anchor="middle")


def picture(record: Record) -> str:
    """The record as SVG text, in the policy's language."""
    words = {key: text[record.policy.language] for key, text in WORDS.items()}
    drawing = Drawing(WIDTH, HEIGHT)
    drawing.text((40, 40), words["title"], size=20, bold=True)
    subtitle = counted(record, record.policy.language)
    drawing.text((40, 63), subtitle, colour=GREY)
    for number, line in enumerate(wrapped(record.sentence, 120)[:3]):
        drawing.text((40, 90 + 19 * number), line, size=14)
    if record.mean is None:
        drawing.text((WIDTH / 2, HEIGHT / 2), words["none"], colour=GREY, anchor="middle")
    else:
        _calibration(_Chart(drawing, 95, 540), record.mean, words)
        _gains(_Chart(drawing, 580, 540), record.mean, words)
    return drawing.svg(words["title"], f"{subtitle}. {record.sentence}")


def counted(record: Record, language: Language) -> str:
    """What was judged: how often, how many customers, how far ahead."""
    mean = record.mean
    if mean is None:
        return ""
    several = WORDS["counted" if mean.cuts > 1 else "counted_one"][language]
    return several.format(
        cuts=mean.cuts,
        customers=f"{mean.customers:,.0f}",
        horizon=record.horizon,
        day=day(record.cuts[0].as_of),
    )


def _calibration(chart: _Chart, mean: Pooled, words: Mapping[str, str]) -> None:
    """Dots on the diagonal are promises that were kept; pale bars are the customers behind each dot."""
    drawing, bins = chart.drawing, mean.calibration
    most = float(bins.customers.max()) or 1.0
    for number, customers in enumerate(bins.customers.tolist()):
        height = SIDE * 0.25 * customers / most
        x, y = chart.at(number / len(bins.customers), 0)
        drawing.box(x + 3, y - height, SIDE / len(bins.customers) - 6, height, fill=PALE)
        x, y = chart.at((number + 0.5) / len(bins.customers), 0)
        many = _short(customers / mean.cuts)
        drawing.text((x, y + 64), many, size=11, colour=GREY, anchor="middle")
    chart.axes(words["calibration"], words["said"], words["really"])
    chart.below(words["bars"], 84)
    drawing.line([chart.at(0, 0), chart.at(1, 1)], colour=GREY, width=1.5, dash="2 4")
    x, y = chart.at(0.97, 0.97)
    drawing.text((x - 14, y), words["perfect"], size=12, colour=GREY, anchor="end")
    for number, customers in enumerate(bins.customers.tolist()):
        if not customers:
            continue
        said = float(bins.promised[number]) / customers
        really = float(bins.churned[number]) / customers
        low, high = wilson(really, customers / mean.cuts)
        drawing.line([chart.at(said, low), chart.at(said, high)], colour=BLUE, width=2)
        tip = f"{said:.0%} → {really:.0%} ({words['customers']}: {customers / mean.cuts:,.0f})"
        drawing.dot(chart.at(said, really), radius=5, colour=BLUE, tip=tip)


def _gains(chart: _Chart, mean: Pooled, words: Mapping[str, str]) -> None:
    """The steeper the line, the sooner the leavers are found."""
    drawing = chart.drawing
    chart.axes(words["gains"], words["called_share"], words["found_share"])
    drawing.line([chart.at(0, 0), chart.at(1, 1)], colour=GREY, width=1.5, dash="2 4")
    for name in reversed(_COLOURS):
        curve = mean.gains.get(name)
        if curve is not None:
            points = [chart.at(x, y) for x, y in zip(GAIN_SHARES, curve, strict=True)]
            drawing.line(points, colour=_COLOURS[name], width=2.5, dash=_DASHES[name])
    legend = [
        *((name, _COLOURS[name], _DASHES[name]) for name in _COLOURS),
        ("chance", GREY, "2 4"),
    ]
    for number, (name, colour, dash) in enumerate(legend):
        x, y = chart.at(0.46, 0.22 - 0.065 * number)
        drawing.line([(x, y - 4), (x + 34, y - 4)], colour=colour, width=2.5, dash=dash)
        drawing.text((x + 42, y), words[name])
    lift = mean.judged[VERDICTS].lift
    if lift is not None:
        said = words["lift_said"].format(lift=f"{lift:.1f}")
        chart.below(said, 64)


def _short(customers: float) -> str:
    """A number that fits under a bar."""
    return f"{customers:,.0f}" if customers < 100_000 else f"{customers / 1000:,.0f}k"
