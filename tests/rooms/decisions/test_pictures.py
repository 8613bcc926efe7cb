"""Pictures: named by what they hold, kept when asked with, gone when nobody did."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest
from pytest_django import Settings

from kfar.rooms.decisions import pictures


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.KFAR_DATA_DIR = tmp_path
    return tmp_path / "pictures"


def test_what_nobody_asked_with_is_gone_after_a_day(folder: Path) -> None:
    asked, waits, old = (pictures.take(data) for data in (b"a", b"b", b"c"))
    assert asked == sha256(b"a").hexdigest()
    pictures.keep(asked)
    before = (pictures.WAITS.total_seconds() + 60) * -1
    for name in (asked, old):
        path = folder / "waiting" / name
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime + before))
    assert pictures.tidy() == 2
    assert [pictures.find(name) for name in (asked, waits, old)] == [
        *(folder / asked, folder / "waiting" / waits, None),
    ]
    assert (folder / asked).read_bytes() == b"a"


def test_what_is_sent_again_waits_anew(folder: Path) -> None:
    name = pictures.take(b"a")
    os.utime(folder / "waiting" / name, (0, 0))
    assert pictures.take(b"a") == name
    assert pictures.tidy() == 0


@pytest.mark.parametrize("name", ["", "../secret.key", "waiting", "A" * 64, "0" * 63])
def test_no_other_file_is_a_picture(name: str, folder: Path) -> None:
    pictures.take(b"a")
    assert pictures.find(name) is None
