"""Knows how countries are written, so that an address in the home country is recognised as one."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files

from classifiers.settings import Settings
from sync.policy.advice import nearest
from sync.policy.model import AUTO, Home, Policy
from sync.policy.table import Table


def read_home(region: Table) -> Home:
    """``[region]``: the home country, and which others count as domestic."""
    country = region.text("home_country", AUTO) or AUTO
    also = region.texts("domestic_regions")
    for key, names in (("home_country", (country,)), ("domestic_regions", also)):
        for name in names:
            if name != AUTO and name.lower() not in _spellings():
                region.notes.add(region.at(key), _unknown(name))
    return Home(country, also)


def home_names(home: Home, organisation: str = "") -> tuple[str, ...]:
    """Every way to write the home country and what counts as domestic; none where it is unknown.

    Args:
        home: what the policy says.
        organisation: the country of the organisation itself, as a two-letter code or a name; asked
            only where the policy leaves it to the CRM.
    """
    country = (organisation if home.country == AUTO else home.country).strip().lower()
    if not country:
        return ()
    names = {country, *_spellings().get(country, ())}
    for other in home.domestic_regions:
        names.update(_spellings().get(other.lower(), ()))
    return tuple(sorted(names))


def settings_at_home(policy: Policy, organisation: str) -> Settings:
    """The classifiers' settings of a policy, given in which country the organisation is.

    Args:
        policy: any policy; where it names a home country itself, that one stays.
        organisation: as for :func:`home_names`.
    """
    words = replace(policy.settings.words, home_countries=home_names(policy.home, organisation))
    return replace(policy.settings, words=words)


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    """Each way to write a country → all of them, the two-letter code included."""
    table = tomllib.loads(files(__package__).joinpath("countries.toml").read_text("utf-8"))
    known = {}
    for code, names in table.items():
        known.update(dict.fromkeys((code, *names), (code, *names)))
    return known


def _unknown(name: str) -> str:
    meant = nearest(name, _spellings())
    advice = f"Did you mean {meant!r}? " if meant else ""
    return (
        f"{name!r} is no country that is known here. {advice}"
        'Write its English name or its two-letter code, such as "China" or "CN".'
    )
