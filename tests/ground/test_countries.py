"""In which country an address is, as far as a database says."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from kfar.ground.countries import abroad
from kfar.settings.env import Env


@pytest.mark.parametrize(
    ("ip", "there"),
    [
        ("198.51.100.7", "PL"),
        ("::ffff:198.51.100.7", "PL"),
        ("2001:db8:1:2:3:4:5:6", "DE"),
        ("192.0.2.1", ""),  # at home
        ("192.88.99.1", ""),  # in the database, in no country
        ("10.0.0.1", ""),
        ("None", ""),
    ],
)
def test_abroad(ip: str, there: str, countries: Path) -> None:
    assert abroad(ip, str(countries), "IL") == there


def test_without_a_home_every_country_is_abroad(countries: Path) -> None:
    assert abroad("192.0.2.1", str(countries), "") == "IL"


def test_without_a_database_no_country_is_known() -> None:
    assert abroad("198.51.100.7", "", "IL") == ""


def test_a_database_that_is_gone_stops_nobody(tmp_path: Path) -> None:
    with capture_logs() as logs:
        found = {abroad(f"198.51.100.{n}", str(tmp_path / "gone"), "IL") for n in range(3)}
    assert found == {""}
    error = {"event": "countries.unread", "log_level": "error", "error": "FileNotFoundError"}
    assert logs == [error]


def test_what_is_no_database_is_refused_at_the_start(tmp_path: Path, countries: Path) -> None:
    other = tmp_path / "other"
    other.write_text("not one")
    for file in (other, tmp_path / "gone"):
        with pytest.raises(ValidationError, match="not a database of countries"):
            Env(geoip=file)
    assert Env(geoip=countries).geoip == countries.resolve()
