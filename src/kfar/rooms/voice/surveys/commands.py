"""Surveys made, opened, closed; customers invited; what they answer."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.lake.outbox import announce
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.village import queries as village
from kfar.rooms.village.meetings import queries as meetings
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice.facts import Invited, Responded
from kfar.rooms.voice.models import Invitation, Response, Survey
from kfar.rooms.voice.questionnaire import quotas, surveyjs
from kfar.rooms.voice.questionnaire.answers import Answers, low, whole
from kfar.rooms.voice.questionnaire.form import Form, Kind
from kfar.rooms.voice.questionnaire.quotas import Traits
from kfar.rooms.voice.surveys import queries, rules
from kfar.rooms.voice.surveys.models import InCell
from kfar.rooms.voice.surveys.rules import Stage

SURVEY = "voice.survey"
#: So many are held at once while they are invited.
AT_ONCE = 500


@transaction.atomic
def make(*, by: UUID, text: str, once: UUID, without_unknown: bool = False) -> UUID:
    """Make a survey of SurveyJS's JSON; return its id, `once`: sent twice, made once.

    Refuses with `village.may_not`, what `surveyjs.loads` says, and `surveys.unknown`, which
    names what Kfar does not know, unless it is to be made `without_unknown`.
    """
    village.require(by, SURVEY)
    found = surveyjs.loads(text)
    if found.unknown and not without_unknown:
        raise Refused("surveys.unknown", what=", ".join(found.unknown[:20]))
    form = surveyjs.write(found.form)
    Survey.objects.get_or_create(pk=once, defaults={"form": form, "made_by_id": by})
    return once


@transaction.atomic
def open_survey(
    *,
    by: UUID,
    survey_id: UUID,
    closes_at: datetime,
    quota: int | None = None,
    by_link: bool = False,
    reminds: bool = False,
    after: str = "",
    after_days: int | None = None,
) -> None:
    """Take answers from now on, until then or until there are `quota`; opened twice is once.

    With `after` (`rules.After`) it invites by itself, so many days after each such contact.

    Refuses with `village.may_not`, `surveys.not_found`, `surveys.closed` and what
    `rules.check_opening` and `rules.check_after` say.
    """
    village.require(by, SURVEY)
    survey = hold(survey_id=survey_id)
    if survey.closed_at is not None:
        raise Refused("surveys.closed")
    if survey.opened_at is not None:
        return
    now = timezone.now()
    rules.check_opening(closes_at, quota, now)
    survey.after, survey.after_days = rules.check_after(after, after_days)
    survey.opened_at, survey.closes_at, survey.quota = now, closes_at, quota
    survey.by_link, survey.reminds = by_link, reminds
    survey.save(
        update_fields=[
            *("opened_at", "closes_at", "quota", "by_link", "reminds", "after", "after_days")
        ]
    )


@transaction.atomic
def close(*, by: UUID, survey_id: UUID) -> None:
    """Take no answers any more. Refuses with `village.may_not` and `surveys.not_found`."""
    village.require(by, SURVEY)
    survey = hold(survey_id=survey_id)
    if survey.opened_at is not None and survey.closed_at is None:
        survey.closed_at = timezone.now()
        survey.save(update_fields=["closed_at"])


def invite(*, by: UUID, survey_id: UUID, most: int | None = None, texting: bool = False) -> int:
    """Invite by letter whoever agreed to be asked and may be; return how many that were.

    `texting`: text messages reach somebody here, so those who have a phone alone are invited too.

    At most `most`, who are then drawn by lot. Nobody is invited who was to any survey or meeting
    within `KFAR_ASK_EVERY_DAYS`, nor twice to this one: people are held while that is looked up and
    written, so it holds however many invite at once. Refuses with `village.may_not`,
    `surveys.not_found`, `surveys.not_open`, `surveys.closed` and `surveys.bad_quota`.
    """
    village.require(by, SURVEY)
    if most is not None and most < 1:
        raise Refused("surveys.bad_quota", most=rules.MOST)
    with transaction.atomic():
        _require_open(hold(survey_id=survey_id))
    candidates = people.agreed(people.ASK, by_phone=texting)
    if most is not None:
        random.SystemRandom().shuffle(candidates)
    done = 0
    # A draw comes in pieces too, so that who falls out is replaced and few are held in vain.
    while candidates and (most is None or done < most):
        some, candidates = candidates[:AT_ONCE], candidates[AT_ONCE:]
        done += _invite(survey_id, some, None if most is None else most - done)
    return done


def invite_after(*, survey_id: UUID, customers: Sequence[UUID]) -> int:
    """Invite those who had the contact after which a survey invites, as `invite` does.

    Who opened it was allowed to, so nothing is asked here. Returns how many were.
    """
    candidates = list(customers)
    return sum(
        _invite(survey_id, candidates[at : at + AT_ONCE], None)
        for at in range(0, len(candidates), AT_ONCE)
    )


@transaction.atomic
def _invite(survey_id: UUID, candidates: Sequence[UUID], most: int | None) -> int:
    survey = hold(survey_id=survey_id)
    _require_open(survey)
    held = customers.hold_all(customers=candidates)
    held = _needed(survey, held)
    own = people.owners(held)
    now = timezone.now()
    since = now - settings.KFAR_ASK_EVERY
    rows = Invitation.objects.filter(customer__in=own)
    lately = rows.filter(at__gt=since) | rows.filter(survey=survey)
    met = meetings.asked_since(since, list(own))
    asked = {own[one] for one in (*lately.values_list("customer_id", flat=True), *met)}
    may = rules.may_ask(held, agreed=people.allowed(people.ASK, held), asked=asked)[:most]
    Invitation.objects.bulk_create(
        Invitation(survey=survey, customer_id=one, at=now, day=now.astimezone(UTC).date())
        for one in may
    )
    if may:
        announce(Invited(survey_id=survey.pk, again=False, at=now))
    return len(may)


def _needed(survey: Survey, held: Sequence[UUID]) -> list[UUID]:
    """Return those of them of whose language there are not enough answers yet."""
    form = surveyjs.read(survey.form).form
    full = queries.full(survey.pk, form)
    if not full:
        return list(held)
    found = people.people(held)
    spoken = {own: {quotas.LANGUAGE: [one.language]} for own, one in found.items()}
    return [own for own in held if not full.intersection(quotas.cells(form, {}, spoken[own]))]


@transaction.atomic
def respond(
    *,
    survey_id: UUID,
    by: UUID | None,
    answers: Answers,
    language: str,
    once: UUID,
    traits: Traits | None = None,
) -> UUID:
    """Take somebody's answers, of a customer or (`by` is None) of nobody known; return `once`.

    A customer answers once. What they say in their own words is a voice as any other; a low
    score without words becomes one, which says what was asked and the score. `traits` are what is
    known of them beside, for quotas; the survey is held, so no cell takes more than it may,
    however many answer at once. Where it waits for full cells, the answer that fills the last one
    closes it. Refuses with `surveys.not_found`, `surveys.not_open`,
    `surveys.closed`, `surveys.answered`, `surveys.not_invited`, `surveys.incomplete` and
    `surveys.cell_full`.
    """
    survey = hold(survey_id=survey_id)
    if Response.objects.filter(pk=once, survey=survey).exists():
        return once
    _require_open(survey)
    invitation = None
    if by is not None:
        own = people.selves(by)
        if survey.responses.filter(customer__in=own).exists():
            raise Refused("surveys.answered")
        invitation = survey.invitations.filter(customer__in=own).order_by("pk").first()
    if invitation is None and not survey.by_link:
        raise Refused("surveys.not_invited")
    form = surveyjs.read(survey.form).form
    if not whole(form, answers):
        raise Refused("surveys.incomplete")
    own_cells = quotas.cells(form, answers, traits or {})
    if queries.full(survey.pk, form).intersection(own_cells):
        raise Refused("surveys.cell_full")
    now = timezone.now()
    Response.objects.create(
        pk=once,
        survey=survey,
        invitation=invitation,
        customer_id=by,
        answers=dict(answers),
        language=language,
        at=now,
    )
    InCell.objects.bulk_create(
        InCell(response_id=once, survey=survey, cell=cell) for cell in own_cells
    )
    if by is not None:
        for said in _voices(form, answers, language):
            voice.say(by=by, language=language.partition("-")[0], **said)
        announce(Responded(survey_id=survey.pk, customer_id=by, at=now))
    if _whole(survey, form):
        survey.closed_at = now
        survey.save(update_fields=["closed_at"])
    return once


def _whole(survey: Survey, form: Form) -> bool:
    """Return whether there are all the answers that a survey waits for."""
    if survey.quota is not None and survey.responses.count() >= survey.quota:
        return True
    return survey.until_full and queries.all_full(survey.pk, form)


def turn_away(*, survey_id: UUID, by: UUID) -> None:
    """Note that enough people like this customer have answered: they are not reminded."""
    rows = Invitation.objects.filter(survey=survey_id, customer__in=people.selves(by))
    rows.filter(enough_at=None).update(enough_at=timezone.now())


def _voices(form: Form, answers: Answers, language: str) -> Iterator[dict[str, Any]]:
    """Yield what is to be heard, and what it is about."""
    scores = " · ".join(
        f"{form.called(one, language)} {answers[one.name]}/{one.highest}"
        for one in low(form, answers)
    )
    words = [one for one in form.elements if one.kind is Kind.COMMENT and one.name in answers]
    for one in words:
        yield {"text": answers[one.name], "about_name": scores or form.called(one, language)}
    if scores and not words:
        yield {"text": scores, "about_name": form.say(form.title, language)}


def close_due() -> int:
    """Note of every survey whose time is over that it is closed; return how many."""
    due = Survey.objects.filter(closed_at=None, closes_at__lte=timezone.now())
    return due.update(closed_at=timezone.now()) if due.exists() else 0


def remind_due() -> int:
    """Remind, once, who was invited a week ago and has not answered; return how many."""
    open_ones = Survey.objects.filter(
        reminds=True, closed_at=None, opened_at__lte=timezone.now() - rules.REMIND
    )
    due = [pk for pk in open_ones.values_list("pk", flat=True) if _silent(pk).exists()]
    return sum(_remind(pk) for pk in due)


@transaction.atomic
def _remind(survey_id: UUID) -> int:
    now = timezone.now()
    done = _silent(survey_id).update(reminded_at=now)
    if done:
        announce(Invited(survey_id=survey_id, again=True, at=now))
    return done


def _silent(survey_id: UUID) -> QuerySet[Invitation]:
    long_ago = timezone.now() - rules.REMIND
    rows = Invitation.objects.filter(survey=survey_id, reminded_at=None, response=None)
    return rows.filter(at__lte=long_ago, enough_at=None)


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase what these customers answered, and that they were asked."""
    rows = Response.objects.filter(customer__in=customers)
    ids = list(rows.values_list("pk", flat=True))
    gone = Gone.of(rows.delete()[1], ids)
    return gone + Gone.of(Invitation.objects.filter(customer__in=customers).delete()[1])


def _require_open(survey: Survey) -> None:
    where = rules.stage(
        opened_at=survey.opened_at,
        closes_at=survey.closes_at,
        closed_at=survey.closed_at,
        now=timezone.now(),
    )
    if where is Stage.DRAFT:
        raise Refused("surveys.not_open")
    if where is Stage.CLOSED:
        raise Refused("surveys.closed")


def hold(*, survey_id: UUID) -> Survey:
    """Return the survey, locked until the act is done."""
    survey = Survey.objects.select_for_update().filter(pk=survey_id).first()
    if survey is None:
        raise Refused("surveys.not_found")
    return survey
