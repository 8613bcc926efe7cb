"""Facts: what a room announces when something has happened."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar, Self, get_type_hints
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that has happened, in the past tense, with ids and not rows.

    A subclass names its fields with plain types (`UUID`, `str`, `int`, `bool`, `datetime`,
    `date`, and `None` beside them) and is known by its `name`, "room.Fact": that is how
    it stands in the outbox, so a fact once announced keeps its name and its fields.
    """

    kinds: ClassVar[dict[str, type[Fact]]] = {}
    name: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        room = cls.__module__.removesuffix(".facts").rpartition(".")[2]
        cls.name = f"{room}.{cls.__name__}"
        Fact.kinds[cls.name] = cls

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON's types; ids and times as text."""
        return {
            key: str(value)
            if isinstance(value, UUID)
            else value.isoformat()
            if isinstance(value, (datetime, date))
            else value
            for key, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, payload: dict[str, Any]) -> Self:
        """Return the fact that `to_json` wrote."""
        hints = get_type_hints(cls)
        return cls(**{f.name: _read(hints[f.name], payload[f.name]) for f in fields(cls)})


def _read(kind: Any, value: Any) -> Any:
    """Return `value` as `kind` (or the part of `kind | None` that is not None)."""
    if value is None:
        return None
    known = [k for k in getattr(kind, "__args__", (kind,)) if k is not type(None)]
    if known[0] is UUID:
        return UUID(value)
    if known[0] in (datetime, date):
        return known[0].fromisoformat(value)
    return value
