"""Keeping what was learned: dataclasses of numbers, words and arrays, as bytes in a row.

A study is never read by anything but the program that wrote it: one that cannot be read after
an upgrade is none, and is learned again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from importlib import import_module
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np
from django.utils import timezone

from kfar.rooms.insight.models import Study

T = TypeVar("T")

#: What is made again from its name has to stand in here.
HOME = "kfar.rooms.insight."


@dataclass(frozen=True)
class Kept(Generic[T]):
    """A study, with the last day that was looked at, of how many people, and when."""

    content: T
    until: date
    people: int
    made_at: datetime


def keep(kind: str, content: object, *, until: date, people: int) -> None:
    """Keep a study in the place of the one before."""
    Study.objects.update_or_create(
        pk=kind,
        defaults={
            "until": until,
            "people": people,
            "made_at": timezone.now(),
            "content": pack(content),
        },
    )


#: Of a study all but what was learned: `Kept.until`, `people` and `made_at`.
Head = tuple[date, int, datetime]


def heads(*kinds: str) -> dict[str, Head]:
    """Return the heads of the studies of these kinds, for `kept` to ask for several at once."""
    rows = Study.objects.filter(pk__in=kinds).values_list("kind", "until", "people", "made_at")
    return {kind: (until, people, made_at) for kind, until, people, made_at in rows}


def kept(kind: str, of: type[T], known: Mapping[str, Head] | None = None) -> Kept[T] | None:
    """Return the study of that kind; None where there is none that can be read.

    Read once a process for each time it was learned.
    """
    head = (heads(kind) if known is None else known).get(kind)
    if head is None:
        return None
    content = _content(kind, head[-1])
    return Kept(content, *head) if isinstance(content, of) else None


@lru_cache(maxsize=32)
def _content(kind: str, made_at: datetime) -> object:
    found = Study.objects.filter(pk=kind, made_at=made_at).values_list("content", flat=True).first()
    if found is None:
        return None
    try:
        return unpack(bytes(found))
    except (ImportError, AttributeError, TypeError, ValueError, msgspec.DecodeError):
        return None


def pack(content: object) -> bytes:
    """Return a dataclass as bytes: in it numbers, words, days, arrays, and more of its kind."""
    return msgspec.msgpack.encode(_plain(content))


def unpack(packed: bytes) -> Any:
    """Return what `pack` was given; arrays cannot be written to.

    Raises `ValueError`, `TypeError`, `ImportError`, `AttributeError` or `msgspec.DecodeError`
    where it was written by a program that knew other shapes.
    """
    return _made(msgspec.msgpack.decode(packed))


def _plain(value: Any) -> object:
    """Return a value as MessagePack has it; what has more to it says what it is."""
    plain: object
    match value:
        case np.ndarray() if not value.dtype.hasobject:
            plain = {"array": value.dtype.str, "of": value.shape, "data": value.tobytes()}
        case np.generic():
            plain = value.item()
        case Enum():
            plain = {"is": _name(type(value)), "value": value.value}
        case None | str() | bool() | int() | float():
            plain = value
        case date() if not isinstance(value, datetime):
            plain = {"day": value.toordinal()}
        case Mapping():
            plain = {"map": [[_plain(key), _plain(one)] for key, one in value.items()]}
        case tuple() | list():
            plain = [_plain(one) for one in value]
        case _ if is_dataclass(value):
            of = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
            plain = {"is": _name(type(value)), "of": of}
        case _:
            raise TypeError(f"{type(value).__name__} is not kept")
    return plain


def _made(plain: Any) -> Any:
    made: Any = plain
    match plain:
        case list():
            made = tuple(_made(one) for one in plain)
        case {"array": kind, "of": shape, "data": data}:
            made = np.frombuffer(data, kind).reshape(shape)
        case {"map": pairs}:
            made = {_made(key): _made(one) for key, one in pairs}
        case {"day": day}:
            made = date.fromordinal(day)
        case {"is": name, "value": value}:
            made = _kind(name)(value)
        case {"is": name, "of": of}:
            made = _kind(name)(**{key: _made(one) for key, one in of.items()})
    return made


def _kind(name: str) -> Any:
    """Return the dataclass or the enumeration of this room that has that name."""
    module, _, kind = name.rpartition(":")
    if not module.startswith(HOME):
        raise ValueError("of another room")
    found = getattr(import_module(module), kind)
    if not (isinstance(found, type) and (is_dataclass(found) or issubclass(found, Enum))):
        raise TypeError("no dataclass")
    return found


def _name(kind: type) -> str:
    if not kind.__module__.startswith(HOME):
        raise TypeError(f"{kind.__name__} is not kept")
    return f"{kind.__module__}:{kind.__qualname__}"
