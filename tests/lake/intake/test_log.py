"""The log on the disk: files that follow one another, and what the disk does to them."""

from __future__ import annotations

import errno
import os
import resource
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from kfar.lake.intake import Broken, Full, log
from kfar.lake.intake.log import LogReader, LogWriter

#: Records of 115 or 116 bytes, so frames of 123 or 124.
RECORDS = [b'{"n":%d,"w":"%b"}\n' % (n, b"x" * 100) for n in range(30)]


def frame(payload: bytes) -> bytes:
    return struct.pack("<II", len(payload), zlib.crc32(payload)) + payload


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.log"))


def written(folder: Path, records: list[bytes]) -> int:
    """Write records, a commit each; return the position after them."""
    writer = LogWriter(folder)
    for record in records:
        writer.commit([record])
    writer.close()
    return writer.end


def read(folder: Path, after: int = 0) -> list[bytes]:
    return LogReader(folder).read(after, 1 << 30).records


# --- as it is laid out -------------------------------------------------------------------------


def test_a_group_is_one_frame_and_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = LogWriter(tmp_path)
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    writer.commit(RECORDS[:3])
    writer.commit(RECORDS[3:5])
    writer.close()
    assert len(synced) == 2
    assert files(tmp_path) == [f"{0:020}.log"]
    content = (tmp_path / files(tmp_path)[0]).read_bytes()
    assert content == frame(b"".join(RECORDS[:3])) + frame(b"".join(RECORDS[3:5]))


def test_nothing_of_it_is_for_others_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "intake"
    written(folder, RECORDS[:1])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / f"{0:020}.log").stat().st_mode & 0o777 == 0o600


def test_a_long_file_is_followed_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "ROLL", 1000)
    end = written(tmp_path, RECORDS)
    starts = [int(name.removesuffix(".log")) for name in files(tmp_path)]
    assert len(starts) == 4
    for start, following in zip(starts, [*starts[1:], end], strict=True):
        assert (tmp_path / f"{start:020}.log").stat().st_size == following - start
    assert read(tmp_path) == RECORDS


@pytest.mark.parametrize("most", [1, 300, 1000, 2500, 1 << 20])
def test_read_piece_by_piece_over_many_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(log, "ROLL", 700)
    end = written(tmp_path, RECORDS)
    seen: list[bytes] = []
    position = 0
    while position < end:
        taken = LogReader(tmp_path).read(position, most)
        assert taken.position > position
        seen += taken.records
        position = taken.position
    assert (seen, position) == (RECORDS, end)


def test_an_old_file_is_followed_by_another_also_when_nothing_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So what has settled is gone from the disk some minutes later, however little comes."""
    now = [0.0]
    monkeypatch.setattr("kfar.lake.intake.log.time.monotonic", lambda: now[0])
    writer, reader = LogWriter(tmp_path), LogReader(tmp_path)
    writer.commit(RECORDS[:2])
    now[0] = log.OLD + 1
    writer.commit([])
    assert len(files(tmp_path)) == 2
    position = reader.read(0, 1000).position
    reader.release(position)
    [left] = files(tmp_path)
    assert (left, (tmp_path / left).stat().st_size) == (f"{position:020}.log", 0)
    now[0] = 3 * log.OLD
    writer.commit([])
    assert files(tmp_path) == [left]  # an empty file is followed by none
    writer.commit([RECORDS[2]])
    writer.close()
    assert read(tmp_path, position) == [RECORDS[2]]


def test_files_that_have_settled_are_removed_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "ROLL", 1000)
    end = written(tmp_path, RECORDS)
    all_of_them = files(tmp_path)
    second, third = (int(name.removesuffix(".log")) for name in all_of_them[1:3])
    reader = LogReader(tmp_path)
    for before, left in ((second - 1, 0), (second, 1), (third + 1, 2), (end, 3), (end, 3)):
        reader.release(before)
        assert files(tmp_path) == all_of_them[left:]


def test_who_asks_for_what_was_removed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "ROLL", 1000)
    end = written(tmp_path, RECORDS)
    LogReader(tmp_path).release(end)
    start = int(files(tmp_path)[0].removesuffix(".log"))
    with capture_logs() as said:
        taken = LogReader(tmp_path).read(0, 1 << 20)
    assert taken.position == end
    assert sum(map(len, map(frame, taken.records))) == end - start > 0
    assert taken.records == RECORDS[-len(taken.records) :]
    assert said == [{"event": "intake.gap", "log_level": "critical", "bytes": start}]


def test_a_position_beyond_the_end_is_no_position(tmp_path: Path) -> None:
    end = written(tmp_path, RECORDS)
    with pytest.raises(Broken, match="before what has settled"):
        read(tmp_path, end + 1)
    assert LogReader(tmp_path).waiting(end + 1) == 0


def test_nothing_is_read_that_is_not_synced(tmp_path: Path) -> None:
    """A frame that stands in the file, whole, but whose sync has not come back."""
    writer = LogWriter(tmp_path)
    writer.commit(RECORDS[:1])
    [name] = files(tmp_path)
    with (tmp_path / name).open("ab") as file:
        file.write(frame(RECORDS[1]))
    assert read(tmp_path) == RECORDS[:1]
    assert LogReader(tmp_path).waiting(writer.end) == 0
    writer.close()


def test_damage_in_what_is_read_is_said(tmp_path: Path) -> None:
    written(tmp_path, RECORDS)
    path = tmp_path / files(tmp_path)[0]
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(content)
    with pytest.raises(Broken, match="is damaged after byte"):
        read(tmp_path)


def test_there_is_one_writer(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path)
    with pytest.raises(Broken, match="another process writes"):
        LogWriter(tmp_path)
    code = (
        "import sys; from pathlib import Path; from kfar.lake.intake.log import LogWriter\n"
        "LogWriter(Path(sys.argv[1]))"
    )
    second = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert f"Broken: another process writes to {tmp_path}" in second.stderr
    writer.commit(RECORDS[:1])  # and the first is not harmed
    writer.close()
    LogWriter(tmp_path).close()
    assert read(tmp_path) == RECORDS[:1]


# --- a disk that is full, read-only, broken ----------------------------------------------------


class Disk:
    """`os.write` and friends, on a disk that does as told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.takes: int | None = None  # bytes, then it is full
        self.step = 1 << 30  # bytes at a time
        self.error = errno.ENOSPC
        self.sync_error: int | None = None
        self.write, self.sync = os.write, os.fdatasync
        monkeypatch.setattr(os, "write", self._write)
        monkeypatch.setattr(os, "fdatasync", self._sync)

    def _write(self, handle: int, data: Any) -> int:
        part = bytes(data)[: self.step]
        if self.takes is not None:
            part = part[: self.takes]
            if not part:
                raise OSError(self.error, os.strerror(self.error))
            self.takes -= len(part)
        return self.write(handle, part)

    def _sync(self, handle: int) -> None:
        if self.sync_error is not None:
            raise OSError(self.sync_error, os.strerror(self.sync_error))
        self.sync(handle)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_a_disk_that_takes_little_at_a_time_gets_all(tmp_path: Path, disk: Disk) -> None:
    disk.step = 7
    written(tmp_path, RECORDS)
    assert read(tmp_path) == RECORDS


@pytest.mark.parametrize("takes", [0, 1, 8, 9, 122])
@pytest.mark.parametrize(
    "error", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS], ids=errno.errorcode.get
)
def test_a_full_disk_keeps_all_or_nothing_and_recovers(
    tmp_path: Path, disk: Disk, takes: int, error: int
) -> None:
    writer = LogWriter(tmp_path)
    writer.commit([RECORDS[0]])
    disk.takes, disk.error = takes, error
    for _ in range(2):
        with pytest.raises(Full):
            writer.commit([RECORDS[1]])
        disk.takes = takes
        assert read(tmp_path) == RECORDS[:1]
    disk.takes = None
    writer.commit([RECORDS[2]])
    writer.close()
    assert read(tmp_path) == [RECORDS[0], RECORDS[2]]
    with capture_logs() as said:
        LogWriter(tmp_path).close()
    assert said == []  # nothing of the half frame was left


def test_a_file_that_may_not_grow_is_full(tmp_path: Path) -> None:
    """By the limit of the system itself."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    writer = LogWriter(tmp_path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, limits[1]))
    try:
        writer.commit([RECORDS[0]])
        writer.commit([RECORDS[1]])
        with pytest.raises(Full):
            writer.commit([RECORDS[2]])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    writer.commit([RECORDS[3]])
    writer.close()
    assert read(tmp_path) == [RECORDS[0], RECORDS[1], RECORDS[3]]


def test_a_disk_without_room_for_a_new_file_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "ROLL", 100)
    writer = LogWriter(tmp_path)
    writer.commit([RECORDS[0]])

    def no_room(*args: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as full:
        full.setattr(os, "open", no_room)
        with pytest.raises(Full):
            writer.commit([RECORDS[1]])
    writer.commit([RECORDS[2]])
    writer.close()
    assert len(files(tmp_path)) == 2
    assert read(tmp_path) == [RECORDS[0], RECORDS[2]]


def test_a_new_file_that_may_not_be_there_tomorrow_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "ROLL", 100)
    writer = LogWriter(tmp_path)
    writer.commit([RECORDS[0]])

    def fails(handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(Broken):
        writer.commit([RECORDS[1]])
    writer.close()


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EDQUOT], ids=errno.errorcode.get)
def test_after_a_failed_sync_nobody_knows(tmp_path: Path, disk: Disk, error: int) -> None:
    writer = LogWriter(tmp_path)
    writer.commit([RECORDS[0]])
    disk.sync_error = error
    with pytest.raises(Broken):
        writer.commit([RECORDS[1]])
    assert read(tmp_path) == RECORDS[:1]
    writer.close()


def test_a_write_that_fails_for_another_reason_is_a_broken_disk(tmp_path: Path, disk: Disk) -> None:
    writer = LogWriter(tmp_path)
    disk.takes, disk.error = 5, errno.EIO
    with pytest.raises(Broken):
        writer.commit([RECORDS[0]])
    writer.close()


def test_what_no_sync_has_confirmed_is_written_once_more(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed sync the memory holds what the disk may not, and no sync would write it."""
    writer = LogWriter(tmp_path)
    writer.commit([RECORDS[0]])
    disk.sync_error = errno.EIO
    with pytest.raises(Broken):
        writer.commit([RECORDS[1]])
    writer.close()
    disk.sync_error = None

    again: list[bytes] = []

    def seen(handle: int, data: Any) -> int:
        again.append(bytes(data))
        return disk.write(handle, data)

    monkeypatch.setattr(os, "write", seen)
    LogWriter(tmp_path).close()
    assert again == [frame(RECORDS[1])]
    assert read(tmp_path) == RECORDS[:2]
