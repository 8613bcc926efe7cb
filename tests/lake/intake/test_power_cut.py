"""After a power cut: what was acknowledged is there, and nothing else is made of the rest."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from kfar.lake.intake import log
from kfar.lake.intake.log import LogReader, LogWriter

RECORD = b'{"k":"events","b":{"type":"track"}}\n'

#: Groups of records, as they are committed.
GROUPS = st.lists(
    st.lists(st.integers(0, 300).map(lambda n: b'{"n":"%b"}\n' % (b"x" * n)), min_size=1),
    max_size=12,
)


def frame(payload: bytes) -> bytes:
    return struct.pack("<II", len(payload), zlib.crc32(payload)) + payload


def last(folder: Path) -> Path:
    return max(folder.glob("*.log"))


def written(folder: Path, groups: list[list[bytes]]) -> int:
    writer = LogWriter(folder)
    for group in groups:
        writer.commit(group)
    writer.close()
    return writer.end


def read(folder: Path, after: int = 0) -> list[bytes]:
    return LogReader(folder).read(after, 1 << 30).records


def forget(folder: Path, known: int = 0) -> None:
    """Leave an older number in the file that says how far it was synced."""
    (folder / "synced").write_bytes(struct.pack("<Q", known))


@settings(max_examples=150)
@given(GROUPS, st.data())
def test_any_cut_of_the_unsynced_leaves_what_was_acknowledged(
    groups: list[list[bytes]], data: st.DataObject
) -> None:
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        for sync in ("fsync", "fdatasync"):  # the cut is made by hand, so that it costs no time
            patch.setattr(os, sync, lambda handle: None)
        patch.setattr(log, "ROLL", data.draw(st.sampled_from([0, 200, 1 << 26]), "roll"))
        end = written(folder, groups)
        acknowledged = [record for group in groups for record in group]
        # What was under way: part of a frame, what the disk made of it, or nothing.
        whole = frame(b"".join(data.draw(GROUPS.filter(bool), "under way")[0]))
        half = whole[: data.draw(st.integers(0, len(whole) - 1), "cut")]
        torn = data.draw(st.sampled_from([half, bytes(len(half)), half[: len(half) // 2]]), "torn")
        torn += data.draw(st.binary(max_size=20).map(lambda b: b"\xff" + b if b else b), "garbage")
        with last(folder).open("ab") as file:
            file.write(torn)
        forget(folder, data.draw(st.integers(0, end), "known"))

        with capture_logs() as said:
            writer = LogWriter(folder)
        assert writer.end == end
        cut = [{"event": "intake.cut", "log_level": "warning", "bytes": len(torn)}]
        assert said == (cut if torn else [])
        assert read(folder) == acknowledged
        writer.commit([RECORD])
        writer.close()
        assert read(folder) == [*acknowledged, RECORD]
        assert read(folder, end) == [RECORD]


def test_a_whole_group_that_was_not_acknowledged_may_stay(tmp_path: Path) -> None:
    """Its client sends it again, with the same ids."""
    end = written(tmp_path, [[RECORD]])
    with last(tmp_path).open("ab") as file:
        file.write(frame(b'{"n":1}\n'))
    writer = LogWriter(tmp_path)
    assert writer.end > end
    writer.close()
    assert read(tmp_path) == [RECORD, b'{"n":1}\n']


def test_zeros_are_no_records(tmp_path: Path) -> None:
    """A file that has grown before its content came, as some file systems leave it."""
    end = written(tmp_path, [[RECORD]])
    with last(tmp_path).open("ab") as file:
        file.write(bytes(4096))
    LogWriter(tmp_path).close()
    assert last(tmp_path).stat().st_size == end
    assert read(tmp_path) == [RECORD]


def test_a_new_file_without_content_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = written(tmp_path, [[RECORD]])
    (tmp_path / f"{end:020}.log").touch()
    written(tmp_path, [[b"{}\n"]])
    assert sorted(p.name for p in tmp_path.glob("*.log")) == [f"{0:020}.log", f"{end:020}.log"]
    assert read(tmp_path) == [RECORD, b"{}\n"]


def test_what_a_lying_disk_has_lost_is_said_and_positions_never_go_back(tmp_path: Path) -> None:
    """It promised to keep three records and has kept one: who had settled two goes on after it."""
    one = written(tmp_path, [[RECORD]])
    two = written(tmp_path, [[RECORD]])
    three = written(tmp_path, [[RECORD]])
    os.truncate(last(tmp_path), two - 3)
    with capture_logs() as said:
        writer = LogWriter(tmp_path)
    assert said == [
        {"event": "intake.cut", "log_level": "warning", "bytes": two - 3 - one},
        {"event": "intake.lost", "log_level": "critical", "bytes": three - one},
    ]
    assert read(tmp_path, two) == []
    writer.commit([b'{"n":4}\n'])
    writer.close()
    assert read(tmp_path, two) == [b'{"n":4}\n']
    assert read(tmp_path, three) == [b'{"n":4}\n']
    with capture_logs() as said:
        assert read(tmp_path) == [RECORD, b'{"n":4}\n']
    assert said == [{"event": "intake.gap", "log_level": "critical", "bytes": three - one}]


def test_where_the_files_are_gone_positions_go_on(tmp_path: Path) -> None:
    end = written(tmp_path, [[RECORD]])
    last(tmp_path).unlink()
    with capture_logs() as said:
        written(tmp_path, [[b"{}\n"]])
    assert said == [{"event": "intake.lost", "log_level": "critical", "bytes": end}]
    assert read(tmp_path, end) == [b"{}\n"]
