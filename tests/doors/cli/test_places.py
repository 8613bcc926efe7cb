"""What stores are called comes in with a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kfar.doors.cli.commands import app
from kfar.rooms.insight import shelves
from kfar.rooms.insight.shelves import Named

pytestmark = pytest.mark.django_db


def test_a_file_names_places(tmp_path: Path) -> None:
    file = tmp_path / "stores.csv"
    file.write_text("region,place,name\nNorth,1,Market\nדרום,2,\n", encoding="utf-8-sig")
    done = CliRunner().invoke(app, ["places", str(file)])
    assert (done.exit_code, done.output) == (0, "2 places\n")
    assert shelves.names() == {"1": Named("1", "Market", "North"), "2": Named("2", "", "דרום")}


def test_a_file_that_is_none_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "stores.csv"
    file.write_text("store,name\n1,Market\n")
    done = CliRunner().invoke(app, ["places", str(file)])
    assert done.exit_code == 1
    assert "The file needs the columns place, name and region." in done.output
    file.write_text("place,name,region\n1,A,\n,B,\n")
    done = CliRunner().invoke(app, ["places", str(file)])
    assert done.exit_code == 1
    assert "In line 2 the place has no code" in done.output
    assert shelves.names() == {}
