"""Surveys, who was invited, and what was answered."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils import timezone

from kfar.ground.shares import CROWD
from kfar.ground.text import cell
from kfar.rooms.customers import queries as people
from kfar.rooms.village.meetings import queries as meetings
from kfar.rooms.voice.models import Invitation, Response, Survey
from kfar.rooms.voice.questionnaire import quotas, surveyjs
from kfar.rooms.voice.questionnaire.answers import Answers
from kfar.rooms.voice.questionnaire.conditions import Value
from kfar.rooms.voice.questionnaire.form import Form, Kind
from kfar.rooms.voice.questionnaire.quotas import Traits
from kfar.rooms.voice.questionnaire.results import Answered, results
from kfar.rooms.voice.surveys import rules
from kfar.rooms.voice.surveys.models import InCell
from kfar.rooms.voice.surveys.rules import After, Stage

#: Words shown beside results, newest first.
SHOWN = 50


@dataclass(frozen=True)
class Surveyed:
    """A survey as others may read it: `invited` and `answered` count people and answers."""

    id: UUID
    form: Form
    made_by: UUID
    made_at: datetime
    opened_at: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None
    quota: int | None
    until_full: bool
    by_link: bool
    reminds: bool
    after: str
    after_days: int | None
    stage: Stage
    invited: int
    answered: int


@dataclass(frozen=True)
class Given:
    """What somebody answered, and when; who it was is not told."""

    survey_id: UUID
    id: UUID
    at: datetime
    language: str
    answers: Answers


@dataclass(frozen=True)
class Results:
    """What came of a survey: of `invited` customers `came` answered, and `others` by its link.

    `questions` are empty while fewer than `CROWD` have answered; `words` are, by question, what
    was said last.
    """

    invited: int
    came: int
    others: int
    questions: tuple[Answered, ...]
    words: dict[str, list[str]]


def survey(survey_id: UUID) -> Surveyed | None:
    """Return one survey, or None."""
    return next(iter(_surveyed(Survey.objects.filter(pk=survey_id))), None)


def surveys() -> list[Surveyed]:
    """Return all surveys, newest first."""
    return list(_surveyed(Survey.objects.order_by("-made_at", "-pk")))


def inviting() -> list[tuple[UUID, After, int]]:
    """Return the open surveys that invite by themselves: after what, and how many days after."""
    rows = Survey.objects.filter(closed_at=None, closes_at__gt=timezone.now()).exclude(after="")
    found = rows.order_by("opened_at", "pk").values_list("pk", "after", "after_days")
    return [(pk, After(after), days or 0) for pk, after, days in found]


def may_be_asked(survey_id: UUID, *, texting: bool = False) -> int:
    """Return how many customers may be invited to a survey now."""
    agreed = people.agreed(people.ASK, by_phone=texting)
    since = timezone.now() - settings.KFAR_ASK_EVERY
    rows = Invitation.objects.filter(at__gt=since) | Invitation.objects.filter(survey=survey_id)
    met = meetings.asked_since(since)
    asked = people.person_of([*rows.values_list("customer_id", flat=True), *met])
    return len(rules.may_ask(agreed, agreed=set(agreed), asked=set(asked.values())))


def asked_since(since: datetime, among: Collection[UUID] | None = None) -> set[UUID]:
    """Return the people (of those with the ids `among`, or all) who were invited since then."""
    rows = Invitation.objects.filter(at__gt=since)
    if among is not None:
        rows = rows.filter(customer__in=people.owners(among))
    return set(people.person_of(rows.values_list("customer_id", flat=True)).values())


def answered_since(since: datetime) -> set[UUID]:
    """Return the people who answered any survey since then."""
    rows = Response.objects.filter(at__gte=since).exclude(customer=None)
    found = rows.values_list("customer_id", flat=True).distinct()
    return set(people.person_of(one for one in found if one is not None).values())


def invited(survey_id: UUID, *, again: bool = False) -> list[UUID]:
    """Return who was invited to a survey; `again`: those who were reminded of it."""
    rows = Invitation.objects.filter(survey=survey_id).order_by("pk")
    if again:
        rows = rows.exclude(reminded_at=None)
    return list(rows.values_list("customer_id", flat=True))


def may_answer(survey_id: UUID, customer_id: UUID | None) -> bool:
    """Return whether this customer, or somebody nobody knows (None), may answer it if open."""
    found = Survey.objects.filter(pk=survey_id)
    if customer_id is None:
        return found.filter(by_link=True).exists()
    own = people.selves(customer_id)
    if Response.objects.filter(survey=survey_id, customer__in=own).exists():
        return False
    asked = Invitation.objects.filter(survey=survey_id, customer__in=own).exists()
    return asked or found.filter(by_link=True).exists()


def has_answered(survey_id: UUID, customer_id: UUID) -> bool:
    """Return whether this customer has answered it."""
    own = people.selves(customer_id)
    return Response.objects.filter(survey=survey_id, customer__in=own).exists()


def fill(survey_id: UUID, form: Form) -> dict[str, tuple[int, int]]:
    """Return of each cell of the quotas how many answers it has, and how many it takes."""
    limits = quotas.limits(form)
    if not limits:
        return {}
    rows = InCell.objects.filter(survey=survey_id, cell__in=limits)
    counted = dict(rows.order_by().values_list("cell").annotate(Count("pk")))
    return {name: (counted.get(name, 0), most) for name, most in limits.items()}


def full(survey_id: UUID, form: Form) -> set[str]:
    """Return the cells of which there are enough answers."""
    return {name for name, (has, most) in fill(survey_id, form).items() if has >= most}


def all_full(survey_id: UUID, form: Form) -> bool:
    """Return whether there are cells, and enough answers of each."""
    filled = fill(survey_id, form).values()
    return bool(filled) and all(has >= most for has, most in filled)


def enough(survey: Surveyed, answers: Answers, traits: Traits) -> bool:
    """Return whether enough people like somebody who says this have answered."""
    own = quotas.cells(survey.form, answers, traits)
    return bool(own and full(survey.id, survey.form).intersection(own))


def outcome(survey_id: UUID) -> Results | None:
    """Return what came of a survey, or None where there is none."""
    one = survey(survey_id)
    if one is None:
        return None
    rows = Response.objects.filter(survey=survey_id)
    came = rows.exclude(invitation=None).count()
    total = rows.count()
    if total < CROWD:
        return Results(one.invited, came, total - came, (), {})
    told = [
        (timezone.localtime(at).date().replace(day=1), said)
        for at, said in rows.order_by("at", "pk").values_list("at", "answers")
    ]
    questions = tuple(results(one.form, told))
    open_ones = [q.element.name for q in questions if q.told and _open(q)]
    words = {
        name: [str(said[name]) for _at, said in reversed(told) if name in said][:SHOWN]
        for name in open_ones
    }
    return Results(one.invited, came, total - came, questions, words)


def answers(survey_id: UUID) -> Iterator[Given]:
    """Yield every answer to a survey, oldest first, without who gave it."""
    return _given(Response.objects.filter(survey=survey_id).order_by("at", "pk"))


def answers_csv(survey_id: UUID) -> Iterator[str]:
    """Yield the answers as lines of CSV: when, in which language, and a column a question.

    Whatever a spreadsheet would take for a formula is text; several choices stand with "; "
    between.
    """
    one = survey(survey_id)
    names = [element.name for element in one.form.elements] if one else []
    yield "\ufeff" + _line(["id", "at", "language", *map(cell, names)])
    for given in answers(survey_id):
        at = timezone.localtime(given.at).isoformat(timespec="seconds")
        own = [_plain(given.answers.get(name, "")) for name in names]
        yield _line([str(given.id), at, given.language, *own])


def answers_of(customer_id: UUID) -> list[tuple[Form, Given]]:
    """Return what a customer answered, with what was asked, oldest first."""
    rows = Response.objects.filter(customer__in=people.selves(customer_id)).order_by("at", "pk")
    found = list(_given(rows))
    asked = Survey.objects.in_bulk([one.survey_id for one in found])
    return [(surveyjs.read(asked[one.survey_id].form).form, one) for one in found]


def _given(rows: QuerySet[Response]) -> Iterator[Given]:
    for row in rows.iterator():
        yield Given(row.survey_id, row.pk, row.at, row.language, row.answers)


def _open(answered: Answered) -> bool:
    return answered.element.kind in {Kind.COMMENT, Kind.TEXT}


def _line(cells: Iterable[str]) -> str:
    file = io.StringIO()
    csv.writer(file).writerow(cells)
    return file.getvalue()


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return cell(value if isinstance(value, str) else "; ".join(map(str, value)))


def _surveyed(rows: QuerySet[Survey]) -> Iterable[Surveyed]:
    now = timezone.now()
    found = list(rows)
    counts: list[dict[UUID, int]] = [
        dict(
            of.objects.filter(survey__in=found)
            .order_by()
            .values_list("survey")
            .annotate(Count("pk"))
        )
        for of in (Invitation, Response)
    ]
    for row in found:
        yield Surveyed(
            id=row.pk,
            form=surveyjs.read(row.form).form,
            made_by=row.made_by_id,
            made_at=row.made_at,
            opened_at=row.opened_at,
            closes_at=row.closes_at,
            closed_at=row.closed_at,
            quota=row.quota,
            until_full=row.until_full,
            by_link=row.by_link,
            reminds=row.reminds,
            after=row.after,
            after_days=row.after_days,
            stage=rules.stage(
                opened_at=row.opened_at,
                closes_at=row.closes_at,
                closed_at=row.closed_at,
                now=now,
            ),
            invited=counts[0].get(row.pk, 0),
            answered=counts[1].get(row.pk, 0),
        )
