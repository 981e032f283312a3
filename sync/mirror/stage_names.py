"""Lets a stage that the policy names be found in deals by whichever of its names they speak."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from sync.mirror.store import Mirror

_KEY = "names_of_stages"


def keep_stage_names(mirror: Mirror, stages: Sequence[Sequence[str]]) -> None:
    """Remember the names of each stage that has several."""
    mirror.remember(_KEY, json.dumps(stages, ensure_ascii=False) if stages else "")


def by_every_name(mirror: Mirror, categories: Mapping[str, str]) -> dict[str, str]:
    """Stage name → category, for all names of each stage; one that is given itself goes before the others."""
    found: dict[str, str] = {}
    for names in _stages(mirror):
        for known in names:
            if known in categories:
                found |= dict.fromkeys(names, categories[known])
    return found | dict(categories)


def with_every_name(mirror: Mirror, names: Iterable[str]) -> list[str]:
    """These stages under all of their names."""
    return sorted(by_every_name(mirror, dict.fromkeys(names, "")))


def _stages(mirror: Mirror) -> list[list[str]]:
    told = mirror.fact(_KEY)
    return list(json.loads(told)) if told else []
