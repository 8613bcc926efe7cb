"""What a channel may be called, and what one message of it is: whole, and of bounded size."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import urlsplit

from kfar.ground.errors import Refused
from kfar.rooms.customers import names

#: The longest text that is kept, in characters; what is longer stays where it was said.
LONGEST = 100_000
#: The longest of ids and addresses, and of a link.
LINE, LINK = 500, 2_000


#: A poll at Mastodon, as its servers take one: so many options, so long each, open so long; and
#: how long a question may be that fits any of them.
OPTIONS, LONGEST_OPTION, LONGEST_HOURS, LONGEST_POLL = 4, 50, 720, 450


class Kind(StrEnum):
    """What kinds of channels there are."""

    HOOK = "hook"
    RSS = "rss"
    MASTODON = "mastodon"
    SMS = "sms"
    WHATSAPP = "whatsapp"


#: What says that it was said before is from then: in some time zones there is no such moment.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
#: What the operator adds; the others are there once somebody writes.
ADDED = (Kind.HOOK, Kind.RSS, Kind.MASTODON)
#: Messages without threads of their own: what comes within `TALK` days belongs together.
TEXTS, TALK = frozenset({Kind.SMS, Kind.WHATSAPP}), 7
#: Who wrote is known by a proven number.
PROVEN = TEXTS


@dataclass(frozen=True, kw_only=True)
class Message:
    """What somebody said on a channel, as it says it. Empty is not said.

    `id` is what the channel calls it, `author` what it calls who wrote. An answer goes to
    `address` (a number, an @name, an e-mail address), from `ours`. `thread` names the
    conversation, `answers` what it answers. `program`: a program wrote it, by its own word.
    """

    id: str
    text: str
    at: datetime
    author: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    ours: str = ""
    thread: str = ""
    answers: tuple[str, ...] = ()
    url: str = ""
    language: str = ""
    program: bool = False
    private: bool = False


def sound(message: Message) -> Message:
    """Return a message as it can be kept; links that are none of the web are left out.

    Raises `Refused`: `voice.nothing_said`, `voice.no_message_id`.
    """
    text, named = _text(message.text), line(message.id)
    if not text:
        raise Refused("voice.nothing_said")
    if not named:
        raise Refused("voice.no_message_id")
    return replace(
        message,
        id=named,
        text=text,
        author=line(message.author),
        name=line(message.name),
        email=line(message.email),
        phone=line(message.phone),
        at=max(message.at, EARLIEST),
        address=line(message.address),
        ours=line(message.ours),
        thread=line(message.thread),
        answers=tuple(line(one) for one in message.answers[:10]),
        url=link(message.url),
    )


def line(text: str) -> str:
    """Return an id, a name or an address as it is kept: on one line."""
    return " ".join(_text(text).split())[:LINE]


def link(url: str) -> str:
    """Return an address of the web as it may stand in a page, "" for any other."""
    url = url.strip()
    fine = re.fullmatch(r"https?://[^\s\x00-\x20\"'<>\\]+", url, re.IGNORECASE)
    return url if fine and len(url) <= LINK else ""


def answer_link(url: str, near: Iterable[str]) -> str:
    """Return the address of an answer of ours: at the host of one of the addresses `near`, or "".

    Raises `Refused`: `voice.bad_answer_link` where it is no address of the web, and
    `voice.answer_elsewhere`, naming the hosts.
    """
    url = url.strip()
    if not url:
        return ""
    hosts = {host for one in near if (host := _host(one))}
    if not link(url) or not _host(url):
        raise Refused("voice.bad_answer_link")
    if _host(url) not in hosts:
        raise Refused("voice.answer_elsewhere", hosts=", ".join(sorted(hosts)) or "–")
    return url


def check_name(name: str) -> None:
    """Refuse what names no channel: small letters, digits and "-", at most 40, no word of Kfar's.

    With `voice.no_channel_name`, `voice.channel_name_kept` and `voice.bad_channel_name`.
    """
    if not name:
        raise Refused("voice.no_channel_name")
    if name in (kept := names.RESERVED | {*TEXTS}):
        raise Refused("voice.channel_name_kept", name=name, kept=", ".join(sorted(kept)))
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise Refused("voice.bad_channel_name", name=name[:60])


def check_poll(text: str, options: Iterable[str], hours: int) -> tuple[str, list[str]]:
    """Return the question and the options of a poll; empty options are left out.

    Raises `Refused`: `voice.nothing_asked`, `voice.poll_too_long`, `voice.bad_options`,
    `voice.bad_hours`.
    """
    asked = text.replace("\r\n", "\n").replace("\x00", "").strip()
    given = [one for option in options if (one := line(option))]
    if not asked:
        raise Refused("voice.nothing_asked")
    if len(asked) > LONGEST_POLL:
        raise Refused("voice.poll_too_long", most=LONGEST_POLL)
    long = any(len(one) > LONGEST_OPTION for one in given)
    if (
        long
        or not 2 <= len(given) <= OPTIONS
        or len({one.casefold() for one in given}) < len(given)
    ):
        raise Refused("voice.bad_options", most=OPTIONS, length=LONGEST_OPTION)
    if not 1 <= hours <= LONGEST_HOURS:
        raise Refused("voice.bad_hours", most=LONGEST_HOURS)
    return asked, given


def parts(text: str, most: int) -> list[str]:
    """Return a text in pieces of at most `most` characters, ended at a space where there is one."""
    pieces = []
    while len(text) > most:
        cut = max(text.rfind(" ", 0, most + 1), text.rfind("\n", 0, most + 1))
        cut = cut if cut > most // 2 else most
        pieces.append(text[:cut].strip())
        text = text[cut:].strip()
    return [piece for piece in (*pieces, text) if piece]


def _host(url: str) -> str:
    """Return the host of an address of the web as it is compared, "" where it has none."""
    try:
        at = urlsplit(link(url))
    except ValueError:
        return ""
    named = "" if at.username is not None else (at.hostname or "")
    return named.removeprefix("www.").rstrip(".")


def _text(text: str) -> str:
    said = text.replace("\r\n", "\n").replace("\x00", "").encode("utf-8", "replace").decode()
    said = said.strip()
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
