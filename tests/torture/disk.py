"""A disk that forgets what nobody synced, and that may be full, read-only, broken or lying."""

from __future__ import annotations

import atexit
import ctypes
import errno
import fcntl
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random

import pytest

SHIM = Path(__file__).with_name("powercut.c")
TROUBLE = struct.Struct("<ii120s")
#: What stands on a disk alone or not at all, however long a file is.
SECTOR = 4096
#: What a sync that lies answers with.
LIES = -1


@cache
def _shim() -> Path:
    """Return the compiled shim; where there is no compiler the test is skipped, but not in CI."""
    compiler = shutil.which("cc")
    if compiler is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("a power cut needs a C compiler: cc")
    folder = Path(tempfile.mkdtemp(prefix="kfar-powercut-"))
    atexit.register(shutil.rmtree, folder)
    library = folder / "powercut.so"
    command = [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"]
    subprocess.run([*command, str(library), str(SHIM), "-ldl"], check=True)
    return library


class Disk:
    """What is durable of a data directory; `scratch` is where that is kept.

    Programs run on it with `environment()`. All that is there when it begins is durable.
    """

    def __init__(self, data: Path, scratch: Path) -> None:
        self.data, self.scratch = data.resolve(), scratch.resolve()
        self.well()
        self._begin()

    def environment(self) -> dict[str, str]:
        """Return what a program's environment needs so that it runs on this disk."""
        return {
            "LD_PRELOAD": str(_shim()),
            "POWERCUT_DATA": str(self.data),
            "POWERCUT_DISK": str(self.scratch),
        }

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nobody writes meanwhile, so that whoever is suspended holds up no other."""
        with (self.scratch / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    # --- trouble -----------------------------------------------------------------------------

    def well(self) -> None:
        """End all trouble."""
        self._trouble()

    def full(self) -> None:
        """Take no more writes."""
        self._trouble(writes=errno.ENOSPC)

    def read_only(self) -> None:
        """Change nothing any more."""
        self._trouble(writes=errno.EROFS, syncs=errno.EROFS)

    def broken(self, where: str) -> None:
        """Fail to sync files whose path contains `where`."""
        self._trouble(syncs=errno.EIO, where=where)

    def lying(self, where: str) -> None:
        """Say of files whose path contains `where` that they are synced, and do nothing."""
        self._trouble(syncs=LIES, where=where)

    def _trouble(self, *, writes: int = 0, syncs: int = 0, where: str = "") -> None:
        self.scratch.mkdir(exist_ok=True)
        with (self.scratch / "trouble").open("ab"):  # it stays one file: programs have mapped it
            pass
        with (self.scratch / "trouble").open("r+b") as file:
            file.write(TROUBLE.pack(writes, syncs, where.encode()))

    # --- the power cut -----------------------------------------------------------------------

    def cut(self, random: Random, *, torn: bool = False) -> int:
        """Leave of the data directory what was durable; return how many bytes are gone.

        Nobody may be running on it. `torn`: of what a log and a journal had been given and
        not synced, some sectors have reached the disk all the same.
        """
        names = self.scratch / "names"
        if torn:
            for kept in [*names.rglob("*.log"), *names.rglob("*-wal")]:
                self._tear(kept, random)
        given, had = _sizes(self.data), _sizes(names)
        for path in self.data.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(names, self.data, dirs_exist_ok=True)
        self._begin()
        return sum(max(size - had.get(name, 0), 0) for name, size in given.items())

    def _tear(self, kept: Path, random: Random) -> None:
        live = self.data / kept.relative_to(self.scratch / "names")
        if _inode(live) is None or not (self.scratch / "inodes" / str(_inode(live))).samefile(kept):
            return  # another file by now
        given, had = live.read_bytes(), kept.read_bytes()
        with kept.open("r+b") as file:
            for start in range(0, len(given), SECTOR):
                sector = given[start : start + SECTOR]
                if sector != had[start : start + SECTOR] and random.random() < 0.5:
                    file.seek(start)
                    file.write(sector)

    def _begin(self) -> None:
        """Let all that is there be durable."""
        for name in ("inodes", "names"):
            shutil.rmtree(self.scratch / name, ignore_errors=True)
            (self.scratch / name).mkdir()
        program = (
            "import os, sys\n"
            "for folder, _, names in os.walk(sys.argv[1]):\n"
            "    for path in [os.path.join(folder, name) for name in names] + [folder]:\n"
            "        if os.path.isfile(path) or os.path.isdir(path):\n"
            "            handle = os.open(path, os.O_RDONLY)\n"
            "            os.fsync(handle)\n"
            "            os.close(handle)\n"
        )
        subprocess.run(
            [sys.executable, "-S", "-E", "-c", program, str(self.data)],
            env=os.environ | self.environment(),
            check=True,
        )


def _sizes(folder: Path) -> dict[Path, int]:
    """Return how long the files are; what is memory that has a name (-shm) is none."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix[-4:] != "-shm")
    return {path.relative_to(folder): path.stat().st_size for path in files}


def _inode(path: Path) -> str | None:
    """Return by what the shim knows a file."""
    name = ctypes.create_string_buffer(64)
    found = ctypes.CDLL(str(_shim())).powercut_inode(-100, os.fsencode(path), name)  # AT_FDCWD
    return name.value.decode() if found == 0 else None
