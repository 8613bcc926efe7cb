"""Files that belong to decisions, kept under the sum of what is in them."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings

from kfar.ground import disk


def keep(content: bytes) -> str:
    """Keep a file; return its SHA-256. When this returns it is on the disk; twice is once."""
    found = sha256(content).hexdigest()
    target = path(found)
    if target.exists():
        return found
    target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    for folder in (target.parent, target.parent.parent, settings.KFAR_DATA_DIR):
        disk.sync(folder)
    return found


def path(found: str) -> Path:
    """Return where the file with that sum is, or would be."""
    return Path(settings.KFAR_DATA_DIR, "files", found[:2], found)
