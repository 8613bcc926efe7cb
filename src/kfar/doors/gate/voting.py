"""`POST /v1/ballot`: one voice per voter and question, durable before it is acknowledged.

    {"question": "<id>", "options": [0], "voter": "<token, or the link that carries it>"}

A later ballot of the same voter replaces the earlier one: the last in the intake's order
counts, so nothing has to be looked up here. The answer carries the receipt: the SHA-256 of
the record as it was kept, and a MAC by which we recognise that we gave it.
"""

from __future__ import annotations

from binascii import b2a_base64
from hashlib import blake2b, sha256

import msgspec

from kfar.doors.gate.delivery import Delivery, Step
from kfar.doors.gate.refusals import Refusal
from kfar.doors.gate.tracking import check_length, put_plain_body
from kfar.ground.tokens import read_voter
from kfar.lake.intake.records import ballot


class Cast(msgspec.Struct):
    """A ballot as it is sent: `options` or one `option` by number from 0; `nonce` by the page."""

    question: str = ""
    voter: str = ""
    options: list[int] | None = None
    option: int | None = None
    nonce: str = ""


_cast = msgspec.json.Decoder(Cast)
_SAFE = bytes.maketrans(b"+/", b"-_")


def put_cast(delivery: Delivery) -> Refusal | None:
    """Read what is cast."""
    try:
        delivery.message = _cast.decode(delivery.body)
    except (msgspec.DecodeError, RecursionError):
        return Refusal.NOT_JSON
    return None


def put_ballot(delivery: Delivery) -> Refusal | None:
    """Check a ballot against its question and its voter's token, and make its record."""
    board = delivery.app.board
    cast: Cast = delivery.message
    voter = read_voter(board.secret, cast.voter.rpartition("/")[2]) if board.secret else None
    if voter is None:
        return Refusal.BAD_VOTER
    asked = board.asked.get(voter[0])
    if asked is None:
        return Refusal.UNKNOWN_QUESTION
    name, question = asked
    if cast.question and cast.question != name:
        return Refusal.BAD_VOTER
    if not question.opens <= delivery.received < question.closes:
        return Refusal.NOT_OPEN
    options = sorted(cast.options if cast.options is not None else _one(cast.option))
    if (
        not 1 <= len(options) <= question.most
        or len(set(options)) < len(options)
        or not 0 <= options[0] <= options[-1] < question.options
        or len(cast.nonce) > 64
    ):
        return Refusal.BAD_CHOICE
    delivery.record = ballot(delivery.received, name, voter[1], options, cast.nonce)
    delivery.counted = ("ballots", 1)
    delivery.answer = b'{"success":true,"receipt":"%b"}' % receipt(board.secret, delivery.record)
    return None


def _one(option: int | None) -> list[int]:
    return [] if option is None else [option]


def receipt(key: bytes, record: bytes) -> bytes:
    """Return a record's receipt: its SHA-256 and our MAC of that, base64url, joined by a dot."""
    leaf = sha256(record).digest()
    mac = blake2b(leaf, key=key, digest_size=16, person=b"kfar.receipt").digest()
    whole = b2a_base64(leaf, newline=False)[:-1] + b"." + b2a_base64(mac, newline=False)[:-2]
    return whole.translate(_SAFE)


BALLOT: tuple[Step, ...] = (put_plain_body, check_length, put_cast, put_ballot)
