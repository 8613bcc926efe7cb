"""What is wrong with the settings is said in a line, not in a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def kfar(data_dir: Path, **settings: str) -> tuple[int, str]:
    environment = {n: v for n, v in os.environ.items() if not n.startswith("KFAR_")}
    done = subprocess.run(
        [sys.executable, "-m", "kfar", "role", "list"],
        env=environment | {"KFAR_DATA_DIR": str(data_dir)} | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_every_wrong_setting_is_named(tmp_path: Path) -> None:
    wrong = {
        "KFAR_PORT": "http",
        "KFAR_URL": "kfar.example",
        "KFAR_TIME_ZONE": "Warsaw",
        "KFAR_CURRENCY": "złoty",
        "KFAR_LANGUAGE": "de",
        "KFAR_LOG_LEVEL": "LOUD",
        "KFAR_DATABASE_URL": "mysql://localhost/kfar",
        "KFAR_MAIL_URL": "mail.example",
        "KFAR_ENGINE": "oracle",
    }
    status, said = kfar(tmp_path, **wrong)
    lines = said.splitlines()
    assert status == 2
    assert {line.partition(":")[0] for line in lines if line.startswith("KFAR_")} == set(wrong)
    assert lines[-1] == "See docs/reference/settings.md for what each setting means."


def test_a_secret_of_ones_own_needs_no_file(tmp_path: Path) -> None:
    kfar(tmp_path / "new", KFAR_SECRET_KEY="ours")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["kfar.sqlite3"]


@pytest.mark.parametrize("inside", ["file/data", "file"])
def test_a_data_directory_that_cannot_be_is_said(tmp_path: Path, inside: str) -> None:
    (tmp_path / "file").write_text("")
    status, said = kfar(tmp_path / inside)
    assert status == 2
    assert said.count("\n") <= 3
    assert "See KFAR_DATA_DIR." in " ".join(said.split())
