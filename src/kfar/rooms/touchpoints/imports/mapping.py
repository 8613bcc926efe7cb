"""What the columns of somebody else's file say in Kfar's own: a mapping, as it stands in TOML."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from zoneinfo import available_timezones

from kfar.ground.errors import Refused
from kfar.rooms.touchpoints.rules import COLUMNS, REQUIRED

#: Times that count from 1970, beside those that `strptime` reads.
UNIX = ("unix", "unix ms")
#: What belongs to an order and not to one of its lines.
OF_ORDER = ("customer", "email", "at", "channel", "kind", "place", "basket", "currency", "url")
EXPLAINED = {
    "amounts": 'the decimal mark, "." or ","; "minor": cents; "": as the file format says',
    "paid": '"line": for the whole line; "each": for one unit; "… - discount": before it',
    "times": '"": 2026-05-31T14:30; "unix", "unix ms"; or how they are written: "%d.%m.%Y"',
    "zone": 'of times that say none; "": the company\'s',
    "order": "rows that have the same here are one order; its fields may stand on the first alone",
    "row": "what names a row, where no column does; the same twice is numbered",
    "left_out": "columns that are not taken",
}
PAID = ("line", "each", "line - discount", "each - discount")


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """How a file's columns become Kfar's. Names of the file's columns count without capitals.

    `columns` gives Kfar's column the file's, `constants` gives it one text for every row. The
    other fields are as `EXPLAINED` says.
    """

    columns: dict[str, str]
    constants: dict[str, str] = field(default_factory=dict)
    amounts: str = ""
    paid: str = "line"
    times: str = ""
    zone: str = ""
    order: str = ""
    row: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def named(self) -> set[str]:
        """Return the file's columns that are read, in small letters."""
        used = [*self.columns.values(), *self.row, self.order]
        return {name.lower() for name in used if name}

    def order_of(self, names: Iterable[str]) -> list[str]:
        """Return the columns of Kfar's that a row fills, as the file's columns stand."""
        place = {name.lower(): i for i, name in enumerate(names)}
        read = sorted(self.columns, key=lambda target: place[self.columns[target].lower()])
        made = ["id"] if self.row and "id" not in self.columns else []
        return [*made, *read, *self.constants]

    def lacking(self) -> list[str]:
        """Return which of Kfar's columns are needed and neither mapped nor constant."""
        there = {*self.columns, *self.constants}
        lacking = [name for name in REQUIRED if name not in there]
        return lacking if there & {"customer", "email"} else [*lacking, "customer"]

    def check(self, names: Iterable[str]) -> None:
        """Refuse a file whose columns this mapping does not fit; no column is left unmentioned."""
        there = {name.lower(): name for name in names}
        absent = sorted(self.named() - there.keys())
        if absent:
            raise Refused("touchpoints.absent_columns", columns=", ".join(absent)[:200])
        if self.lacking():
            raise Refused("touchpoints.missing_columns", columns=", ".join(self.lacking()))
        known = self.named() | {name.lower() for name in self.left_out}
        unknown = [name or "—" for lower, name in there.items() if lower not in known]
        if unknown:
            raise Refused("touchpoints.unmapped_columns", columns=", ".join(unknown)[:200])


def own(names: Sequence[str]) -> Mapping:
    """Return the mapping of a file in Kfar's own columns."""
    return Mapping(columns={name: name for name in names})


def to_toml(mapping: Mapping) -> str:
    """Return a mapping as TOML, with what each entry means."""
    parts = []
    for name, meaning in EXPLAINED.items():
        value = getattr(mapping, name)
        if isinstance(value, tuple) and len(value) > 3:
            said = "[\n" + "".join(f"    {_quoted(one)},\n" for one in value) + "]"
        elif isinstance(value, tuple):
            said = "[" + ", ".join(map(_quoted, value)) + "]"
        else:
            said = _quoted(value)
        parts.append(f"# {meaning}\n{name} = {said}\n")
    for title, table in (("columns", mapping.columns), ("constants", mapping.constants)):
        lines = (f"{name} = {_quoted(value)}\n" for name, value in table.items())
        parts.append(f"\n[{title}]\n" + "".join(lines))
    return "".join(parts)


def from_toml(text: str) -> Mapping:
    """Return the mapping that TOML holds; an entry that is not right is refused by its name."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line \d+", str(error))
        raise Refused("touchpoints.bad_mapping", entry=where[0] if where else "TOML") from None
    kinds = {f.name: f for f in fields(Mapping)}
    found: dict[str, Any] = {"columns": {}}
    for name, value in said.items():
        if name not in kinds or not _right(name, value):
            raise Refused("touchpoints.bad_mapping", entry=name)
        found[name] = tuple(value) if isinstance(value, list) else value
    mapping = Mapping(**found)
    twice = mapping.columns.keys() & mapping.constants
    if twice:
        raise Refused("touchpoints.bad_mapping", entry=sorted(twice)[0])
    return mapping


def _right(name: str, value: object) -> bool:
    if name in ("columns", "constants"):
        return isinstance(value, dict) and all(
            key in COLUMNS and isinstance(text, str) and text.strip() for key, text in value.items()
        )
    if name in ("row", "left_out"):
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if not isinstance(value, str):
        return False
    return {
        "amounts": value in ("", ".", ",", "minor"),
        "paid": value in PAID,
        "times": value in ("", *UNIX) or "%" in value,
        "zone": value == "" or value in available_timezones(),
    }.get(name, True)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
