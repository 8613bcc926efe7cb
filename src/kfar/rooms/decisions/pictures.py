"""Pictures of options: files in the data directory, each named by the SHA-256 of what it holds.

The sum stands in the manifest, so a picture cannot become another one. One that was sent waits
until its question is asked; what nobody asked with is gone after a day.
"""

from __future__ import annotations

import os
import re
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings

SUM = re.compile(r"[0-9a-f]{64}")
#: How long a picture waits to be asked with.
WAITS = timedelta(days=1)


def take(data: bytes) -> str:
    """Keep a picture, already checked and written anew, until it is asked with; return its sum."""
    name = sha256(data).hexdigest()
    there = find(name)
    if there is None:
        _write(_waiting() / name, data)
    elif there.parent == _waiting():  # it waits anew
        there.touch()
    return name


def find(name: str) -> Path | None:
    """Return the file of a picture by its sum, or None."""
    if not SUM.fullmatch(name):
        return None
    return next((p for p in (_kept() / name, _waiting() / name) if p.exists()), None)


def keep(name: str) -> None:
    """Keep a picture for good: it stands in a manifest now."""
    there = find(name)
    if there is not None and there.parent == _waiting():
        _write(_kept() / name, there.read_bytes())


def tidy() -> int:
    """Remove what has waited too long; return how many."""
    old = time.time() - WAITS.total_seconds()
    gone = [path for path in _waiting().glob("*") if path.stat().st_mtime < old]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _kept() -> Path:
    return Path(settings.KFAR_DATA_DIR) / "pictures"


def _waiting() -> Path:
    return _kept() / "waiting"


def _write(path: Path, data: bytes) -> None:
    """Write a file that is whole, or not there, however this ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
