"""Whom an address belongs to."""

from __future__ import annotations

import pytest

from kfar.ground.networks import networks


@pytest.mark.parametrize(
    ("ip", "narrow", "wide"),
    [
        ("198.51.100.7", "198.51.100.7/32", "198.51.100.0/24"),
        ("::ffff:198.51.100.7", "198.51.100.7/32", "198.51.100.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("None", "none", "none"),
    ],
)
def test_networks(ip: str, narrow: str, wide: str) -> None:
    assert networks(ip) == (narrow, wide)
