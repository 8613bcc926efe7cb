"""Consultations, what was said in them, and what came out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import cast
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from kfar.ground.text import Texts
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import receipts
from kfar.rooms.decisions.consultations import sealing
from kfar.rooms.decisions.consultations.commands import Speaker
from kfar.rooms.decisions.consultations.rules import State
from kfar.rooms.decisions.consultations.telling import Outcome
from kfar.rooms.decisions.consulting.chart import Chart
from kfar.rooms.decisions.consulting.packed import unpack
from kfar.rooms.decisions.consulting.votes import Statement as Number
from kfar.rooms.decisions.models import Consultation, Opinion, Participant, Statement
from kfar.rooms.decisions.proving.consultation import Circle, Moderation
from kfar.rooms.decisions.proving.consultation import Consultation as Declared
from kfar.rooms.decisions.proving.receipt import Receipt


@dataclass(frozen=True)
class Consulted:
    """A consultation as others may read it.

    `people` took part; `shown` statements are in play, `waiting` are not looked at yet.
    """

    id: UUID
    manifest: Declared
    asked_by: UUID
    opens_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    people: int
    shown: int
    waiting: int

    @property
    def open(self) -> bool:
        """Whether one can take part now."""
        return self.closed_at is None and self.opens_at <= timezone.now() < self.closes_at

    @property
    def ahead(self) -> bool:
        """Whether it opens later."""
        return timezone.now() < self.opens_at

    @property
    def topic(self) -> Texts:
        """What it is about."""
        return self.manifest.topic

    @property
    def pledge(self) -> Texts:
        """What the company does with what comes out; empty for one from elsewhere."""
        return self.manifest.pledge

    @property
    def due(self) -> date | None:
        """By when the company does it."""
        return date.fromisoformat(self.manifest.due) if self.manifest.due else None

    @property
    def to_anybody(self) -> bool:
        """Whether one can take part without saying who one is."""
        return self.manifest.audience is Circle.LINK

    @property
    def looked_at_before(self) -> bool:
        """Whether others see a statement only once somebody let it in."""
        return self.manifest.moderation is Moderation.BEFORE


@dataclass(frozen=True)
class Said:
    """A statement. `author` is whose it is, None where that is nobody, or nobody we know."""

    id: UUID
    consultation_id: UUID
    number: int
    text: str
    language: str
    seed: bool
    state: State
    reason: str
    said_at: datetime
    author: UUID | None


@dataclass(frozen=True)
class Turn:
    """What somebody is asked next (None: nothing is left), how much is left, and done: `voted`."""

    statement: Said | None
    left: int
    voted: int


@dataclass(frozen=True)
class Place:
    """Where somebody stands: on the map, and in which group (None: too early to say).

    `votes` by statement; `statements` are their own. `more` votes are needed to be in a group.
    """

    x: float
    y: float
    group: int | None
    more: int
    votes: Mapping[int, int]
    statements: tuple[Said, ...]


def consultation(consultation_id: UUID) -> Consulted | None:
    """Return one consultation, or None."""
    return next(iter(_consulted(Consultation.objects.filter(pk=consultation_id))), None)


def consultations(most: int = 50) -> list[Consulted]:
    """Return consultations: open ones first (the next to close first), then the latest closed."""
    open_ = Consultation.objects.filter(closed_at=None).order_by("closes_at")[:most]
    closed = Consultation.objects.exclude(closed_at=None).order_by("-closed_at")[:most]
    return [*_consulted(open_), *_consulted(closed)]


def by_id(ids: Iterable[UUID]) -> list[Consulted]:
    """Return the consultations with these ids; unknown ids are left out."""
    return list(_consulted(Consultation.objects.filter(pk__in=set(ids))))


def outcome(consultation_id: UUID) -> Outcome | None:
    """Return what it says, as of the last refresh; None for no consultation."""
    told = Opinion.objects.filter(pk=consultation_id).values_list("told", flat=True).first()
    return Outcome.from_json(told) if told else None


def statements(consultation_id: UUID, state: State = State.SHOWN) -> list[Said]:
    """Return the statements that stand so, by number."""
    rows = Statement.objects.filter(consultation=consultation_id, state=state)
    return _said(rows.order_by("number"))


def statement(statement_id: UUID) -> Said | None:
    """Return one statement, or None."""
    return next(iter(_said(Statement.objects.filter(pk=statement_id))), None)


def turn(consultation_id: UUID, by: Speaker, seed: str = "") -> Turn:
    """Return what to ask somebody next.

    The same until they vote or the consultation is computed again; for whom no row stands yet
    `seed` draws.
    """
    own = _participant(consultation_id, by)
    votes = cast("dict[Number, int]", unpack(bytes(own.votes)) if own else {})
    chart = _chart(consultation_id)
    seed = f"{own.number}/{len(votes)}" if own else seed
    left = sum(number not in votes for number in chart.statements)
    voted = len(chart.statements) - left
    asked = chart.next(votes, seed)
    while asked is not None:
        row = Statement.objects.filter(
            consultation=consultation_id, number=asked, state=State.SHOWN
        )
        if found := _said(row):
            return Turn(found[0], left, voted)
        votes[int(asked)], left = 0, left - 1  # taken out since
        asked = chart.next(votes, seed)
    return Turn(None, 0, voted)


def place(consultation_id: UUID, by: Speaker) -> Place | None:
    """Return where somebody stands; None for who has not taken part."""
    own = _participant(consultation_id, by)
    if own is None:
        return None
    votes, chart = unpack(bytes(own.votes)), _chart(consultation_id)
    in_play: dict[Number, int] = {n: v for n, v in votes.items() if n in chart.space.column}
    x, y = chart.place(in_play)
    said = _said(Statement.objects.filter(author=own).order_by("number"))
    more = max(chart.enough - len(in_play), 0)
    return Place(x, y, chart.group(in_play), more, votes, tuple(said))


def receipt(consultation_id: UUID, by: Speaker, *, proven: bool = True) -> Receipt | None:
    """Return the receipt of what somebody voted, as `receipts.receipt` does; None: nothing."""
    own = _participant(consultation_id, by)
    if own is None or own.votes == b"":
        return None
    held = receipts.bare(consultation_id, str(own.number), own.nonce, sealing.text(own))
    return receipts.entered(held, own.sealed if proven else None)


def took_part(consultation_id: UUID) -> list[UUID]:
    """Return the customers who took part, as they were known then."""
    rows = Participant.objects.filter(consultation=consultation_id).exclude(customer=None)
    return [customer for customer in rows.values_list("customer", flat=True) if customer]


def of_customer(customer_id: UUID) -> list[tuple[Consulted, Place]]:
    """Return the consultations a customer took part in, newest first, and what they said there."""
    rows = Participant.objects.filter(customer__in=customers.selves(customer_id))
    mine = set(rows.values_list("consultation", flat=True))
    found = _consulted(Consultation.objects.filter(pk__in=mine).order_by("-asked_at"))
    there = [(one, place(one.id, Speaker(customer_id=customer_id))) for one in found]
    return [(one, own) for one, own in there if own is not None]


def _participant(consultation_id: UUID, by: Speaker) -> Participant | None:
    rows = Participant.objects.filter(consultation=consultation_id)
    if by.customer_id is not None:
        rows = rows.filter(customer__in=customers.selves(by.customer_id))
    elif by.participant is not None:
        rows = rows.filter(pk=by.participant, customer=None)
    else:
        return None
    return rows.order_by("-at", "-pk").first()


def _chart(consultation_id: UUID) -> Chart:
    version = Opinion.objects.values_list("version", flat=True).get(pk=consultation_id)
    return _read_chart(consultation_id, version)


@lru_cache(maxsize=16)
def _read_chart(consultation_id: UUID, version: int) -> Chart:
    """Return a chart; of one version it is read once."""
    return Chart.from_json(Opinion.objects.values_list("chart", flat=True).get(pk=consultation_id))


def _consulted(rows: QuerySet[Consultation]) -> Iterable[Consulted]:
    found = list(rows)
    ids = [row.pk for row in found]
    people = dict(
        Participant.objects.filter(consultation__in=ids)
        .exclude(votes=b"")
        .values_list("consultation")
        .annotate(people=Count("pk"))
    )
    said = Statement.objects.filter(consultation__in=ids).values_list("consultation")
    counted = {
        pk: (shown, waiting)
        for pk, shown, waiting in said.annotate(
            shown=Count("pk", filter=Q(state=State.SHOWN)),
            waiting=Count("pk", filter=Q(state=State.WAITING)),
        )
    }
    for row in found:
        shown, waiting = counted.get(row.pk, (0, 0))
        yield Consulted(
            id=row.pk,
            manifest=row.declared,
            asked_by=row.asked_by_id,
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            closed_at=row.closed_at,
            people=people.get(row.pk, 0),
            shown=shown,
            waiting=waiting,
        )


def _said(rows: QuerySet[Statement]) -> list[Said]:
    return [
        Said(
            id=row.pk,
            consultation_id=row.consultation_id,
            number=row.number,
            text=row.text,
            language=row.language,
            seed=row.seed,
            state=State(row.state),
            reason=row.reason,
            said_at=row.said_at,
            author=row.author.customer_id if row.author else None,
        )
        for row in rows.select_related("author").defer("author__votes")
    ]
