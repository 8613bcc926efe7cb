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
from pathlib import Path
from typing import Protocol


class Full(Exception):  # noqa: N818 - a state, not an error
    """The store takes no more for now: the disk is full or read-only. Nothing was kept."""


class Broken(Exception):  # noqa: N818
    """The store cannot say what it has kept. Acknowledge nothing, end, and start anew."""


@dataclass(frozen=True)
class Taken:
    """Records read in order, and the position to read on from."""

    records: list[bytes]
    position: int


class Writer(Protocol):
    """Where the gate puts what it accepts. One writer a store."""

    def commit(self, records: Sequence[bytes]) -> None:
        """Keep the records, all or none; when this returns they survive a power cut.

        Blocks while the disk works. Raises `Full` or `Broken`.
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


def open_reader(data: Path) -> Reader:
    """Return the reader of this Kfar's intake, whose data directory is `data`."""
    from kfar.lake.intake.log import LogReader  # noqa: PLC0415 - only what is used is imported

    return LogReader(data / "intake")
