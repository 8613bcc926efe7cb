"""Heads of a log, signed: checkpoints as transparency logs write them.

Formats: signed-note, tlog-checkpoint and tlog-cosignature of C2SP (https://c2sp.org, 2024), so
that witnesses who watch other logs can watch ours. A head is a short text:

    kfar.example/questions/0199…
    1042
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — kfar.example/questions/0199… <base64 of 4 bytes that name the key, and the signature>

The first line says of which log (its *origin*), the second how many leaves it has, the third
the root over them. A witness adds a line of its own, with the time at which it saw that head.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from kfar.rooms.decisions.proving.ed25519 import signed

LOG, WITNESS = b"\x01", b"\x04"
_DASH = "\N{EM DASH} "


@dataclass(frozen=True)
class Head:
    """How long a log is, and the root over it."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return what is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True)
class Signature:
    """A line below a head: who signed, what names the key, and the rest of it as it came."""

    name: str
    key: bytes
    raw: bytes

    def line(self) -> str:
        """Return the line as it stands below a head."""
        return _line(self.name, self.key + self.raw)


def key_name(name: str, kind: bytes, public: bytes) -> bytes:
    """Return the four bytes that name a key beside its owner."""
    return sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def verifier_key(name: str, kind: bytes, public: bytes) -> str:
    """Return a public key as it is handed around: name, what names the key, the key."""
    return f"{name}+{key_name(name, kind, public).hex()}+{b64encode(kind + public).decode()}"


def read_key(text: str) -> tuple[str, bytes, bytes] | None:
    """Return name, kind and public key of a verifier key; None: it is none."""
    try:
        name, hexed, coded = text.strip().split("+", 2)
        whole = b64decode(coded, validate=True)
    except ValueError:
        return None
    kind, public = whole[:1], whole[1:]
    good = len(public) == 32 and kind in {LOG, WITNESS} and name and " " not in name
    return (name, kind, public) if good and key_name(name, kind, public).hex() == hexed else None


def sign_head(head: Head, public: bytes, sign: Callable[[bytes], bytes]) -> str:
    """Return a head with its log's signature; `sign` makes 64 bytes with the private key."""
    raw = key_name(head.origin, LOG, public) + sign(head.text().encode())
    return f"{head.text()}\n{_line(head.origin, raw)}"


def cosign(
    head: Head, name: str, public: bytes, sign: Callable[[bytes], bytes], *, when: int
) -> str:
    """Return the line with which a witness says that it saw this head at `when` (Unix seconds)."""
    raw = key_name(name, WITNESS, public) + when.to_bytes(8, "big") + sign(_seen(head, when))
    return _line(name, raw)


def _line(name: str, raw: bytes) -> str:
    return f"{_DASH}{name} {b64encode(raw).decode()}\n"


def _seen(head: Head, when: int) -> bytes:
    return f"cosignature/v1\ntime {when}\n{head.text()}".encode()


def read_head(note: str) -> tuple[Head, list[Signature]] | None:
    """Return the head that a note tells of, and its signatures unchecked; None: it is none."""
    text, gap, below = note.partition("\n\n")
    try:
        origin, size, root = text.split("\n")
        head = Head(origin, int(size), b64decode(root, validate=True))
        marks = [_signature(line) for line in below.splitlines()]
    except ValueError:
        return None
    # What is written otherwise than we would write it is not what was signed.
    if not gap or not origin or len(head.root) != 32 or head.text() != text + "\n":
        return None
    return head, marks


def _signature(line: str) -> Signature:
    dash, name, coded = line[:2], *line[2:].split(" ")
    raw = b64decode(coded, validate=True)
    if dash != _DASH or len(raw) < 68:
        raise ValueError("no signature")
    return Signature(name, raw[:4], raw[4:])


def signed_by_log(head: Head, marks: list[Signature], public: bytes) -> bool:
    """Return whether the log signed its head."""
    named = key_name(head.origin, LOG, public)
    return any(
        mark.name == head.origin
        and mark.key == named
        and signed(public, head.text().encode(), mark.raw)
        for mark in marks
    )


def seen_by(head: Head, marks: list[Signature], name: str, public: bytes) -> int | None:
    """Return when a witness saw a head (Unix seconds); None: it did not sign it."""
    named = key_name(name, WITNESS, public)
    for mark in marks:
        when = int.from_bytes(mark.raw[:8], "big")
        if (mark.name, mark.key) == (name, named) and signed(
            public, _seen(head, when), mark.raw[8:]
        ):
            return when
    return None
