"""The disk that forgets: what a program has synced stays, and nothing else does."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random
from textwrap import dedent

import pytest

from tests.programs import environment
from tests.torture.disk import SECTOR, Disk

HELPERS = """
import os

def put(name, text, sync=True):
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(handle, text.encode())
    if sync:
        os.fdatasync(handle)
    os.close(handle)

def sync(folder="."):
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)

def tried(act, *args):
    try:
        act(*args)
    except OSError as error:
        print(error.errno)
    else:
        print(0)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    (tmp_path / "data" / "sub").mkdir(parents=True)
    (tmp_path / "data" / "old").write_text("old")
    return Disk(tmp_path / "data", tmp_path / "disk")


def do(disk: Disk, code: str) -> list[int]:
    """Run a program on that disk; return the numbers it printed."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", HELPERS + dedent(code)],
        env=os.environ | disk.environment(),
        cwd=disk.data,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [int(line) for line in done.stdout.split()]


def left(disk: Disk) -> dict[str, str]:
    """Cut the power; return what is there."""
    disk.cut(Random(0))
    files = (path for path in disk.data.rglob("*") if path.is_file())
    return {str(path.relative_to(disk.data)): path.read_text() for path in files}


def test_content_is_there_as_it_was_synced_last(disk: Disk) -> None:
    do(disk, """put("old", " and new"); put("old", " and lost", sync=False)""")
    do(disk, """put("a", "x" * 100_000); put("b", "lost", sync=False); put("sub/c", "kept")""")
    do(disk, """put("a", "y"); os.truncate("old", 1)""")
    assert left(disk) == {"old": "old and new", "a": "x" * 100_000 + "y", "sub/c": "kept"}


def test_after_a_cut_all_that_is_left_is_durable(disk: Disk) -> None:
    do(disk, """put("a", "1"); put("a", "lost", sync=False)""")
    assert left(disk) == {"old": "old", "a": "1"}
    do(disk, """put("a", "2")""")
    assert left(disk) == {"old": "old", "a": "12"}


def test_names_are_as_their_folder_was_synced_last(disk: Disk) -> None:
    do(disk, """put("new", "1"); os.rename("new", "named"); os.unlink("old")""")
    assert left(disk) == {"old": "old", "new": "1"}
    do(disk, """os.rename("new", "old"); sync(); put("empty", "1", sync=False); sync()""")
    do(disk, """os.unlink("old")""")
    assert left(disk) == {"old": "1", "empty": ""}


def test_a_folder_is_there_once_the_one_around_it_is_synced(disk: Disk) -> None:
    do(disk, """os.mkdir("new"); os.mkdir("sub/one"); sync("sub")""")
    left(disk)
    folders = {path.relative_to(disk.data) for path in disk.data.rglob("*") if path.is_dir()}
    assert folders == {Path("sub"), Path("sub/one")}


def test_a_file_is_not_taken_for_one_whose_number_it_has(disk: Disk) -> None:
    do(disk, """os.unlink("old"); [put(str(n), "new") for n in range(5)]""")
    assert left(disk) == {"old": "old", **{str(n): "new" for n in range(5)}}


def test_of_what_was_not_synced_some_sectors_may_be_there(disk: Disk) -> None:
    do(disk, f"""put("a.log", "a" * {SECTOR}); put("a.log", "b" * {20 * SECTOR}, sync=False)""")
    disk.cut(Random(1), torn=True)
    torn = (disk.data / "a.log").read_text()
    sectors = [torn[start : start + SECTOR] for start in range(0, len(torn), SECTOR)]
    assert sectors[0] == "a" * SECTOR
    assert set(sectors[1:]) == {"b" * SECTOR, "\0" * SECTOR}


def test_what_the_disk_refuses(disk: Disk) -> None:
    writes = """
        tried(put, "old", "", False)
        tried(os.mkdir, "new")
        tried(os.rename, os.path.abspath("sub"), os.path.abspath("sub"))
        tried(sync)
        """.replace('"old"', 'os.path.abspath("old")').replace('"new"', 'os.path.abspath("new")')
    disk.full()
    assert do(disk, writes) == [errno.ENOSPC, 0, 0, 0]
    disk.read_only()
    assert do(disk, writes) == [errno.EROFS] * 4
    disk.broken("sub")
    assert do(disk, """tried(sync, "sub"); tried(sync)""") == [errno.EIO, 0]
    disk.well()
    assert do(disk, """tried(sync, "sub"); tried(put, "old", "er")""") == [0, 0]
    assert left(disk) == {"old": "older"}


def test_a_disk_that_lies_has_kept_nothing(disk: Disk) -> None:
    disk.lying("sub")
    assert do(disk, """tried(put, "sub/a", "lost"); tried(put, "b", "kept")""") == [0, 0]
    assert left(disk) == {"old": "old", "b": "kept"}


# --- what Kfar does on it, beside the intake -----------------------------------------------------


def test_the_secret_is_the_same_after_a_power_cut(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    disk = Disk(data, tmp_path / "disk")
    tell = "from django.conf import settings; print(settings.SECRET_KEY)"
    program = [sys.executable, "-c", tell]  # not forked: it begins on that disk
    env = environment(data, **disk.environment())
    secret = subprocess.check_output(program, env=env)
    disk.cut(Random(0))
    assert subprocess.check_output(program, env=env) == secret
    assert (data / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in data.iterdir()] == ["secret.key"]


def test_a_connection_of_when_the_disk_was_read_only_is_not_kept(home: Path) -> None:
    holder = """
        import sys
        import django; django.setup()
        from django.db import OperationalError, close_old_connections
        from kfar.lake.models import Position
        def written(pk):
            try:
                Position.objects.create(pk=pk)
            except OperationalError:
                return False
            finally:
                close_old_connections()
            return True
        for pk in ("first", "second"):
            sys.stdin.readline()
            print(Position.objects.count(), written(pk), flush=True)
        """
    disk = Disk(home, home.with_name("disk"))
    program = subprocess.Popen(
        [sys.executable, "-c", dedent(holder)],
        env=environment(home, **disk.environment()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    with program, closing(sqlite3.connect(home / "kfar.sqlite3")) as another:
        assert program.stdin
        assert program.stdout
        another.execute("SELECT count(*) FROM lake_position").fetchone()
        disk.read_only()
        program.stdin.write("\n")
        assert program.stdout.readline() == "0 False\n"
        disk.well()
        program.stdin.write("\n")
        assert program.stdout.readline() == "0 True\n"
    assert program.returncode == 0
