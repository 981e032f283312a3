"""Unpacks an answer bit by bit, so that neither a cut-off one nor one that swells without end does harm."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from connector.errors import Unintelligible
from connector.retry import TOO_LARGE

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes, unpacked: no page that we ask for comes near, so more is a fault or an attack."""

_PIECE = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_PACKED = ("gzip", "x-gzip")


class Unpacker:
    """The body of one answer, from the bytes on the wire to the bytes that were meant.

    Args:
        encoding: the answer's Content-Encoding; we ask for gzip and understand nothing else.
        largest: bytes that the body may have.

    Raises:
        Unintelligible: an encoding that was not asked for.
    """

    def __init__(self, encoding: str, largest: int = LARGEST_ANSWER) -> None:
        named = encoding.strip().lower()
        if named not in ("", "identity", *_PACKED):
            raise Unintelligible("The answer is packed in a way that we did not ask for.")
        self._gzip = zlib.decompressobj(_GZIP) if named in _PACKED else None
        self._begun = False
        self._largest = largest
        self._size = 0

    def unpacked(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what a chunk holds, in pieces of bounded size.

        Raises:
            Unintelligible: it cannot be unpacked, or the body becomes larger than allowed.
        """
        for piece in self._inflated(chunk) if self._gzip else (chunk,):
            self._size += len(piece)
            if self._size > self._largest:
                raise Unintelligible(
                    f"The answer is larger than {self._largest // 2**20} MB.", code=TOO_LARGE
                )
            yield piece

    def finish(self) -> None:
        """Check that the body is whole.

        A page that lacks only gzip's last bytes, its checksum, still unpacks to a complete text.

        Raises:
            Unintelligible: the packed text breaks off.
        """
        if self._gzip and self._begun and not self._gzip.eof:
            raise Unintelligible("The packed answer breaks off.", code="encoding")

    def _inflated(self, data: bytes) -> Iterator[bytes]:
        """Yield pieces as they come out; packed texts may follow one another (RFC 1952)."""
        while self._gzip:
            self._begun = True
            if self._gzip.eof:
                self._gzip = zlib.decompressobj(_GZIP)
            try:
                piece = self._gzip.decompress(data, _PIECE)
            except zlib.error:
                raise Unintelligible("The answer cannot be unpacked.", code="encoding") from None
            if piece:
                yield piece
            data = self._gzip.unused_data if self._gzip.eof else self._gzip.unconsumed_tail
            if not data and (self._gzip.eof or len(piece) < _PIECE):
                return
