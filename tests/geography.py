"""A small database of countries, as MaxMind writes them. A plugin of the suite."""

from __future__ import annotations

from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

#: Which networks are in which country.
NETWORKS = {
    "IL": ["192.0.2.0/24"],
    "PL": ["198.51.100.0/24", "203.0.113.0/24"],
    "DE": ["2001:db8::/32"],
}


@pytest.fixture(scope="session")
def countries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of that database."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="GeoLite2-Country")
    for code, networks in NETWORKS.items():
        writer.insert_network(IPSet(networks), {"country": {"iso_code": code}})
    writer.insert_network(IPSet(["192.88.99.0/24"]), {"registered_country": {"iso_code": "US"}})
    file = tmp_path_factory.mktemp("countries") / "countries.mmdb"
    writer.to_db_file(str(file))
    return file
