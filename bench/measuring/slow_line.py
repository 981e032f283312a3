"""A line with a longer way: passes everything on to a server, and what is asked a given time later.

Only questions wait, so that every question and its answer take that much longer, as on a line with that
round trip; the bandwidth is not limited. Opening a connection takes no longer, which favours clients that
open one for each call.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 65_536


@contextmanager
def slow_line(address: str, seconds: float) -> Iterator[str]:
    """The address under which a server can be reached over a longer way; its own where that is no longer.

    The line is a process of its own, so that it takes nobody's turn.
    """
    if not seconds:
        yield address
        return
    words = [sys.executable, __file__, str(urlsplit(address).port), str(seconds)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
        finally:
            process.terminate()


async def serve(port: int, seconds: float) -> None:
    """Listen on a port of our own and pass everything on to another one of this machine."""

    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        with suppress(ConnectionError):
            await asyncio.gather(
                _pass(reader, there_writer, seconds), _pass(there_reader, writer, 0.0)
            )

    server = await asyncio.start_server(passed_on, "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Pass on what comes, each piece so many seconds after it came, in order."""
    clock = asyncio.get_running_loop().time
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def read() -> None:
        piece = b"more"
        while piece:
            try:
                piece = await reader.read(CHUNK)
            except ConnectionError:
                piece = b""
            waiting.put_nowait((clock() + seconds, piece))

    reading = asyncio.create_task(read())
    try:
        while True:
            due, piece = await waiting.get()
            await asyncio.sleep(max(0.0, due - clock()))
            if not piece:
                return
            writer.write(piece)
            await writer.drain()
    finally:
        reading.cancel()
        writer.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
