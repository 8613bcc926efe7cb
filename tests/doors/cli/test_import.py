"""`kfar import` and the demo's load, as they are typed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kfar.doors import words
from kfar.doors.cli import demo
from kfar.doors.cli.commands import app
from kfar.ground.errors import Refused
from kfar.rooms.touchpoints import completejourney, queries

pytestmark = pytest.mark.django_db

HEAD = "customer,at,channel,kind\n"


def kfar(*said: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(said))
    return done.exit_code, " ".join(done.output.split())


@pytest.fixture
def shop(data_dir: Path) -> Path:
    return data_dir / "shop.csv"


def test_a_good_file_is_taken(shop: Path) -> None:
    shop.write_text(HEAD + "c1,2026-01-01,web,visit\n" * 2)
    status, said = kfar("import", str(shop), "--source", "shop")
    assert status == 0
    assert "│ taken │ 1 │ │ known already │ 1 │ │ rejected │ 0 │" in said
    assert queries.counts().touchpoints == 1
    assert not shop.with_name("shop.csv.rejected.csv").exists()


def test_rejected_rows_stand_in_a_file_beside_it(shop: Path) -> None:
    report = shop.with_name("shop.csv.rejected.csv")
    shop.write_text(HEAD + "c1,2026-01-01,web,visit\nAnna Nowak,tomorrow,web,visit\n")
    status, said = kfar("import", str(shop), "--source", "shop")
    assert status == 1
    assert "│ rejected │ 1 │" in said
    with report.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["line", "code", "reason"],
            [
                "3",
                "touchpoints.bad_time",
                words.sentence(Refused("touchpoints.bad_time")),
            ],
        ]

    shop.write_text(HEAD + "c1,2026-01-01,web,visit\n")
    assert kfar("import", str(shop), "--source", "shop")[0] == 0
    assert not report.exists()


def test_a_file_that_cannot_be_read_is_said(shop: Path) -> None:
    shop.write_text("name,at\n")
    status, said = kfar("import", str(shop), "--source", "shop")
    assert status == 2
    assert "The file has columns Kfar does not know: name." in said
    assert queries.counts().touchpoints == 0


def test_the_demo_is_loaded_with_a_bar_for_every_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def load(*, progress: completejourney.Progress) -> int:
        progress("customers", 1, 1)
        progress("mail", 2, 2)
        progress("purchases", 4, 4)
        return 7

    monkeypatch.setattr(completejourney, "load", load)
    assert demo.load() == 7
    said = capsys.readouterr().out
    assert all(text in said for text in demo.STEPS.values())
