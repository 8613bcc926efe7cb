"""What the gate has counted, as a file in the data directory: written there, shown on a page."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Second(msgspec.Struct, array_like=True):
    """A second: when (Unix), and what was counted in it."""

    at: int
    counts: dict[str, int]


class Figures(msgspec.Struct):
    """All that was counted since this gate was first opened, and of late second by second.

    The names counted are `events`, `ballots`, `requests`, and the gate's reasons to refuse.
    """

    total: dict[str, int] = {}
    seconds: list[Second] = []


def figures_file(data: Path) -> Path:
    """Return where the figures stand in a data directory."""
    return data / "gate" / "figures.json"


def read(file: Path) -> Figures:
    """Return what a gate has counted; nothing where there is no file, or a broken one."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Figures)
    except (OSError, ValueError):
        return Figures()
