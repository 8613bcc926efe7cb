"""Surveys for tests: made and opened."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from kfar.rooms.customers import commands as customers
from kfar.rooms.voice.questionnaire.templates import TEMPLATES
from kfar.rooms.voice.surveys import commands, queries
from kfar.rooms.voice.surveys.queries import Surveyed


def make(by: UUID, form: dict[str, Any] | None = None) -> UUID:
    """A survey that nobody has opened: the NPS, unless said otherwise."""
    return commands.make(by=by, text=json.dumps(form or TEMPLATES["nps"]), once=uuid4())


def survey(by: UUID, form: dict[str, Any] | None = None, **given: Any) -> UUID:
    """A survey that is open for a week."""
    made = make(by, form)
    closes = {"closes_at": timezone.now() + timedelta(days=7)}
    commands.open_survey(by=by, survey_id=made, **(closes | given))
    return made


def found(survey_id: UUID) -> Surveyed:
    """The survey as it stands."""
    one = queries.survey(survey_id)
    assert one is not None
    return one


def respond(survey_id: UUID, by: UUID | None, recommend: int = 10, **more: Any) -> UUID:
    """Answer it: 10, unless said otherwise."""
    once = more.pop("once", None) or uuid4()
    language = more.pop("language", "en")
    answers = {"recommend": recommend, **more}
    return commands.respond(
        survey_id=survey_id, by=by, answers=answers, language=language, once=once
    )


def live_through_a_survey(customer: UUID, employee: UUID) -> None:
    """Let a customer agree to be asked, be asked, and answer."""
    customers.consent(by=customer, purpose="ask", given=True, source="test")
    asked = survey(employee)
    commands.invite(by=employee, survey_id=asked)
    respond(asked, customer)
