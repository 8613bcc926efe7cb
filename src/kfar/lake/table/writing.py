"""The table's files on the disk: written whole, and removed when nobody reads them.

Two locks keep writers apart: who holds APPENDING adds files, who holds REWRITING replaces
them. In the lock's own file stand the names being made and being replaced. Whatever of them
the catalogue does not name, once the writer is through or was killed, is removed: a new file
that never got in, an old one that is out. Nothing else is ever removed: a file that only the
catalogue has forgotten (an older database put back from a backup) stays where it is.

Readers hold a lease. What leaves the table takes the lease of that moment along, and is
removed when the last who held it has let go; those who come later have a new one. Who reads for
long may hold an older one, so what leaves is written into those, too.

Where there is a bucket, a file is in it before the catalogue may name it, and out of it before
its notes are forgotten. Those notes stand in the database too, since the disk may be lost. The
folder is then what has been read of the table: what is missing in it is fetched.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError
from django.db.models import QuerySet

from kfar.ground import disk, locks
from kfar.ground.errors import Refused
from kfar.lake.models import IdRun, Noted, Segment
from kfar.lake.table import bucket

APPENDING, REWRITING, LEASE = "append.lock", "rewrite.lock", "reading.lock"
#: Who waits for a lock stands at its door, so that nobody passes whom they just left waiting.
DOOR = ".door"
PART, LEAVING = ".part", ".leaving"
TABLE, IDS = ".parquet", ".ids"
#: Who holds this fetches; so many files at once, then others have their turn.
FETCHING, AT_ONCE = "fetch.lock", 8


def folder() -> Path:
    """Return where the table's files are."""
    found: Path = settings.KFAR_DATA_DIR / "lake"
    return found


class Notes:
    """What a writer makes and replaces, in the file of its lock."""

    def __init__(self, handle: int, lock: str) -> None:
        self.handle = handle
        self.lock = lock

    def new(self, kind: str) -> str:
        """Return a name for a new file, noted."""
        name = f"{uuid4().hex}{kind}"
        self.note([name])
        return name

    def note(self, names: Iterable[str]) -> None:
        """Note names, before anything is done to their files."""
        names = list(names)
        os.lseek(self.handle, 0, os.SEEK_END)
        os.write(self.handle, "".join(f"{name}\n" for name in names).encode())
        os.fsync(self.handle)
        if bucket.there():
            Noted.objects.bulk_create(Noted(lock=self.lock, name=name) for name in names)

    def names(self) -> list[str]:
        """Return the names noted on this disk."""
        return os.pread(self.handle, os.fstat(self.handle).st_size, 0).decode().split()

    def sweep(self) -> None:
        """Remove what is noted and not in the catalogue, and forget the notes."""
        noted = Noted.objects.filter(lock=self.lock)
        names = {*self.names(), *(_names(noted) if bucket.there() else ())}
        if not names:
            return
        gone = names - catalogued(names)
        bucket.drop(gone)
        read = {name for name in gone if name.endswith(TABLE) and (folder() / name).exists()}
        for name in gone:
            part(name).unlink(missing_ok=True)
            if name not in read:
                (folder() / name).unlink(missing_ok=True)
        if read:
            _let_go(read)
            remove()
        if bucket.there():
            noted.delete()
        os.ftruncate(self.handle, 0)


_held: ContextVar[Mapping[str, Notes]] = ContextVar("_held", default={})  # noqa: B039 - never changed


def unfinished(lock: str) -> bool:
    """Return whether somebody is writing under this lock, or was killed in it."""
    file = folder() / lock
    here = file.exists() and file.stat().st_size > 0
    return here or (bucket.there() and Noted.objects.filter(lock=lock).exists())


@contextmanager
def writing(lock: str) -> Iterator[Notes]:
    """Wait until nobody else holds this lock, in their order; who holds it goes on.

    What the one before left is removed first, and what this one replaced at the end.
    Raises `Refused("lake.disk_full")`, whoever noticed it, and `Refused("lake.bucket_away")`.
    """
    if lock in _held.get():
        yield _held.get()[lock]
        return
    folder().mkdir(parents=True, exist_ok=True)
    with _told(), ExitStack() as door:
        door.enter_context(locks.held(folder() / (lock + DOOR)))
        with locks.held(folder() / lock) as handle:
            door.close()
            notes = Notes(handle, lock)
            notes.sweep()
            before = _held.set({**_held.get(), lock: notes})
            try:
                yield notes
            except BaseException:
                for name in notes.names():
                    part(name).unlink(missing_ok=True)
                raise
            finally:
                _held.reset(before)
            notes.sweep()


def part(name: str) -> Path:
    """Return where a file is while it is written."""
    return folder() / (name + PART)


def finish(names: Iterable[str]) -> None:
    """Put written parts under their names, whole and on the disk, and into the bucket."""
    names = list(names)
    for name in names:
        disk.sync(part(name))
        os.replace(part(name), folder() / name)
    disk.sync(folder())
    if bucket.there():
        for name in names:
            bucket.keep(folder() / name)


def fetch(files: Collection[Path]) -> None:
    """Fetch those of the table's files that are not here, where there is a bucket.

    The caller holds a lease or a lock, so that they stay. What is in no bucket stays missing.
    Raises `Refused("lake.bucket_away")` and `Refused("lake.disk_full")`.
    """
    if not bucket.there():
        return
    missing = [file for file in files if not file.exists()]
    for first in range(0, len(missing), AT_ONCE):
        with (
            _told(),
            locks.held(folder() / FETCHING),
            ThreadPoolExecutor(AT_ONCE) as pool,
        ):
            list(pool.map(_fetch, missing[first : first + AT_ONCE]))
            disk.sync(folder())


def _fetch(file: Path) -> None:
    if file.exists():  # somebody was quicker
        return
    # A part that is left when this is killed goes with its file (`sweep`), or is written over.
    if bucket.take(file.name, part(file.name)):
        disk.sync(part(file.name))
        os.replace(part(file.name), file)


@contextmanager
def lease() -> Iterator[None]:
    """Keep every file that the catalogue names from now on, until the end of the `with`."""
    folder().mkdir(parents=True, exist_ok=True)
    with locks.held(folder() / LEASE, shared=True):
        yield


def remove(patience: float = 0) -> None:
    """Remove files that have left the table, where nobody reads them any more.

    Waits `patience` seconds for those who do; given any, then the files go all the same.
    """
    until = time.monotonic() + patience
    free, read = [], set()
    for note in folder().glob(f"*{LEAVING}"):
        while not (alone := locks.free(note)) and time.monotonic() < until:
            time.sleep(0.02)
        if alone or patience:
            free.append(note)
        else:
            read.update(_noted(note))
    for note in free:
        names = _noted(note)
        for name in set(names) - catalogued(names) - read:
            (folder() / name).unlink(missing_ok=True)
        note.unlink(missing_ok=True)


def _noted(note: Path) -> list[str]:
    """Return the names that stand in a note; none where another process removed it."""
    try:
        return note.read_text().split()
    except FileNotFoundError:
        return []


def _let_go(names: Iterable[str]) -> None:
    """Put the lease aside, and in it the names of the files that its holders may still read.

    Who holds a lease that was put aside before may read them as well.
    """
    note = folder() / f"{uuid4().hex}{LEAVING}"
    if (folder() / LEASE).exists():
        os.replace(folder() / LEASE, note)
    leaving = "".join(f"{name}\n" for name in names)
    for held in {note, *folder().glob(f"*{LEAVING}")}:
        with held.open("a") as file:
            file.write(leaving)
            file.flush()
            os.fsync(file.fileno())


def catalogued(names: Iterable[str]) -> set[str]:
    """Return which of these the catalogue names."""
    some = list(names)
    return {
        *_names(Segment.objects.filter(name__in=some)),
        *_names(IdRun.objects.filter(name__in=some)),
    }


def _names(rows: QuerySet[Any]) -> Iterable[str]:
    return rows.values_list("name", flat=True)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (OSError, DatabaseError) as error:
        if disk.is_full(error):
            raise Refused("lake.disk_full") from error
        raise
