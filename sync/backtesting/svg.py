"""Draws lines, dots and words as an SVG picture, which every browser opens and which can be enlarged at will.

Only what a chart needs; everything is placed in pixels from the upper left corner (SVG 1.1, W3C 2011).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

FONT = (
    "'Segoe UI', 'Helvetica Neue', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
)

Point = tuple[float, float]


class Drawing:
    """A picture on white ground; what is drawn later covers what was drawn before."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._parts: list[str] = []
        self.box(0, 0, width, height, fill="#ffffff")

    def box(self, x: float, y: float, width: float, height: float, *, fill: str) -> None:
        """A filled rectangle."""
        self._parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"/>'
        )

    def line(self, points: Sequence[Point], *, colour: str, width: float, dash: str = "") -> None:
        """Straight from point to point."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"'
            f' stroke-linejoin="round"{dashed}/>'
        )

    def dot(self, at: Point, *, radius: float, colour: str, tip: str = "") -> None:
        """A filled circle; ``tip`` appears when a mouse rests on it."""
        told = f"<title>{escape(tip)}</title>" if tip else ""
        self._parts.append(
            f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius:g}" fill="{colour}"'
            f' stroke="#ffffff" stroke-width="1">{told}</circle>'
        )

    def text(
        self,
        at: Point,
        words: str,
        *,
        size: int = 13,
        colour: str = "#222222",
        anchor: str = "start",
        bold: bool = False,
        upright: bool = True,
    ) -> None:
        """One line of words; ``anchor`` is start, middle or end; not upright reads upwards."""
        x, y = at
        turned = "" if upright else f' transform="rotate(-90 {x:g} {y:g})"'
        weight = ' font-weight="bold"' if bold else ""
        self._parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}"'
            f' text-anchor="{anchor}"{weight}{turned}>{escape(words)}</text>'
        )

    def svg(self, title: str, description: str) -> str:
        """The whole file; title and description are what a screen reader reads out."""
        width, height = self._size
        opening = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" font-family="{FONT}">'
        )
        return "\n".join(
            [
                '<?xml version="1.0" encoding="UTF-8"?>',
                opening,
                f"<title>{escape(title)}</title>",
                f"<desc>{escape(description)}</desc>",
                *self._parts,
                "</svg>\n",
            ]
        )


def wrapped(words: str, room: int) -> list[str]:
    """The words in lines of at most ``room`` columns; a Chinese character takes two.

    >>> wrapped("one two three", 8), wrapped("一二三，四", 8)
    (['one two', 'three'], ['一二三，', '四'])
    """
    lines, line = [], ""
    for piece in _pieces(words):
        if line and _columns(line + piece.rstrip()) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(words: str) -> Iterable[str]:
    """What must stay together: a word with the space or the Chinese full stop or comma behind it."""
    piece = ""
    for character in words:
        closing = unicodedata.category(character) in ("Zs", "Pe", "Po", "Pf")
        wide = unicodedata.east_asian_width(character) in "WF"
        if piece and not closing and (wide or _ends(piece)):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _ends(piece: str) -> bool:
    last = piece[-1]
    if unicodedata.category(last) in ("Ps", "Pi"):
        return False
    return last == " " or unicodedata.east_asian_width(last) in "WF"


def _columns(words: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in words)
