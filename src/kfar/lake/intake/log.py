"""The intake as a log: files of frames on the disk, one frame and one sync a group commit.

A frame is `length (u32) · CRC-32 of the payload (u32) · payload`, little-endian; the payload
is the records of a moment, a line each. A position is the number of bytes before it in the
whole log, and a file is named by the position of its first frame, as in Kafka's log segments.

What a power cut left half written is cut off when the log is opened again: it was never
acknowledged. The reader goes no further than what is synced (a number in shared memory), so
it never settles what a power cut could still take back.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import structlog

from kfar.lake.intake import Broken, Full, Taken

log = structlog.get_logger(__name__)

#: A file this long is followed by a new one; what has settled is removed file by file.
ROLL = 64 * 1024 * 1024
#: A longer frame is not one of ours.
LONGEST = 256 * 1024 * 1024
HEAD = struct.Struct("<II")
NUMBER = struct.Struct("<Q")
#: What the disk says when it takes no more; everything else means that it is broken.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}


class LogWriter:
    """The one writer of a log. Opening it cuts what was left half written, and says so."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._lock = (folder / "lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Broken(f"another process writes to {folder}") from None
        self._synced = _Synced(folder)
        last = max(_files(folder), default=None)
        if last is None:
            self._open(0)
        else:
            self.end = start = int(last.stem)
            self._file = os.open(last, os.O_RDWR)
            self.end += _sound(self._file)
            cut = os.fstat(self._file).st_size - (self.end - start)
            if cut:
                os.ftruncate(self._file, self.end - start)
                log.warning("intake.cut", bytes=cut)
            os.lseek(self._file, 0, os.SEEK_END)
            os.fsync(self._file)
            self.start = start
        self._synced.set(self.end)

    def commit(self, records: Sequence[bytes]) -> None:
        """Keep the records: written, synced, and only then to be read."""
        payload = b"".join(records)
        try:
            if self.end - self.start > ROLL:
                full = self._file
                self._open(self.end)
                os.close(full)
            _write(self._file, HEAD.pack(len(payload), zlib.crc32(payload)) + payload)
        except OSError as error:
            if error.errno not in FULL:
                raise Broken(str(error)) from error
            self._cut()
            raise Full(str(error)) from error
        try:
            os.fdatasync(self._file)
        except OSError as error:
            # What a failed sync has kept nobody knows, and a second one would not tell.
            raise Broken(str(error)) from error
        self.end += HEAD.size + len(payload)
        self._synced.set(self.end)

    def close(self) -> None:
        """Let go of the files and the lock."""
        os.close(self._file)
        self._synced.close()
        self._lock.close()

    def _open(self, start: int) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC
        self._file = os.open(self.folder / f"{start:020d}.log", flags, 0o600)
        self.start = self.end = start
        _sync_folder(self.folder)

    def _cut(self) -> None:
        """Take back a frame that the disk took half of."""
        try:
            os.ftruncate(self._file, self.end - self.start)
            os.lseek(self._file, 0, os.SEEK_END)
        except OSError as error:
            if error.errno != errno.EROFS:
                raise Broken(str(error)) from error


class LogReader:
    """Reads a log, while it is written or after."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, after: int, most: int) -> Taken:
        """Return what is synced after a position; always whole frames, at least one if any."""
        synced = self._end()
        if after > synced:
            raise Broken(f"the log ends at {synced}, before what has settled ({after})")
        records: list[bytes] = []
        size = 0
        position = after
        for file in _files(self.folder):
            start = int(file.stem)
            if start + file.stat().st_size <= position:
                continue
            with file.open("rb") as open_file:
                open_file.seek(max(position - start, 0))
                position = max(position, start)
                while position < synced and size < most:
                    payload = _frame(open_file.read(HEAD.size), open_file)
                    if payload is None:
                        raise Broken(f"{file.name} is damaged after byte {position - start}")
                    records += payload.splitlines(keepends=True)
                    position += HEAD.size + len(payload)
                    size += len(payload)
                    if open_file.tell() >= os.fstat(open_file.fileno()).st_size:
                        break
            if size >= most or position >= synced:
                break
        return Taken(records, position)

    def waiting(self, after: int) -> int:
        """Return how many bytes are synced after a position."""
        return max(self._end() - after, 0)

    def opened(self) -> bool:
        """Return whether the folder has a log."""
        return (self.folder / "synced").exists()

    def release(self, before: int) -> None:
        """Remove the files whose every frame stands before a position; never the last."""
        files = list(_files(self.folder))
        for file, following in pairwise(files):
            if int(following.stem) <= before:
                file.unlink()

    def _end(self) -> int:
        if not self.opened():
            return 0
        synced = _Synced(self.folder)
        try:
            return synced.get()
        finally:
            synced.close()


class _Synced:
    """How far the log is on the disk: a number that writer and reader share."""

    def __init__(self, folder: Path) -> None:
        with os.fdopen(os.open(folder / "synced", os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            if os.fstat(file.fileno()).st_size < NUMBER.size:
                file.truncate(NUMBER.size)
            self.memory = mmap.mmap(file.fileno(), NUMBER.size)

    def get(self) -> int:
        """Return the number."""
        return int(NUMBER.unpack(self.memory[:])[0])

    def set(self, end: int) -> None:
        """Change it. Eight bytes at once: a reader sees the old number or the new."""
        self.memory[:] = NUMBER.pack(end)

    def close(self) -> None:
        """Let go of the memory."""
        self.memory.close()


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.glob("*.log")))


def _frame(head: bytes, file: object) -> bytes | None:
    if len(head) < HEAD.size:
        return None
    length, crc = HEAD.unpack(head)
    if length > LONGEST:
        return None
    payload: bytes = file.read(length)  # type: ignore[attr-defined]
    return payload if len(payload) == length and zlib.crc32(payload) == crc else None


def _sound(handle: int) -> int:
    """Return how many bytes from the start on are whole frames."""
    sound = 0
    with os.fdopen(os.dup(handle), "rb") as file:
        file.seek(0)
        while (payload := _frame(file.read(HEAD.size), file)) is not None:
            sound += HEAD.size + len(payload)
    return sound


def _write(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
