"""Group commit: what waits while one sync runs goes with the next. No timer is needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread

import structlog

from kfar.doors.gate.refusals import Refusal
from kfar.lake.intake import Away, Broken, Full, Writer

log = structlog.get_logger(__name__)

#: Told once its record is durable (None), or why it is not.
Told = Callable[[Refusal | None], None]
Group = list[tuple[bytes, Told]]
#: Bytes that may wait for the disk; beyond, it can't follow and we say so.
MOST = 64 * 1024 * 1024
#: Seconds without any record, after which the store is called all the same.
REST = 60.0


class Committer:
    """A thread that commits what the loop hands over, group by group."""

    def __init__(self, writer: Writer, on_broken: Callable[[], None]) -> None:
        self.writer = writer
        self.on_broken = on_broken
        self.loop = asyncio.get_running_loop()
        self.waiting: Group = []
        self.size = 0
        self.busy = False
        self.closing = False
        self.ended = self.loop.create_future()
        self.groups: SimpleQueue[Group | None] = SimpleQueue()
        Thread(target=self._run, name="committer", daemon=True).start()

    def put(self, record: bytes, told: Told) -> None:
        """Let a record be committed; `told` is called once it is known what became of it."""
        if self.size > MOST:
            told(Refusal.OVERLOADED)
            return
        self.waiting.append((record, told))
        self.size += len(record)
        if not self.busy:
            self.busy = True
            # What else the loop reads in this turn belongs to the same moment.
            self.loop.call_soon(self._hand_over)

    async def close(self) -> None:
        """Commit what waits, then end."""
        self.closing = True
        if not self.busy:
            self.groups.put(None)
        await self.ended

    def _hand_over(self) -> None:
        if self.waiting:
            self.groups.put(self.waiting)
            self.waiting = []
        else:
            self.busy = False
            if self.closing:
                self.groups.put(None)

    def _run(self) -> None:
        while (group := self._next()) is not None:
            why: Refusal | None = None
            try:
                self.writer.commit([record for record, _ in group])
            except Full as full:
                log.warning("intake.full", error=type(full.__cause__).__name__)
                why = Refusal.INTAKE_AWAY if isinstance(full, Away) else Refusal.DISK_FULL
            except Exception as error:
                # Nobody is told anything: what the disk has kept of this, nobody knows.
                cause = error.__cause__ if isinstance(error, Broken) else error
                log.critical("intake.broken", error=type(cause).__name__)
                self.loop.call_soon_threadsafe(self.on_broken)
                return
            if group:
                self.loop.call_soon_threadsafe(self._tell, group, why)
        self.writer.close()
        self.loop.call_soon_threadsafe(self.ended.set_result, None)

    def _next(self) -> Group | None:
        try:
            return self.groups.get(timeout=REST)
        except Empty:
            return []

    def _tell(self, group: Group, why: Refusal | None) -> None:
        self._hand_over()  # first, so that the disk works while we speak
        for record, told in group:
            self.size -= len(record)
            try:
                told(why)
            except Exception as error:  # one that cannot be told keeps no other waiting
                log.error("gate.failed", error=type(error).__name__)
