"""Links that stand for a right: signed, each for one act of one person."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from kfar.ground.errors import Refused

#: How long a link in a letter opens anything; after that one signs in instead.
LASTS = timedelta(days=90)


def ballot(question_id: UUID, customer_id: UUID) -> str:
    """Return the address at which one customer answers one question."""
    return _link("web:ballot", "ballot", question_id, customer_id)


def change(change_id: UUID, customer_id: UUID) -> str:
    """Return the address at which one customer answers to one change."""
    return _link("web:change-answer", "change", change_id, customer_id)


def consultation(consultation_id: UUID, customer_id: UUID) -> str:
    """Return the address by which one customer takes part in one consultation."""
    return _link("web:consult-by", "consult", consultation_id, customer_id)


def good(voice_id: UUID, customer_id: UUID) -> str:
    """Return the address at which one customer says whether it is good now."""
    return _link("web:good", "good", voice_id, customer_id)


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


def _link(name: str, right: str, *ids: UUID) -> str:
    return page(name, signing.dumps([i.hex for i in ids], salt=f"kfar.{right}"))
