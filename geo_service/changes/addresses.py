"""Where a message may be sent: public addresses, and networks that the office allows; refuses the machine's own neighbours.

The name is resolved once, every address it has is judged, and the connection goes to the address that was judged: a name
that answers otherwise a moment later leads nowhere else. Redirects are not followed.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from layers.errors import InvalidInput

TIMEOUT_S: Final = 5.0
_SCHEMES: Final = {"http": 80, "https": 443}
# Clouds answer questions about a machine, secrets among them, under these.
_METADATA: Final = frozenset(
    {ip_address("169.254.169.254"), ip_address("fd00:ec2::254"), ip_address("100.100.100.200")}
)


class AddressRefused(InvalidInput):
    """No message is sent there: no http address, or one inside. Facts: `url`, `reason`."""

    code = "webhook.address_refused"


@dataclass(frozen=True, slots=True)
class Target:
    """A judged address: where to connect, and what to call it."""

    scheme: str
    host: str
    port: int
    address: str
    path: str


def judged(url: str, allowed: Sequence[str] = ()) -> Target:
    """Resolve an address and return where to connect. `allowed` are networks such as `10.0.0.0/8`. Raises `AddressRefused`."""
    try:
        parts = urlsplit(url)
        port = parts.port or _SCHEMES.get(parts.scheme, 0)
    except ValueError as error:
        raise AddressRefused(url=url[:200], reason="unreadable") from error
    if parts.scheme not in _SCHEMES or not parts.hostname or parts.username or parts.fragment:
        raise AddressRefused(url=url[:200], reason="not_http")
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(url=url[:200], reason="unknown_host") from error
    addresses = [str(each[4][0]).partition("%")[0] for each in found]
    if not all(_may_be_reached(address, allowed) for address in addresses):
        raise AddressRefused(url=url[:200], reason="address_inside")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, addresses[0], path)


def _may_be_reached(text: str, allowed: Sequence[str]) -> bool:
    address: IPv4Address | IPv6Address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.is_global or any(address in ip_network(each) for each in allowed)


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a body to a judged address and return the status it answers; raises `OSError`, `http.client.HTTPException`.

    All of it takes `TIMEOUT_S` at most, also where the other side answers a byte at a time: then `TimeoutError`.
    """
    connection = _Connection(target)
    late = threading.Event()

    def cut() -> None:
        late.set()
        if connection.sock is not None:
            with suppress(OSError):  # it may have ended by itself
                connection.sock.shutdown(socket.SHUT_RDWR)

    clock = threading.Timer(TIMEOUT_S, cut)
    clock.start()
    try:
        connection.request("POST", target.path, body=body, headers=dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        if late.is_set():
            raise TimeoutError from error
        raise
    finally:
        clock.cancel()
        connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to the judged address that is called by its name, in TLS as in the Host header."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT_S)
        self._target = target

    def connect(self) -> None:
        plain = socket.create_connection((self._target.address, self._target.port), TIMEOUT_S)
        if self._target.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self._target.host)
        else:
            self.sock = plain
