"""Links that stand for a right: signed, each for one act of one person.

`at`, where given, is the moment a link is signed as of: a letter's, for one; else now.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from kfar.ground.errors import Refused

#: How long a link in a letter opens anything; after that one signs in instead.
LASTS = timedelta(days=90)


def after(follow_up_id: UUID, customer_id: UUID, at: datetime | None = None) -> str:
    """Return the address at which one customer says how something was."""
    return _link("web:after", "after", follow_up_id, customer_id, at=at)


def ballot(question_id: UUID, customer_id: UUID, at: datetime | None = None) -> str:
    """Return the address at which one customer answers one question."""
    return _link("web:ballot", "ballot", question_id, customer_id, at=at)


def change(change_id: UUID, customer_id: UUID, at: datetime | None = None) -> str:
    """Return the address at which one customer answers to one change."""
    return _link("web:change-answer", "change", change_id, customer_id, at=at)


def consultation(consultation_id: UUID, customer_id: UUID, at: datetime | None = None) -> str:
    """Return the address by which one customer takes part in one consultation."""
    return _link("web:consult-by", "consult", consultation_id, customer_id, at=at)


def good(voice_id: UUID, customer_id: UUID, at: datetime | None = None) -> str:
    """Return the address at which one customer says whether it is good now."""
    return _link("web:good", "good", voice_id, customer_id, at=at)


def meeting(meeting_id: UUID, customer_id: UUID, at: datetime | None = None) -> str:
    """Return the address at which one customer says whether they come to one meeting."""
    return _link("web:invitation", "meet", meeting_id, customer_id, at=at)


def promise(promise_id: UUID, customer_id: UUID, at: datetime | None = None) -> str:
    """Return the address at which one customer may say that they need a promise no more."""
    return _link("web:promise-by", "promise", promise_id, customer_id, at=at)


def in_return(promise_id: UUID, customer_id: UUID, at: datetime | None = None) -> str:
    """Return the address at which one customer says yes or no to what they are asked for."""
    return _link("web:in-return-by", "in-return", promise_id, customer_id, at=at)


def send_back(ask_id: UUID, customer_id: UUID, at: datetime | None = None) -> str:
    """Return the address at which one customer without an account starts one return."""
    return _link("web:return-by", "send-back", ask_id, customer_id, at=at)


def survey(survey_id: UUID, customer_id: UUID | None = None, at: datetime | None = None) -> str:
    """Return the address at which one customer, or anybody, answers one survey."""
    ids = [survey_id] if customer_id is None else [survey_id, customer_id]
    return _link("web:respond", "ask", *ids, at=at)


def tie(invitation_id: UUID, at: datetime | None = None) -> str:
    """Return the address at which one person may say that they know who invited them."""
    return _link("web:tie", "tie", invitation_id, at=at)


def no_ties(invitation_id: UUID, at: datetime | None = None) -> str:
    """Return the address at which no invitation is written any more to where this one was."""
    return _link("web:tie-stop", "tie-stop", invitation_id, at=at)


def demo(login_id: UUID) -> str:
    """Return the address that signs in at one click; opens in the demo alone."""
    return _link("web:demo-enter", "demo", login_id)


def page(name: str, *args: object) -> str:
    """Return the whole address of a page."""
    return settings.KFAR_URL + reverse(name, args=args)


def opened(token: str, right: str) -> list[UUID]:
    """Return the ids that a link was made for; refuse `links.forged` and `links.expired`."""
    try:
        ids = signing.loads(token, salt=f"kfar.{right}", max_age=LASTS)
        return [UUID(hex=i) for i in ids]
    except signing.SignatureExpired:
        raise Refused("links.expired") from None
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        raise Refused("links.forged") from None


class _Signer(signing.TimestampSigner):
    """Signs as of a moment, so that what is said again at a later one reads the same."""

    def __init__(self, *, salt: str, at: datetime | None) -> None:
        super().__init__(salt=salt)
        self._at = at

    def timestamp(self) -> str:
        at = self._at
        return signing.b62_encode(int(at.timestamp())) if at else super().timestamp()


def _link(name: str, right: str, *ids: UUID, at: datetime | None = None) -> str:
    signer = _Signer(salt=f"kfar.{right}", at=at)
    return page(name, signer.sign_object([i.hex for i in ids]))
