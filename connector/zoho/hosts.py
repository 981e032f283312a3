"""Zoho's addresses by data centre and environment, and the check that a token only ever goes there."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from connector.errors import Refused, UntrustedHost, WrongDataCentre

ENDINGS = {
    "US": ("zoho.com", "com"),
    "EU": ("zoho.eu", "eu"),
    "IN": ("zoho.in", "in"),
    "AU": ("zoho.com.au", "com.au"),
    "CN": ("zoho.com.cn", "com.cn"),
    "JP": ("zoho.jp", "jp"),
    "SA": ("zoho.sa", "sa"),
    "CA": ("zohocloud.ca", "ca"),
}
"""For each data centre what ``accounts.`` and ``zohoapis.`` are followed by (Zoho v8 docs,
multi-dc, and the data centres of Zoho's own v8 client; Canada's two differ)."""

_UPLOADS = {
    **{centre: f"https://content.zohoapis.{api}" for centre, (_, api) in ENDINGS.items()},
    "SA": "https://files.zoho.sa",
    "CA": "https://upload.zohocloud.ca",
}
"""Where files are handed in, by data centre and for every environment (Zoho's own v8 client and its
OpenAPI files; a page of the documents names another host, ``upload.zoho.com``)."""

ENVIRONMENTS = {"production": "www", "sandbox": "sandbox", "developer": "developer"}
"""For each environment how the name of its API host begins."""

LOOPBACK = "loopback"
"""In place of a data centre: this machine, where the stand-in plays Zoho."""

_TOKEN_PATH = "/oauth/v2/token"  # noqa: S105 - a path


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where one organisation lives; both addresses without a slash at the end."""

    data_centre: str
    environment: str
    accounts_url: str
    api_domain: str

    @property
    def is_loopback(self) -> bool:
        """Tell whether this is the stand-in on our own machine."""
        return self.data_centre == LOOPBACK

    @property
    def token_url(self) -> str:
        """The address where codes and refresh tokens are exchanged."""
        return self.accounts_url + _TOKEN_PATH


def hosts_for(data_centre: str, environment: str = "production") -> Hosts:
    """Return the hosts of a data centre and environment; capitals or not.

    >>> hosts_for("cn").accounts_url
    'https://accounts.zoho.com.cn'

    Raises:
        Refused: no such data centre or environment; the message lists those there are.
    """
    centre, kind = data_centre.strip().upper(), environment.strip().lower()
    if centre not in ENDINGS:
        raise Refused(
            f"There is no data centre {data_centre!r}.",
            hint=f"Choose one of {', '.join(ENDINGS)}: the one your Zoho address ends in.",
        )
    if kind not in ENVIRONMENTS:
        raise Refused(
            f"There is no environment {environment!r}.",
            hint=f"Choose one of {', '.join(ENVIRONMENTS)}.",
        )
    accounts, api = ENDINGS[centre]
    prefix = ENVIRONMENTS[kind]
    return Hosts(centre, kind, f"https://accounts.{accounts}", f"https://{prefix}.zohoapis.{api}")


def hosts_from_urls(api_domain: str, accounts_url: str = "", *, allow_loopback: bool) -> Hosts:
    """Return the hosts that two configured addresses name.

    Args:
        api_domain: such as ``https://www.zohoapis.eu``.
        accounts_url: such as ``https://accounts.zoho.eu``, with or without ``/oauth/v2/token``;
            may be empty for a Zoho host, whose data centre tells it.
        allow_loopback: accept this machine, over plain http, for the stand-in.

    Raises:
        UntrustedHost: an address that is not Zoho's.
        WrongDataCentre: the two belong to different data centres.
    """
    accounts = accounts_url.strip().rstrip("/").removesuffix(_TOKEN_PATH)
    api = check_api_domain(api_domain, allow_loopback=allow_loopback)
    if api not in _BY_API_DOMAIN:
        if not _is_bare_loopback(accounts):
            raise _untrusted(accounts_url, allow_loopback=True)
        return Hosts(LOOPBACK, "standin", accounts, api)
    hosts = _BY_API_DOMAIN[api]
    if not accounts or accounts.lower() == hosts.accounts_url:
        return hosts
    if accounts.lower() in {other.accounts_url for other in _BY_API_DOMAIN.values()}:
        raise WrongDataCentre(
            f"{api} is in data centre {hosts.data_centre}, but {accounts} is not."
        )
    raise _untrusted(accounts_url, allow_loopback=allow_loopback)


def check_api_domain(url: str, *, allow_loopback: bool) -> str:
    """Return the address in its plain form, if it is an API host of Zoho's.

    Raises:
        UntrustedHost: any other host, scheme, port or path; loopback where not allowed.
    """
    bare = url.strip().rstrip("/")
    if bare.lower() in _BY_API_DOMAIN:
        return bare.lower()
    if not (allow_loopback and _is_bare_loopback(bare)):
        raise _untrusted(url, allow_loopback=allow_loopback)
    return bare


def upload_domain(api_domain: str) -> str:
    """Return where files are handed in that a job of this API host shall work on; on loopback the same.

    >>> upload_domain("https://sandbox.zohoapis.com.cn")
    'https://content.zohoapis.com.cn'

    Args:
        api_domain: one that was checked before.
    """
    hosts = _BY_API_DOMAIN.get(api_domain)
    return _UPLOADS[hosts.data_centre] if hosts else api_domain


def api_domain_of_token(hosts: Hosts, told: str) -> str:
    """Return where to send calls with a token, from what its token answer says.

    The answer decides the data centre. It never decides the environment: whoever chose the sandbox
    must not end up in production because of an answer.

    Raises:
        UntrustedHost: the answer names a host that is not Zoho's.
    """
    if not told:
        return hosts.api_domain
    domain = check_api_domain(told, allow_loopback=hosts.is_loopback)
    if hosts.is_loopback:
        if domain in _BY_API_DOMAIN:
            raise _untrusted(told, allow_loopback=True)
        return domain
    return hosts_for(_BY_API_DOMAIN[domain].data_centre, hosts.environment).api_domain


def _is_bare_loopback(url: str) -> bool:
    """Tell whether this is scheme, host and port of our own machine, and nothing more."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    extras = (parts.path, parts.query, parts.fragment, parts.username, parts.password)
    if parts.scheme not in ("http", "https") or any(extras) or port == 0:
        return False
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _untrusted(url: str, *, allow_loopback: bool) -> UntrustedHost:
    try:
        host = urlsplit(url).hostname or url
    except ValueError:
        host = url
    more = "" if allow_loopback else " Set FENLEI_ALLOW_LOOPBACK=1 to use the stand-in."
    return UntrustedHost(
        f"{host[:100]!r} is not an address of Zoho's.",
        hint=f"Data centres are {', '.join(ENDINGS)}; leave the addresses out and choose one.{more}",
    )


_BY_API_DOMAIN = {
    hosts.api_domain: hosts
    for hosts in (hosts_for(centre, kind) for centre in ENDINGS for kind in ENVIRONMENTS)
}
