"""`kfar import` and the demo's load, as they are typed."""

from __future__ import annotations

import csv
import os
import pty
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kfar.doors import words
from kfar.doors.cli import demo
from kfar.doors.cli.commands import app
from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.rooms.customers.queries import by_handle
from kfar.rooms.insight import promotions
from kfar.rooms.touchpoints import completejourney, queries
from kfar.rooms.touchpoints.imports import chunks
from tests.programs import Home, environment

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
    shop.write_text("at,at\n")
    status, said = kfar("import", str(shop), "--source", "shop")
    assert status == 2
    assert "The file has a column twice." in said
    assert queries.counts().touchpoints == 0


THEIRS = "E-mail;Data;Kwota;Uwagi\nAnna@shop.pl;11.03.2026;5,99 zł;proszę dzwonić\n"


def test_columns_kfar_does_not_know_are_proposed_and_nothing_is_taken(shop: Path) -> None:
    shop.write_text(THEIRS)
    status, said = kfar("import", str(shop), "--source", "shop")
    assert status == 2
    assert "│ email │ E-mail │ │ at │ Data │ │ paid │ Kwota │" in said
    assert "│ channel │ always “web” │ │ kind │ always “purchase” │" in said
    assert "Times: %d.%m.%Y" in said
    assert "Left out: Uwagi" in said
    assert "Nothing was taken yet." in said
    assert queries.counts().touchpoints == 0

    written = shop.with_name("shop.csv.mapping.toml")
    for text in ("shop.pl", "5,99", "11.03", "dzwonić"):  # a log is no place for people's data
        assert text not in said + written.read_text()


def test_a_proposal_that_was_mended_is_taken_and_remembered(shop: Path) -> None:
    shop.write_text(THEIRS)
    kfar("import", str(shop), "--source", "shop")
    written = shop.with_name("shop.csv.mapping.toml")
    written.write_text(written.read_text().replace('"web"', '"store"'))
    assert kfar("import", str(shop), "--source", "shop")[0] == 2
    assert 'channel = "store"' in written.read_text()

    assert kfar("import", str(shop), "--source", "shop", "--mapping", str(written))[0] == 0
    anna = by_handle("email", "anna@shop.pl")
    assert anna is not None
    [visit] = queries.journey([anna]).episodes
    assert (visit.channel, visit.paid) == ("store", Money(599, "USD"))

    written.unlink()
    shop.write_text(THEIRS.replace("11.03", "12.03"))
    status, said = kfar("import", str(shop), "--source", "shop")
    assert (status, queries.counts().touchpoints) == (0, 2)
    assert "Columns as agreed before" in said
    assert kfar("import", str(shop), "--source", "other")[0] == 2
    assert queries.counts().touchpoints == 2


def test_yes_takes_what_is_proposed(shop: Path) -> None:
    shop.write_text(THEIRS)
    status, said = kfar("import", str(shop), "--source", "shop", "--yes")
    assert (status, queries.counts().touchpoints) == (0, 1)
    assert "is the file's" in said
    assert not shop.with_name("shop.csv.mapping.toml").exists()
    status, said = kfar("import", str(shop), "--source", "shop")
    assert (status, queries.counts().touchpoints) == (0, 1)


def test_yes_does_not_take_what_says_too_little(shop: Path) -> None:
    shop.write_text("E-mail;Kwota\na@b.pl;5,99\n")
    status, said = kfar("import", str(shop), "--source", "shop", "--yes")
    assert (status, queries.counts().touchpoints) == (2, 0)
    assert "│ at │ ? │" in said
    assert "Nothing in the file was recognised as: at." in said


@pytest.mark.parametrize(("typed", "status"), [("y\n", 0), ("n\n", 2)])
def test_in_a_terminal_one_is_asked(kfar: Home, typed: str, status: int) -> None:
    shop = kfar.folder / "shop.csv"
    shop.write_text(THEIRS)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "kfar", "import", str(shop), "--source", "shop"],
        env=environment(kfar.folder, KFAR_DATABASE_URL=kfar.database_url, COLUMNS="100"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        said = b""
        while b"Take it so?" not in said:
            said += os.read(ours, 1000)
        os.write(ours, typed.encode())
        while _more := _read(ours):
            pass
        assert process.wait(timeout=60) == status
    os.close(ours)
    assert "Anna@shop.pl" in said.decode()


def _read(terminal: int) -> bytes:
    """Read on; nothing once the other side is closed."""
    try:
        return os.read(terminal, 1000)
    except OSError:
        return b""


def test_an_import_that_goes_on_says_so(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 2)
    rows = [f"c{n},2026-01-0{n},web,visit\n" for n in range(1, 6)]
    shop.write_text(HEAD + "".join(rows[:4]))
    assert "earlier" not in kfar("import", str(shop), "--source", "shop")[1]
    shop.write_text(HEAD + "".join(rows))
    status, said = kfar("import", str(shop), "--source", "shop")
    assert status == 0
    assert "An earlier import had come to row 4; this one went on from there." in said
    assert "│ taken │ 1 │ │ known already │ 4 │" in said


def test_the_demo_is_loaded_with_a_bar_for_every_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data_dir: Path
) -> None:
    def load(*, progress: completejourney.Progress) -> int:
        progress("customers", 1, 1)
        progress("purchases", 4, 4)
        return 7

    monkeypatch.setattr(completejourney, "load", load)
    monkeypatch.setattr(
        completejourney, "PROMOTIONS", f"{completejourney.PROMOTIONS} WHERE week = 2 LIMIT 3"
    )
    assert demo.load() == 7
    known = promotions.known()
    assert known is not None
    assert (known.rows, known.first, known.sources) == (3, date(2017, 1, 2), ("completejourney",))
    said = capsys.readouterr().out
    assert all(text in said for text in demo.STEPS.values())


def test_promotions_are_taken_or_refused_with_their_line(shop: Path) -> None:
    head = "product,place,week,display,mailer\n"
    shop.write_text(head + "tea,1,2026-03-04,7,\ntea,1,2026-03-11,,A\n")
    status, said = kfar("promotions", str(shop), "--source", "shop")
    assert status == 0
    assert "│ rows │ 2 │ │ weeks │ 2 │ │ … told anew │ 2 │" in said
    assert "│ products │ 1 │ │ … that nobody here ever bought │ 1 │" in said
    assert "are their codes those of the purchases?" in said
    assert "│ from the week of │ 2026-03-02 │ │ to the week of │ 2026-03-09 │" in said
    status, said = kfar("promotions", str(shop), "--source", "shop")
    assert (status, "│ … told anew │ 0 │" in said) == (0, True)
    shop.write_text(head + "tea,1,tomorrow,7,\n")
    status, said = kfar("promotions", str(shop), "--source", "shop")
    assert (status, "in line 2 “tomorrow” is no day or week." in said) == (2, True)
