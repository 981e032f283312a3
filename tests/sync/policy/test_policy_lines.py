"""The scanner against random TOML whose writer remembers on which line it put each key."""

import json
import re
import tomllib
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.policy.lines import key_lines
from sync.policy.problems import KeyPath

NAMES = st.text("ab1_-. \"'#[]={}中é", max_size=5)
PLAIN = st.text("ab \"'#[]={},.中\\", max_size=8)
SCALARS = st.sampled_from(
    ["1", "-2.5e3", "true", "inf", "0xff", "1979-05-27", "1979-05-27 07:32:00Z", "07:32:00"]
)
BREAKS = st.sampled_from(["\n", "\n\n", " # a ] comment = {\n", "\r\n", "\n\t"])


@dataclass
class Written:
    """TOML text as it grows."""

    draw: st.DrawFn
    text: str = ""
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def note(self, path: KeyPath) -> None:
        self.lines.setdefault(path, self.text.count("\n") + 1)

    def key(self, path: KeyPath, name: str) -> KeyPath:
        self.note((*path, name))
        spellings = [json.dumps(name, ensure_ascii=False)]
        if re.fullmatch("[A-Za-z0-9_-]+", name):
            spellings.append(name)
        if "'" not in name:
            spellings.append(f"'{name}'")
        self.text += self.draw(st.sampled_from(spellings))
        return (*path, name)

    def string(self) -> str:
        plain = self.draw(PLAIN)
        broken = self.draw(PLAIN) + "\n" + plain
        escaped = broken.replace("\\", "\\\\").replace('"""', '""\\"')
        spellings = [json.dumps(plain, ensure_ascii=False), f'"""{escaped} ""x"""', '"""x"""""']
        spellings += [f"'{plain}'"] if "'" not in plain else ["'''it''s '''", "'''\n'''''"]
        return self.draw(st.sampled_from(spellings))

    def value(self, path: KeyPath, depth: int) -> None:
        kind = self.draw(
            st.sampled_from(["scalar", "string", "list", "table"][: 4 if depth else 2])
        )
        if kind == "list":
            self.list(path, depth - 1)
        elif kind == "table":
            self.text += "{"
            self.pairs(path, depth - 1, before="", between=", ")
            self.text += " }"
        else:
            self.text += self.draw(SCALARS) if kind == "scalar" else self.string()

    def list(self, path: KeyPath, depth: int) -> None:
        self.text += "["
        for place in range(self.draw(st.integers(0, 3))):
            self.text += self.draw(st.just("") | BREAKS)
            self.note((*path, place))
            self.value((*path, place), depth)
            self.text += self.draw(st.just("") | BREAKS) + ","
        self.text += self.draw(st.just("") | BREAKS) + "]"

    def pairs(self, path: KeyPath, depth: int, before: str = "\n", between: str = "") -> None:
        names = self.draw(st.lists(NAMES, unique=True, max_size=3))
        for place, name in enumerate(names):
            self.text += before + (between if place else "")
            below = self.key(path, name)
            if self.draw(st.booleans()):
                self.text += self.draw(st.sampled_from([".", " . "]))
                below = self.key(below, self.draw(NAMES))
            self.text += self.draw(st.sampled_from([" = ", "=", "\t=  "]))
            self.value(below, depth)

    def header(self, path: KeyPath, name: str, brackets: int) -> KeyPath:
        self.text += self.draw(BREAKS) + "[" * brackets
        for part in path:
            if isinstance(part, str):
                self.text += json.dumps(part, ensure_ascii=False) + "."
        below = self.key(path, name)
        if brackets > 1:
            entries = [seen[len(below)] for seen in self.lines if seen[:-1] == below]
            below = (*below, len(entries))
            self.note(below)
        self.text += "]" * brackets + self.draw(st.sampled_from(["", "  # why"]))
        return below


@st.composite
def documents(draw: st.DrawFn) -> Written:
    written = Written(draw)
    written.pairs((), 2)
    tables = draw(st.lists(NAMES.map(lambda name: f"T{name}"), unique=True, max_size=3))
    for name in tables:
        brackets = draw(st.integers(1, 2))
        for _ in range(draw(st.integers(1, 3)) if brackets > 1 else 1):
            path = written.header((), name, brackets)
            written.pairs(path, 2)
            if draw(st.booleans()):
                written.pairs(written.header(path, "Sub", 1), 1)
    return written


@given(documents())
@settings(max_examples=80)
def test_every_key_is_found_on_the_line_it_was_written_on(written: Written) -> None:
    tomllib.loads(written.text)
    assert key_lines(written.text) == written.lines


def test_the_policy_s_own_constructs_are_found() -> None:
    text = (
        '# x\n[a]\nb = """\n[no]\nno = 1"""\n"c.d".e = 1\n'
        '[[p]]\n[p.w]\nt = [\n  "x", # ]\n]\n[[p]]\nu = {v = 1}'
    )
    assert key_lines(text) == {
        ("a",): 2,
        ("a", "b"): 3,
        ("a", "c.d"): 6,
        ("a", "c.d", "e"): 6,
        ("p",): 7,
        ("p", 0): 7,
        ("p", 0, "w"): 8,
        ("p", 0, "w", "t"): 9,
        ("p", 0, "w", "t", 0): 10,
        ("p", 1): 12,
        ("p", 1, "u"): 13,
        ("p", 1, "u", "v"): 13,
    }
