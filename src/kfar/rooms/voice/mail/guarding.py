"""Which mails are no person's word to us: auto-replies, lists, bounces, our own.

After RFC 3834 (2004), "Recommendations for Automatic Responses to Electronic Mail", the header
fields that came before it (`Precedence`, `X-Autoreply` …), RFC 3464 (2003) for bounces and
RFC 2369 (1998), RFC 2919 (2001) for lists. A mail that one of these speaks against makes no
voice, so nothing of ours ever answers it, and no loop begins.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from uuid import UUID

#: The Message-ID of a letter of ours: `doors/mail/post.py` writes it.
OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@kfar>")


class Why(StrEnum):
    """Why a mail is no voice."""

    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    LIST = "list"
    OWN = "own"
    NOBODY = "nobody"
    NOTHING = "nothing"
    UNREADABLE = "unreadable"


#: Fields that only machines write, whatever they say.
_MACHINES = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-mail-autoreply",
             "x-auto-response-suppress")  # fmt: skip
_LISTS = ("list-id", "list-post", "list-unsubscribe", "list-help", "list-subscribe",
          "list-owner", "list-archive")  # fmt: skip
_POSTMEN = {"mailer-daemon", "postmaster"}
_NO_REPLY = re.compile(r"(no|do-?not|nie)[._-]?(reply|answer|odpowiadaj)")


def why_not(
    fields: Mapping[str, str], *, sender: str, kind: str, ours: Collection[str]
) -> Why | None:
    """Return why a mail is no voice, None where nothing speaks against it.

    `fields` are its header fields by name in small letters, `sender` the address in From,
    `kind` its content type, `ours` the addresses that are ours, all in small letters.
    """
    name = sender.partition("@")[0]
    if sender in ours or letter_of_ours(fields.get("message-id", "")):
        return Why.OWN
    bounced = fields.get("return-path", "").strip() == "<>"
    if bounced or kind in {"multipart/report", "message/delivery-status"} or name in _POSTMEN:
        # An auto-reply has an empty Return-Path too: it says more about itself.
        return Why.AUTOMATIC if _automatic(fields) and kind != "multipart/report" else Why.BOUNCE
    if _automatic(fields) or _NO_REPLY.fullmatch(name):
        return Why.AUTOMATIC
    precedence = fields.get("precedence", "").strip().lower()
    if precedence in {"bulk", "junk", "list"} or any(field in fields for field in _LISTS):
        return Why.LIST
    return None


def letter_of_ours(message_id: str) -> UUID | None:
    """Return the letter of ours that has this Message-ID, None where it is another's."""
    found = OURS.fullmatch(message_id.strip())
    return UUID(found[1]) if found else None


def _automatic(fields: Mapping[str, str]) -> bool:
    said = fields.get("auto-submitted", "no").partition(";")[0].strip().lower()
    answered = fields.get("precedence", "").strip().lower() in {"auto_reply", "auto-reply"}
    return said != "no" or answered or any(field in fields for field in _MACHINES)
