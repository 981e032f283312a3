"""Whatever tries to write a secret into the log, the log does not get it, and one record stays one record."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connector.redaction import MARK, SHORTEST, TALKATIVE, Secrets, logging_to, one_line, visible

REFRESH = "1000.8f3a61c2d4e5b7a9080706050403020f.1a2b3c4d5e6f70819293a4b5c6d7e8f9"
ODD = 'p+/ä"\\s&w=r d§'
log = logging.getLogger("sync.tried")

letters = st.sampled_from("abcXYZ019./+=%&\"'\\ ü客")
secret_text = st.text(letters, min_size=SHORTEST, max_size=24)


@pytest.fixture
def written() -> Iterator[Callable[[], str]]:
    """The debugging log of a process that holds two secrets."""
    stream = io.StringIO()
    with logging_to(stream, Secrets(REFRESH, ODD), debug=True):
        yield stream.getvalue


FORMS = {
    "plain": lambda s: s,
    "in an address": quote,
    "in a form": quote_plus,
    "with nothing left as it is": lambda s: quote(s, safe=""),
    "in small letters": lambda s: quote(s, safe="").lower() if "%" in quote(s) else s,
    "twice coded": lambda s: quote(quote(s, safe=""), safe=""),
    "as JSON": json.dumps,
    "as JSON in its own letters": lambda s: json.dumps(s, ensure_ascii=False),
    "as Python shows it": repr,
    "as Base64": lambda s: base64.b64encode(s.encode()).decode(),
    "as Base64 for addresses": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "behind an id in Base64": lambda s: base64.b64encode(f"1000.ID:{s}".encode()).decode(),
    "within Base64": lambda s: base64.b64encode(f"ab{s}cd".encode()).decode(),
}


@pytest.mark.fault("K6")
@pytest.mark.parametrize("secret", [REFRESH, ODD])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_is_hidden_in_every_form(
    written: Callable[[], str], secret: str, form: Callable[[str], str]
) -> None:
    log.debug(f"sending {form(secret)} now")  # noqa: G004 - careless lines are what this is about
    log.debug("sending %s now", form(secret))
    assert MARK in written()
    for told in FORMS.values():
        assert told(secret).strip("\"'=") not in written()


def test_half_a_token_is_hidden_too(written: Callable[[], str]) -> None:
    for half in REFRESH.split(".")[1:]:
        log.info("the token begins with %s", half)
        assert half not in written()


@pytest.mark.parametrize(
    "tell",
    [
        lambda: log.warning("form %s", {"refresh_token": REFRESH}),
        lambda: log.warning("form %(token)s", {"token": REFRESH}),
        lambda: log.warning({"refresh_token": REFRESH}),
        lambda: log.warning(ValueError(REFRESH)),
        lambda: log.warning("body %r", REFRESH.encode()),
        lambda: log.warning("wrong %d", REFRESH),
        lambda: log.warning("wrong %s %s", REFRESH),  # noqa: PLE1206 - a careless line
        lambda: log.warning(urlencode({"refresh_token": REFRESH, "x": ODD})),
    ],
)
def test_it_does_not_matter_how_it_came_into_the_line(
    written: Callable[[], str], tell: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    tell()
    said = written() + "".join(capsys.readouterr())
    assert "WARNING sync.tried: " in said
    assert REFRESH not in said


def fail(secret: str) -> None:
    try:
        {}[secret]
    except KeyError as exc:
        raise RuntimeError(f"could not send {quote_plus(secret)}") from exc


def test_errors_are_written_without_the_secrets_in_them_or_in_their_causes(
    written: Callable[[], str],
) -> None:
    try:
        fail(ODD)
    except RuntimeError:
        log.exception("it failed", stack_info=True)
    assert written().count(MARK) == 2
    assert "KeyError" in written()
    assert "Stack (most recent call last)" in written()
    for form in FORMS.values():
        assert form(ODD).strip("\"'=") not in written()


@given(st.lists(secret_text, min_size=1, max_size=4), st.data())
def test_where_one_secret_is_part_of_another_nothing_of_either_is_left(
    bases: list[str], data: st.DataObject
) -> None:
    base = bases[0]
    known = [*bases, base[: max(SHORTEST, len(base) // 2)], base + "tail99", "head99" + base]
    assume(not any(secret in MARK or MARK in secret for secret in known))
    secrets = Secrets(*data.draw(st.permutations(known)))
    pieces = st.one_of(st.sampled_from(known), st.text(letters, max_size=6))
    text = "".join(data.draw(st.lists(pieces, max_size=8)))
    hidden = secrets.hide(text)
    assert not any(secret in left for secret in known for left in hidden.split(MARK))


def test_secrets_that_overlap_are_hidden_as_one() -> None:
    secrets = Secrets("abcdef", "cdefgh123")
    assert secrets.hide("<abcdefgh123>") == f"<{MARK}>"


def test_a_secret_that_comes_later_is_hidden_from_then_on() -> None:
    secrets = Secrets()
    assert secrets.hide("1000.access-token") == "1000.access-token"
    secrets.add("1000.access-token", "")
    assert secrets.hide("1000.access-token") == MARK
    assert "access" not in repr(secrets)


def test_what_is_no_secret_stays_readable() -> None:
    line = "access token in hand for 3600 s"
    assert Secrets(REFRESH, ODD, "", "token").hide(line) == line


TRICKS = [
    "Acme\n2026-01-01 00:00:00,000 INFO sync.run: run done",
    "Acme\r\x1b[2J\x1b]0;title\x07",
    "Acme\u202egnirts\u2066\u200f",
    "Acme\u2028\u2029\x85\x0b\x0c",
    "Acme\x00\x9b31m\ud800",
]


@pytest.mark.fault("K7")
@pytest.mark.parametrize("name", TRICKS)
def test_a_customer_s_name_can_neither_forge_a_line_nor_steer_a_terminal(
    written: Callable[[], str], name: str
) -> None:
    log.info("account %s is odd", name)
    try:
        {}[name]
    except KeyError:
        log.exception("it failed")
    records = [line for line in written().splitlines() if re.match(r"\d{4}-\d\d-\d\d ", line)]
    assert len(records) == 2
    assert not any(steers(letter) for letter in written().replace("\n", ""))


def steers(letter: str) -> bool:
    """By Unicode's own tables: control codes, line ends, lone halves, changes of writing direction."""
    directions = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    return (
        unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}
        or unicodedata.bidirectional(letter) in directions
    )


@given(st.text(), st.text("客户　 Ｌtd. 👨\u200d👩é-", max_size=8))
def test_nothing_in_a_line_steers_and_ordinary_text_is_left_alone(text: str, name: str) -> None:
    assert not any(steers(letter) for letter in one_line(text))
    assert one_line(name) == name
    assert visible(f"{name}\n{text}\n").startswith(f"{name}\n")


def test_libraries_never_tell_their_debugging_and_ours_only_when_asked() -> None:
    stream = io.StringIO()
    before = [logging.getLogger(name).level for name in TALKATIVE]
    with logging_to(stream, Secrets(REFRESH)):
        log.info("not asked for")
        log.warning("a warning")
    with logging_to(stream, Secrets(REFRESH), debug=True):
        for name in TALKATIVE:
            logging.getLogger(f"{name}.connectionpool").debug("GET /?token=x")
    assert stream.getvalue() == "a warning\n"
    assert [logging.getLogger(name).level for name in TALKATIVE] == before, "put back afterwards"
