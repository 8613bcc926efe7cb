"""Departments and tables of people, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kfar.doors.cli.commands import app
from kfar.rooms.village import defaults
from kfar.rooms.village import queries as village
from kfar.rooms.village.departments import queries
from tests.people import an_employee, email

pytestmark = pytest.mark.django_db


def kfar(*said: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(said))
    return result.exit_code, result.stdout, result.stderr


def test_made_filled_shown_and_dropped() -> None:
    an_employee()
    assert kfar("department", "set", "care", "--name", "en=Care", "--name", "pl=Opieka")[0] == 0
    assert kfar("department", "set", "social", "--name", "en=Social", "--parent", "care")[0] == 0
    assert kfar("department", "join", email("Noa"), "social")[0] == 0
    assert kfar("department", "sees", "social", "voices=To answer in public")[0] == 0
    assert kfar("department", "sees", "social", "voices=Odpowiedzi", "--language", "pl")[0] == 0
    code, said, _err = kfar("department", "list")
    assert code == 0
    assert [line.split()[0] for line in said.splitlines()[2:]] == ["care", "social"]
    assert "Noa" in said
    found = queries.department("social")
    assert found is not None
    assert found.sees == {"voices": {"en": "To answer in public", "pl": "Odpowiedzi"}}
    assert kfar("department", "sees", "social", "--all")[0] == 0
    code, _out, err = kfar("department", "drop", "social")
    assert (code, "Move them first" in err) == (2, True)
    assert kfar("department", "join", email("Noa"))[0] == 0
    assert kfar("department", "drop", "social")[0] == 0
    for wrong in (
        ("set", "Care", "--name", "en=Care"),
        ("set", "new", "--name", "fr=Neuf"),
        ("join", "x@y.example", "care"),
        ("join", email("Noa"), "attic"),
        ("sees", "attic", "voices=x"),
        ("sees", "care", "voices="),
        ("sees", "care", "salary=x"),
    ):
        assert kfar("department", *wrong)[0] == 2
    assert [one.code for one in queries.departments()] == ["care"]


def test_tables_are_taken_whole_or_not_and_once(tmp_path: Path) -> None:
    defaults.begin()
    places, people = tmp_path / "departments.csv", tmp_path / "people.csv"
    places.write_text("code,en,he,parent\nsocial,Social,רשתות,care\ncare,Care,,\n", "utf-8")
    people.write_text(
        f"email,name,role,departments\n{email('Noa')},Noa,service,social;care\n", "utf-8"
    )
    for command, file in (("department", places), ("employee", people)):
        new = 2 if command == "department" else 1
        dry = kfar(command, "import", str(file), "--dry-run")
        assert dry == (0, f"new: {new}, changed: 0, as before: 0\n", "")
        assert kfar(command, "import", str(file)) == dry
        assert kfar(command, "import", str(file))[1] == f"new: 0, changed: 0, as before: {new}\n"
    assert [one.departments for one in village.everyone()] == [("care", "social")]
    people.write_text("email,name,role\nx,X,service\na@b.example,A,king\n", "utf-8")
    code, out, err = kfar("employee", "import", str(people))
    assert (code, out) == (2, "")
    assert err.splitlines() == ["line 2: “x” is not an e-mail address.", "Nothing was taken."]
    people.write_text("email,name,role\na@b.example,A,king\n", "utf-8")
    assert kfar("employee", "import", str(people))[2].splitlines()[0] == (
        "line 2: There is no role “king”."
    )
    people.write_bytes(b"email,name,role\n\xff\xfe")
    assert kfar("employee", "import", str(people))[0] == 2
    assert len(village.everyone()) == 1
