"""Three servers with JetStream, and the stream's leader killed (-9) while two gates write."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kfar.lake.intake import Away
from kfar.lake.intake.jetstream import STREAM, JetStreamReader, JetStreamWriter
from tests.brokers import Brokers, brokers


class Gate:
    """Writes groups of numbered records in a thread of its own until told to end."""

    def __init__(self, url: str, name: str) -> None:
        self.writer = JetStreamWriter(url)
        self.name = name
        self.sent = 0
        self.acknowledged: list[bytes] = []
        self.refused: list[bytes] = []
        self.failed: BaseException | None = None
        self.moved = threading.Condition()
        self.ended = False
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def wait(self, count: int) -> None:
        """Wait until so many more records are acknowledged."""
        with self.moved:
            there = len(self.acknowledged)
            done = lambda: self.failed or len(self.acknowledged) >= there + count  # noqa: E731
            assert self.moved.wait_for(done, timeout=40)
        assert self.failed is None

    def end(self) -> None:
        self.ended = True
        self.thread.join(30)
        self.writer.close()
        assert self.failed is None

    def _run(self) -> None:
        try:
            while not self.ended:
                group = [self._record() for _ in range(1 + self.sent % 7)]
                try:
                    self.writer.commit(group)
                    kept = self.acknowledged
                except Away:
                    kept = self.refused
                    time.sleep(0.02)
                with self.moved:
                    kept += group
                    self.moved.notify_all()
        except BaseException as error:
            with self.moved:
                self.failed = error
                self.moved.notify_all()

    def _record(self) -> bytes:
        self.sent += 1
        return b'{"gate":"%b","n":%d,"w":"%b"}\n' % (self.name.encode(), self.sent, b"x" * 100)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Brokers]:
    with brokers(tmp_path, 3) as found:
        yield found


def test_the_leader_killed_in_mid_load_loses_nothing_and_doubles_nothing(cluster: Brokers) -> None:
    gates = [Gate(cluster.url, name) for name in ("one", "two")]
    each(gates, lambda gate: gate.wait(200))
    leader = cluster.leader()
    cluster.kill(leader)
    each(gates, lambda gate: gate.wait(200))
    cluster.start(leader)
    cluster.leader()  # and all follow
    each(gates, lambda gate: gate.wait(200))
    each(gates, lambda gate: gate.end())

    reader = JetStreamReader(cluster.url, patience=30)
    seen = everything(reader)
    reader.close()
    info = cluster.ask(lambda stream: stream.stream_info(STREAM))
    assert info.config.num_replicas == 3
    for gate in gates:
        acknowledged = set(gate.acknowledged)
        assert [record for record in seen if record in acknowledged] == gate.acknowledged
    sent = [record for gate in gates for record in (*gate.acknowledged, *gate.refused)]
    assert Counter(seen) <= Counter(sent)  # each once at most, none that was not sent


def each(gates: list[Gate], act: Callable[[Gate], None]) -> None:
    for gate in gates:
        act(gate)


def everything(reader: JetStreamReader) -> list[bytes]:
    """Read all, some at a time."""
    seen: list[bytes] = []
    position = 0
    while (taken := reader.read(position, 20_000)).records:
        seen += taken.records
        position = taken.position
    return seen
