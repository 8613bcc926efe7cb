"""What came of a survey: counted, withheld, and written out."""

from __future__ import annotations

import csv
import io
from datetime import date
from uuid import UUID

import pytest

from kfar.rooms.voice.questionnaire.form import Score
from kfar.rooms.voice.questionnaire.scores import scored
from kfar.rooms.voice.surveys import commands, queries
from tests.clock import Clock
from tests.people import a_customer, an_employee
from tests.rooms.voice.surveys.surveying import respond, survey

pytestmark = pytest.mark.django_db


def test_results_wait_for_five_and_then_tell_everything(clock: Clock) -> None:
    tomasz = an_employee("Tomasz", "brand")
    people = [a_customer(name) for name in ("Anna", "Boaz", "Celina")]
    one = survey(tomasz, by_link=True)
    commands.invite(by=tomasz, survey_id=one)
    for who, score in zip([*people[:2], None, None], [10, 3, 9, 8], strict=True):
        clock.forward(seconds=1)
        respond(one, who, score, why=f"because {score}")
    before = queries.outcome(one)
    assert before == queries.Results(3, 2, 2, (), {})
    respond(one, None, 10)
    found = queries.outcome(one)
    assert found is not None
    assert (found.invited, found.came, found.others) == (3, 2, 3)
    recommend, why = found.questions
    whole = scored(Score.NPS, {10: 2, 9: 1, 8: 1, 3: 1})
    assert (recommend.people, recommend.scored) == (5, whole)
    assert recommend.months == ((date(2026, 3, 1), whole),)
    assert (why.people, why.told, found.words) == (4, False, {})
    clock.forward(seconds=1)
    respond(one, None, 10, why="the last")
    found = queries.outcome(one)
    assert found is not None
    assert found.words == {"why": ["the last", "because 8", "because 9", "because 3", "because 10"]}
    assert queries.outcome(UUID(int=1)) is None


def test_the_answers_are_written_without_names_and_safe_for_spreadsheets(clock: Clock) -> None:
    one = survey(an_employee("Tomasz", "brand"), by_link=True)
    ids = [respond(one, a_customer(), 9, why='=HYPERLINK("http://x")\nand, more')]
    clock.forward(minutes=1)
    ids.append(respond(one, None, 0, why="@SUM(1)", language="he"))
    clock.forward(minutes=1)
    ids.append(respond(one, None, 8, why="-1+1"))
    text = "".join(queries.answers_csv(one))
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    at = [f"2026-03-02T12:0{minute}:00+00:00" for minute in range(3)]
    assert rows == [
        ["id", "at", "language", "recommend", "why"],
        [str(ids[0]), at[0], "en", "9", '\'=HYPERLINK("http://x")\nand, more'],
        [str(ids[1]), at[1], "he", "0", "'@SUM(1)"],
        [str(ids[2]), at[2], "en", "8", "'-1+1"],
    ]
    assert [(given.id, given.answers["recommend"]) for given in queries.answers(one)] == [
        (ids[0], 9),
        (ids[1], 0),
        (ids[2], 8),
    ]
