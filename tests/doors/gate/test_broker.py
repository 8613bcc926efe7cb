"""A gate whose intake is a cluster of brokers: two of three down, and back. Real processes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from kfar.lake.intake.jetstream import JetStreamReader
from kfar.lake.intake.notice import Key, Notice, key_sum, post
from tests.brokers import Brokers, brokers, free_ports
from tests.programs import environment

KEY = "shop-key"


class Load:
    """Clients that send events, one after another, and note what is answered when."""

    def __init__(self, port: int, clients: int) -> None:
        self.port = port
        self.phase = "up"
        self.answers: dict[str, tuple[str, str, int]] = {}  # phase before, phase after, status
        self.moved = threading.Condition()
        self.ended = False
        self.threads = [threading.Thread(target=self._run, args=(n,)) for n in range(clients)]
        for thread in self.threads:
            thread.start()

    def wait(self, phase: str, status: int, count: int) -> None:
        """Wait until so many events that were sent in a phase are answered with a status."""
        with self.moved:
            assert self.moved.wait_for(lambda: self._count(phase, status) >= count, timeout=40)

    def end(self) -> None:
        self.ended = True
        for thread in self.threads:
            thread.join(30)

    def _count(self, phase: str, status: int) -> int:
        found = list(self.answers.values())
        return sum(before == phase and said == status for before, _, said in found)

    def _run(self, client: int) -> None:
        at = HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = 0
        while not self.ended:
            sent += 1
            name, before = f"{client}-{sent}", self.phase
            body = {"event": "Seen", "anonymousId": f"a{client}", "messageId": name}
            key = b64encode(f"{KEY}:".encode()).decode()
            at.request("POST", "/v1/track", json.dumps(body), {"Authorization": f"Basic {key}"})
            answer = at.getresponse()
            answer.read()
            with self.moved:
                self.answers[name] = before, self.phase, answer.status
                self.moved.notify_all()
        at.close()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Brokers]:
    with brokers(tmp_path, 3) as found:
        yield found


@pytest.fixture
def port(cluster: Brokers, tmp_path: Path) -> Iterator[int]:
    """A gate that listens, in a process of its own."""
    post(Notice(keys={key_sum(KEY): Key(source="shop", scope="server")}), tmp_path)
    [found] = free_ports(1)
    command = [sys.executable, "-m", "kfar.doors.gate", f"--port={found}"]
    command += [f"--data={tmp_path}", f"--pages={tmp_path / 'pages.sock'}"]
    env = environment(tmp_path, KFAR_INTAKE_URL=cluster.url)
    gate = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
    try:
        opened(found)
        yield found
        gate.terminate()
        assert gate.wait(30) == 0
    finally:
        gate.kill()
        gate.wait()


def test_with_two_of_three_brokers_down_nothing_is_acknowledged(
    cluster: Brokers, port: int
) -> None:
    load = Load(port, clients=6)
    load.wait("up", 200, 100)
    leader = cluster.leader()
    down = leader, (leader + 1) % 3
    cluster.kill(*down)
    load.phase = "down"
    load.wait("down", 503, 12)
    load.phase = "back"
    cluster.start(*down)
    load.wait("back", 200, 100)
    load.end()

    statuses = Counter(load.answers.values())
    assert {status for _, _, status in statuses} == {200, 503}
    assert statuses["down", "down", 200] == 0

    reader = JetStreamReader(cluster.url, patience=30)
    taken = reader.read(0, 1 << 30)
    reader.close()
    seen = Counter(json.loads(record)["b"]["messageId"] for record in taken.records)
    acknowledged = {name for name, (_, _, status) in load.answers.items() if status == 200}
    assert acknowledged <= set(seen) <= set(load.answers)
    assert max(seen.values()) == 1


def opened(port: int) -> None:
    """Wait until somebody listens."""
    end = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)
