"""Asking servers outside: the one way out for addresses that people have written down.

Such an address may lead inside: to this machine, to the company's network, to the metadata of a
cloud (server-side request forgery, OWASP API7:2023). So a name is looked up once, every address
it has must be one of the public internet, and the connection goes to just that address: a name
that means something else a moment later (DNS rebinding) changes nothing. No proxy, no cookie, no
redirect is followed, and an answer has a limit in bytes and in time. Hosts inside that may be
asked all the same stand in `KFAR_REACH`.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from typing import Final
from urllib.parse import urlsplit

import idna
from django.conf import settings

from kfar.ground.errors import Refused

#: The longest address, in characters, and how much is read at once, in bytes.
LONGEST, CHUNK = 2_000, 65_536
PORTS: Final = {"http": 80, "https": 443}
#: Addresses of IPv6 that a gateway turns into those of IPv4 (RFC 6052): the last 32 bits.
NAT64 = IPv6Network("64:ff9b::/96")
#: Those that stand for IPv4 in ways of the network's own (RFC 8215, 4291, 2765), or for no one.
LOCAL = tuple(map(IPv6Network, ("64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96")))


@dataclass(frozen=True)
class Answer:
    """What a server said. The names of `headers` are in small letters; of two alike, the last."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def reach(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    most: int = 1_000_000,
    seconds: float = 10.0,
) -> Answer:
    """Ask a server outside, and return what it says: at most `most` bytes, within `seconds`.

    A redirect is an answer like any other. Refuses with `reach.bad_address` (not http or https,
    no host, a name and password in it), `reach.inside` (it leads to a network that is not the
    public internet, and is not in `KFAR_REACH`), `reach.away` (nobody there, no time left, no
    TLS that can be trusted, no HTTP), `reach.too_large`.
    """
    scheme, host, port, target = _parts(url)
    connection = _Pinned(host, port, timeout=seconds, secure=scheme == "https")
    # A timeout is of one read; who sends a byte now and then would hold us for ever.
    clock = Timer(seconds, connection.hang_up)
    clock.start()
    try:
        # http.client refuses line ends in a method, a target and headers.
        connection.request(method, target, body, {"Accept-Encoding": "identity", **(headers or {})})
        answer = connection.getresponse()
        told = bytearray()
        while chunk := answer.read1(CHUNK):
            told += chunk
            if len(told) > most:
                raise Refused("reach.too_large", most=most)
        if connection.late or answer.length:
            raise TimeoutError  # the rest never came
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, bytes(told))
    except (OSError, HTTPException, ValueError) as error:
        raise Refused("reach.away") from error
    finally:
        clock.cancel()
        connection.close()


def check(url: str) -> None:
    """Refuse an address that can never be asked, before it is kept: `reach.bad_address`.

    Where it leads is found out each time it is asked, as names move.
    """
    _parts(url)


def _parts(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and target of an address."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode()
    except ValueError as error:  # no port, no IPv6 address, no name of a host
        raise Refused("reach.bad_address") from error
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fine = parts.scheme in PORTS and host and parts.username is None and target.isascii()
    if not fine or len(url) > LONGEST or any(sign <= " " for sign in host + target):
        raise Refused("reach.bad_address")
    return parts.scheme, host, PORTS[parts.scheme] if port is None else port, target


def _public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address is one of the public internet, however it is written."""
    if isinstance(address, IPv6Address):
        if address.is_site_local or any(address in network for network in LOCAL):
            return False
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return _public(inner)
    return address.is_global and not address.is_multicast


class _Pinned(HTTPConnection):
    """A connection to the one address that was looked at, under the name that was asked for."""

    def __init__(self, host: str, port: int, *, timeout: float, secure: bool) -> None:
        super().__init__(host, port, timeout=timeout)
        self.secure, self.late = secure, False
        self.default_port = PORTS["https" if secure else "http"]  # it stays out of Host

    def connect(self) -> None:
        """Look the name up once, refuse what leads inside, and connect to what was found."""
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        strange = {self.host, f"{self.host}:{self.port}"}.isdisjoint(settings.KFAR_REACH)
        addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
        if strange and not all(_public(address) for address in addresses):
            raise Refused("reach.inside")
        self.sock = socket.create_connection((str(addresses[0]), self.port), self.timeout)
        if self.secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def hang_up(self) -> None:
        """End it, whatever is under way: the time is over."""
        self.late = True
        if self.sock is not None:
            with suppress(OSError):  # it has ended already
                self.sock.shutdown(socket.SHUT_RDWR)
