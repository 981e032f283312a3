"""Photographs a run: the state folder as the machine has it, and the CRM as it is, at one moment.

That is exactly what a process leaves behind that is killed there and then: files as far as they were
written, nothing tidied up, no lock held. A new process that finds a photograph cannot tell it from a
death, so one run photographed everywhere stands for hundreds of runs that died somewhere.
"""

from __future__ import annotations

import copyreg
import hashlib
import http.client
import io
import pickle
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connector.standin.field_types import StandInField
from connector.standin.server import StandIn

if TYPE_CHECKING:
    from crash.moments import Sent

_SERVING = ("_server", "_thread", "_closed")
"""What stays with the stand-in's process when its organisation is exchanged."""

_REBUILT = "-shm"
"""SQLite builds this file anew whenever nobody has the ledger open."""


def _make_copyable() -> None:
    """Locks are copied as new and open ones, counters at where they are."""
    copyreg.pickle(type(threading.Lock()), lambda _lock: (threading.Lock, ()))
    copyreg.pickle(type(threading.RLock()), lambda _lock: (threading.RLock, ()))
    copyreg.pickle(count, lambda counter: (count, (int(repr(counter)[6:-1]),)))


_make_copyable()


class _Writer(pickle.Pickler):
    """Writes a number in place of whatever is shared."""

    def __init__(self, file: io.BytesIO, lists: Collection[list[Any]]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.shared: list[Any] = []
        self._lists = {id(one) for one in lists}
        self._places: dict[int, int] = {}

    def persistent_id(self, thing: Any) -> int | None:
        if type(thing) is not StandInField and id(thing) not in self._lists:
            return None
        if id(thing) not in self._places:
            self._places[id(thing)] = len(self.shared)
            self.shared.append(list(thing) if id(thing) in self._lists else thing)
        return self._places[id(thing)]


class _Reader(pickle.Unpickler):
    """Puts back what the numbers stand for; reads nothing but what ``_Writer`` wrote in this process."""

    def __init__(self, file: io.BytesIO, shared: Sequence[Any]) -> None:
        super().__init__(file)
        self._shared = shared

    def persistent_load(self, place: int) -> Any:
        return self._shared[place]


@dataclass(frozen=True, slots=True)
class Negative:
    """A stand-in's organisation, from which any number can be made that are just like it.

    All of them share what never changes: entries of the log, calls that came in, definitions of fields.
    """

    content: bytes = field(repr=False)
    shared: tuple[Any, ...] = field(repr=False)

    @classmethod
    def of(cls, crm: Mapping[str, Any]) -> Negative:
        """As it is now."""
        written = io.BytesIO()
        writer = _Writer(written, (crm["_journal"].entries, crm["tenant"].requests))
        writer.dump(dict(crm))
        return cls(written.getvalue(), tuple(writer.shared))

    def printed(self) -> dict[str, Any]:
        """Another one."""
        things = [list(one) if isinstance(one, list) else one for one in self.shared]
        return dict(_Reader(io.BytesIO(self.content), things).load())


@dataclass(frozen=True, slots=True)
class Photo:
    """Files of the state folder by relative path, the CRM, and requests that are still under way."""

    files: Mapping[str, bytes] = field(repr=False)
    crm: Negative = field(repr=False)
    late: tuple[Sent, ...] = ()

    def develop(self, folder: Path, standin: StandIn) -> None:
        """Make the world what it was: the files in a new folder, the CRM in a running stand-in."""
        folder.mkdir(mode=0o700, parents=True)
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(content)
        self.restore(standin)

    def restore(self, standin: StandIn) -> None:
        """Make the CRM alone what it was, in a running stand-in."""
        vars(standin).update(self.crm.printed())
        standin._server.tenant = standin.tenant


def let_it_arrive(sent: Sent, standin: StandIn) -> None:
    """A request that was under way when its sender died reaches the CRM now."""
    conn = http.client.HTTPConnection(urlsplit(standin.api_domain).netloc, timeout=30)
    try:
        conn.request(sent.method, sent.target, sent.body, dict(sent.headers))
        conn.getresponse().read()
    finally:
        conn.close()


@dataclass(slots=True)
class Album:
    """Photographs of one run, each world kept once however many moments show it."""

    folder: Path
    standin: StandIn
    photos: dict[str, Photo] = field(default_factory=dict)
    _contents: dict[str, bytes] = field(default_factory=dict)
    _crm: tuple[str, Negative] = ("", Negative(b"", ()))

    def take(self, late: tuple[Sent, ...] = ()) -> str:
        """Photograph the present moment; gives back the name of the world that it shows."""
        files = self._files()
        crm = self._state_of_crm()
        shown = [
            f"{name} {digest}" for name, digest in sorted(files.items()) if _REBUILT not in name
        ]
        world = hashlib.sha256("\n".join([*shown, crm, repr(late)]).encode()).hexdigest()
        if world not in self.photos:
            if self._crm[0] != crm:
                self._crm = crm, _snapshot(self.standin)
            contents = {name: self._contents[digest] for name, digest in files.items()}
            self.photos[world] = Photo(contents, self._crm[1], late)
        return world

    def _files(self) -> dict[str, str]:
        digests: dict[str, str] = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
                self._contents.setdefault(digest, content)
                digests[str(path.relative_to(self.folder))] = digest
        return digests

    def _state_of_crm(self) -> str:
        """Changes with everything that a client can change or wait for in the CRM."""
        tenant = self.standin.tenant
        with tenant.lock:
            return repr(
                (
                    len(self.standin.log),
                    tenant.clock.monotonic(),
                    [(s.made, s.live) for s in tenant.oauth._refresh.values()],
                    tenant.faults.waiting,
                    sorted(tenant.store.locked),
                )
            )


def _snapshot(standin: StandIn) -> Negative:
    with standin.tenant.lock:
        assert not standin.tenant.late, "work that was put off cannot be photographed"
        return Negative.of({k: v for k, v in vars(standin).items() if k not in _SERVING})
