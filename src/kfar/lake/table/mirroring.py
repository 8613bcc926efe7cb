"""Mirroring: whatever the catalogue names comes into the bucket, also what was there before it.

What is appended or compacted is in the bucket before the catalogue names it (`writing.finish`).
What is left for here: files of before there was a bucket, runs of ids that an erasure changed,
and objects that somebody removed.
"""

from __future__ import annotations

import time
from pathlib import Path

from django.conf import settings

from kfar.lake.models import IdRun, Segment
from kfar.lake.table import bucket
from kfar.lake.table.writing import REWRITING, catalogued, folder, writing

#: Seconds after which the bucket is looked through again, all being well.
AGAIN = 3600

_looked: dict[str, float] = {}


def mirror() -> int:
    """Copy to the bucket what the catalogue names and the bucket lacks; return how many files.

    To be called often: it looks when the process has begun, when told so (`soon`), and hourly.
    Killed anywhere it goes on with what is left. Appending and reading go on meanwhile, an
    erasure waits for one file. Raises `Refused("lake.bucket_away")`, `Refused("lake.versioned")`
    and `Refused("lake.no_s3")`.
    """
    now, url = time.monotonic(), settings.KFAR_LAKE_URL
    if not bucket.there() or now < _looked.get(url, 0.0):
        return 0
    _looked[url] = now + AGAIN
    try:
        return sum(_copy(folder() / name) for name, size in lacking().items() if size is None)
    except BaseException:
        soon()
        raise


def soon() -> None:
    """Say that the bucket lacks something now."""
    _looked.clear()


def lacking() -> dict[str, int | None]:
    """Return what the catalogue names and the bucket does not hold as it should be.

    Each name goes with the size it has there, None where it is not there. Raises
    `Refused("lake.bucket_away")`.
    """
    right = dict.fromkeys(Segment.objects.values_list("name", flat=True), 0)
    right |= {name: 16 * rows for name, rows in IdRun.objects.values_list("name", "rows")}
    held = bucket.sizes()
    wrong = {
        name: held.get(name)
        for name, size in right.items()
        if name not in held or held[name] != (size or _size(folder() / name) or held[name])
    }
    return {name: wrong[name] for name in sorted(catalogued(wrong))}  # what left meanwhile


def _copy(file: Path) -> bool:
    """Copy one file; return whether it is here."""
    with writing(REWRITING) as notes:
        notes.note([file.name])  # where it leaves the table meanwhile, it leaves the bucket
        try:
            bucket.keep(file)
        except FileNotFoundError:
            return False
    return True


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
