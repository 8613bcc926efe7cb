"""Whether a change may ship, asked by whatever releases it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from kfar.doors import words
from kfar.doors.api.door import asked, read_id
from kfar.ground.errors import Refused
from kfar.rooms.customers import accounts
from kfar.rooms.decisions import notices


@asked
def may_ship(request: HttpRequest, change_id: str) -> dict[str, object]:
    """Say whether a change may ship: to `?account=`, or to all that were asked."""
    notice = notices.notice(read_id(change_id))
    if notice is None:
        raise Refused("decisions.no_such_change")
    account = _account(request.GET.get("account"))
    found = notice.shipping(account)
    return {
        "may_ship": found.may,
        "until": found.until.isoformat() if found.until else None,
        "why": found.why,
        "message": words.shipping(found),
        "change": str(notice.id),
        "account": str(account) if account else None,
        "asked": len(notice.asked),
        "answered": notice.answered,
        "holds": [{"account": own, "why": why} for own, why in found.holds],
    }


def _account(text: str | None) -> UUID | None:
    if text is None:
        return None
    account_id = read_id(text)
    if accounts.account(account_id) is None:
        raise Refused("customers.account_not_found")
    return account_id
