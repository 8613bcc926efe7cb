"""NATS servers of a test's own, with JetStream, on this machine; any of them may be killed."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import nats
from nats.errors import Error
from nats.js import JetStreamContext
from nats.js.api import StreamInfo

from kfar.lake.intake.jetstream import STREAM

T = TypeVar("T")

#: As docs/how-to/grow.md says it.
CONFIG = """
server_name: {name}
listen: 127.0.0.1:{port}
jetstream {{ store_dir: "{folder}", sync_interval: always, max_file_store: 40GB }}
"""
CLUSTER = """
cluster {{ name: kfar, listen: 127.0.0.1:{route}, routes: [{routes}] }}
"""


class Brokers:
    """One server, or a cluster of three."""

    def __init__(self, folder: Path, size: int) -> None:
        ports = free_ports(2 * size)
        self.ports, routes = ports[:size], ports[size:]
        self.configs = [folder / f"n{n}.conf" for n in range(size)]
        named = ", ".join(f"nats://127.0.0.1:{route}" for route in routes)
        for n, config in enumerate(self.configs):
            said = CONFIG.format(name=f"n{n}", port=self.ports[n], folder=folder / f"n{n}")
            if size > 1:
                said += CLUSTER.format(route=routes[n], routes=named)
            config.write_text(said)
        self.running: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """What KFAR_INTAKE_URL says."""
        return "nats://" + ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def start(self, *which: int) -> None:
        """Start servers, all by default."""
        for n in which or range(len(self.configs)):
            with self.configs[n].with_suffix(".log").open("ab") as log:
                command = [nats_server(), "-c", str(self.configs[n])]
                self.running[n] = subprocess.Popen(command, stderr=log)

    def kill(self, *which: int) -> None:
        """Kill servers (-9), all by default."""
        for n in which or list(self.running):
            server = self.running.pop(n)
            server.kill()
            server.wait()

    def ask(self, act: Callable[[JetStreamContext], Awaitable[T]], seconds: float = 30) -> T:
        """Return what `act` does with JetStream, tried until it succeeds."""

        async def insist() -> T:
            addresses = [f"nats://127.0.0.1:{self.ports[n]}" for n in self.running]
            end = time.monotonic() + seconds
            client = await nats.connect(
                addresses, max_reconnect_attempts=-1, reconnect_time_wait=0, error_cb=_quiet
            )
            try:
                while True:
                    try:
                        return await act(client.jetstream(timeout=1))
                    except (Error, TimeoutError):
                        if time.monotonic() > end:
                            raise
                    await asyncio.sleep(0.05)
            finally:
                await client.close()

        return asyncio.run(insist())

    def leader(self) -> int:
        """Return which server leads the stream, once one does and the others follow."""
        return self.ask(_leader)


async def _leader(stream: JetStreamContext) -> int:
    info: StreamInfo = await stream.stream_info(STREAM)
    assert info.cluster
    if not info.cluster.leader or not all(one.current for one in info.cluster.replicas or ()):
        raise TimeoutError("not all of them are there")
    return int(info.cluster.leader.removeprefix("n"))


async def _quiet(error: Exception) -> None:
    pass


@contextmanager
def brokers(folder: Path, size: int) -> Iterator[Brokers]:
    """Servers that are up, with JetStream ready; killed at the end."""
    found = Brokers(folder, size)
    try:
        found.start()
        found.ask(lambda stream: stream.account_info())
        yield found
    finally:
        found.kill()


def nats_server() -> str:
    """Return the server's program: it came with the packages, or stands on the path."""
    name = "nats-server"
    return shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name) or name


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
