"""How votes go, for the gate to tell whoever watches: a file of JSON in the data directory.

    {<question id>: {"answered": 1042, "asked": 20000, …}}

Written by the rooms whenever it says something new, whole and renamed into place.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec


def live_file(data: Path) -> Path:
    """Return where it stands in a data directory."""
    return data / "gate" / "live.json"


def tell(told: Mapping[str, Any], data: Path) -> bool:
    """Write what is told of each question, by its id; return whether it is news."""
    file, said = live_file(data), msgspec.json.encode(told, order="sorted")
    try:
        if file.read_bytes() == said:
            return False
    except FileNotFoundError:
        if not told:
            return False
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(said)
    os.replace(part, file)
    return True


def read(file: Path) -> dict[str, bytes]:
    """Return what is told of each question, as JSON; nothing where there is no file."""
    try:
        told = msgspec.json.decode(file.read_bytes(), type=dict[str, msgspec.Raw])
    except (OSError, msgspec.DecodeError):
        return {}
    return {question: bytes(said) for question, said in told.items()}
