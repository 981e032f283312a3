"""Tells whether an earlier run has already answered all that this one asks, and takes its answers.

The answers of a run rest on what the classifiers read, on the day, on the policy's numbers, on the forecast
that spoke before, and on the rules. All of it goes into one key, the rules by their own source code: whatever
differs gives another key, and then everything is decided afresh.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import narwhals as nw
import numpy as np

import classifiers
from classifiers.classify import Classification
from classifiers.dimension import TierThresholds, ValueThresholds
from classifiers.forecast import Forecast
from classifiers.settings import Settings
from sync.mirror import Mirror, Tables, fingerprint, keep_verdicts, verdicts_of

_ENGINES = ("duckdb", "narwhals", "numpy")
_PARTS = {"model": Forecast, "tiers": TierThresholds, "values": ValueThresholds}


def key_of(
    mirror: Mirror,
    tables: Tables,
    *,
    today: int,
    settings: Settings,
    incumbent: str | None,
    asked: Collection[str] | None,
) -> str:
    """A text that is another one whenever another verdict is possible; parameters as of ``classify``."""
    questions = None if asked is None else sorted(asked)
    rest = (rules(Path(classifiers.__path__[0])), today, settings, incumbent, questions)
    words = f"{fingerprint(mirror, tables)} {rest!r}"
    return hashlib.sha256(words.encode(errors="replace")).hexdigest()


@cache
def rules(folder: Path) -> str:
    """The rules that a process decides by: the classifiers' source code, and what computes with them."""
    digest = hashlib.sha256(repr([version(name) for name in _ENGINES]).encode())
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def keep(mirror: Mirror, key: str, found: Classification) -> None:
    """Keep a run's answers in the local copy; the verdicts are there under the name ``verdicts``."""
    told = {name: asdict(getattr(found, name)) for name in _PARTS}
    text = json.dumps({**told, "sources": sorted(found.sources)}, default=_plain)
    if _taken(text, found.settings, found.today, found.verdicts) == found:
        keep_verdicts(mirror, key, text)


def taken(mirror: Mirror, key: str, *, settings: Settings, today: int) -> Classification | None:
    """The answers that were kept under this key, verdicts and all; None where there are none."""
    text = verdicts_of(mirror, key)
    if text is None:
        return None
    verdicts = nw.from_native(mirror.relation("FROM temp.kept_verdicts")).lazy()
    return _taken(text, settings, today, verdicts)


def _taken(
    text: str, settings: Settings, today: int, verdicts: nw.LazyFrame[Any]
) -> Classification:
    told = json.loads(text)
    parts = {name: _typed(kind, told[name]) for name, kind in _PARTS.items()}
    sources = frozenset(told["sources"])
    return Classification(verdicts, settings=settings, today=today, sources=sources, **parts)


def _plain(value: np.generic) -> object:
    """A number of NumPy's as one of Python's."""
    return value.item()


def _typed(kind: Any, value: Any) -> Any:  # noqa: ANN401 - whatever a frozen value is made of
    """A value of plain JSON as the frozen value that it was made of, with all those within it."""
    if isinstance(kind, type) and is_dataclass(kind):
        kinds = get_type_hints(kind)
        held = {one.name: _typed(kinds[one.name], value[one.name]) for one in fields(kind)}
        return kind(**held)
    within = get_args(kind)
    if get_origin(kind) is tuple:
        return tuple(_typed(within[0], one) for one in value)
    if NoneType in within:
        return None if value is None else _typed(within[0], value)
    return value
