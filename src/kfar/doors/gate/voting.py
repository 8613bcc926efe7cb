"""`POST /v1/ballot`: one voice per voter and question, durable before it is acknowledged.

    {"question": "<id>", "options": [0], "voter": "<token, or the link that carries it>"}

or `"ranking": [2, [0, 1]]`, or `"scores": {"0": 5}`, or `"ballot"`: the text of any of them
(`kfar.ground.ballots`). A later ballot of the same voter replaces the earlier one: the last in
the intake's order counts, so nothing has to be looked up here. The answer says what the voter
holds: the tracker under which the ballot will stand in the log, the nonce (the page's, or ours
where it sent none), the commitment, and a MAC by which we recognise that we said so.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterator
from hashlib import blake2b
from os import urandom

import msgspec

from kfar.doors.gate.delivery import Delivery, Step
from kfar.doors.gate.refusals import Refusal
from kfar.doors.gate.tracking import check_length, put_plain_body
from kfar.ground.ballots import NONCE, Ballot, Form, ballot_text, commitment
from kfar.ground.tokens import read_voter, tracker
from kfar.lake.intake.notice import Question
from kfar.lake.intake.records import ballot


class Cast(msgspec.Struct):
    """A ballot as it is sent: what it says in one of these forms; `nonce` by the page.

    `once`, by a page whose voter is not known, is the same where it sends the ballot again.
    """

    question: str = ""
    voter: str = ""
    option: int | None = None
    options: list[int] | None = None
    ranking: list[int | list[int]] | None = None
    scores: dict[int, int] | None = None
    ballot: str | None = None
    nonce: str = ""
    once: str = ""


_cast = msgspec.json.Decoder(Cast)
#: Nonces asked of the system at once: to ask for one takes as long as half a ballot's hashes.
POOL = 1024
_SAFE = bytes.maketrans(b"+/", b"-_")


def put_cast(delivery: Delivery) -> Refusal | None:
    """Read what is cast."""
    try:
        delivery.message = _cast.decode(delivery.body)
    except (msgspec.DecodeError, RecursionError):
        return Refusal.NOT_JSON
    return None


def put_voter(delivery: Delivery) -> Refusal | None:
    """Know the voter by their token."""
    secret, token = delivery.app.board.secret, delivery.message.voter
    voter = read_voter(secret, token.rpartition("/")[2]) if secret else None
    if voter is None:
        return Refusal.BAD_VOTER
    delivery.voter = voter
    return None


def put_ballot(delivery: Delivery) -> Refusal | None:
    """Check a voter's ballot against its question, and make its record and its receipt."""
    board = delivery.app.board
    cast: Cast = delivery.message
    raw, number = delivery.voter
    asked = board.asked.get(raw)
    if asked is None:
        return Refusal.UNKNOWN_QUESTION
    name, question = asked
    if cast.question and cast.question != name:
        return Refusal.BAD_VOTER
    if not question.opens <= delivery.received < question.closes:
        return Refusal.NOT_OPEN
    text = _text(cast, question)
    nonce = cast.nonce or next(_nonces)
    if text is None or not NONCE.fullmatch(nonce):
        return Refusal.BAD_CHOICE
    delivery.record = ballot(delivery.received, name, number, text, nonce, network=delivery.network)
    delivery.counted = ("ballots", 1)
    known = tracker(board.secret, raw, number)
    bound = commitment(name, known, nonce, text)
    # All of these are letters, digits and signs that stand in JSON as they are.
    delivery.answer = (
        f'{{"success":true,"tracker":"{known}","nonce":"{nonce}","ballot":"{text}",'
        f'"commitment":"{bound}","mac":"{mac(board.secret, known, bound)}"}}'
    ).encode()
    return None


def _text(cast: Cast, question: Question) -> str | None:
    """The text of what is cast, None where it is no ballot on the question's paper."""
    paper = question.paper
    if cast.ballot is not None:
        return cast.ballot if paper.allows(cast.ballot) else None
    said = _said(cast, paper.form)
    return ballot_text(paper.form, said) if said and paper.fits(said) else None


def _said(cast: Cast, form: Form) -> Ballot | None:
    match form:
        case Form.CHOICES if cast.options is not None:
            return tuple(sorted(cast.options))
        case Form.CHOICES if cast.option is not None:
            return (cast.option,)
        case Form.RANKING if cast.ranking is not None:
            return tuple((s,) if isinstance(s, int) else tuple(sorted(s)) for s in cast.ranking)
        case Form.SCORES | Form.POINTS if cast.scores is not None:
            return tuple(sorted(cast.scores.items()))
    return None


def _nonce_by_nonce() -> Iterator[str]:
    """Yield nonces, 16 random bytes each, as 22 letters."""
    while True:
        pool = urandom(16 * POOL)
        for start in range(0, len(pool), 16):
            yield _letters(pool[start : start + 16])


def _letters(raw: bytes) -> str:
    """Return 16 bytes in base64url, without padding."""
    return b2a_base64(raw, newline=False)[:-2].translate(_SAFE).decode()


_nonces = _nonce_by_nonce()


def mac(key: bytes, tracker: str, commitment: str) -> str:
    """Return the mark by which we recognise that we gave a receipt: 22 letters and signs."""
    said = f"{tracker}{commitment}".encode()
    return _letters(blake2b(said, key=key, digest_size=16, person=b"kfar.receipt").digest())


BALLOT: tuple[Step, ...] = (put_plain_body, check_length, put_cast, put_voter, put_ballot)
