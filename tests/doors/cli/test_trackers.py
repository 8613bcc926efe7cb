"""Trackers, as who runs Kfar names them."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from kfar.doors.cli.commands import app

pytestmark = pytest.mark.django_db


def kfar(*said: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["tracker", *said])
    return done.exit_code, " ".join(done.output.split())


def test_a_list_of_none_says_how_to_add_one() -> None:
    said = "No tracker yet. `kfar tracker add --help` says how to add one."
    assert kfar("list") == (0, said)
    kfar("add", "forge", "https://forge.example", "--shape", "jira")
    assert "https://forge.example" in kfar("list")[1]
