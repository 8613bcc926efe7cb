"""A load generator: many keep-alive connections, prepared requests, answers counted and timed.

Closed loop: every connection has one request under way, so the rate is what the server can do.
Open loop: requests leave at a fixed rate whatever the answers do, and each is timed from the
moment it should have left (Tene, "How NOT to Measure Latency", 2015).
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import uvloop


@dataclass(frozen=True)
class Answers:
    """What came back: answers a second, their latencies in ms (sorted), how many were not 2xx."""

    per_second: float
    latencies: list[float]
    failed: int

    def percentile(self, share: float) -> float:
        """Return a latency in ms: 0.5 for the median."""
        if not self.latencies:
            return float("nan")
        return self.latencies[min(int(share * len(self.latencies)), len(self.latencies) - 1)]


class _Client(asyncio.Protocol):
    """A connection: counts answers by their heads; bodies are short and come with them."""

    def __init__(self, run: _Run) -> None:
        self.run = run
        self.sent: deque[float] = deque()
        self.rest = b""
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        data = self.rest + data
        while True:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                break
            head = data[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(data) < end + 4 + length:
                break
            self.run.answered(self, ok=data[9:10] == b"2")
            data = data[end + 4 + length :]
        self.rest = data

    def connection_lost(self, exc: Exception | None) -> None:
        self.run.lost += len(self.sent)
        self.sent.clear()

    def send(self, since: float) -> None:
        self.sent.append(since)
        self.transport.write(self.run.next())


class _Run:
    def __init__(self, requests: Sequence[bytes], seconds: float, rate: float) -> None:
        self.requests = requests
        self.seconds = seconds
        self.rate = rate
        self.place = 0
        self.latencies: list[float] = []
        self.failed = self.lost = 0
        self.end = 0.0

    def next(self) -> bytes:
        self.place += 1
        return self.requests[self.place % len(self.requests)]

    def answered(self, client: _Client, *, ok: bool) -> None:
        now = perf_counter()
        self.latencies.append(now - client.sent.popleft())
        self.failed += not ok
        if not self.rate and now < self.end:
            client.send(now)

    async def go(self, port: int, connections: int) -> Answers:
        loop = asyncio.get_running_loop()
        clients = []
        for _ in range(connections):
            made = await loop.create_connection(lambda: _Client(self), "127.0.0.1", port)
            clients.append(made[1])
        start = perf_counter()
        self.end = start + self.seconds
        if self.rate:
            sent = 0
            while (now := perf_counter()) < self.end:
                due = int((now - start) * self.rate)
                while sent < due:
                    clients[sent % connections].send(start + sent / self.rate)
                    sent += 1
                await asyncio.sleep(0.001)
        else:
            for client in clients:
                client.send(perf_counter())
            await asyncio.sleep(self.seconds)
        stop = perf_counter() + 5
        while any(client.sent for client in clients) and perf_counter() < stop:
            await asyncio.sleep(0.01)
        took = perf_counter() - start if not self.rate else self.seconds
        for client in clients:
            client.transport.close()
        return Answers(
            per_second=len(self.latencies) / took,
            latencies=sorted(1000 * latency for latency in self.latencies),
            failed=self.failed + self.lost,
        )


def _work(
    requests: Sequence[bytes], seconds: float, rate: float, port: int, connections: int
) -> Answers:
    return uvloop.run(_Run(requests, seconds, rate).go(port, connections))


def load(
    port: int, requests: Sequence[bytes], *, seconds: float, connections: int, rate: float = 0
) -> Answers:
    """Send `requests` round and round in a process of its own; `rate` a second, or 0 for all."""
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, mp_context=context) as beside:
        return beside.submit(_work, requests, seconds, rate, port, connections).result()


def post(path: str, body: bytes, *headers: str) -> bytes:
    """Return a request as it goes over the wire."""
    head = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
