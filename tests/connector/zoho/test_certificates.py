"""Facts about safe connections: who may answer, and that no switch anywhere makes us less careful."""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from scripted import Scripted, reply
from transport_bench import DONE, benches

from connector.clock import SystemClock
from connector.errors import Refused, Unavailable
from connector.zoho.certificates import CA_FILE, tls
from connector.zoho.wire import Timeouts, Wire

PAST = datetime(2020, 1, 1, tzinfo=UTC)
PRODUCT = [
    path
    for folder in ("connector", "classifiers", "sync")
    for path in (Path(__file__).parents[3] / folder).rglob("*.py")
]


def server_side(certificate: trustme.LeafCert | None = None, **limits: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (certificate or trustme.CA().issue_cert("127.0.0.1")).configure_cert(context)
    for name, value in limits.items():
        setattr(context, name, value)
    return context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def exchange(server: Scripted) -> int:
    wire = Wire(clock=SystemClock(), timeouts=Timeouts(2, 2, 2))
    try:
        return wire.exchange("POST", server.url, body=b"{}").status
    finally:
        wire.close()


def trust(authority: trustme.CA, folder: Path, patch: pytest.MonkeyPatch) -> None:
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    patch.setenv(CA_FILE, str(file))


@pytest.mark.fault("N4")
@pytest.mark.parametrize("wrong", ["unknown authority", "expired", "another host", "old TLS"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # old TLS is what is shown
def test_a_host_that_cannot_prove_itself_stops_the_call_before_anything_is_sent(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    trust(authority, tmp_path, monkeypatch)
    secure = {
        "unknown authority": server_side,
        "expired": lambda: server_side(
            authority.issue_cert("127.0.0.1", not_before=PAST, not_after=PAST + timedelta(days=1))
        ),
        "another host": lambda: server_side(authority.issue_cert("zoho.example")),
        "old TLS": lambda: server_side(
            authority.issue_cert("127.0.0.1"), maximum_version=ssl.TLSVersion.TLSv1_1
        ),
    }[wrong]()
    with Scripted(reply(200, DONE), secure=secure) as server:
        with pytest.raises(Refused) as caught:
            exchange(server)
        assert server.seen == []
    assert caught.value.code == "certificate"
    assert CA_FILE in caught.value.hint


@pytest.mark.fault("N4")
def test_a_bad_certificate_is_neither_tried_again_nor_gone_around(tmp_path: Path) -> None:
    with benches(tmp_path)(reply(200, DONE), secure=server_side()) as b:
        for call in (lambda: b.transport.get("/Accounts"), b.write, b.create):
            with pytest.raises(Refused) as caught:
                call()
            assert caught.value.code == "certificate"
        assert (b.api.connections, b.api.seen, b.clock.monotonic()) == (3, [], 0)


def test_an_authority_of_ones_own_is_trusted_by_path_alone(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    secure = server_side(authority.issue_cert("127.0.0.1"))
    with Scripted(reply(200, DONE), secure=secure) as server:
        with pytest.raises(Refused):
            exchange(server)
        trust(authority, tmp_path, monkeypatch)
        assert exchange(server) == 200
    assert not keys.exists()


@pytest.mark.parametrize("content", [None, "", "not a certificate", "-----BEGIN CERTIFICATE-----"])
def test_a_file_of_authorities_that_holds_none_is_told_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    file = tmp_path / "authority.pem"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv(CA_FILE, str(file))
    with pytest.raises(Refused, match=CA_FILE):
        Wire(clock=SystemClock(), timeouts=Timeouts())


def test_who_hangs_up_while_connecting_has_seen_nothing() -> None:
    with Scripted(reply(200, DONE), secure=server_side(), mute=True) as server:
        with pytest.raises(Unavailable) as caught:
            exchange(server)
        assert server.seen == []
    assert caught.value.code == "not_connected"


def test_connections_speak_tls_1_2_at_least_and_check_whom_they_speak_to() -> None:
    context = tls()
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.VerifyMode.CERT_REQUIRED
    assert context.check_hostname


def test_nothing_in_the_product_switches_the_check_off() -> None:
    switch = re.compile(
        r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|_create_unverified"
    )
    assert len(PRODUCT) > 100
    assert [path.name for path in PRODUCT if switch.search(path.read_text("utf-8"))] == []
