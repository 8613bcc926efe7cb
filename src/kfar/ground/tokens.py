"""A voter's token: which question, which voter by number, signed. Nothing else names them.

A token is `question (16 bytes) · voter (u64, big-endian) · BLAKE2b-128 keyed MAC`, base64url
without padding: 54 letters, short enough for a link in an SMS. It carries the voter's number,
so that whoever counts a hundred million of them needs no index to find one.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from binascii import a2b_base64
from hashlib import blake2b
from hmac import compare_digest
from uuid import UUID

SIGNED, WHOLE = 24, 40
#: The cookie that keeps a voter's token, on the pages of its question alone, and for how many
#: seconds after the close.
COOKIE, COOKIE_LASTS = "kfar_voter", 86400
#: Base32 (RFC 4648) by ten bits at a time: a third of the time that `base64` takes, each ballot.
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [one + other for one in _LETTERS for other in _LETTERS]
_PLAIN = bytes.maketrans(b"-_", b"+/")


def voter_token(key: bytes, question: UUID, voter: int) -> str:
    """Return the token of voter number `voter` (0 to 2^64 - 1) for a question."""
    signed = question.bytes + voter.to_bytes(8, "big")
    return urlsafe_b64encode(signed + _mac(key, signed)).rstrip(b"=").decode()


def new_voter(key: bytes, question: bytes, once: str) -> int:
    """Return the number of a voter of whom nothing is known: 63 bits, above all that have rows.

    The same for the same `once`, which only who votes knows (128 random bits or more): who sends
    a ballot again, having heard no answer, is the same voter.
    """
    said = question + once.encode("utf-8", "replace")
    made = blake2b(said, key=key, digest_size=8, person=b"kfar.new.voter").digest()
    return int.from_bytes(made, "big") | 1 << 63


def sealed(key: bytes, *parts: str) -> str:
    """Return the keyed hash of these texts, 32 hexadecimal digits: by it nobody is found out."""
    said = "\x1f".join(parts).encode("utf-8", "replace")
    return blake2b(said, key=key, digest_size=16, person=b"kfar.sealed").hexdigest()


def sealed_network(key: bytes, question: str, network: str) -> str:
    """Return what is kept of the network a voter by link came from, until the close."""
    return sealed(key, "network", question, network)


def read_voter(key: bytes, token: str) -> tuple[bytes, int] | None:
    """Return the question's 16 bytes and the voter's number; None: it was not made with `key`."""
    try:
        raw = a2b_base64(token.encode("ascii").translate(_PLAIN) + b"==")
    except ValueError:
        return None
    if len(raw) != WHOLE or not compare_digest(raw[SIGNED:], _mac(key, raw[:SIGNED])):
        return None
    return raw[:16], int.from_bytes(raw[16:SIGNED], "big")


def tracker(key: bytes, question: bytes, voter: int) -> str:
    """Return under which name a voter's ballot stands in the log of a question (16 bytes).

    16 letters and digits, the same for every ballot of that voter on that question and not to
    be linked to any other: without the key nobody can say whose they are.
    """
    signed = question + voter.to_bytes(8, "big")
    short = blake2b(signed, key=key, digest_size=10, person=b"kfar.tracker").digest()
    a, b, pairs = int.from_bytes(short[:5], "big"), int.from_bytes(short[5:], "big"), _PAIRS
    return (
        f"{pairs[a >> 30]}{pairs[a >> 20 & 1023]}{pairs[a >> 10 & 1023]}{pairs[a & 1023]}"
        f"{pairs[b >> 30]}{pairs[b >> 20 & 1023]}{pairs[b >> 10 & 1023]}{pairs[b & 1023]}"
    )


def _mac(key: bytes, signed: bytes) -> bytes:
    return blake2b(signed, key=key, digest_size=WHOLE - SIGNED, person=b"kfar.voter").digest()
