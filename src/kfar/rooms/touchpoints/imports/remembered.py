"""Mappings somebody has agreed to: one for each source and set of columns, kept as TOML."""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from kfar.ground.errors import Refused
from kfar.rooms.touchpoints.imports.mapping import Mapping, from_toml, to_toml
from kfar.rooms.touchpoints.rules import check_source


def place(source: str, names: Iterable[str]) -> Path:
    """Return the file for a source and these columns, in whatever order."""
    check_source(source)
    columns = "\x1f".join(sorted(name.lower() for name in names))
    name = f"{source}-{sha256(columns.encode()).hexdigest()[:16]}.toml"
    folder: Path = settings.KFAR_DATA_DIR / "mappings"
    return folder / name


def recall(source: str, names: Iterable[str]) -> Mapping | None:
    """Return the mapping agreed to for files of a source with these columns, if there is one."""
    path = place(source, names)
    return read(path) if path.exists() else None


def remember(source: str, names: Iterable[str], mapping: Mapping) -> None:
    """Keep a mapping for the next file of this source with these columns."""
    path = place(source, names)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(to_toml(mapping), encoding="utf-8")
    os.replace(part, path)


def read(path: Path) -> Mapping:
    """Return the mapping in a TOML file; raise `Refused` where there is none."""
    try:
        return from_toml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("touchpoints.no_file", file=path.name) from error
