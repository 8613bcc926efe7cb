"""Making, opening, inviting, answering: once, by who may, and nobody is asked too often."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from pytest_django.fixtures import Settings

from kfar.ground.errors import Refused
from kfar.rooms.customers import commands as customers
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.facts import Heard, Invited, Responded
from kfar.rooms.voice.models import Invitation, Response
from kfar.rooms.voice.questionnaire.templates import TEMPLATES
from kfar.rooms.voice.surveys import commands, queries
from kfar.rooms.voice.surveys.rules import Stage
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, refuses
from tests.rooms.voice.surveys.surveying import found, make, respond, survey

pytestmark = pytest.mark.django_db

ASKED = "How likely are you to recommend us to a friend?"


@pytest.fixture
def tomasz() -> UUID:
    return an_employee("Tomasz", "brand")


def heard(customer_id: UUID) -> list[tuple[str, str]]:
    """What a customer said here, and what it is about."""
    return [(said.text, said.about_name) for said in voices.of_customer(customer_id)]


class TestMake:
    def test_it_is_made_once_and_waits(self, tomasz: UUID, clock: Clock) -> None:
        once = uuid4()
        text = '{"elements": [{"type": "comment", "name": "why"}]}'
        for _twice in range(2):
            assert commands.make(by=tomasz, text=text, once=once) == once
        [one] = queries.surveys()
        assert (one.id, one.made_by, one.made_at) == (once, tomasz, clock.now)
        assert (one.stage, one.invited, one.answered) == (Stage.DRAFT, 0, 0)
        assert [element.name for element in one.form.elements] == ["why"]

    def test_what_kfar_does_not_know_is_left_out_only_where_one_says_so(self, tomasz: UUID) -> None:
        text = (
            '{"logo": "x", "elements": [{"type": "comment", "name": "why"},'
            ' {"type": "matrix", "name": "m"}]}'
        )
        what = "logo, pages[0].elements[1].type = matrix"
        with refuses("surveys.unknown", what=what):
            commands.make(by=tomasz, text=text, once=uuid4())
        made = commands.make(by=tomasz, text=text, once=uuid4(), without_unknown=True)
        assert [element.name for element in found(made).form.elements] == ["why"]

    def test_who_may_not_does_nothing(self, tomasz: UUID) -> None:
        one, noa = survey(tomasz), an_employee("Noa", "service")
        acts: list[tuple[Any, dict[str, Any]]] = [
            (commands.make, {"text": "{}", "once": uuid4()}),
            (commands.open_survey, {"survey_id": one, "closes_at": found(one).closes_at}),
            (commands.close, {"survey_id": one}),
            (commands.invite, {"survey_id": one}),
        ]
        for act, given in acts:
            with refuses("village.may_not", act="voice.survey"):
                act(by=noa, **given)
            if "survey_id" in given:
                with refuses("surveys.not_found"):
                    act(by=tomasz, **(given | {"survey_id": uuid4()}))


class TestOpen:
    def test_it_takes_answers_until_it_closes(self, tomasz: UUID, clock: Clock) -> None:
        one = make(tomasz)
        with refuses("surveys.not_open"):
            respond(one, a_customer())
        closes = clock.now + timedelta(days=7)
        for _twice in range(2):
            commands.open_survey(by=tomasz, survey_id=one, closes_at=closes, by_link=True)
        assert (found(one).stage, found(one).opened_at) == (Stage.OPEN, clock.now)
        respond(one, None)
        clock.to(closes)
        assert found(one).stage is Stage.CLOSED
        with refuses("surveys.closed"):
            respond(one, None)
        assert (commands.close_due(), commands.close_due()) == (1, 0)
        assert found(one).closed_at == closes
        with refuses("surveys.closed"):
            commands.open_survey(by=tomasz, survey_id=one, closes_at=closes)

    def test_it_closes_when_somebody_says_so(self, tomasz: UUID, clock: Clock) -> None:
        one, draft = survey(tomasz, by_link=True), make(tomasz)
        commands.close(by=tomasz, survey_id=one)
        commands.close(by=tomasz, survey_id=draft)
        assert found(one).closed_at == clock.now
        assert found(draft).stage is Stage.DRAFT
        with refuses("surveys.closed"):
            commands.invite(by=tomasz, survey_id=one)

    @pytest.mark.parametrize(
        ("days", "quota", "code", "params"),
        [
            (0, None, "surveys.closes_in_past", {}),
            (91, None, "surveys.closes_too_late", {"days": 90}),
            (1, 0, "surveys.bad_quota", {"most": 1_000_000}),
        ],
    )
    def test_what_cannot_be_is_refused(
        self,
        *,
        tomasz: UUID,
        clock: Clock,
        days: int,
        quota: int | None,
        code: str,
        params: dict[str, object],
    ) -> None:
        one = make(tomasz)
        with refuses(code, **params):
            commands.open_survey(
                by=tomasz, survey_id=one, closes_at=clock.now + timedelta(days=days), quota=quota
            )
        assert found(one).stage is Stage.DRAFT


class TestInvite:
    def test_who_agreed_is_invited_once_and_others_never(self, tomasz: UUID, clock: Clock) -> None:
        anna, boaz = a_customer("Anna"), a_customer("Boaz")
        a_customer("Celina", asked=False)
        one = survey(tomasz)
        assert queries.may_be_asked(one) == 2
        assert commands.invite(by=tomasz, survey_id=one) == 2
        assert set(queries.invited(one)) == {anna, boaz}
        assert announced() == [Invited(survey_id=one, again=False, at=clock.now)]
        assert queries.may_be_asked(one) == 0
        assert commands.invite(by=tomasz, survey_id=one) == 0
        assert len(announced()) == 1

    def test_nobody_is_invited_twice_in_so_many_days_over_all_surveys(
        self, tomasz: UUID, clock: Clock, settings: Settings
    ) -> None:
        settings.KFAR_ASK_EVERY = timedelta(days=3)
        anna = a_customer("Anna")
        first, second, third = (survey(tomasz) for _ in range(3))
        assert commands.invite(by=tomasz, survey_id=first) == 1
        clock.forward(days=3, seconds=-1)
        assert queries.may_be_asked(second) == 0
        assert commands.invite(by=tomasz, survey_id=second) == 0
        clock.forward(seconds=1)
        assert queries.may_be_asked(first) == 0
        assert commands.invite(by=tomasz, survey_id=first) == 0
        assert commands.invite(by=tomasz, survey_id=second) == 1
        assert commands.invite(by=tomasz, survey_id=third) == 0
        assert [queries.invited(one) for one in (first, second, third)] == [[anna], [anna], []]

    def test_one_person_under_two_ids_is_one(self, tomasz: UUID) -> None:
        anna, other = a_customer("Anna"), a_customer("Ania")
        first, second = survey(tomasz), survey(tomasz)
        assert commands.invite(by=tomasz, survey_id=first) == 2
        customers.merge(by=an_employee("Dana", "lead"), one=other, other=anna)
        assert commands.invite(by=tomasz, survey_id=second) == 0

    def test_at_most_so_many_are_drawn(self, tomasz: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(commands, "AT_ONCE", 2)
        for name in ("Anna", "Boaz", "Celina", "Dov", "Ewa"):
            a_customer(name)
        one, other = survey(tomasz), survey(tomasz)
        assert commands.invite(by=tomasz, survey_id=one, most=3) == 3
        # Who was asked already is drawn in vain, and somebody else comes for them.
        assert commands.invite(by=tomasz, survey_id=other, most=3) == 2
        asked = [*queries.invited(one), *queries.invited(other)]
        assert len(set(asked)) == 5
        with refuses("surveys.bad_quota", most=1_000_000):
            commands.invite(by=tomasz, survey_id=one, most=0)

    def test_the_database_knows_that_nobody_is_asked_twice_on_a_day(
        self, tomasz: UUID, clock: Clock
    ) -> None:
        anna, day = a_customer(), clock.now.astimezone(UTC).date()
        for one, fails in ((survey(tomasz), False), (survey(tomasz), True)):
            row = Invitation(survey_id=one, customer_id=anna, at=clock.now, day=day)
            if fails:
                with pytest.raises(IntegrityError), transaction.atomic():
                    row.save()
            else:
                row.save()

    @pytest.mark.django_db(transaction=True)
    def test_two_who_invite_at_once_ask_everybody_once(self) -> None:
        tomasz = an_employee("Tomasz", "brand")
        people = {a_customer(name) for name in ("Anna", "Boaz", "Celina", "Dov", "Ewa")}
        surveys = [survey(tomasz) for _ in range(4)]
        done = at_once(
            *[lambda one=one: commands.invite(by=tomasz, survey_id=one) for one in surveys]
        )
        asked = [customer for one in surveys for customer in queries.invited(one)]
        assert sum(n for n in done if isinstance(n, int)) == 5
        assert [error for error in done if isinstance(error, Exception)] == []
        assert (len(asked), set(asked)) == (5, people)


class TestRemind:
    def test_who_is_silent_for_a_week_is_reminded_once(self, tomasz: UUID, clock: Clock) -> None:
        anna, boaz = a_customer("Anna"), a_customer("Boaz")
        closes = clock.now + timedelta(days=30)
        one = survey(tomasz, closes_at=closes, reminds=True)
        silent = survey(tomasz, closes_at=closes)
        commands.invite(by=tomasz, survey_id=one)
        Invitation.objects.create(
            survey_id=silent, customer_id=a_customer("Dov"), at=clock.now, day=clock.today
        )
        respond(one, boaz)
        before = len(announced())
        clock.forward(days=7, seconds=-1)
        assert commands.remind_due() == 0
        clock.forward(seconds=1)
        assert (commands.remind_due(), commands.remind_due()) == (1, 0)
        assert queries.invited(one, again=True) == [anna]
        assert announced()[before:] == [Invited(survey_id=one, again=True, at=clock.now)]
        assert queries.invited(silent, again=True) == []

    def test_of_a_survey_that_is_over_nobody_is_reminded(self, tomasz: UUID, clock: Clock) -> None:
        a_customer()
        one = survey(tomasz, reminds=True, closes_at=clock.now + timedelta(days=30))
        commands.invite(by=tomasz, survey_id=one)
        commands.close(by=tomasz, survey_id=one)
        clock.forward(days=8)
        assert commands.remind_due() == 0


class TestRespond:
    def test_answers_hang_on_the_customer_and_are_announced(
        self, tomasz: UUID, clock: Clock
    ) -> None:
        anna, one, once = a_customer(), survey(tomasz), uuid4()
        commands.invite(by=tomasz, survey_id=one)
        for _twice in range(2):
            assert respond(one, anna, 9, once=once, language="pl") == once
        [row] = Response.objects.all()
        assert (row.customer_id, row.answers, row.language) == (anna, {"recommend": 9}, "pl")
        assert row.invitation is not None
        assert heard(anna) == []
        assert announced()[-1] == Responded(survey_id=one, customer_id=anna, at=clock.now)
        assert [given.answers for _form, given in queries.answers_of(anna)] == [{"recommend": 9}]

    def test_one_answer_an_invitation(self, tomasz: UUID) -> None:
        anna, one = a_customer(), survey(tomasz, by_link=True)
        commands.invite(by=tomasz, survey_id=one)
        respond(one, anna)
        assert not queries.may_answer(one, anna)
        with refuses("surveys.answered"):
            respond(one, anna)

    @pytest.mark.django_db(transaction=True)
    def test_of_two_answers_at_once_one_counts(self) -> None:
        tomasz, anna = an_employee("Tomasz", "brand"), a_customer()
        one = survey(tomasz)
        commands.invite(by=tomasz, survey_id=one)
        done = at_once(*[lambda: respond(one, anna, 2) for _ in range(4)])
        refused = [error.code for error in done if isinstance(error, Refused)]
        assert refused == ["surveys.answered"] * 3
        assert Response.objects.count() == 1
        assert len(heard(anna)) == 1

    def test_who_was_not_invited_needs_the_address_for_all(self, tomasz: UUID) -> None:
        anna, closed, by_link = a_customer(), survey(tomasz), survey(tomasz, by_link=True)
        for who in (anna, None):
            assert not queries.may_answer(closed, who)
            with refuses("surveys.not_invited"):
                respond(closed, who)
            assert queries.may_answer(by_link, who)
            respond(by_link, who)
        respond(by_link, None)
        assert (found(by_link).answered, found(by_link).invited) == (3, 0)

    def test_what_is_not_whole_is_refused(self, tomasz: UUID) -> None:
        one = survey(tomasz, by_link=True)
        wrong: list[dict[str, Any]] = [{}, {"recommend": 11}, {"recommend": 1, "who": "me"}]
        for answers in wrong:
            with refuses("surveys.incomplete"):
                commands.respond(
                    survey_id=one, by=None, answers=answers, language="en", once=uuid4()
                )

    def test_enough_answers_close_it(self, tomasz: UUID, clock: Clock) -> None:
        one = survey(tomasz, by_link=True, quota=2)
        respond(one, None)
        assert found(one).stage is Stage.OPEN
        respond(one, None)
        assert found(one).closed_at == clock.now
        with refuses("surveys.closed"):
            respond(one, None)

    @pytest.mark.django_db(transaction=True)
    def test_however_many_come_at_once_there_are_no_more_answers_than_enough(self) -> None:
        one = survey(an_employee("Tomasz", "brand"), by_link=True, quota=2)
        done = at_once(*[lambda: respond(one, None) for _ in range(5)])
        assert sum(isinstance(each, UUID) for each in done) == 2
        assert [e.code for e in done if isinstance(e, Refused)] == ["surveys.closed"] * 3
        assert found(one).answered == 2


class TestVoices:
    def test_words_become_a_voice_as_any_other(self, tomasz: UUID, clock: Clock) -> None:
        anna, one = a_customer(), survey(tomasz, by_link=True)
        respond(one, anna, 9, why="You are kind", language="pl")
        assert heard(anna) == [("You are kind", "Jaki jest główny powód?")]
        [said] = voices.of_customer(anna)
        assert said.language == "pl"
        assert Heard(voice_id=said.id, customer_id=anna, at=clock.now) in announced()

    def test_a_low_score_stands_beside_the_words(self, tomasz: UUID) -> None:
        anna, one = a_customer(), survey(tomasz, by_link=True)
        respond(one, anna, 2, why="Sour milk")
        assert heard(anna) == [("Sour milk", f"{ASKED} 2/10")]

    @pytest.mark.parametrize(("score", "spoken"), [(6, True), (7, False)])
    def test_a_low_score_without_words_speaks_for_itself(
        self, tomasz: UUID, score: int, spoken: bool
    ) -> None:
        anna, one = a_customer(), survey(tomasz, by_link=True)
        respond(one, anna, score, language="he")
        said = [("באיזו מידה סביר שתמליצו עלינו לחברים? 6/10", "האם תמליצו עלינו?")]
        assert heard(anna) == (said if spoken else [])

    def test_two_low_scores_are_one_voice(self, tomasz: UUID) -> None:
        anna, one = a_customer(), survey(tomasz, TEMPLATES["short"], by_link=True)
        respond(one, anna, 3, content=1, better="The queue")
        content = "How content are you with what you bought? 1/5"
        assert heard(anna) == [("The queue", f"{content} · {ASKED} 3/10")]

    def test_of_whom_nobody_knows_nothing_becomes_a_voice(self, tomasz: UUID) -> None:
        one = survey(tomasz, by_link=True)
        respond(one, None, 0, why="Sour milk")
        assert announced() == []


def test_who_is_forgotten_leaves_no_answer_and_no_invitation(tomasz: UUID) -> None:
    anna, boaz = a_customer("Anna"), a_customer("Boaz")
    one = survey(tomasz, by_link=True)
    commands.invite(by=tomasz, survey_id=one)
    mine = respond(one, anna)
    respond(one, boaz)
    respond(one, None)
    gone = commands.forget(customers=[anna])
    assert dict(gone.rows) == {"voice.Response": 1, "voice.Invitation": 1}
    assert set(gone.ids) == {mine}
    assert (found(one).invited, found(one).answered) == (1, 2)
    assert queries.invited(one) == [boaz]
