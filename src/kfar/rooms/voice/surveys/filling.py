"""Quotas set and changed, also while answers come; those that are there are counted anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.rooms.village import queries as village
from kfar.rooms.voice.models import Response, Survey
from kfar.rooms.voice.questionnaire import quotas, surveyjs
from kfar.rooms.voice.questionnaire.form import Form, Quota
from kfar.rooms.voice.questionnaire.quotas import Traits
from kfar.rooms.voice.surveys import queries
from kfar.rooms.voice.surveys.commands import SURVEY, hold
from kfar.rooms.voice.surveys.models import InCell

#: So many answers are counted at once.
AT_ONCE = 5_000


class Known(Protocol):
    """Says what is known of customers, where a quota counts by it."""

    def __call__(self, form: Form, customers: Collection[UUID], /) -> Mapping[UUID, Traits]:
        """Return it by customer."""


@transaction.atomic
def set_quotas(
    *, by: UUID, survey_id: UUID, counted: Sequence[Quota], until_full: bool, known: Known
) -> None:
    """Say how many answers of which kind of people a survey takes, until it is closed.

    Answers that are there count in the cells that are new, by what they say and by what is `known`
    now; none is lost where a cell takes fewer than it has. `until_full`: it closes by itself once
    there are enough of each. Refuses with `village.may_not`, `surveys.not_found`,
    `surveys.closed`, `surveys.too_many_quotas` and `surveys.bad_quotas`.
    """
    village.require(by, SURVEY)
    survey = hold(survey_id=survey_id)
    now = timezone.now()
    if survey.closed_at is not None or (survey.closes_at is not None and survey.closes_at <= now):
        raise Refused("surveys.closed")
    if len(counted) > quotas.QUOTAS:
        raise Refused("surveys.too_many_quotas", most=quotas.QUOTAS)
    before = surveyjs.read(survey.form).form
    # As if it stood in the JSON: what is refused there is refused here.
    after = replace(before, quotas=quotas.read(quotas.write(counted), "kfarQuotas"))
    quotas.check(after)
    survey.form = surveyjs.write(after)
    survey.until_full = until_full and bool(after.quotas)
    _count(survey, before, after, known)
    full = survey.until_full and queries.all_full(survey.pk, after)
    if survey.opened_at is not None and full:
        survey.closed_at = now
    survey.save(update_fields=["form", "until_full", "closed_at"])


def _count(survey: Survey, before: Form, after: Form, known: Known) -> None:
    """Leave the cells that are gone, and count what was answered in those that are new."""
    had, has = quotas.limits(before), quotas.limits(after)
    survey.cells.filter(cell__in=had.keys() - has.keys()).delete()
    new = has.keys() - had.keys()
    for some in _answers(survey) if new else ():
        whose = known(after, {row.customer_id for row in some if row.customer_id is not None})
        InCell.objects.bulk_create(
            InCell(response_id=row.pk, survey=survey, cell=cell)
            for row in some
            for cell in quotas.cells(after, row.answers, _traits(row, whose))
            if cell in new
        )


def _answers(survey: Survey) -> Iterator[list[Response]]:
    """Yield a survey's answers, a few in memory at once."""
    rows = survey.responses.order_by("pk")
    some = list(rows[:AT_ONCE])
    while some:
        yield some
        some = list(rows.filter(pk__gt=some[-1].pk)[:AT_ONCE])


def _traits(row: Response, whose: Mapping[UUID, Traits]) -> Traits:
    """Return what is known of who answered: of nobody known, the language they read."""
    spoken: Traits = {quotas.LANGUAGE: [row.language.partition("-")[0]]}
    return spoken if row.customer_id is None else whose.get(row.customer_id, spoken)
