"""A connection to NATS, kept up in a thread of its own, for callers that wait.

What does not succeed is tried again, through a change of leader or a server's end, until it
is done or the caller's patience is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from threading import Thread
from typing import Any, TypeVar

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import APIError

from kfar.lake.intake import Away, Full

log = structlog.get_logger(__name__)

T = TypeVar("T")

#: Seconds one try may take, and between two.
TRY, PAUSE = 2.0, 0.05
#: What JetStream says when it takes no more: of resources, of storage, of this stream.
FULL = {10023, 10047, 10077}


class Connection:
    """Connected to one of the servers whenever one is there; nothing is sent twice unasked."""

    def __init__(self, url: str) -> None:
        self.client = Client()
        self.stream = JetStreamContext(self.client, timeout=TRY)
        self.loop = asyncio.new_event_loop()
        self._said = ""
        Thread(target=self.loop.run_forever, name="broker", daemon=True).start()
        self._opening = asyncio.run_coroutine_threadsafe(self._open(servers(url)), self.loop)

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        """Return what `act` does in the connection's thread; not to be called from there."""
        return asyncio.run_coroutine_threadsafe(act, self.loop).result()

    async def insist(self, act: Callable[[], Awaitable[T]], patience: float) -> T:
        """Return what `act` does, tried once at least, and again for `patience` seconds.

        Raises `Full` where the broker says that it takes no more, `Away` where it does not
        answer in time or cannot do it now.
        """
        end = self.loop.time() + patience
        while True:
            try:
                async with asyncio.timeout(TRY):
                    if not self.client.is_connected:
                        raise ConnectionError("no server is there")
                    return await act()
            except (nats.errors.Error, OSError, TimeoutError) as error:
                if isinstance(error, APIError) and error.err_code in FULL:
                    raise Full(str(error)) from error
                if self.loop.time() + PAUSE > end:
                    raise Away(str(error)) from error
            await asyncio.sleep(PAUSE)

    def close(self) -> None:
        """Hang up."""
        self.do(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)

    async def _open(self, addresses: list[str]) -> None:
        await self.client.connect(
            addresses,
            name="kfar",
            error_cb=self._wrong,
            disconnected_cb=self._gone,
            reconnected_cb=self._back,
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            ping_interval=5,
            pending_size=0,  # what could not be sent is not sent later: we say so instead
        )

    async def _close(self) -> None:
        self._opening.cancel()
        await self.client.close()

    async def _wrong(self, error: Exception) -> None:
        """Log what is wrong once, not at every try."""
        name = type(error).__name__
        if name != self._said:
            self._said = name
            log.warning("broker.error", error=name)

    async def _gone(self) -> None:
        if not self.client.is_closed:
            log.warning("broker.gone")

    async def _back(self) -> None:
        self._said = ""
        log.info("broker.back")


def servers(url: str) -> list[str]:
    """Return the address of every server that a URL names; who connects is said once.

    >>> servers("nats://kfar:secret@one:4222,two:4222")
    ['nats://kfar:secret@one:4222', 'nats://kfar:secret@two:4222']
    """
    scheme, _, rest = url.partition("://")
    who, at, hosts = rest.rpartition("@")
    return [f"{scheme}://{who}{at}{host}" for host in hosts.split(",")]
