"""The intake as a log: files of frames on the disk, one frame and one sync a group commit.

A frame is `length (u32) · CRC-32 of the payload (u32) · payload`, little-endian; the payload
is the records of a moment, a line each. A position is the number of bytes before it in the
whole log, and a file is named by the position of its first frame, as in Kafka's log segments.

What a power cut left half written is cut off when the log is opened again: it was never
acknowledged. The reader goes no further than what is synced (a number in shared memory), so
it never settles what a power cut could still take back. Positions never go back, also where a
disk has lost what it had promised to keep.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import struct
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import structlog

from kfar.ground import disk
from kfar.lake.intake import Broken, Full, Taken

log = structlog.get_logger(__name__)

#: A file this long (bytes) or this old (seconds) is followed by a new one at the next commit;
#: what has settled is removed file by file.
ROLL, OLD = 64 * 1024 * 1024, 60.0
#: A longer frame is not one of ours.
LONGEST = 256 * 1024 * 1024
HEAD = struct.Struct("<II")
NUMBER = struct.Struct("<Q")
#: What the disk says when it takes no more; everything else means that it is broken.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}


class LogWriter:
    """The one writer of a log. Opening it cuts what was left half written, and says so.

    Raises `Broken` where another process writes to it already.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._lock = (folder / "lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise Broken(f"another process writes to {folder}") from None
        self._synced = _Synced(folder)
        disk.sync(folder.parent)
        known = self._synced.get()
        last = max(_files(folder), default=None)
        if last is None:
            self._begin(0)
        else:
            self._mend(last, known)
        if self.end < known:
            log.critical("intake.lost", bytes=known - self.end)
            self._follow(known)
        self._synced.set(self.end)

    def commit(self, records: Sequence[bytes]) -> None:
        """Keep the records: written, synced, and only then to be read.

        Without any it only looks whether it is time for a new file.
        """
        self._roll()
        payload = b"".join(records)
        if not payload:
            return
        try:
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

    def _mend(self, last: Path, known: int) -> None:
        """Go on with the last file, as far as it is sound."""
        start = int(last.stem)
        file = os.open(last, os.O_RDWR)
        sound = _sound(file)
        cut = os.fstat(file).st_size - sound
        if cut:
            os.ftruncate(file, sound)
            log.warning("intake.cut", bytes=cut)
        # After a failed sync the memory may show what the disk does not have, and the next
        # sync would not write it. So what no sync has confirmed is written once more.
        unsure = max(min(known - start, sound), 0)
        os.lseek(file, unsure, os.SEEK_SET)
        _write(file, os.pread(file, sound - unsure, unsure))
        os.fsync(file)
        self._file, self.start, self.end = file, start, start + sound
        self._since = time.monotonic()

    def _roll(self) -> None:
        """Begin a new file where the last has become long or old."""
        length = self.end - self.start
        if length > ROLL or (length and time.monotonic() - self._since > OLD):
            self._follow(self.end)

    def _follow(self, start: int) -> None:
        """Begin a file after the last one."""
        last = self._file
        self._begin(start)
        os.close(last)

    def _begin(self, start: int) -> None:
        """Begin a file. It is there for good before anything is written to it."""
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC
        try:
            file = os.open(self.folder / f"{start:020d}.log", flags, 0o600)
        except OSError as error:
            raise (Full if error.errno in FULL else Broken)(str(error)) from error
        try:
            disk.sync(self.folder)
        except OSError as error:
            raise Broken(str(error)) from error
        self._file, self.start, self.end = file, start, start
        self._since = time.monotonic()

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
        """Return what is synced after a position; always whole frames, at least one if any.

        Raises `Broken` where the log is damaged, or ends before the position.
        """
        synced = self._end()
        if after > synced:
            raise Broken(f"the log ends at {synced}, before what has settled ({after})")
        records: list[bytes] = []
        position, enough = after, after + max(most, 1)
        for file, end in self._parts(synced):
            start = int(file.stem)
            if end <= position:
                continue
            if position >= enough:
                break
            if position < start:
                log.critical("intake.gap", bytes=start - position)
                position, enough = start, enough + start - position
            with file.open("rb") as frames:
                frames.seek(position - start)
                while position < min(end, enough) and (head := frames.read(HEAD.size)):
                    payload = _frame(head, frames)
                    if payload is None:
                        raise Broken(f"{file.name} is damaged after byte {position - start}")
                    records += payload.splitlines(keepends=True)
                    position += HEAD.size + len(payload)
        return Taken(records, position)

    def waiting(self, after: int) -> int:
        """Return how many bytes are synced after a position."""
        return max(self._end() - after, 0)

    def opened(self) -> bool:
        """Return whether the folder has a log."""
        return (self.folder / "synced").exists()

    def release(self, before: int) -> None:
        """Remove the files whose every frame stands before a position; never the last."""
        for file, following in pairwise(_files(self.folder)):
            if int(following.stem) <= before:
                file.unlink(missing_ok=True)

    def end(self) -> int:
        """Return the position up to which the log is synced."""
        return self._end()

    def clear(self, before: int) -> int:
        """Remove what has settled; return where the first file begins that is not empty.

        The last file is the gate's, which begins a new one now and then. Where none is at
        work, it is followed by an empty one here.
        """
        if before >= (end := self._end()) and self.opened():
            with (self.folder / "lock").open("a") as lock, suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                (self.folder / f"{end:020d}.log").touch(0o600)
                disk.sync(self.folder)
        self.release(before)
        kept = (int(file.stem) for file in _files(self.folder) if file.stat().st_size)
        return min(next(kept, before), before)

    def _parts(self, synced: int) -> Iterator[tuple[Path, int]]:
        """Yield the files in order, each with the position at which it ends."""
        files = list(_files(self.folder))
        ends = [*(int(file.stem) for file in files[1:]), synced]
        return zip(files, ends, strict=False)  # where there is no file yet there is no part

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
                # Not a hole: the disk must have its place before memory stands for it.
                file.write(bytes(NUMBER.size))
                file.flush()
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


def _frame(head: bytes, file: BinaryIO) -> bytes | None:
    """Return the payload that follows a head; None where it is no whole frame of ours."""
    if len(head) < HEAD.size:
        return None
    length, crc = HEAD.unpack(head)
    if not 0 < length <= LONGEST:
        return None
    payload = file.read(length)
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
