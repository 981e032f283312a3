"""Facts about packed answers: a part of one is none, and none can fill the memory."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import reply
from transport_bench import DONE

from connector.errors import Uncertain, Unintelligible
from connector.zoho.unpacking import LARGEST_ANSWER, Unpacker

WHOLE = json.dumps({"data": [{"id": str(n)} for n in range(50)]}).encode()
PACKED = gzip.compress(WHOLE, mtime=0)  # lest the names of tests tell the time


def unpacked(data: bytes, *, encoding: str = "gzip", step: int = 7, largest: int = 10**6) -> bytes:
    unpacker = Unpacker(encoding, largest)
    chunks = [data[at : at + step] for at in range(0, len(data), step)]
    out = b"".join(piece for chunk in chunks for piece in unpacker.unpacked(chunk))
    unpacker.finish()
    return out


@given(text=st.binary(max_size=2000), step=st.integers(1, 3000), twice=st.booleans())
def test_what_was_packed_comes_out_whole(text: bytes, step: int, twice: bool) -> None:
    packed = gzip.compress(text) * (2 if twice else 1)
    assert unpacked(packed, step=step) == text * (2 if twice else 1)
    assert unpacked(text, encoding="", step=step) == text


@pytest.mark.fault("N10")
@pytest.mark.parametrize("cut", range(1, len(PACKED)))
def test_a_packed_answer_cut_anywhere_is_refused_even_where_its_text_is_complete(cut: int) -> None:
    with pytest.raises(Unintelligible):
        unpacked(PACKED[:-cut])


SHORT = reply(200, gzip.compress(json.dumps(DONE).encode())[:-8], Content_Encoding="gzip")


@pytest.mark.fault("N10")
def test_a_page_that_lacks_only_its_checksum_is_read_again(bench: Any) -> None:
    with bench(SHORT, reply(200, DONE)) as b:
        assert b.transport.get("/Accounts").body == DONE
        assert len(b.api.seen) == 2


@pytest.mark.fault("N10")
def test_a_creation_whose_answer_lacks_only_its_checksum_is_in_doubt(bench: Any) -> None:
    with bench(SHORT) as b, pytest.raises(Uncertain):
        b.create()


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"not packed", "gzip"),
        (PACKED[:-6] + b"\0" * 6, "gzip"),
        (PACKED + b"more", "gzip"),
        (WHOLE, "br"),
    ],
)
def test_what_cannot_be_unpacked_is_unintelligible(data: bytes, encoding: str) -> None:
    with pytest.raises(Unintelligible):
        unpacked(data, encoding=encoding)


@pytest.mark.fault("N11")
@pytest.mark.parametrize("step", [1000, 10**6])
def test_a_bomb_is_stopped_at_the_limit_and_never_held_whole(step: int) -> None:
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(100)) + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(Unintelligible, match="larger than 2 MB") as caught:
            unpacked(bomb, step=step, largest=2 * 2**20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.code == "too_large"
    assert peak < 8 * 2**20


@pytest.mark.fault("N11")
def test_an_answer_that_is_too_large_is_not_asked_for_again(bench: Any) -> None:
    bomb = gzip.compress(bytes(LARGEST_ANSWER + 1), compresslevel=1)
    with bench(reply(200, bomb, Content_Encoding="gzip")) as b:
        with pytest.raises(Unintelligible, match="larger than 64 MB"):
            b.transport.get("/Accounts")
        assert len(b.api.seen) == 1
