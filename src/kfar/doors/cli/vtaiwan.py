"""A real consultation for the demo: how vTaiwan talked about UberX in 2015.

1,921 people, 197 statements in Chinese, 49,997 votes, and the groups that Polis found. Whoever
shows any of it shows `ATTRIBUTION` beside it (demo_data/vtaiwan/NOTICE).
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

FOLDER = files("kfar.doors.cli") / "demo_data" / "vtaiwan"
TOPIC = "UberX 自用車載客 — vTaiwan.tw"
ATTRIBUTION = (
    "Data was gathered using the Polis software (compdemocracy.org/polis) and is sub-licensed "
    "under CC BY 4.0 with Attribution to The Computational Democracy Project."
)


@dataclass(frozen=True)
class Said:
    """A statement: its number, its author's, whether moderation took it in (1) or out (-1).

    `agrees` and `disagrees` are as published: every vote counts, also one changed later.
    """

    at: datetime
    number: int
    author: int
    moderated: int
    agrees: int
    disagrees: int
    text: str


@dataclass(frozen=True)
class Cast:
    """A vote of a person on a statement: 1, 0 or -1."""

    at: datetime
    person: int
    statement: int
    vote: int


@cache
def statements() -> tuple[Said, ...]:
    """Return all statements, in the order of their numbers."""
    return tuple(
        Said(
            at=_at(row["at"]),
            number=int(row["statement"]),
            author=int(row["author"]),
            moderated=int(row["moderated"]),
            agrees=int(row["agrees"]),
            disagrees=int(row["disagrees"]),
            text=row["text"],
        )
        for row in _rows("statements.csv")
    )


@cache
def votes() -> tuple[Cast, ...]:
    """Return all votes, in the order in which they were cast."""
    return tuple(
        Cast(_at(row["at"]), int(row["person"]), int(row["statement"]), int(row["vote"]))
        for row in _rows("votes.csv.gz")
    )


@cache
def groups() -> dict[int, int]:
    """Return the group of each person whom Polis put into one."""
    return {int(row["person"]): int(row["group"]) for row in _rows("groups.csv")}


def _rows(name: str) -> Iterator[dict[str, str]]:
    content = (FOLDER / name).read_bytes()
    text = gzip.decompress(content) if name.endswith(".gz") else content
    return csv.DictReader(io.StringIO(text.decode(), newline=""))


def _at(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
