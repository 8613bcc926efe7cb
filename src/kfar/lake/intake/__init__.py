"""Intake: what the gate accepted, durable before it is acknowledged, until it has settled.

A record is one line of JSON (`records` says which). A writer commits many at once, and one
reader takes them out in order, from a position that it keeps itself, so that what it does
with them and how far it came stand in one transaction. Two stores keep to this: a log on the
disk of one machine (`log`), and NATS JetStream beyond (`jetstream`).

Nothing here knows Django: the gate starts in a moment and answers whatever the pages do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol


class Full(Exception):  # noqa: N818 - a state, not an error
    """The store takes no more for now: the disk is full or read-only. Nothing was kept."""


class Away(Full):
    """The store does not answer. What was to be kept counts as not kept, though it may be."""


class Broken(Exception):  # noqa: N818
    """The store cannot say what it has kept. Acknowledge nothing, end, and start anew."""


@dataclass(frozen=True)
class Taken:
    """Records read in order, and the position to read on from."""

    records: list[bytes]
    position: int


class Writer(Protocol):
    """Where the gate puts what it accepts. One writer a gate, one gate a log."""

    def commit(self, records: Sequence[bytes]) -> None:
        """Keep the records, all or none; when this returns they survive a power cut.

        Blocks while the disk works. Raises `Full` or `Broken`. Also called now and then without
        any records, so that a store that nobody uses can begin a new file.
        """

    def close(self) -> None:
        """Let go of the store."""


class Reader(Protocol):
    """Where settling takes from."""

    def read(self, after: int, most: int) -> Taken:
        """Return the records after position `after`, about `most` bytes of them at once."""

    def waiting(self, after: int) -> int:
        """Return how many bytes of records stand after a position."""

    def opened(self) -> bool:
        """Return whether a writer has ever opened the store."""

    def release(self, before: int) -> None:
        """Say that all before this position has settled: it may be removed for good."""

    def end(self) -> int:
        """Return the position after the last record."""

    def clear(self, before: int) -> int:
        """Remove what has settled, as `release` does, also what only a gate that ended keeps.

        Returns the position from which on records are still kept: a gate that is at work may
        need some minutes to let go of the last ones.
        """


def open_writer(url: str, folder: Path) -> Writer:
    """Open the store that a URL names, or the log in a folder where it is ""."""
    if url:
        from kfar.lake.intake.jetstream import JetStreamWriter

        return JetStreamWriter(url)
    from kfar.lake.intake.log import LogWriter

    return LogWriter(folder)


@cache
def open_reader(url: str, folder: Path) -> Reader:
    """Return this process's reader of what `open_writer` opens.

    With a URL, what a log in the folder still holds is read first.
    """
    from kfar.lake.intake.log import LogReader

    if url:
        from kfar.lake.intake.jetstream import JetStreamReader
        from kfar.lake.intake.moved import Moved

        return Moved(LogReader(folder), JetStreamReader(url))
    return LogReader(folder)
