"""`POST /v1/ballot`: one voice per voter and question, durable before it is acknowledged.

    {"question": "<id>", "options": [0], "voter": "<token, or the link that carries it>"}

A later ballot of the same voter replaces the earlier one: the last in the intake's order
counts, so nothing has to be looked up here. The answer carries the receipt: the SHA-256 of
the record as it was kept, and a MAC by which we recognise that we gave it.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import blake2b, sha256
from typing import Any

import msgspec

from kfar.doors.gate.delivery import Delivery, Step
from kfar.doors.gate.refusals import Refusal
from kfar.doors.gate.tracking import check_length, put_plain_body
from kfar.ground.tokens import read_voter


class Cast(msgspec.Struct):
    """A ballot as it is sent: `options` or one `option` by number from 0; `nonce` by the page."""

    question: str = ""
    voter: str = ""
    options: list[int] | None = None
    option: int | None = None
    nonce: str = ""


_cast = msgspec.json.Decoder(Cast)


def put_ballot(delivery: Delivery) -> Refusal | None:
    """Check a ballot against its question and its voter's token, and make its record."""
    board = delivery.app.board
    try:
        cast = _cast.decode(delivery.body)
    except (msgspec.DecodeError, RecursionError):
        return Refusal.NOT_JSON
    token = cast.voter.rpartition("/")[2]
    voter = read_voter(board.secret, token) if board.secret else None
    name = str(voter[0]) if voter else ""
    if voter is None or (cast.question and cast.question != name):
        return Refusal.BAD_VOTER
    question = board.notice.questions.get(name)
    if question is None:
        return Refusal.UNKNOWN_QUESTION
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
    ballot: dict[str, Any] = {
        "k": "ballot",
        "r": delivery.received,
        "q": name,
        "v": voter[1],
        "o": options,
    }
    if cast.nonce:
        ballot["n"] = cast.nonce
    delivery.record = msgspec.json.encode(ballot) + b"\n"
    delivery.counted = ("ballots", 1)
    delivery.answer = b'{"success":true,"receipt":"%b"}' % receipt(board.secret, delivery.record)
    return None


def _one(option: int | None) -> list[int]:
    return [] if option is None else [option]


def receipt(key: bytes, record: bytes) -> bytes:
    """Return a record's receipt: its SHA-256 and our MAC of that, base64url, joined by a dot."""
    leaf = sha256(record).digest()
    mac = blake2b(leaf, key=key, digest_size=16, person=b"kfar.receipt").digest()
    return b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in (leaf, mac))


BALLOT: tuple[Step, ...] = (put_plain_body, check_length, put_ballot)
