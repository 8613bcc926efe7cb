"""What a consultation says is computed again when somebody voted or spoke."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions.consultations.rules import State
from kfar.rooms.decisions.consultations.telling import tell
from kfar.rooms.decisions.consulting.chart import Chart
from kfar.rooms.decisions.consulting.opinion import refresh as opinion_of
from kfar.rooms.decisions.consulting.packed import gather_packed
from kfar.rooms.decisions.models import Consultation, Opinion, Participant, Statement

#: A consultation rests so long after a refresh, and as many times longer than that took.
REST, TIMES = timedelta(seconds=3), 10


def refresh_due() -> int:
    """Refresh every open consultation in which something moved and that has rested; how many."""
    now = timezone.now()
    moved = Consultation.objects.filter(closed_at=None).exclude(moved=F("opinion__moved"))
    rested = [
        pk
        for pk, began, took in moved.values_list("pk", "opinion__began_at", "opinion__took")
        if now - began >= max(REST, TIMES * timedelta(milliseconds=took))
    ]
    return sum(refresh(pk) for pk in rested)


def refresh(consultation_id: UUID) -> bool:
    """Compute what a consultation says; return False where another did so meanwhile."""
    began, clock = timezone.now(), time.monotonic()
    moved = Consultation.objects.values_list("moved", flat=True).get(pk=consultation_id)
    before = Opinion.objects.values("version", "chart").get(pk=consultation_id)
    shown = Statement.objects.filter(consultation=consultation_id, state=State.SHOWN)
    votes = gather_packed(cast(consultation_id), shown.values_list("number", flat=True))
    previous = Chart.from_json(before["chart"]) if before["chart"] else None
    opinion = opinion_of(votes, previous)
    return bool(
        Opinion.objects.filter(pk=consultation_id, version=before["version"]).update(
            version=before["version"] + 1,
            moved=moved,
            began_at=began,
            took=round(1000 * (time.monotonic() - clock)),
            chart=opinion.chart.to_json(),
            told=tell(opinion).to_json(),
        )
    )


def cast(consultation_id: UUID) -> list[tuple[int, bytes]]:
    """Return everybody's number and packed votes; who is one person speaks once, as last.

    From the close on nothing changes, whoever turns out to be one person later.
    """
    is_open = Consultation.objects.filter(pk=consultation_id, closed_at=None).exists()
    again = {pk for pk, _ in doubles(consultation_id)} if is_open else set()
    rows = Participant.objects.filter(consultation=consultation_id).values_list(
        "pk", "number", "votes"
    )
    return [(number, bytes(votes)) for pk, number, votes in rows.iterator() if pk not in again]


def doubles(consultation_id: UUID) -> list[tuple[int, UUID]]:
    """Return who takes part once more as somebody else, by participant: all but the last."""
    theirs = Participant.objects.filter(consultation=consultation_id).filter(
        Q(customer__person__isnull=False) | Q(customer__selves__isnull=False)
    )
    rows = list(theirs.order_by("at", "pk").values_list("pk", "customer").distinct())
    person = customers.person_of(customer for _, customer in rows if customer)
    last = {person[customer]: pk for pk, customer in rows if customer}
    return [(pk, customer) for pk, customer in rows if customer and last[person[customer]] != pk]
