"""Quotas changed on the way: what was answered counts anew, and full cells close a survey."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest

from kfar.ground.errors import Refused
from kfar.loop import surveying
from kfar.rooms.voice.questionnaire import surveyjs
from kfar.rooms.voice.questionnaire.form import Quota
from kfar.rooms.voice.surveys import commands, filling, queries
from kfar.rooms.voice.surveys.models import InCell
from kfar.rooms.voice.surveys.rules import Stage
from tests.clock import Clock
from tests.lake.touches import a_touch, settle
from tests.people import a_customer, an_employee, refuses
from tests.rooms.voice.surveys.surveying import found, make, survey
from tests.rooms.voice.surveys.test_quotas import answer, by, fill, form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

SIZES = Quota("size", "", (("small", 2), ("large", 1)))


@pytest.fixture
def tomasz(db: None) -> UUID:
    return an_employee("Tomasz", "brand")


def count(by: UUID, survey_id: UUID, *counted: Quota, until_full: bool = False) -> None:
    surveying.set_quotas(by=by, survey_id=survey_id, counted=counted, until_full=until_full)


def test_what_is_there_counts_in_cells_that_are_new(tomasz: UUID) -> None:
    anna, zofia = a_customer(), a_customer("Zofia", language="pl")
    settle([a_touch("milk", customer=anna, product="milk", paid=100, currency="USD")])
    own = survey(tomasz, form(), by_link=True)
    answer(own, anna)
    answer(own, zofia, "large")
    commands.respond(
        survey_id=own, by=None, answers={"size": "small"}, language="he-IL", once=uuid4()
    )
    spoken = Quota("", "language", (("en", 5), ("pl", 5), ("he", 5)))
    bought = Quota("", "product", (("milk", 5), ("bread", 5)))
    count(tomasz, own, SIZES, spoken, bought)
    assert fill(own) == [(2, 2), (1, 1), (1, 5), (1, 5), (1, 5), (1, 5), (0, 5)]
    with refuses("surveys.cell_full"):
        answer(own)
    # A number alone counts nothing twice; what is left out is not counted any more.
    count(tomasz, own, Quota("size", "", (("small", 9), ("large", 1))))
    assert (fill(own), InCell.objects.count()) == ([(2, 9), (1, 1)], 3)
    answer(own)
    count(tomasz, own, SIZES, spoken)
    assert fill(own) == [(3, 2), (1, 1), (2, 5), (1, 5), (1, 5)]  # nobody's answer is lost
    count(tomasz, own)
    assert (fill(own), InCell.objects.count(), found(own).answered) == ([], 0, 4)


def test_however_many_there_are_each_counts_once(
    tomasz: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "AT_ONCE", 2)
    own = survey(tomasz, form(), by_link=True)
    for n in range(7):
        answer(own, None, "small" if n % 3 else "large")
    for _twice in range(2):
        count(tomasz, own, SIZES)
    assert fill(own) == [(4, 2), (3, 1)]


def test_it_stands_in_the_json(tomasz: UUID) -> None:
    own = make(tomasz, form(by("language", trait=True, pl=3)))
    count(tomasz, own, SIZES, until_full=True)
    said = json.loads(surveyjs.dumps(found(own).form))
    assert said == form(by("size", small=2, large=1))
    assert found(own).until_full is True
    count(tomasz, own, until_full=True)
    assert (found(own).until_full, found(own).stage) == (False, Stage.DRAFT)


class TestFull:
    def test_the_answer_that_fills_the_last_cell_closes_it(self, tomasz: UUID) -> None:
        own = survey(tomasz, form(), by_link=True)
        count(tomasz, own, SIZES, until_full=True)
        stages = []
        for size in ("small", "large", "small"):
            answer(own, None, size)
            stages.append(found(own).stage)
        assert stages == [Stage.OPEN, Stage.OPEN, Stage.CLOSED]
        with refuses("surveys.closed"):
            answer(own)

    def test_it_closes_by_them_alone_where_that_is_wanted(self, tomasz: UUID) -> None:
        own = survey(tomasz, form(by("size", small=1)), by_link=True)
        answer(own)
        assert found(own).stage is Stage.OPEN  # the large ones may go on
        answer(own, None, "large")
        count(tomasz, own, Quota("size", "", (("small", 1),)), until_full=True)
        assert found(own).stage is Stage.CLOSED  # there were enough when it was said

    def test_a_draft_closes_never(self, tomasz: UUID) -> None:
        own = make(tomasz, form())
        count(tomasz, own, SIZES, until_full=True)
        assert found(own).stage is Stage.DRAFT
        assert not queries.all_full(own, found(own).form)


class TestRefused:
    def test_by_whom_and_when(self, tomasz: UUID, clock: Clock) -> None:
        own = survey(tomasz, form(), by_link=True)
        noa = an_employee()
        with refuses("village.may_not", act="voice.survey"):
            count(noa, own, SIZES)
        with refuses("surveys.not_found"):
            count(tomasz, uuid4(), SIZES)
        clock.forward(days=7)
        with refuses("surveys.closed"):
            count(tomasz, own, SIZES)

    @pytest.mark.parametrize(
        "wrong",
        [
            Quota("size", "", (("medium", 1),)),
            Quota("size", "", (("small", 0),)),
            Quota("size", "", (("small", 10**7),)),
            Quota("why", "", (("small", 1),)),
            Quota("", "product", (("milk", 1), ("milk", 2))),
            Quota("", "weather", (("rain", 1),)),
        ],
    )
    def test_what_is_no_quota(self, tomasz: UUID, wrong: Quota) -> None:
        own = survey(tomasz, form(), by_link=True)
        with pytest.raises(Refused, match=r"^surveys\.bad_quotas$"):
            count(tomasz, own, wrong)
        assert found(own).form.quotas == ()

    def test_too_many(self, tomasz: UUID) -> None:
        own = survey(tomasz, form(), by_link=True)
        with refuses("surveys.too_many_quotas", most=10):
            count(tomasz, own, *[SIZES] * 11)
