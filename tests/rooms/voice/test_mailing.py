"""A mail is heard once, hangs on whom it seems to come from, and proves nothing of them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from kfar import loop
from kfar.lake.models import Touchpoint
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.models import Customer
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.village import commands as village
from kfar.rooms.voice import commands, mailing, queries
from kfar.rooms.voice.facts import Heard, Judged, SaidMore
from kfar.rooms.voice.mail.reading import Letter
from kfar.rooms.voice.models import Mail, Voice
from kfar.rooms.voice.rules import Stands
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import a_customer, announced, email, refuses
from tests.rooms.voice.mail.mails import letter

pytestmark = pytest.mark.django_db


def take(given: Letter, answers: UUID | None = None) -> UUID:
    return mailing.take(letter=given, answers=answers)


def stands(voice_id: UUID) -> Stands:
    said = queries.voice(voice_id)
    assert said is not None
    return said.stands


class TestFirst:
    def test_it_is_a_voice_of_who_is_known_by_the_address(self, clock: Clock) -> None:
        anna = a_customer(language="pl")
        one = letter()
        voice_id = take(one)
        [said] = queries.of_customer(anna)
        assert (said.id, said.customer_id, said.text, said.language) == (
            *(voice_id, anna, "The fridge is warm.", "pl"),
        )
        assert announced() == [Heard(voice_id=voice_id, customer_id=anna, at=clock.now)]
        [wrote] = mailing.mails([voice_id])[voice_id]
        assert wrote == mailing.Wrote(
            address=email("Anna"),
            subject="Fridge",
            text="",
            message_id=one.message_id,
            attachments=one.attachments,
            at=clock.now,
        )

    def test_a_case_opens_and_the_journey_says_by_which_channel(self) -> None:
        voice_id = take(letter())
        loop.tick()
        assert cases.case(voice_id) is not None
        assert list(Touchpoint.objects.values_list("kind", "channel")) == [("voice", "email")]

    @pytest.mark.parametrize(
        ("said", "known", "found"), [("he", "pl", "he"), ("", "pl", "pl"), ("fr", "", "en")]
    )
    def test_its_language_is_its_own_then_its_writer_s(
        self, said: str, known: str, found: str
    ) -> None:
        a_customer(language=known)
        take(letter(language=said))
        assert Voice.objects.get().language == found

    def test_a_stranger_is_met_and_nothing_of_them_is_proven(self) -> None:
        take(letter(name="Zoe", language="he"))
        row = Customer.objects.get()
        person = people.person(row.pk)
        assert person is not None
        assert (person.name, person.language, person.email) == ("Zoe", "he", "")
        assert person.names == (("told-email", email("Zoe")),)
        assert (row.login_id, people.by_handle("email", email("Zoe"))) == (None, None)
        take(letter("Still warm", name="Zoe"))
        assert Customer.objects.count() == 1
        # Their own proof makes them one; an import's word too.
        login = village.admit(email=email("Zoe"))
        assert login is not None
        own = customers.recognise(login_id=login, language="en")
        assert people.person_of([row.pk])[row.pk] == own

    def test_who_has_signed_in_gets_no_other_name_by_it(self) -> None:
        login = village.admit(email=email("Anna"))
        assert login is not None
        anna = customers.recognise(login_id=login, language="en")
        take(letter(language="he"))
        person = people.person(anna)
        assert person is not None
        assert (person.name, person.language) == ("", "en")
        assert [said.customer_id for said in queries.of_customer(anna)] == [anna]

    def test_what_is_too_long_ends_with_a_sign_of_it(self) -> None:
        take(letter("ż" * 5000, name="Borys"))
        take(letter("ż" * 5001))
        assert [voice.text for voice in Voice.objects.order_by("heard_at")] == [
            *("ż" * 5000, "ż" * 4999 + "…")
        ]


class TestOnce:
    def test_the_same_mail_is_heard_once(self, clock: Clock) -> None:
        one = letter()
        voice_id = take(one)
        clock.forward(days=400)
        assert take(one) == voice_id
        assert (Voice.objects.count(), Mail.objects.count(), len(announced())) == (1, 1, 1)

    @pytest.mark.django_db(transaction=True)
    def test_the_same_mail_taken_by_several_at_once_is_heard_once(self) -> None:
        one = letter()
        assert at_once(*[lambda: take(one)] * 4) == [Voice.objects.get().pk] * 4
        assert (Mail.objects.count(), Customer.objects.count(), len(announced())) == (1, 1, 1)


class TestMailBomb:
    def test_beyond_the_limit_nothing_is_heard_for_a_day(
        self, clock: Clock, settings: Settings
    ) -> None:
        settings.KFAR_MAILS = 3
        for number in range(3):
            take(letter(str(number)))
        with refuses("voice.too_many_mails", most=3):
            take(letter("one more"))
        take(letter(name="Borys"))
        clock.forward(days=1)
        take(letter("the day after"))
        assert (Voice.objects.count(), Mail.objects.count(), Customer.objects.count()) == (5, 5, 2)


class TestMore:
    def test_an_answer_to_our_letter_goes_on_with_the_voice(self, clock: Clock) -> None:
        anna = a_customer()
        voice_id = take(letter())
        commands.tell(voice_id=voice_id)
        at = clock.forward(hours=1)
        assert take(letter("It is warm again"), answers=voice_id) == voice_id
        assert stands(voice_id) is Stands.UNREAD
        assert announced()[1:] == [SaidMore(voice_id=voice_id, customer_id=anna, at=at)]
        assert [wrote.text for wrote in mailing.mails([voice_id])[voice_id]] == [
            *("", "It is warm again")
        ]
        assert Voice.objects.count() == 1

    def test_so_does_an_answer_to_a_mail_of_theirs(self) -> None:
        one = letter()
        voice_id = take(one)
        # A server on the way gave our letter another Message-ID: theirs is in References still.
        more = replace(letter("And loud"), answers=("<0100@ses.example>", one.message_id))
        assert take(more) == voice_id
        assert Voice.objects.count() == 1

    def test_it_opens_what_was_closed_and_its_case(self, clock: Clock) -> None:
        anna = a_customer()
        voice_id = take(letter())
        loop.tick()
        service.decide(voice_id=voice_id)
        commands.tell(voice_id=voice_id)
        commands.judge(by=anna, voice_id=voice_id, good=True)
        loop.tick()
        clock.forward(hours=1)
        assert stands(voice_id) is Stands.CLOSED
        take(letter("It broke again"), answers=voice_id)
        loop.tick()
        case = cases.case(voice_id)
        assert case is not None
        assert (stands(voice_id), case.waiting) == (Stands.UNREAD, True)
        kinds = Touchpoint.objects.order_by("at", "kind").values_list("kind", "channel")
        assert list(kinds) == [("good", "web"), ("voice", "email"), ("said-more", "email")]
        assert [type(fact) for fact in announced()] == [Heard, Judged, SaidMore]

    def test_what_is_owed_stays_owed(self) -> None:
        voice_id = take(letter())
        commands.owe(voice_id=voice_id, promise_id=uuid4())
        take(letter("When?"), answers=voice_id)
        assert stands(voice_id) is Stands.OWED

    def test_another_person_s_voice_is_not_gone_on_with(self) -> None:
        a_customer("Borys")
        one = letter()
        voice_id = take(one)
        commands.tell(voice_id=voice_id)
        for answers, ids in ((voice_id, ()), (None, (one.message_id,))):
            other = take(replace(letter(str(ids), name="Borys"), answers=ids), answers=answers)
            assert other != voice_id
        assert stands(voice_id) is Stands.TOLD
        assert [wrote.text for wrote in mailing.mails([voice_id])[voice_id]] == [""]

    def test_a_voice_that_is_gone_is_begun_anew(self) -> None:
        assert take(letter(), answers=uuid4()) == Voice.objects.get().pk


def test_all_mails_of_a_person_are_forgotten_and_no_other() -> None:
    anna = a_customer()
    voice_id = take(letter())
    take(letter("More"), answers=voice_id)
    other = take(letter(name="Borys"))
    gone = commands.forget(customers=[anna])
    assert gone.rows == {"voice.Mail": 2, "voice.Voice": 1}
    assert list(Mail.objects.values_list("voice_id", flat=True)) == [other]
