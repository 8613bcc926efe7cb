"""Locks between processes: on a file or a folder, and ended with the process however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(path: Path, *, shared: bool = False) -> Iterator[int]:
    """Hold the lock on a file (it is made), alone or with others who share.

    Waits for it. Where another took the file away meanwhile, it is the new one that is held.
    Yields the open file's descriptor.
    """
    handle = _take(path, os.O_RDWR | os.O_CREAT, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    try:
        yield handle
    finally:
        os.close(handle)


def take_folder(path: Path) -> int:
    """Make a folder and hold the lock on it, until the descriptor that is returned is closed."""
    while True:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            return _take(path, os.O_RDONLY, fcntl.LOCK_EX)
        except FileNotFoundError:  # who sweeps took it away
            continue


def free(path: Path) -> bool:
    """Return whether nobody holds the lock on what stands at `path`, if anything does."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def _take(path: Path, flags: int, how: int) -> int:
    while True:
        handle = os.open(path, flags, 0o600)
        try:
            fcntl.flock(handle, how)
            if _same(handle, path):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _same(handle: int, path: Path) -> bool:
    """Return whether the open file is still the one of that name."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(handle), there)
