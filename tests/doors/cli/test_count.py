"""`kfar count`, as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kfar.doors.cli.commands import app
from tests.rooms.decisions.elections.samples import SAMPLES

BURLINGTON = str(SAMPLES / "burlington-2009-mayor.abif")
CAST = "rank1,rank2,rank3,count\nAnn,Bo,Cy,4\nBo,Cy,,3\nCy,Bo,,2\noops,Bo,,1\n,,Bo,1\n"


def kfar(*said: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["count", *said])
    return done.exit_code, done.stdout, done.stderr


def told(*said: str) -> Any:
    status, out, _ = kfar(*said, "--json")
    assert status == 0
    return json.loads(out)


@pytest.fixture
def cast(tmp_path: Path) -> str:
    path = tmp_path / "village.csv"
    path.write_text(CAST)
    return str(path)


def test_the_json_is_winners_and_rounds_with_exact_votes() -> None:
    said = told(BURLINGTON, "--method", "irv", "--batch-elimination")
    assert said["winners"] == ["Bob Kiss (Progressive)"]
    assert [(each["elected"], each["eliminated"]) for each in said["rounds"]] == [
        ([], ["James Simpson (Green)", "Dan Smith (Independent)", "Write-in"]),
        ([], ["Andy Montroll (Democrat)"]),
        (["Bob Kiss (Progressive)"], []),
    ]
    assert said["rounds"][-1]["tally"] == {
        "Bob Kiss (Progressive)": "4313",
        "Kurt Wright (Republican)": "4060",
    }
    assert (said["title"], said["ballots"], said["blank"]) == (
        "Burlington, Vermont: mayor, 3 March 2009",
        8980,
        4,
    )


def test_the_table_has_a_column_a_round() -> None:
    status, out, err = kfar(BURLINGTON, "--method", "irv", "--batch-elimination")
    assert (status, err) == (0, "")
    lines = [line.strip("│┃ ") for line in out.splitlines()]
    cells = [[cell.strip() for cell in line.split("│")] for line in lines if "│" in line]
    assert cells[:3] == [
        ["Bob Kiss (Progressive)", "2585", "2981", "4313 ✓"],
        ["Kurt Wright (Republican)", "2951", "3294", "4060"],
        ["Andy Montroll (Democrat)", "2063", "2554 ✗"],
    ]
    assert out.splitlines()[-1] == "Elected: Bob Kiss (Progressive)"


def test_what_the_law_says_is_said_with_options(cast: str) -> None:
    law = ["--method", "irv", "--overvote", "oops"]
    ends = told(cast, *law)
    assert ends["rounds"][0]["tally"] == {"Ann": "4", "Bo": "4", "Cy": "2"}
    assert (ends["blank"], ends["winners"]) == (1, ["Bo"])
    skips = told(cast, *law, "--overvote-rule", "skip")
    assert skips["rounds"][0]["tally"] == {"Ann": "4", "Bo": "5", "Cy": "2"}
    one = told(cast, *law, "--overvote-rule", "skip", "--max-skipped", "1")
    assert one["rounds"][0]["tally"] == {"Ann": "4", "Bo": "4", "Cy": "2"}


def test_several_winners_as_in_the_united_states() -> None:
    parks = str(SAMPLES / "minneapolis-2017-parks.csv")
    law = [parks, "--method", "stv", "--seats", "3", "--digits", "4", "--overvote-rule", "skip"]
    said = told(*law, "--surplus", "together")
    assert said["winners"] == ["Latrisha Vetaw", "Meg Forney", "Londel French"]
    assert said["rounds"][0]["eliminated"] == ["UWI"]
    assert [len(each["elected"]) for each in said["rounds"]] == [0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0]
    assert said["rounds"][-1]["rounding"] == "1.7046"
    alone = told(*law, "--surplus", "one-winner")["rounds"]
    assert [each["elected"] for each in alone if each["elected"]] == [
        ["Latrisha Vetaw"],
        ["Meg Forney"],
        ["Londel French"],
    ]
    up = told(*law, "--surplus", "none")["rounds"]
    assert [len(each["elected"]) for each in up] == [*[0] * 8, 3]


def test_what_rctab_leaves_to_the_law_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "village.csv"
    path.write_text("rank1,rank2,rank3\nAnn,Ann,Bo\nCy,Bo,\nBo,,\nAnn|Cy,,\n,Ann,\n")
    law = [str(path), "--method", "irv", "--between", "|", "--lot", "Ann>Bo>Cy"]
    plain = told(*law)["rounds"]
    assert [each["tally"] for each in plain] == [
        {"Ann": "2", "Bo": "1", "Cy": "1"},
        {"Ann": "2", "Bo": "2"},
    ]
    ends = told(*law, "--end-at-duplicate", "--max-skipped", "0")
    assert (ends["blank"], ends["rounds"][0]["tally"]) == (2, {"Ann": "1", "Bo": "1", "Cy": "1"})
    written = told(*law, "--write-in", "")["rounds"]
    assert written[0]["tally"] == {"Ann": "1", "Bo": "1", "Cy": "1", "Undeclared Write-ins": "1"}
    assert written[0]["eliminated"] == ["Undeclared Write-ins"]
    three = tmp_path / "three.csv"
    three.write_text("rank1,rank2,count\nAnn,,9\nBo,Cy,3\nCy,,4\n")
    on = told(str(three), "--method", "irv", "--until-two")["rounds"]
    assert [(each["elected"], each["eliminated"]) for each in on] == [
        (["Ann"], []),
        ([], ["Bo"]),
        ([], []),
    ]
    assert on[-1]["tally"] == {"Ann": "9", "Cy": "7"}


def test_seats_come_from_the_file_or_as_told() -> None:
    ward = str(SAMPLES / "eilean-siar-2012-ward3.csv")
    assert len(told(ward, "--method", "stv")["winners"]) == 3
    assert told(ward, "--method", "stv", "--seats", "1")["winners"] == ["Catherine Macdonald"]
    places = told(ward, "--method", "stv", "--digits", "2")["rounds"][1]["tally"]["D J Macrae"]
    assert places == "162.81"


def test_a_lot_breaks_ties_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tie.csv"
    path.write_text("rank1\nAnn\nBo\n")
    for order, winner in (("0>1", "Ann"), ("1>0", "Bo"), ("Ann>Bo", "Ann"), ("Bo>Ann", "Bo")):
        status, out, _ = kfar(str(path), "--method", "irv", "--lot", order)
        assert status == 0
        assert f"Round 1: Ann, Bo are equal; by lot, ahead: {winner}." in out


def test_names_of_any_script_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "village.csv"
    path.write_text("rank1,rank2\nדנה כהן,[red]Bo[/]\nדנה כהן,\n[red]Bo[/],\n", encoding="utf-8")
    status, out, _ = kfar(str(path), "--method", "irv")
    assert status == 0
    rows = [line for line in out.splitlines() if "│" in line]
    assert [row.split("│")[1].strip() for row in rows[:2]] == ["דנה כהן\u200e", "[red]Bo[/]"]
    assert [row.split("│")[2].strip() for row in rows[:2]] == ["2 ✓", "1"]
    assert told(str(path), "--method", "irv")["winners"] == ["דנה כהן"]


def test_many_rounds_are_told_in_several_tables() -> None:
    status, out, err = kfar(str(SAMPLES / "minneapolis-2013-mayor.csv"), "--method", "irv")
    assert status == 0
    heads = [line for line in out.splitlines() if line.startswith("┃ Round")]
    assert len(heads) > 1
    assert "".join(heads).replace("┃", " ").split().count("1") == 1
    assert max(map(len, out.splitlines())) <= 80
    assert "UWI: names nobody declared." in err


def test_a_budget_is_told_as_what_it_pays_for() -> None:
    status, out, _ = kfar(str(SAMPLES / "lodz-2020-nad-nerem.pb"), "--method", "greedy")
    assert status == 0
    assert "spent" in out
    assert "355,000" in out
    assert len(told(str(SAMPLES / "lodz-2020-nad-nerem.pb"), "--method", "greedy")["winners"]) == 5


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--method", "approval"], "burlington-2009-mayor.abif, its ballots are ranking"),
        (["--method", "irv", "--seats", "2"], "irv does not fill 2 seats"),
        (["--method", "irv", "--format", "xml"], "there is no format “xml”"),
        (["--method", "irv", "--format", "pabulib"], "the section META is missing"),
        (["--method", "irv", "--lot", "1>0"], "not an order of 6 options: 1>0"),
        (["--method", "greedy"], "its ballots are ranking, and this method counts choices"),
    ],
    ids=["form", "seats", "format", "wrong-format", "lot", "no-budget"],
)
def test_what_cannot_be_counted_is_said(options: list[str], said: str) -> None:
    status, out, err = kfar(BURLINGTON, *options)
    assert (status, out) == (2, "")
    assert said in err


def test_plurality_counts_one_choice_of_each_ballot(tmp_path: Path) -> None:
    path = tmp_path / "yes.abif"
    path.write_text("3:A/1,B/0,C/1\n2:B/1\n")
    said = told(str(path), "--method", "approval")
    assert said["rounds"][0]["tally"] == {"A": "3", "B": "2", "C": "3"}
    status, _, err = kfar(str(path), "--method", "plurality")
    assert (status, err.split(",")[0]) == (2, "its ballots choose several")


def test_it_starts_without_django_and_without_a_data_directory(tmp_path: Path) -> None:
    """As somebody types it who has no Kfar set up: nothing is made, nothing heavy is loaded."""
    code = (
        "import sys; from kfar.doors.cli import main; sys.argv[1:] = sys.argv[2:]\n"
        "try: main()\n"
        "finally: print(sorted({'django', 'duckdb', 'numpy'} & {*sys.modules}), file=sys.stderr)"
    )
    argv = [sys.executable, "-c", code, "kfar", "count", BURLINGTON, "--method", "irv", "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert json.loads(done.stdout)["winners"] == ["Bob Kiss (Progressive)"]
    assert done.stderr == "[]\n"
    assert list(tmp_path.iterdir()) == []


def test_it_explains_itself_alone() -> None:
    argv = [sys.executable, "-m", "kfar", "count", "--help"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert "kfar count" in done.stdout
