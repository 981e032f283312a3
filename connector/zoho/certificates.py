"""Who vouches that a host is Zoho's: the usual authorities, or the one that your network names instead.

There is no way to switch the check off. A network that opens encrypted connections has an authority
of its own; its certificate goes into a file, and ``FENLEI_CA_FILE`` holds the path of that file.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping

from connector.errors import Refused

CA_FILE = "FENLEI_CA_FILE"
"""The environment variable with the path of a PEM file, trusted instead of the usual authorities."""

OLDEST_TLS = ssl.TLSVersion.TLSv1_2

CERTIFICATE = "certificate"
"""Our code for a host that could not prove who it is."""


def authorities(env: Mapping[str, str]) -> str | None:
    """Return the file of authorities to trust; None for those that come with ``requests``.

    Raises:
        Refused: the file that the environment names is missing or holds no certificate.
    """
    path = env.get(CA_FILE, "").strip()
    if not path:
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except OSError:  # an SSLError, for what is no certificate, is one as well
        raise Refused(
            f"The file that {CA_FILE} names cannot be read as certificates.",
            code="ca_file",
            hint=f"Let {CA_FILE} hold the path of a PEM file with your network's authority, or "
            "remove it.",
        ) from None
    return path


def tls() -> ssl.SSLContext:
    """Return how a connection is encrypted: TLS 1.2 at least, certificate and host name checked.

    One of our own, because the usual one writes session keys to ``SSLKEYLOGFILE``.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = OLDEST_TLS
    return context


def refused(host: str, *, reason: str) -> Refused:
    """Return the error for a host to which no safe connection can be made."""
    return Refused(
        f"{reason} {host}, so nothing was sent.",
        code=CERTIFICATE,
        hint="Check the machine's date, and ask your network administrator whether a proxy or "
        f"antivirus opens encrypted connections; its authority's certificate goes into {CA_FILE}.",
    )
