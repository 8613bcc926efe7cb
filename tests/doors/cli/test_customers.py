"""`kfar customer`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

from kfar.doors import links
from kfar.doors.cli.commands import app
from kfar.rooms.customers.models import Erasure
from tests.people import a_customer, email

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def kfar(*said: str, typed: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, list(said), input=typed)
    return done.exit_code, " ".join(done.output.split())


def test_an_export_is_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    a_customer("Anna", language="pl")
    path = tmp_path / "anna.zip"
    assert kfar("customer", "export", email("Anna").upper(), str(path)) == (0, "")
    assert path.stat().st_mode & 0o777 == 0o600
    with ZipFile(path) as archive:
        assert json.loads(archive.read("about.json"))["name"] == "Anna"


def test_erasing_asks_first_and_prints_the_receipt() -> None:
    a_customer("Anna")
    assert kfar("customer", "erase", email("Anna"), typed="n\n")[0] == 1
    assert not Erasure.objects.exists()
    status, said = kfar("customer", "erase", email("Anna"), "--yes")
    row = Erasure.objects.get()
    assert (status, said, row.how) == (0, links.page("web:erased", row.pk), "letter")


@pytest.mark.parametrize("what", [["erase", "--yes"], ["export"]], ids=["erase", "export"])
def test_whom_nobody_knows_is_said(what: list[str], tmp_path: Path) -> None:
    file = [str(tmp_path / "x.zip")] if what == ["export"] else []
    status, said = kfar("customer", what[0], "nobody@village.example", *what[1:], *file)
    assert (status, said) == (1, "No customer is known by this address.")
    assert list(tmp_path.iterdir()) == []
