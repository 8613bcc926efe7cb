"""The disk: what is to stay on it, and whether an error says that nothing can be written now."""

from __future__ import annotations

import errno
import os
from pathlib import Path

ERRNO = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
#: SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL (the low byte of the extended code).
SQLITE = {8, 10, 13}
#: disk_full, read_only_sql_transaction.
POSTGRES = {"53100", "25006"}


def is_full(error: BaseException | None) -> bool:
    """Return whether an error, or what caused it, says that nothing can be written now.

    By the codes of the system, SQLite and PostgreSQL: a message may hold any words, also
    those of a customer.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in ERRNO:
            return True
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in SQLITE:
            return True
        if getattr(error, "sqlstate", None) in POSTGRES:
            return True
        error = error.__cause__ or error.__context__
    return False


def sync(path: Path) -> None:
    """Return when a file, or which names a folder has, would outlive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
