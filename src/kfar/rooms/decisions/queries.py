"""Questions, how many answered, and what came out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from kfar.ground.text import Texts
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions.models import Ballot, Invitation, Question
from kfar.rooms.decisions.tally import Method, Tally

#: The person an invitation went to.
PERSON = Coalesce("invitations__customer__person_id", "invitations__customer_id")
#: Who was erased since is one person an invitation.
ERASED = Q(invitations__isnull=False, invitations__customer=None)


@dataclass(frozen=True)
class Poll:
    """A question as others may read it. `tally` is None until the close: nobody sees it before.

    `asked` and `answered` count people; from the close on `answered` is what was counted then.
    """

    id: UUID
    text: Texts
    options: tuple[Texts, ...]
    method: Method
    pledge: Texts
    pledge_due: date
    asked_by: UUID
    asked_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    asked: int
    answered: int
    tally: Tally | None

    @property
    def open(self) -> bool:
        """Whether it takes answers now."""
        return self.closed_at is None and timezone.now() < self.closes_at


def question(question_id: UUID) -> Poll | None:
    """Return one question, or None."""
    return next(iter(_polls(Question.objects.filter(pk=question_id))), None)


def by_id(ids: Iterable[UUID]) -> list[Poll]:
    """Return the questions with these ids; unknown ids are left out."""
    return list(_polls(Question.objects.filter(pk__in=set(ids))))


def questions(most: int = 50) -> list[Poll]:
    """Return the questions: open ones first (the next to close first), then the latest closed."""
    open_ = _polls(Question.objects.filter(closed_at=None).order_by("closes_at")[:most])
    closed = _polls(Question.objects.exclude(closed_at=None).order_by("-closed_at")[:most])
    return [*open_, *closed]


def open_count() -> int:
    """Return how many questions take answers now."""
    return Question.objects.filter(closed_at=None, closes_at__gt=timezone.now()).count()


def asked_of(customer_id: UUID) -> list[tuple[Poll, tuple[int, ...] | None]]:
    """Return the questions a customer was asked, newest first, each with their answer or None."""
    asked = Invitation.objects.filter(customer__in=customers.selves(customer_id))
    rows = asked.order_by(F("ballot__cast_at").asc(nulls_first=True), "pk")
    mine = {
        question: None if choices is None else tuple(choices)
        for question, choices in rows.values_list("question_id", "ballot__choices")
    }
    polls = _polls(Question.objects.filter(pk__in=mine).order_by("-asked_at"))
    return [(poll, mine[poll.id]) for poll in polls]


def answer_of(question_id: UUID, customer_id: UUID) -> tuple[int, ...] | None:
    """Return what a customer answered, at last, or None."""
    ballots = Ballot.objects.filter(
        invitation__question_id=question_id,
        invitation__customer__in=customers.selves(customer_id),
    )
    latest = ballots.order_by("-cast_at", "-pk")
    choices = latest.values_list("choices", flat=True).first()
    return None if choices is None else tuple(choices)


def was_asked(question_id: UUID, customer_id: UUID) -> bool:
    """Return whether that customer was asked."""
    rows = Invitation.objects.filter(question_id=question_id)
    return rows.filter(customer__in=customers.selves(customer_id)).exists()


def open_questions() -> list[tuple[UUID, datetime, datetime, int, int]]:
    """Return what has not been counted yet: id, opened, closes, options, most choices at once."""
    rows = Question.objects.filter(closed_at=None)
    return [
        (
            row.pk,
            row.asked_at,
            row.closes_at,
            len(row.options),
            1 if row.method == Method.PLURALITY else len(row.options),
        )
        for row in rows
    ]


def ballot_key() -> bytes:
    """Return the key that signs voters' tokens (`ground.tokens`): this Kfar's own."""
    return blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"kfar.ballots").digest()


def voter(question_id: UUID, customer_id: UUID) -> int | None:
    """Return the number under which a customer votes, None where they were not asked."""
    rows = Invitation.objects.filter(question_id=question_id, customer_id=customer_id)
    return rows.values_list("pk", flat=True).first()


def invited(question_id: UUID) -> list[UUID]:
    """Return all who were asked, as they were known then."""
    rows = Invitation.objects.filter(question_id=question_id).exclude(customer=None)
    return list(rows.values_list("customer_id", flat=True))


def voters(question_id: UUID) -> list[UUID]:
    """Return who answered, as they were known when they were asked."""
    rows = Invitation.objects.filter(question_id=question_id, ballot__isnull=False)
    rows = rows.exclude(customer=None)
    return list(rows.values_list("customer_id", flat=True))


def _polls(rows: QuerySet[Question]) -> Iterable[Poll]:
    counted = rows.annotate(
        asked=Count(PERSON, distinct=True) + Count("invitations", filter=ERASED, distinct=True),
        answered=Count(PERSON, distinct=True, filter=Q(invitations__ballot__isnull=False)),
    )
    for row in counted:
        tally = _tally(row.result)
        yield Poll(
            id=row.pk,
            text=row.text,
            options=tuple(row.options),
            method=Method(row.method),
            pledge=row.pledge,
            pledge_due=row.pledge_due,
            asked_by=row.asked_by_id,
            asked_at=row.asked_at,
            closes_at=row.closes_at,
            closed_at=row.closed_at,
            asked=row.asked,
            answered=tally.ballots if tally else row.answered,
            tally=tally,
        )


def _tally(result: dict[str, list[int]] | None) -> Tally | None:
    if result is None:
        return None
    return Tally(tuple(result["votes"]), tuple(result["winners"]), int(result["ballots"]))  # type: ignore[call-overload]
