"""Whom an IP address belongs to, as far as one can tell from outside."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

#: A network, the wide one, holds so many addresses' worth of voters, and as many codes.
NETWORK = 20


@lru_cache(maxsize=1 << 16)
def networks(ip: str) -> tuple[str, str]:
    """Return whom an IP address belongs to, narrow and wide: IPv4 /32 and /24, IPv6 /64 and /48.

    An IPv6 subscriber has a /64 at least, so one address of it says nothing. What is no address
    is one network, of all that are none.
    """
    try:
        address = ip_address(ip)
    except ValueError:
        return "none", "none"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    narrow, wide = (32, 24) if address.version == 4 else (64, 48)
    bare = str(address).partition("%")[0]
    return str(ip_network(f"{bare}/{narrow}", False)), str(ip_network(f"{bare}/{wide}", False))
