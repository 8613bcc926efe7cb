"""The intake in NATS JetStream: a server of the tests' own, and what can go wrong with one."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.js.api import StorageType, StreamConfig
from nats.js.errors import NotFoundError
from structlog.testing import capture_logs

from kfar.lake.intake import Away, Broken, Full, Taken, open_reader, open_writer
from kfar.lake.intake.broker import servers
from kfar.lake.intake.jetstream import (
    FIRST,
    LIMIT,
    STREAM,
    JetStreamReader,
    JetStreamWriter,
    messages,
)
from kfar.lake.intake.log import LogWriter
from kfar.lake.intake.moved import Moved
from tests.brokers import Brokers, brokers

RECORDS = [b'{"n":%d,"w":"%b"}\n' % (n, b"x" * 100) for n in range(30)]
#: All at once.
ALL = 1 << 30


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    with brokers(tmp_path_factory.mktemp("broker"), 1) as found:
        yield found


@pytest.fixture
def broker(server: Brokers) -> Brokers:
    """A server without a stream."""

    async def forget(stream: Any) -> None:
        with suppress(NotFoundError):
            await stream.delete_stream(STREAM)

    server.ask(forget)
    return server


@pytest.fixture
def writer(broker: Brokers) -> Iterator[JetStreamWriter]:
    writer = JetStreamWriter(broker.url)
    yield writer
    writer.close()


@pytest.fixture
def reader(broker: Brokers) -> Iterator[JetStreamReader]:
    reader = JetStreamReader(broker.url)
    yield reader
    reader.close()


def begun(writer: JetStreamWriter, reader: JetStreamReader) -> int:
    """Keep the first record; return the position after it."""
    writer.commit(RECORDS[:1])
    return reader.read(0, ALL).position


def insist(writer: JetStreamWriter, records: list[bytes]) -> None:
    """Commit what can be committed again, as clients do, until it is acknowledged."""
    end = time.monotonic() + 30
    while True:
        try:
            return writer.commit(records)
        except Away:
            assert time.monotonic() < end
            time.sleep(0.05)


# --- as it is laid out -------------------------------------------------------------------------


def test_the_first_gate_makes_a_stream_that_keeps_what_it_accepts(
    broker: Brokers, writer: JetStreamWriter
) -> None:
    writer.commit(RECORDS[:1])
    made = broker.ask(lambda stream: stream.stream_info(STREAM)).config
    assert (made.storage, made.retention, made.discard) == ("file", "limits", "new")
    assert (made.max_age, made.max_msgs, made.max_bytes) == (0, -1, LIMIT)
    assert (made.num_replicas, made.allow_direct) == (1, True)


def test_a_group_is_one_message(writer: JetStreamWriter, reader: JetStreamReader) -> None:
    start = begun(writer, reader)
    assert start > FIRST
    writer.commit(RECORDS[1:4])
    writer.commit(RECORDS[4:6])
    assert reader.read(start, 1) == Taken(RECORDS[1:4], start + 1)
    assert reader.read(start, ALL) == Taken(RECORDS[1:6], start + 2)


@given(st.lists(st.integers(1, 40), max_size=30))
def test_groups_are_split_in_order_and_none_is_longer_than_a_message(sizes: list[int]) -> None:
    records = [b"x" * (size - 1) + b"\n" for size in sizes]
    found = list(messages(records, 40))
    assert b"".join(payload for payload, _ in found) == b"".join(records)
    assert [len(payload) for payload, packed in found if packed or len(payload) > 40] == []
    assert all(payload.endswith(b"\n") for payload, _ in found)


def test_a_group_longer_than_a_message_is_kept_in_order(
    writer: JetStreamWriter, reader: JetStreamReader
) -> None:
    records = [b'{"n":%d,"w":"%b"}\n' % (n, b"x" * 300_000) for n in range(20)]
    writer.commit(records)
    taken = reader.read(0, ALL)
    assert taken.records == records
    assert reader.read(taken.position, ALL) == Taken([], taken.position)


def test_a_record_longer_than_a_message_is_packed(
    writer: JetStreamWriter, reader: JetStreamReader
) -> None:
    """A request of broken characters, or of rejected events, makes a record this long."""
    long = b'{"w":"' + b"\xef\xbf\xbd" * 1_000_000 + b'"}\n'
    writer.commit([RECORDS[0], long, RECORDS[1]])
    assert reader.read(0, ALL).records == [RECORDS[0], long, RECORDS[1]]


def test_a_record_that_cannot_be_kept_is_not_acknowledged(
    writer: JetStreamWriter, reader: JetStreamReader
) -> None:
    noise = random.Random(1).randbytes(2_000_000).replace(b"\n", b" ") + b"\n"
    with pytest.raises(Full, match="too long"):
        writer.commit([noise])
    writer.commit(RECORDS[:1])
    assert reader.read(0, ALL).records == RECORDS[:1]


def test_many_gates_write_at_once(
    broker: Brokers, writer: JetStreamWriter, reader: JetStreamReader
) -> None:
    second = JetStreamWriter(broker.url)
    for n in range(0, 30, 2):
        writer.commit([RECORDS[n]])
        second.commit([RECORDS[n + 1]])
    second.close()
    assert reader.read(0, ALL).records == RECORDS


def test_who_connects_is_said_once_for_all_servers() -> None:
    assert servers("nats://one:4222") == ["nats://one:4222"]
    assert servers("nats://kfar:a@one:4222,two:4223") == [
        "nats://kfar:a@one:4222",
        "nats://kfar:a@two:4223",
    ]


# --- read and released -------------------------------------------------------------------------


def test_before_the_first_gate_opened_there_is_nothing(reader: JetStreamReader) -> None:
    assert reader.read(0, ALL) == Taken([], 0)
    assert reader.waiting(0) == 0
    reader.release(0)


def test_what_is_released_is_gone(writer: JetStreamWriter, reader: JetStreamReader) -> None:
    start = begun(writer, reader)
    writer.commit(RECORDS[1:2])
    writer.commit(RECORDS[2:3])
    reader.release(start + 1)
    assert reader.read(0, ALL) == Taken(RECORDS[2:3], start + 2)
    reader.release(start + 2)
    assert reader.read(0, ALL).records == []
    assert reader.read(start + 2, ALL) == Taken([], start + 2)
    writer.commit(RECORDS[3:4])
    assert reader.read(start + 2, ALL) == Taken(RECORDS[3:4], start + 3)


def test_what_waits_is_about_what_was_written(
    writer: JetStreamWriter, reader: JetStreamReader
) -> None:
    start = begun(writer, reader)
    assert reader.waiting(start) == 0
    for n in range(1, 11):
        writer.commit([RECORDS[n] * 50])
    # The first message counts like the ten that are longer.
    assert 50_000 < reader.waiting(start) < 60_000
    assert 4 * 5_000 < reader.waiting(start + 6) < 4 * 6_000
    reader.release(start + 10)
    assert reader.waiting(start + 10) == 0


def test_a_missing_message_is_said_and_not_passed_over(
    broker: Brokers, writer: JetStreamWriter, reader: JetStreamReader
) -> None:
    start = begun(writer, reader)
    for n in range(1, 4):
        writer.commit([RECORDS[n]])
    broker.ask(lambda stream: stream.delete_msg(STREAM, start + 2))
    with pytest.raises(Broken, match=f"message {start + 2} of the stream is missing"):
        reader.read(start, ALL)


def test_a_position_beyond_the_end_is_no_position(
    writer: JetStreamWriter, reader: JetStreamReader
) -> None:
    start = begun(writer, reader)
    with pytest.raises(Broken, match="before what has settled"):
        reader.read(start + 1, ALL)


def test_a_stream_made_anew_goes_on_after_the_one_before(
    broker: Brokers, writer: JetStreamWriter, reader: JetStreamReader
) -> None:
    start = begun(writer, reader)
    broker.ask(lambda stream: stream.delete_stream(STREAM))
    with pytest.raises(Broken, match="ends at None"):
        reader.read(start, ALL)
    second = JetStreamWriter(broker.url)
    second.commit(RECORDS[1:2])
    second.close()
    with capture_logs() as said:
        taken = reader.read(start, ALL)
    assert taken.records == RECORDS[1:2]
    assert taken.position > start
    gap = taken.position - 1 - start
    assert said == [{"event": "intake.gap", "log_level": "critical", "messages": gap}]


def test_after_a_move_from_the_disk_its_rest_comes_first(broker: Brokers, tmp_path: Path) -> None:
    log = LogWriter(tmp_path)
    log.commit(RECORDS[:2])
    log.commit(RECORDS[2:3])
    log.close()
    writer, reader = open_writer(broker.url, tmp_path), open_reader(broker.url, tmp_path)
    assert reader is open_reader(broker.url, tmp_path)
    writer.commit(RECORDS[3:5])
    writer.close()
    assert reader.waiting(0) > log.end
    position, seen = 0, []
    for _ in range(3):
        taken = reader.read(position, 1)
        position = taken.position
        seen.append(taken.records)
        reader.release(position)
    assert seen == [RECORDS[:2], RECORDS[2:3], RECORDS[3:5]]
    assert reader.read(position, 1) == Taken([], position)
    assert reader.waiting(position) == 0
    assert isinstance(reader, Moved)
    assert isinstance(reader.broker, JetStreamReader)
    reader.broker.close()
    open_reader.cache_clear()


# --- what can go wrong -------------------------------------------------------------------------


def test_an_acknowledgement_that_is_lost_doubles_nothing(
    writer: JetStreamWriter, reader: JetStreamReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = begun(writer, reader)
    real, done = writer._publish, []

    async def deaf(payload: bytes, headers: dict[str, str]) -> None:
        await real(payload, headers)
        done.append(payload)
        if len(done) < 3:
            raise TimeoutError

    monkeypatch.setattr(writer, "_publish", deaf)
    writer.commit(RECORDS[1:3])
    writer.commit(RECORDS[3:4])
    assert len(done) == 4
    assert reader.read(start, ALL).records == RECORDS[1:4]


def test_a_full_stream_keeps_nothing_more_and_recovers(
    broker: Brokers, writer: JetStreamWriter, reader: JetStreamReader
) -> None:
    start = begun(writer, reader)

    async def limit(stream: Any) -> None:
        config = (await stream.stream_info(STREAM)).config
        await stream.update_stream(config.evolve(max_bytes=10_000))

    broker.ask(limit)
    for n in range(1, 5):
        writer.commit([RECORDS[n] * 18])  # 2 kB
    for _ in range(2):
        with pytest.raises(Full, match="maximum bytes exceeded"):
            writer.commit([RECORDS[5] * 18])
    assert reader.read(start, ALL).records == [RECORDS[n] for n in range(1, 5) for _ in range(18)]
    reader.release(start + 1)
    writer.commit([RECORDS[6] * 18])
    assert reader.read(start + 4, ALL).records == RECORDS[6:7] * 18


@pytest.mark.parametrize(
    "wrong",
    [{"storage": StorageType.MEMORY}, {"discard": "old"}, {"max_age": 60.0}],
    ids=["memory", "discard", "age"],
)
def test_a_stream_that_does_not_keep_what_it_accepts_is_not_used(
    broker: Brokers, writer: JetStreamWriter, wrong: dict[str, Any]
) -> None:
    sound = {"storage": StorageType.FILE, "discard": "new", "allow_direct": True}
    config = StreamConfig(name=STREAM, subjects=["kfar.intake"], **{**sound, **wrong})
    broker.ask(lambda stream: stream.add_stream(config))
    with pytest.raises(Broken, match=f"not set up to keep: .*{next(iter(wrong))}"):
        writer.commit(RECORDS[:1])


def test_while_no_server_is_there_nothing_is_acknowledged(tmp_path: Path) -> None:
    with brokers(tmp_path, 1) as broker:
        writer, reader = JetStreamWriter(broker.url), JetStreamReader(broker.url)
        start = begun(writer, reader)
        broker.kill()
        writer.patience = reader.patience = 0.2
        for _ in range(2):
            with pytest.raises(Away):
                writer.commit(RECORDS[1:2])
        with pytest.raises(Away):
            reader.read(start, ALL)
        with pytest.raises(Away):
            reader.waiting(start)
        broker.start()
        insist(writer, RECORDS[2:3])
        reader.patience = 30
        assert reader.read(start, ALL).records == RECORDS[2:3]
        writer.close()
        reader.close()
