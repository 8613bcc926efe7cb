"""The mailbox customers write to: a small port to IMAP (RFC 3501, 2003), always over TLS.

A mail lies in the inbox until it was taken; then it moves on, to `HEARD` where it became a
voice, to `UNREAD` where it did not. Nothing is deleted but for who is erased.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from imaplib import IMAP4, IMAP4_SSL
from ssl import create_default_context
from urllib.parse import unquote, urlsplit

from django.conf import settings

from kfar.rooms.voice.mail.reading import sender

INBOX = "INBOX"
#: What became a voice, and what did not.
HEARD, UNREAD = "Kfar", "Kfar-unread"
#: How much of a mail is read, in bytes: words come first in it, what is attached comes after.
READ = 2**20
#: Of how many mails the numbers are asked for at once: a line of an answer has its end.
AT_ONCE = 10_000
#: For how many seconds we wait for the server.
PATIENCE = 20.0


class Mailbox:
    """A mailbox that is open. What a server refuses raises `IMAP4.error` or `OSError`."""

    def __init__(self, server: IMAP4) -> None:
        self._server = server
        _kind, said = server.namespace()
        found = re.match(rb'\(\("([^"]*)"', said[0] or b"")
        self._prefix = found[1].decode() if found else ""

    def waiting(self, most: int) -> list[str]:
        """Return which mails lie in the inbox, the oldest first, at most `most`.

        Those that were put off come after all others.
        """
        there = self._select(INBOX)
        found: list[str] = []
        for put_off in ("UNFLAGGED", "FLAGGED"):
            for first in range(1, there + 1, AT_ONCE):
                if len(found) < most:
                    last = min(first + AT_ONCE - 1, there)
                    found += self._search(f"{first}:{last}", put_off)
        return found[:most]

    def read(self, uid: str) -> bytes | None:
        """Return the beginning of a mail, all of most; None where it is not there any more."""
        _kind, parts = self._server.uid("FETCH", uid, f"(BODY.PEEK[]<0.{READ}>)")
        return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), None)

    def move(self, uid: str, folder: str) -> None:
        """Move a mail from the inbox on; nothing where it is not there any more."""
        self._folder(folder)
        name = self._prefix + folder
        if "MOVE" in self._server.capabilities:  # RFC 6851
            _well(self._server.uid("MOVE", uid, name))
            return
        _well(self._server.uid("COPY", uid, name))
        _well(self._server.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)"))
        self._server.expunge()

    def put_off(self, uid: str) -> None:
        """Let a mail wait behind the others, flagged for who looks into the mailbox."""
        _well(self._server.uid("STORE", uid, "+FLAGS.SILENT", r"(\Flagged)"))

    def unread(self) -> int:
        """Return how many mails became no voice."""
        self._folder(UNREAD)
        _kind, said = self._server.status(self._prefix + UNREAD, "(MESSAGES)")
        found = re.search(rb"MESSAGES (\d+)", said[0] or b"")
        return int(found[1]) if found else 0

    def remove(self, addresses: Collection[str]) -> int:
        """Delete every mail from one of these addresses (in small letters); return how many."""
        removed = 0
        for folder in (INBOX, HEARD, UNREAD):
            self._folder(folder)
            there = self._select(folder)
            found = self._from(addresses, there)
            theirs = [uid for uid in found if self._sender(uid) in addresses]
            for uid in theirs:
                _well(self._server.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)"))
            if theirs:
                self._server.expunge()
            removed += len(theirs)
        return removed

    def _from(self, addresses: Collection[str], there: int) -> Iterator[str]:
        plain = [one for one in addresses if "@" in one and one.isascii() and '"' not in one]
        if len(plain) < sum("@" in one for one in addresses):
            for first in range(1, there + 1, AT_ONCE):  # what no search can name
                yield from self._search(f"{first}:{min(first + AT_ONCE - 1, there)}")
            return
        found = (uid for one in plain for uid in self._search("FROM", f'"{one}"'))
        yield from dict.fromkeys(found)

    def _sender(self, uid: str) -> str:
        said = "(BODY.PEEK[HEADER.FIELDS (FROM)])"
        _kind, parts = self._server.uid("FETCH", uid, said)
        return next((sender(bytes(part[1])) for part in parts if isinstance(part, tuple)), "")

    def _search(self, *asked: str) -> list[str]:
        [said] = _well(self._server.uid("SEARCH", *asked))
        return [uid.decode() for uid in (said or b"").split()]

    def _select(self, folder: str) -> int:
        """Open a folder; return how many mails lie there."""
        name = folder if folder == INBOX else self._prefix + folder
        [there] = _well(self._server.select(name))
        return int(there or b"0")

    def _folder(self, folder: str) -> None:
        if folder != INBOX:
            self._server.create(self._prefix + folder)  # refused where it is there


@contextmanager
def opened() -> Iterator[Mailbox]:
    """Open the mailbox of the settings; its server proves who it is, or nothing is said to it."""
    at = urlsplit(settings.KFAR_IMAP_URL)
    host, context = at.hostname or "", create_default_context()
    if at.scheme == "imaps":
        server: IMAP4 = IMAP4_SSL(host, at.port or 993, ssl_context=context, timeout=PATIENCE)
    else:
        server = IMAP4(host, at.port or 143, timeout=PATIENCE)
    try:
        if at.scheme == "imap":
            server.starttls(context)
        server.login(unquote(at.username or ""), unquote(at.password or ""))
        yield Mailbox(server)
    finally:
        with suppress(IMAP4.error, OSError):
            server.logout()


def _well(answer: tuple[str, list[bytes | None]]) -> list[bytes | None]:
    """Return what the server said; raise `IMAP4.error` where it said no."""
    kind, said = answer
    if kind != "OK":
        raise IMAP4.error(kind)
    return said
