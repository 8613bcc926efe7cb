"""An event as far as the gate has to know it. What is well is decoded and checked in one go."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kfar.doors.gate.refusals import Refusal

#: Bytes of one event, unpacked.
EVENT = 32 * 1024
#: Objects and lists that may stand in one another. DuckDB reads 128, Python some hundreds.
DEEPEST = 100
LONGEST_ID = 254
#: A number by which somebody is called is an id too; nothing else is.
ID = (str, int, float)

Id = Annotated[str, Meta(max_length=LONGEST_ID)] | int | float
SomeId = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)] | int | float
Name = Annotated[str, Meta(min_length=1)] | int | float


class Sound(msgspec.Struct, rename="camel", tag_field="type", kw_only=True):
    """An event that has what its kind needs; only whether it names somebody is not yet known."""

    user_id: Id | None = None
    anonymous_id: Id | None = None
    previous_id: Id | None = None
    group_id: Id | None = None
    write_key: Any = None


class Identify(Sound, tag="identify"):
    """Who somebody is."""


class Page(Sound, tag="page"):
    """A page was seen."""


class Screen(Sound, tag="screen"):
    """A screen was seen."""


class Track(Sound, tag="track", kw_only=True):
    """Something was done."""

    event: Name


class Group(Sound, tag="group", kw_only=True):
    """Somebody belongs to a group."""

    group_id: SomeId


class Alias(Sound, tag="alias", kw_only=True):
    """Somebody has two names."""

    previous_id: SomeId


class Loose(msgspec.Struct, rename="camel"):
    """An event of which nothing is known."""

    type: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    previous_id: Any = None
    group_id: Any = None
    event: Any = None
    write_key: Any = None


class Batch(msgspec.Struct, rename="camel"):
    """A batch in which every event is sound."""

    batch: list[Identify | Page | Screen | Track | Group | Alias]
    write_key: Any = None


class LooseBatch(msgspec.Struct, rename="camel"):
    """A batch of whatever."""

    batch: list[msgspec.Raw]
    write_key: Any = None


#: Kinds of events, with the letters by which browsers call them.
KINDS = {
    "identify": ("i", Identify),
    "track": ("t", Track),
    "page": ("p", Page),
    "screen": ("s", Screen),
    "group": ("g", Group),
    "alias": ("a", Alias),
}
#: What a kind has to say besides who it is of.
NEEDED = {
    "track": ("event", Refusal.NO_EVENT_NAME),
    "group": ("group_id", Refusal.NO_GROUP),
    "alias": ("previous_id", Refusal.NO_PREVIOUS),
}
#: How the body of a path is read where all is well.
SOUND: dict[str, Callable[[bytes], Any]] = {
    "batch": msgspec.json.Decoder(Batch).decode,
    **{kind: msgspec.json.Decoder(sound).decode for kind, (_, sound) in KINDS.items()},
}
loose = msgspec.json.Decoder(Loose).decode
loose_batch = msgspec.json.Decoder(LooseBatch).decode
_whole = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|([\[{])|[\]}]')


def refused(event: Loose | Sound, kind: Any) -> Refusal | None:
    """Return why an event cannot be taken, if it cannot. An id that is null or "" is absent."""
    if not isinstance(kind, str) or kind not in KINDS:
        return Refusal.UNKNOWN_TYPE
    for given in (event.user_id, event.anonymous_id, event.previous_id, event.group_id):
        if given is not None and (
            not isinstance(given, ID)
            or isinstance(given, bool)
            or (isinstance(given, str) and len(given) > LONGEST_ID)
        ):
            return Refusal.BAD_ID
    if not is_somebody(event):
        return Refusal.NOBODY
    if kind in NEEDED:
        field, why = NEEDED[kind]
        given = getattr(event, field)
        if not isinstance(given, ID) or isinstance(given, bool) or given == "":
            return why
    return None


def refused_raw(raw: msgspec.Raw) -> Refusal | None:
    """Return why an event of a batch cannot be taken, as it was sent."""
    body = bytes(raw)
    if len(body) > EVENT:
        return Refusal.EVENT_TOO_LARGE
    if is_deep(body):
        return Refusal.TOO_DEEP
    try:
        event = loose(body)
    except msgspec.DecodeError:
        return Refusal.NOT_AN_OBJECT
    return refused(event, event.type)


def is_somebody(event: Loose | Sound) -> bool:
    """Return whether an event says whose it is."""
    return event.user_id not in {None, ""} or event.anonymous_id not in {None, ""}


def all_fit(body: bytes, events: int) -> bool:
    """Return whether no event of a sound batch can be too long or too deep."""
    if len(body) <= EVENT and _openers(body) - events <= DEEPEST:
        return True
    around, inside = len(body), 0
    for raw in loose_batch(body).batch:
        event = bytes(raw)
        size = len(event)
        openers = event.count(b"{") + event.count(b"[")
        if size > EVENT or openers > DEEPEST:
            return False
        around -= size
        inside += openers
    # What stands around the events: a comma between two, and two bytes for each more depth.
    return around - events <= 2 * DEEPEST or _openers(body) - inside <= DEEPEST


def is_deep(body: bytes, deepest: int = DEEPEST) -> bool:
    """Return whether objects and lists stand in one another too deep. `body` is sound JSON."""
    if _openers(body) <= deepest:
        return False
    depth = 0
    for token in _TOKEN.finditer(body):
        if token[1]:
            depth += 1
            if depth > deepest:
                return True
        elif token[0][:1] != b'"':
            depth -= 1
    return False


def without(body: bytes, places: set[int]) -> bytes:
    """Return the body of a batch with null in the place of some events."""
    whole = _whole(body)
    events = [None if n in places else raw for n, raw in enumerate(loose_batch(body).batch)]
    whole["batch"] = msgspec.Raw(msgspec.json.encode(events))
    return msgspec.json.encode(whole)


def _openers(body: bytes) -> int:
    """Return how many objects and lists there are, at most."""
    return body.count(b"{") + body.count(b"[")
