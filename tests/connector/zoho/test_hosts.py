"""Facts about where tokens may go."""

import pytest

from connector.errors import CrmError, Refused, UntrustedHost, WrongDataCentre
from connector.zoho.hosts import (
    ENDINGS,
    ENVIRONMENTS,
    api_domain_of_token,
    check_api_domain,
    hosts_for,
    hosts_from_urls,
)

LOCAL = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("centre", "accounts", "api"),
    [
        ("US", "https://accounts.zoho.com", "https://www.zohoapis.com"),
        ("EU", "https://accounts.zoho.eu", "https://www.zohoapis.eu"),
        ("IN", "https://accounts.zoho.in", "https://www.zohoapis.in"),
        ("AU", "https://accounts.zoho.com.au", "https://www.zohoapis.com.au"),
        ("CN", "https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn"),
        ("JP", "https://accounts.zoho.jp", "https://www.zohoapis.jp"),
        ("SA", "https://accounts.zoho.sa", "https://www.zohoapis.sa"),
        ("CA", "https://accounts.zohocloud.ca", "https://www.zohoapis.ca"),
    ],
)
def test_each_data_centre_has_the_hosts_that_zoho_lists(
    centre: str, accounts: str, api: str
) -> None:
    hosts = hosts_for(centre.lower())
    assert (hosts.accounts_url, hosts.api_domain) == (accounts, api)
    assert hosts.token_url == accounts + "/oauth/v2/token"


@pytest.mark.parametrize("centre", ENDINGS)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_hosts_are_found_again_from_their_addresses(centre: str, environment: str) -> None:
    hosts = hosts_for(centre, environment)
    for accounts in ("", hosts.accounts_url, hosts.accounts_url + "/", hosts.token_url):
        assert hosts_from_urls(hosts.api_domain + "/", accounts, allow_loopback=False) == hosts


@pytest.mark.parametrize(("centre", "environment"), [("UK", "production"), ("EU", "staging")])
def test_an_unknown_choice_is_answered_with_the_known_ones(centre: str, environment: str) -> None:
    with pytest.raises(Refused) as caught:
        hosts_for(centre, environment)
    assert ("US, EU, IN, AU, CN, JP, SA, CA" in caught.value.hint) is (centre == "UK")
    assert ("production, sandbox, developer" in caught.value.hint) is (environment == "staging")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "http://www.zohoapis.com",
        "https://www.zohoapis.com.evil.example",
        "https://www.zohoapis.com@evil.example",
        "https://evil.example/https://www.zohoapis.com",
        "https://www.zohoapis.com:8443",
        "https://www.zohoapis.com/crm",
        "https://zohoapis.com",
        "https://127.0.0.1.evil.example",
        "http://[",
        "http://127.0.0.1:99999",
        "ftp://127.0.0.1",
        "http://user:pass@127.0.0.1",
        "http://0.0.0.0",
        "",
    ],
)
@pytest.mark.parametrize("allow_loopback", [True, False])
def test_no_other_host_is_trusted(url: str, allow_loopback: bool) -> None:
    with pytest.raises(UntrustedHost):
        check_api_domain(url, allow_loopback=allow_loopback)


def test_a_password_in_a_refused_address_is_not_repeated() -> None:
    with pytest.raises(UntrustedHost) as caught:
        check_api_domain("https://me:hunter2@evil.example", allow_loopback=False)
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("url", [LOCAL, "http://localhost:1", "http://[::1]:80", LOCAL + "/"])
def test_our_own_machine_is_trusted_only_on_request(url: str) -> None:
    assert check_api_domain(url, allow_loopback=True) == url.rstrip("/")
    with pytest.raises(UntrustedHost) as caught:
        check_api_domain(url, allow_loopback=False)
    assert "FENLEI_ALLOW_LOOPBACK" in caught.value.hint


@pytest.mark.parametrize(
    ("api", "accounts", "error"),
    [
        ("https://www.zohoapis.com", "https://accounts.zoho.eu", WrongDataCentre),
        ("https://www.zohoapis.com", "https://accounts.evil.example", UntrustedHost),
        ("https://www.zohoapis.com", LOCAL, UntrustedHost),
        (LOCAL, "https://accounts.zoho.com", UntrustedHost),
        (LOCAL, "", UntrustedHost),
    ],
)
def test_addresses_that_do_not_belong_together_are_refused(
    api: str, accounts: str, error: type[CrmError]
) -> None:
    with pytest.raises(error):
        hosts_from_urls(api, accounts, allow_loopback=True)


def test_the_stand_in_is_a_pair_of_local_addresses() -> None:
    hosts = hosts_from_urls(LOCAL, LOCAL + "/oauth/v2/token", allow_loopback=True)
    assert hosts.is_loopback
    assert hosts.token_url == LOCAL + "/oauth/v2/token"


@pytest.mark.parametrize(
    ("configured", "told", "used"),
    [
        (("US", "production"), "https://www.zohoapis.eu", "https://www.zohoapis.eu"),
        (("US", "sandbox"), "https://www.zohoapis.com", "https://sandbox.zohoapis.com"),
        (("CN", "production"), "https://sandbox.zohoapis.com.cn", "https://www.zohoapis.com.cn"),
        (("CA", "developer"), "", "https://developer.zohoapis.ca"),
    ],
)
def test_a_token_decides_the_data_centre_but_never_the_environment(
    configured: tuple[str, str], told: str, used: str
) -> None:
    assert api_domain_of_token(hosts_for(*configured), told) == used


def test_a_token_cannot_lead_from_zoho_to_this_machine_or_back() -> None:
    with pytest.raises(UntrustedHost):
        api_domain_of_token(hosts_for("US"), LOCAL)
    local = hosts_from_urls(LOCAL, LOCAL, allow_loopback=True)
    with pytest.raises(UntrustedHost):
        api_domain_of_token(local, "https://www.zohoapis.com")
