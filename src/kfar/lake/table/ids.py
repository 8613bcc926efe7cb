"""The ids of all touches in the table, sorted on the disk: so that no touch is taken twice.

An id is two whole numbers of 64 bits, `low` and `high`. A run is a file with the low halves
of n ids in ascending order, then their high halves in the same order (16 n bytes, little-
endian). One looks for a low half and compares the high one, so the answer is exact; random
ids (all of ours: version 4, or MD5) are found with a few reads. Every append writes a run;
runs of a size are merged, so that each id is written O(log n) times and few runs are looked
at. Runs can always be made anew from the table: where one is missing or cut, they are.

Only who holds APPENDING comes here.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Self

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from kfar.lake.engines import Session
from kfar.lake.models import IdRun, Segment
from kfar.lake.table import bucket, catalogue, mirroring
from kfar.lake.table.tiers import FAN, tier
from kfar.lake.table.writing import IDS, Notes, fetch, finish, folder, part
from kfar.lake.touch import COLUMNS

Numbers = NDArray[np.uint64]

#: A run of so many ids is large enough: a gigabyte.
LARGEST = 2**26
#: So many ids at a time are merged in memory.
SLICE = 2**20

#: The halves of an id, in SQL.
HALVES = (
    "(id::UHUGEINT & 18446744073709551615)::UBIGINT AS low, (id::UHUGEINT >> 64)::UBIGINT AS high"
)


@dataclass(frozen=True)
class Ids:
    """Ids by their halves, sorted by the low one."""

    low: Numbers
    high: Numbers

    @classmethod
    def of(cls, low: Numbers, high: Numbers) -> tuple[Self, NDArray[np.int64]]:
        """Return ids sorted, and for each where it stood."""
        order = np.argsort(low, kind="stable")
        if (low[order][1:] == low[order][:-1]).any():
            order = np.lexsort((high, low))
        return cls(low[order], high[order]), order

    @classmethod
    def read(cls, session: Session, select: str) -> Self:
        """Return the ids of the rows of `select`."""
        return cls.of(*session.arrays(f"SELECT {HALVES} FROM ({select})"))[0]  # noqa: S608

    def again(self) -> NDArray[np.bool_]:
        """Return which of them repeat the one before."""
        same = (self.low[1:] == self.low[:-1]) & (self.high[1:] == self.high[:-1])
        return np.concatenate([np.zeros(min(1, self.low.size), dtype=bool), same])

    def __getitem__(self, which: NDArray[np.bool_] | slice) -> Ids:
        return Ids(self.low[which], self.high[which])

    def __len__(self) -> int:
        return self.low.size


def ready(session: Session, notes: Notes) -> None:
    """See that the runs hold all ids of the table: of files from before, or where a run is gone."""
    runs = list(IdRun.objects.all())
    fetch([folder() / run.name for run in runs])
    for run in runs:
        file = folder() / run.name
        if not file.exists() or file.stat().st_size != 16 * run.rows:
            notes.note([run.name for run in runs])
            with transaction.atomic(durable=True):
                IdRun.objects.all().delete()
                Segment.objects.update(noted=False)
            break
    for segment in Segment.objects.filter(noted=False).order_by("pk"):
        session.view("unnoted", COLUMNS, catalogue.paths([segment]))
        run = write(Ids.read(session, "SELECT id FROM unnoted"), notes)
        with transaction.atomic(durable=True):
            run.save()
            Segment.objects.filter(pk=segment.pk).update(noted=True)


def known(ids: Ids) -> NDArray[np.bool_]:
    """Return which of these stand in the runs."""
    found = np.zeros(len(ids), dtype=bool)
    for run in IdRun.objects.all():
        there = _open(run)
        at = np.searchsorted(there.low, ids.low)
        left = np.arange(len(ids))
        while left.size:
            left = left[at[left] < len(there)]
            left = left[there.low[at[left]] == ids.low[left]]
            found[left[there.high[at[left]] == ids.high[left]]] = True
            at[left] += 1
            left = left[~found[left]]
    return found


def write(ids: Ids, notes: Notes) -> IdRun:
    """Write ids as a new run, whole and on the disk; return its row, not yet saved."""
    name = notes.new(IDS)
    with part(name).open("wb") as file:
        file.write(ids.low.tobytes())
        file.write(ids.high.tobytes())
    finish([name])
    return IdRun(name=name, rows=len(ids))


def merge(notes: Notes) -> None:
    """Join runs of a size; write those anew of which most was taken out."""
    while group := _worth():
        name = notes.new(IDS)
        with part(name).open("wb") as file, tempfile.TemporaryFile(dir=folder()) as highs:
            rows = _join([_open(run) for run in group], file, highs)
            highs.seek(0)
            shutil.copyfileobj(highs, file)
        finish([name])
        notes.note([run.name for run in group])
        with transaction.atomic(durable=True):
            IdRun.objects.filter(pk__in=[run.pk for run in group]).delete()
            IdRun.objects.create(name=name, rows=rows)
        notes.sweep()


def take_out(ids: Ids) -> None:
    """Leave nothing of these ids in the runs; each is overwritten by the one before it.

    Where there is none before it, by the id that is all zeros, which no touch has. Killed in
    the middle it is simply done again. An id that shares its low half with one of these is
    taken out too; of random ones there is none.
    """
    for run in IdRun.objects.all():
        there = _open(run, writable=True)
        first, end = (np.searchsorted(there.low, ids.low, side) for side in ("left", "right"))
        spans = [np.arange(a, b) for a, b in zip(first, end, strict=True) if a < b]
        if not spans:
            continue
        # Out of the bucket first: what is changed here comes there anew (`mirror`).
        bucket.drop([run.name])
        mirroring.soon()
        at = np.unique(np.concatenate(spans))
        # Of neighbours that go, all are overwritten by what stands before the first of them.
        begins = np.concatenate([[True], at[1:] != at[:-1] + 1])
        source = at[np.maximum.accumulate(np.where(begins, np.arange(at.size), 0))] - 1
        # The low halves last: by them one finds what is left to do.
        for half in (there.high, there.low):
            half[at] = np.where(source < 0, np.uint64(0), half[source])
            half.flush()  # type: ignore[attr-defined]
        run.gone += at.size
        run.save(update_fields=["gone"])


def _open(run: IdRun, *, writable: bool = False) -> Ids:
    both = np.memmap(folder() / run.name, "<u8", "r+" if writable else "r", shape=(2, run.rows))
    return Ids(both[0], both[1])


def _worth() -> list[IdRun]:
    """Return runs to be joined now, if there are any."""
    tiers: dict[int, list[IdRun]] = {}
    for run in IdRun.objects.order_by("pk"):
        if 2 * run.gone > run.rows:
            return [run]
        tiers.setdefault(tier(run.rows), []).append(run)
    for _, group in sorted(tiers.items()):
        if len(group) >= FAN and sum(run.rows for run in group[:FAN]) <= LARGEST:
            return group
    return []


def _join(runs: Sequence[Ids], lows: BinaryIO, highs: BinaryIO) -> int:
    """Write the ids of all runs, each once; return how many."""
    rows = 0
    for ids in _slices(runs):
        once = ids[~ids.again()]
        lows.write(once.low.tobytes())
        highs.write(once.high.tobytes())
        rows += len(once)
    return rows


def _slices(runs: Sequence[Ids]) -> Iterator[Ids]:
    """Yield the ids of all runs in order, some at a time."""
    parts = 1 + sum(map(len, runs)) // SLICE
    start = [0] * len(runs)
    for n in range(1, parts + 1):
        bound = n * 2**64 // parts
        end = [
            len(run) if bound == 2**64 else int(np.searchsorted(run.low, np.uint64(bound)))
            for run in runs
        ]
        some = [run[a:b] for run, a, b in zip(runs, start, end, strict=True)]
        yield Ids.of(
            np.concatenate([ids.low for ids in some]), np.concatenate([ids.high for ids in some])
        )[0]
        start = end
