"""Breaks a line of Chinese or English where a reader would: not within a number or before a full stop."""

from __future__ import annotations

import re

from rich.cells import cell_len

_OPENS, _CLOSES = "（「『“《", "，。；：、！？）」』”》"
_HAN = "\u2e80-\u2fff\u3005-\u3007\u3040-\u9fff\uf900-\ufaff"
_PIECE = re.compile(rf"\s*[{_OPENS}]*(?:[{_HAN}]|[^\s{_HAN}{_OPENS}{_CLOSES}]+)?[{_CLOSES}]*")
"""What stays on one line: a Chinese character or a run of others, with the punctuation that belongs to it."""


def wrapped(text: str, width: int) -> str:
    """The text in lines of at most so many cells, of which a Chinese character takes two.

    A piece that is wider than that has a line of its own.

    >>> print(wrapped("已180天未成交，平时约20天成交一次。", 12))
    已180天未成
    交，平时约20
    天成交一次。
    """
    return "\n".join(line for paragraph in text.split("\n") for line in _lines(paragraph, width))


def _lines(paragraph: str, width: int) -> list[str]:
    lines = [""]
    for piece in filter(None, _PIECE.findall(paragraph)):
        if lines[-1] and cell_len(lines[-1] + piece) > width:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return lines
