"""The tags of each module: coloured words that people put on records."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from connector.standin.answers import JsonObject

MOST_TAGS_A_RECORD = 10
LONGEST_NAME = 25


class Tagbook:
    """Every tag of every module, by name."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._tags: dict[str, dict[str, JsonObject]] = {}

    def of(self, module: str) -> list[JsonObject]:
        """The tags of a module."""
        return list(self._tags.get(module, {}).values())

    def find(self, module: str, name: str) -> JsonObject | None:
        """The tag of this name, whatever its upper and lower case."""
        return self._tags.get(module, {}).get(name.casefold())

    def add(self, module: str, name: str, colour: str | None = None) -> JsonObject:
        """The tag of this name, made where it does not exist yet."""
        found = self.find(module, name)
        if found is None:
            found = {"name": name, "id": self._new_id(), "color_code": colour}
            self._tags.setdefault(module, {})[name.casefold()] = found
        return found

    def resolve(self, module: str, given: Iterable[object]) -> list[JsonObject]:
        """Tags as records show them, from ``[{"name": …}]`` or plain names."""
        names = (tag.get("name") if isinstance(tag, dict) else tag for tag in given)
        return [dict(self.add(module, name)) for name in names if isinstance(name, str) and name]
