"""The record of promises, to everybody; and those to and by one customer, to who has a key."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse

from kfar.doors.api.door import answered, kept, key_of, number, read_id, require_key
from kfar.ground.errors import Refused
from kfar.ground.text import Texts
from kfar.lake import audit
from kfar.rooms.customers import queries as customers
from kfar.rooms.promises import queries
from kfar.rooms.promises.in_return import queries as in_return
from kfar.rooms.promises.in_return.queries import Given
from kfar.rooms.promises.queries import Promised
from kfar.rooms.touchpoints import keys

#: The most promises in one answer, and how many there are unless asked otherwise.
MOST, USUAL = 100, 50
#: Further on nobody reads.
FURTHEST = 100_000


def promises(request: HttpRequest) -> HttpResponse:
    """Give the public record; or what was promised to and by `?customer=`."""
    return (_of_customer if "customer" in request.GET else _public)(request)


@kept
@answered
def _public(request: HttpRequest) -> dict[str, object]:
    """Give how promises were kept, and those whose words are everybody's, the latest news first.

    It takes no key, as it stands on a page for everybody; one that opens nothing is refused.
    """
    if key_of(request):
        require_key(request, _opens_any)
    limit, after = _page(request)
    total = queries.public_count()
    found = queries.public(most=limit, after=after)
    record, discipline, back = queries.record(), queries.discipline(), in_return.counts()
    return {
        "record": {
            "open": record.open,
            "late": record.late,
            "kept": record.kept,
            "kept_in_time": record.kept_in_time,
            "broken": record.broken,
            "released": record.released,
            "fell_due": discipline.fell_due,
            "share_kept": _share(discipline.share),
            "low": _share(discipline.low) if discipline.fell_due else None,
            "high": _share(discipline.high) if discipline.fell_due else None,
            "median_days_late": discipline.median,
        },
        "in_return": {
            "promised": back.promised,
            "kept": back.kept,
            "open": back.open,
            "withdrawn": back.withdrawn,
        },
        "total": total,
        "next": after + limit if after + limit < total else None,
        "promises": [_promise(one) for one in found],
    }


@answered
def _of_customer(request: HttpRequest) -> dict[str, object]:
    """Give what was promised to one person and by them, the latest first; they see that it was."""
    require_key(request, keys.opens_promises)
    person = customers.person(read_id(request.GET["customer"]))
    if person is None:
        raise Refused("customers.not_found")
    limit, after = _page(request)
    rows = [(one.made_at, _promise(one)) for one in queries.to_customer(person.id)]
    rows += [(one.asked_at, _given(one)) for one in in_return.of_customer(person.id)]
    rows.sort(key=lambda row: (row[0], str(row[1]["id"])), reverse=True)
    audit.note(act="promises.read", customer_id=person.id)
    return {
        "customer": str(person.id),
        "total": len(rows),
        "next": after + limit if after + limit < len(rows) else None,
        "promises": [row for _at, row in rows[after : after + limit]],
    }


def _opens_any(key: str) -> bool:
    return keys.opens_api(key) or keys.opens_promises(key)


def _page(request: HttpRequest) -> tuple[int, int]:
    return (
        number(request, "limit", usual=USUAL, least=1, most=MOST),
        number(request, "offset", usual=0, least=0, most=FURTHEST),
    )


def _promise(one: Promised) -> dict[str, object]:
    to = "all" if one.to_all else "voters" if one.question_id else "customers"
    return {
        "id": str(one.id),
        "by": "company",
        "to": to,
        "kind": None,
        "question": str(one.question_id) if one.question_id else None,
        "text": _said(one.text),
        "owner": one.owner,
        "people": one.to,
        "state": one.state,
        "made_at": _at(one.made_at),
        "agreed_at": _at(one.made_at),
        "due": _day(one.due),
        "first_due": _day(one.first_due or one.due),
        "moved": [
            {"at": _at(move.at), "from": _day(move.before), "to": _day(move.after), "why": move.why}
            for move in one.moves
        ],
        "kept_at": _at(one.kept_at),
        "how": one.how,
        "broken_at": _at(one.broken_at),
        "why": one.why,
        "released_at": _at(one.released_at),
    }


def _given(one: Given) -> dict[str, object]:
    return {
        "id": str(one.id),
        "by": "customer",
        "to": "company",
        "kind": one.kind,
        "question": None,
        "text": _said(one.text),
        "owner": one.asked_by,
        "people": 1,
        "state": one.state,
        "made_at": _at(one.asked_at),
        "agreed_at": _at(one.agreed_at),
        "due": _day(one.due),
        "first_due": _day(one.due),
        "moved": [],
        "kept_at": _at(one.kept_at),
        "how": one.how,
        "broken_at": None,
        "why": "",
        "released_at": _at(one.released_at),
    }


def _said(text: Texts) -> dict[str, str]:
    return {language: words for language, words in text.items() if words}


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _at(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _day(day: date) -> str:
    return day.isoformat()
