"""The network line: connections refused, never answered, or encrypted with a certificate of any kind."""

from __future__ import annotations

import ssl
import sys
from typing import Any

import pytest
import requests
import trustme

from connector.standin.server import StandIn


def test_an_unplugged_stand_in_refuses_connections_and_comes_back(
    signed_in: Any, standin: StandIn
) -> None:
    before = standin.api_domain
    with standin.unplugged(), pytest.raises(requests.ConnectionError):
        signed_in("GET", "/org")
    assert standin.api_domain == before
    assert signed_in("GET", "/org").status_code == 200


@pytest.mark.skipif(sys.platform != "linux", reason="other systems answer when a queue is full")
def test_a_silent_line_never_answers(signed_in: Any, standin: StandIn) -> None:
    url = f"{standin.api_domain}/crm/v8/org"
    with standin.unplugged("silent"), pytest.raises(requests.ConnectTimeout):
        requests.get(url, timeout=(0.2, 5))
    assert signed_in("GET", "/org").status_code == 200


@pytest.mark.parametrize(("host", "trusted"), [("127.0.0.1", True), ("elsewhere.example", False)])
def test_the_certificate_decides_whether_anybody_talks_to_it(
    make_standin: Any, tmp_path: Any, host: str, trusted: bool
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    standin = make_standin(tls=context)
    assert standin.api_domain.startswith("https://127.0.0.1:")
    call = f"{standin.api_domain}/crm/v8/org"
    authorities = str(tmp_path / "ca.pem")
    if trusted:
        answer = requests.get(call, timeout=5, verify=authorities)
        assert answer.json()["code"] == "AUTHENTICATION_FAILURE"
    else:
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(call, timeout=5, verify=authorities)
