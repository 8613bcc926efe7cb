"""Feeds of forums, RSS and Atom: asked for when they have changed, read with limits.

feedparser takes them apart and is given bytes alone: it asks nobody. What declares entities is
not read at all, since no feed needs them and a few lines of them make gigabytes.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from types import MappingProxyType
from typing import Any

import feedparser
from django.utils import timezone

from kfar.doors.reaching import Answer, reach
from kfar.ground.errors import Refused
from kfar.rooms.voice.channels.rules import Message
from kfar.rooms.voice.mail import markup

#: How much of a feed is read, in bytes, and how many of its entries.
MOST, ENTRIES = 2_000_000, 1_000
#: How long is waited for it, in seconds, and until it is asked again.
PATIENCE, AGAIN = 20.0, timedelta(minutes=10)
#: A declaration of an entity, in any of the alphabets that have a zero byte beside each letter.
_ENTITY = re.compile(b"\x00*".join(re.escape(bytes([sign])) for sign in b"<!ENTITY"), re.IGNORECASE)
_READS = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True)
class Feed:
    """What a feed said: its messages, the oldest first, and by what it is known to have changed."""

    title: str
    messages: tuple[Message, ...]
    state: Mapping[str, str]


def ask(
    url: str, state: Mapping[str, Any] = MappingProxyType({}), *, words: Any = ()
) -> Feed | None:
    """Return what a feed says, None where it has not changed since it left `state`.

    Refuses as `reach` does, and with `channels.moved`, `channels.gone`, `channels.away`,
    `channels.not_let_in`, `channels.too_often` and `channels.not_understood`.
    """
    headers = {"Accept": _READS, "User-Agent": "Kfar"}
    if etag := state.get("etag"):
        headers["If-None-Match"] = etag
    if modified := state.get("modified"):
        headers["If-Modified-Since"] = modified
    answer = reach("GET", url, headers=headers, most=MOST, seconds=PATIENCE)
    if answer.status == 304:
        return None
    check(answer)
    return read(answer.body, answer.headers, words=words)


def check(answer: Answer) -> None:
    """Refuse an answer that is no yes, by its status."""
    status = answer.status
    if 200 <= status < 300:
        return
    if status in {301, 302, 303, 307, 308}:
        raise Refused("channels.moved")
    if status in {404, 410}:
        raise Refused("channels.gone")
    if status in {401, 403}:
        raise Refused("channels.not_let_in")
    if status == 429:
        raise Refused("channels.too_often", wait=_seconds(answer.headers.get("retry-after", "")))
    if status in {400, 405, 413, 415, 422}:
        raise Refused("channels.not_taken", status=status)
    raise Refused("channels.away", status=status)


def read(body: bytes, headers: Mapping[str, str], *, words: Any = ()) -> Feed:
    """Take a feed apart; with `words`, only entries that say one of them.

    Refuses with `channels.not_understood` what is no feed, whatever it is.
    """
    if _ENTITY.search(body):
        raise Refused("channels.not_understood")
    kept = {"content-type": headers.get("content-type", "")}
    try:
        parsed = feedparser.parse(
            BytesIO(body), response_headers=kept, sanitize_html=False, resolve_relative_uris=False
        )
        found = [_message(entry) for entry in parsed.entries[:ENTRIES]]
        title = " ".join(str(parsed.feed.get("title", "")).split())[:200]
        version = parsed.get("version", "")
    except Exception as error:  # it raises much on what is no feed; whatever it is, it is none
        raise Refused("channels.not_understood") from error
    if not version:
        raise Refused("channels.not_understood")
    asked = [str(word).casefold() for word in words]
    said = [
        one
        for one in found
        if one.text and (not asked or any(word in one.text.casefold() for word in asked))
    ]
    state = {"etag": headers.get("etag", "")[:500], "modified": headers.get("last-modified", "")}
    return Feed(title, tuple(sorted(said, key=lambda one: one.at)), state)


def _message(entry: Any) -> Message:
    title = " ".join(_words(entry.get("title_detail") or {}).split())
    content = next(iter(entry.get("content") or ()), None) or entry.get("summary_detail") or {}
    text = _words(content)
    # Many a feed gives the beginning of the text for a title.
    whole = text if title and text.startswith(title.rstrip("…. ")) else f"{title}\n\n{text}"
    link = str(entry.get("link", ""))
    named = str(entry.get("id", "")) or link
    at = entry.get("published_parsed") or entry.get("updated_parsed")
    said = datetime.fromtimestamp(timegm(at), UTC) if at else timezone.now()
    author = " ".join(str(entry.get("author", "")).split())
    return Message(
        id=named if 0 < len(named) <= 200 else sha256(f"{named}\0{whole}".encode()).hexdigest(),
        text=whole.strip(),
        at=min(said, timezone.now()),
        author=author,
        name=author,
        address=author,
        url=link,
        language=str(content.get("language") or ""),
    )


def _words(detail: Mapping[str, Any]) -> str:
    said = str(detail.get("value") or "")
    return said if detail.get("type") == "text/plain" else markup.words(said)


def _seconds(said: str) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 7 else 0
