"""A mail taken apart: who wrote, what is new in it, what it answers. After RFC 5322 (2008).

Whatever bytes come, there is an answer: a `Letter`, or `Why` there is none. What is attached is
named and stays where it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import policy
from email.headerregistry import HeaderRegistry
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr
from hashlib import sha256
from typing import Any

from kfar.rooms.customers import names
from kfar.rooms.voice.mail import markup, quoting
from kfar.rooms.voice.mail.guarding import Why, why_not

#: The longest text that is looked at, in characters; and the longest of names and subjects.
LONGEST, LINE = 200_000, 200
#: The longest Message-ID: a line (RFC 5322, 2.1.1).
LONGEST_ID = 998
#: How many attachments are named.
MOST = 50

_headers = HeaderRegistry()
_ID = re.compile(r"<[^<>\s]+>")
#: Names of alphabets that Python does not know, and by which it does.
_ALPHABETS = {
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "x-mac-hebrew": "windows-1255",
    "x-windows-1255": "windows-1255",
    "cp-850": "cp850",
}


@dataclass(frozen=True)
class Attachment:
    """What is attached: its name, its media type, its size in bytes."""

    name: str
    type: str
    size: int


@dataclass(frozen=True)
class Letter:
    """What a person wrote to us by mail.

    `key` is the same for the same mail and no other. `address` stands in From and proves
    nothing. `text` is what is new, the subject where nothing else is said; `language` its
    language where that can be told ("he", "pl", "en", or ""). `message_id` names the mail
    ("<…>", or ""), `answers` those it answers, the nearest first.
    """

    key: str
    address: str
    name: str
    subject: str
    text: str
    language: str
    attachments: tuple[Attachment, ...]
    message_id: str
    answers: tuple[str, ...]


def read(raw: bytes, *, ours: Collection[str] = ()) -> Letter | Why:
    """Return what a mail says, or why it is no voice; `ours` are our addresses, in small letters.

    `raw` may be the beginning of a mail: what is missing was in an attachment, mostly.
    """
    try:
        return _read(BytesParser(policy=policy.compat32).parsebytes(raw), ours)
    except Exception:  # the parser and its tables know many; whatever it is, the mail stays
        return Why.UNREADABLE


def _read(mail: Message, ours: Collection[str]) -> Letter | Why:
    fields = {name.lower(): _text(value) for name, value in reversed(list(mail.raw_items()))}
    name, address = _sender(fields.get("from", ""))
    if not address:
        return Why.NOBODY
    if why := why_not(fields, sender=address, kind=mail.get_content_type(), ours=ours):
        return why
    subject = _line(str(_header("subject", fields.get("subject", ""))))
    text = _sound(quoting.new_words(_words(mail)[:LONGEST])) or subject
    if not text:
        return Why.NOTHING
    found = _ID.search(fields.get("message-id", ""))
    message_id = found.group() if found and len(found.group()) <= LONGEST_ID else ""
    answers = [
        *_ID.findall(fields.get("in-reply-to", "")),
        *reversed(_ID.findall(fields.get("references", ""))),
    ]
    said = fields.get("content-language", "") or fields.get("accept-language", "")
    return Letter(
        key=sha256("\0".join((message_id, address, subject, text)).encode()).hexdigest(),
        address=address,
        name=name,
        subject=subject,
        text=text,
        language=language(text) or said.strip()[:2].lower(),
        attachments=tuple(_attached(mail))[:MOST],
        message_id=message_id,
        answers=tuple(dict.fromkeys(answers))[:MOST],
    )


def sender(raw: bytes) -> str:
    """Return the address in From of a mail or its head, in small letters; "" where none is."""
    try:
        mail = BytesParser(policy=policy.compat32).parsebytes(raw, headersonly=True)
        said = next((v for name, v in mail.raw_items() if name.lower() == "from"), "")
        return _sender(_text(said))[1]
    except Exception:
        return ""


def language(text: str) -> str:
    """Return "he" or "pl" where the letters of a text say so, else ""."""
    letters = [letter for letter in text.lower() if letter.isalpha()]
    hebrew = sum("א" <= letter <= "ת" for letter in letters)
    if 2 * hebrew > len(letters):
        return "he"
    polish = [sum(letter in "ąćęłńśźż" for letter in word) for word in text.lower().split()]
    several = sum(map(bool, polish)) >= 2  # one may be a name
    return "pl" if several and 50 * sum(polish) >= len(letters) else ""


# --- header fields -------------------------------------------------------------------------------


def _text(value: object) -> str:
    """Return a field on one line; bytes that are no ASCII are UTF-8, or what they are taken for."""
    raw = " ".join(str(value).splitlines()).encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("windows-1255", "replace")


def _header(name: str, value: str) -> Any:
    """Return a field with what is encoded in it (RFC 2047) as text, or as it stands."""
    try:
        return _headers(name, value)
    except Exception:  # its tables fail at some of what is wrong
        return value


def _sender(value: str) -> tuple[str, str]:
    """Return name and address of who wrote."""
    found = getattr(_header("from", value), "addresses", ())
    pairs = [(one.display_name, one.addr_spec) for one in found] or [parseaddr(value)]
    name, address = pairs[0]
    return _line(name), names.email(_sound(address))


def _line(text: str) -> str:
    return " ".join(_sound(text).split())[:LINE]


def _sound(text: str) -> str:
    """Return a text without what no database keeps: NUL, halves of letters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode().strip()


# --- parts ---------------------------------------------------------------------------------------


def _words(part: Message) -> str:
    """Return the text of a mail: of alternatives the first that says something, else all."""
    kind = part.get_content_type()
    if part.is_multipart():
        if part.get_content_maintype() != "multipart":
            return ""  # a mail in a mail is attached
        inner = (found for each in _inner(part) if (found := _words(each)).strip())
        return next(inner, "") if kind == "multipart/alternative" else "\n\n".join(inner)
    if _is_attached(part):
        return ""
    text = _decoded(part)
    return markup.words(text) if kind == "text/html" else text


def _is_attached(part: Message) -> bool:
    if part.get_content_disposition() == "attachment" or part.get_filename():
        return True
    return part.get_content_maintype() not in {"text", "multipart"}


def _decoded(part: Message) -> str:
    raw = part.get_payload(decode=True)
    raw = raw[: 4 * LONGEST] if isinstance(raw, bytes) else b""
    said = (part.get_content_charset("") or "").lower()
    for alphabet in (_ALPHABETS.get(said, said), "utf-8"):
        try:
            return raw.decode(alphabet)
        except (LookupError, UnicodeError, ValueError):
            continue
    return raw.decode("windows-1255" if "8859-8" in said else "utf-8", "replace")


def _attached(part: Message) -> Iterator[Attachment]:
    """Yield what is attached, mails in a mail whole."""
    whole = part.is_multipart() and part.get_content_maintype() != "multipart"
    if part.is_multipart() and not whole:
        for each in _inner(part):
            yield from _attached(each)
    elif whole or _is_attached(part):
        content = part.get_payload(decode=True)
        name = str(_header("subject", _text(part.get_filename() or "")))
        size = len(content) if isinstance(content, bytes) else len(bytes(part))
        yield Attachment(_line(name), part.get_content_type(), size)


def _inner(part: Message) -> list[Message]:
    payload = part.get_payload()
    return (
        [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []
    )
