"""The intake in NATS JetStream: a stream on three servers, to which many gates write at once.

A message is the records of a moment, a line each; a position is the sequence of a message. A
gate has one message under way at a time, so that its records stay in order, and sends one
that was not acknowledged again under the same id, by which the broker knows it. The broker
keeps nothing of the reader: it asks for messages by their sequence.

What JetStream acknowledges is on the disk of most of its servers, provided that these run
with `sync_interval: always` (docs/how-to/grow.md).
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from secrets import token_hex

import structlog
from nats.aio.msg import Msg
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig, StreamState
from nats.js.errors import NotFoundError

from kfar.lake.intake import Away, Broken, Full, Taken
from kfar.lake.intake.broker import TRY, Connection, servers

log = structlog.get_logger(__name__)

STREAM, SUBJECT = "KFAR", "kfar.intake"
#: Seconds a commit or a question may take. The choice of a new leader mostly takes 4 to 6.
PATIENCE = 6.0
#: Bytes of a message that are not ours: its headers.
HEADERS = 1024
#: Messages and bytes the broker is asked for at once.
MESSAGES, BYTES = 1000, 4 * 1024 * 1024
#: Sequences begin at the microsecond of their stream's making, far beyond any position of a
#: log: after a move from the disk, or with a stream that was made anew, positions only grow.
FIRST = 10**15
#: Bytes a stream of our making takes. One that is full takes more once some has settled; a
#: server whose disk is full can do neither, so the limit has to come first.
LIMIT = 16 * 2**30
#: By its configuration a stream must keep what it has accepted until it is told otherwise.
SOUND = {
    "storage": StorageType.FILE,
    "retention": RetentionPolicy.LIMITS,
    "discard": DiscardPolicy.NEW,
    "allow_direct": True,
}


class JetStreamWriter:
    """A gate's way into the stream, which the first one makes; one thread commits."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self.replicas = 3 if len(servers(url)) >= 3 else 1
        self.patience = patience
        self._broker = Connection(url)
        self._ready = False
        self._away = False

    def commit(self, records: Sequence[bytes]) -> None:
        """Keep the records, in as many messages as the broker's longest asks for.

        Raises `Full`, or `Away` where it is not known in time that they are kept: all, some
        or none may be. While the broker is away a commit has no patience.
        """
        patience = 0.0 if self._away else self.patience
        try:
            self._broker.do(self._commit(records, patience))
            self._away = False
        except Away as away:
            if not self._away:
                log.warning("intake.away", why=str(away))
            self._away = True
            raise

    def close(self) -> None:
        """Hang up."""
        self._broker.close()

    async def _commit(self, records: Sequence[bytes], patience: float) -> None:
        broker = self._broker
        if not self._ready:
            await broker.insist(self._prepare, patience)
            self._ready = True
        for payload, packed in messages(records, broker.client.max_payload - HEADERS):
            headers = {"Nats-Msg-Id": token_hex(12)}
            if packed:
                headers["Content-Encoding"] = "deflate"
            await broker.insist(partial(self._publish, payload, headers), patience)

    async def _publish(self, payload: bytes, headers: dict[str, str]) -> None:
        done = await self._broker.stream.publish(
            SUBJECT, payload, timeout=TRY, stream=STREAM, headers=headers
        )
        if not done.seq:
            raise TimeoutError("the same message is still under way")

    async def _prepare(self) -> None:
        """Make the stream, or see that the one that is there is sound."""
        broker = self._broker
        version = broker.client.connected_server_version
        if (version.major, version.minor) < (2, 11):
            raise Broken(f"NATS server 2.11 or later is needed, this is {version}")
        try:
            info = await broker.stream.stream_info(STREAM)
        except NotFoundError:
            info = await broker.stream.add_stream(
                StreamConfig(
                    name=STREAM,
                    subjects=[SUBJECT],
                    num_replicas=self.replicas,
                    first_seq=time.time_ns() // 1000,
                    storage=StorageType.FILE,
                    retention=RetentionPolicy.LIMITS,
                    discard=DiscardPolicy.NEW,
                    max_bytes=LIMIT,
                    allow_direct=True,
                )
            )
        unsound = [name for name, value in SOUND.items() if getattr(info.config, name) != value]
        if unsound or info.config.max_age:
            raise Broken(f"the stream {STREAM} is not set up to keep: {unsound or 'max_age'}")
        there = info.config
        if (there.num_replicas or 1) < self.replicas or (there.max_bytes or -1) < 0:
            log.warning("intake.risky", replicas=there.num_replicas, max_bytes=there.max_bytes)


class JetStreamReader:
    """Settling's way out of the stream. Reads through any server, the stream's leader or not."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._broker = Connection(url)

    def read(self, after: int, most: int) -> Taken:
        """Return the records after a position; always whole messages, at least one if any.

        Raises `Away`, or `Broken` where a message between two others is missing.
        """
        return self._broker.do(self._read(after, most))

    def waiting(self, after: int) -> int:
        """Return about how many bytes stand after a position: all messages count alike."""
        state = self._broker.do(self._state(after))
        if state is None or not state.messages:
            return 0
        count = state.last_seq - max(after, state.first_seq - 1)
        return state.bytes * count // state.messages

    def opened(self) -> bool:
        """Return True: a gate anywhere may have written."""
        return True

    def release(self, before: int) -> None:
        """Remove the messages up to a position, for good and on every server."""
        self._broker.do(self._release(before))

    def end(self) -> int:
        """Return the sequence of the last message; 0 where none waits."""
        state = self._broker.do(self._state(0))
        return state.last_seq if state is not None and state.messages else 0

    def clear(self, before: int) -> int:
        """Remove the messages up to a position; nothing of them is kept."""
        self.release(before)
        return before

    def close(self) -> None:
        """Hang up."""
        self._broker.close()

    async def _read(self, after: int, most: int) -> Taken:
        state = await self._state(after)
        records: list[bytes] = []
        position, size = after, 0
        if state is None or not state.messages:
            return Taken(records, position)
        if FIRST <= after < state.first_seq - 1:
            log.critical("intake.gap", messages=state.first_seq - 1 - after)
        position = max(after, state.first_seq - 1)
        while position < state.last_seq and size < max(most, 1):
            asked = min(max(most - size, 1), BYTES)
            found = await self._broker.insist(
                partial(self._get, position + 1, asked), self.patience
            )
            if not found:  # this server is behind the leader
                break
            for message in found:
                headers = message.headers or {}
                if int(headers["Nats-Sequence"]) != position + 1:
                    raise Broken(f"message {position + 1} of the stream is missing")
                packed = headers.get("Content-Encoding") == "deflate"
                payload = zlib.decompress(message.data) if packed else message.data
                records += payload.splitlines(keepends=True)
                position += 1
                size += len(payload)
        return Taken(records, position)

    async def _release(self, before: int) -> None:
        state = await self._state(before)
        if state is not None and state.messages and state.first_seq <= before:
            purge = partial(self._broker.stream.purge_stream, STREAM, seq=before + 1)
            await self._broker.insist(purge, self.patience)

    async def _state(self, after: int) -> StreamState | None:
        """Return how far the stream goes, None where no gate has made one yet."""
        state = await self._broker.insist(self._ask, self.patience)
        if after >= FIRST and (state is None or after > state.last_seq):
            end = state and state.last_seq
            raise Broken(f"the stream ends at {end}, before what has settled ({after})")
        return state

    async def _ask(self) -> StreamState | None:
        try:
            return (await self._broker.stream.stream_info(STREAM)).state
        except NotFoundError:
            return None

    async def _get(self, sequence: int, most: int) -> list[Msg]:
        """Ask for messages from a sequence on (ADR-31 of NATS: batched direct get)."""
        client = self._broker.client
        inbox = client.new_inbox()
        answers = await client.subscribe(inbox)
        try:
            asked = {"seq": sequence, "batch": MESSAGES, "max_bytes": most}
            subject = f"$JS.API.DIRECT.GET.{STREAM}"
            await client.publish(subject, json.dumps(asked).encode(), reply=inbox)
            found: list[Msg] = []
            while True:
                message = await answers.next_msg(TRY)
                status = (message.headers or {}).get("Status")
                if status is None:
                    found.append(message)
                elif status in {"204", "404"}:  # the end of these, or of the stream
                    return found
                else:
                    raise ConnectionError(f"the broker says {status}")
        finally:
            await answers.unsubscribe()


def messages(records: Sequence[bytes], most: int) -> Iterator[tuple[bytes, bool]]:
    """Yield records as payloads of at most so many bytes, and whether a payload is packed.

    A record that is longer is packed: requests are 500 KB at most, and what makes a record
    longer than its request repeats itself. Raises `Full` where even that does not fit.
    """
    group: list[bytes] = []
    size = 0
    for record in records:
        if group and size + len(record) > most:
            yield b"".join(group), False
            group, size = [], 0
        if len(record) > most:
            packed = zlib.compress(record, 9)
            if len(packed) > most:
                raise Full(f"a record of {len(record)} bytes is too long for the broker")
            yield packed, True
        else:
            group.append(record)
            size += len(record)
    if group:
        yield b"".join(group), False
