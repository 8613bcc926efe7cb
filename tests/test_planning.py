"""Plans of themes and consultations; whom they are told to is chosen, voice by voice."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from pytest_django import Settings

from kfar import loop
from kfar.loop import planning
from kfar.loop.planning import Meant
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.decisions import closing as polls
from kfar.rooms.decisions import commands as decisions
from kfar.rooms.decisions.consultations import closing
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.plans import queries as plans
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.promises.telling import queries as tellings
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.models import Theme, Themed
from kfar.rooms.voice.rules import Stands
from tests.clock import Clock
from tests.people import a_customer, an_employee, ask, refuses
from tests.rooms.decisions.consultations.consulting import consult, vote
from tests.rooms.promises.plans.planning import say

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings: Settings, data_dir: object, db: None) -> None:
    settings.KFAR_COMPANY = "Orchard"
    settings.KFAR_URL = "https://orchard.example"
    loop.post_notice()


@pytest.fixture
def ewa(db: None) -> UUID:
    return an_employee("Ewa", "lead")


def theme(*voice_ids: UUID, name: str = "cold") -> UUID:
    found = Theme.objects.create(language="en", name=name)
    for own in voice_ids:
        Themed.objects.create(voice_id=own, theme=found)
    return found.pk


def told(meant: Meant) -> set[UUID]:
    return {voice_id for voice_id, _own in planning.still_untold(meant).spoke}


def letters() -> dict[str, tuple[str, str]]:
    for _twice in range(2):
        loop.tick()
    found = {m.to[0].partition("@")[0]: (str(m.subject), str(m.body)) for m in mail.outbox}
    assert len(found) == len(mail.outbox)  # each once
    mail.outbox.clear()
    return found


class TestWhoIsMeant:
    def test_by_theme_product_and_words_in_every_form(self, ewa: UUID) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        warm, _own = say(anna, "Two deliveries came warm")
        polish = voice.say(by=borys, text="Paczkę dostarczono ciepłą", language="pl")
        bread, _own = say(borys, "The bread was delivered warm", "BREAD")
        of = str(theme(warm, bread))
        assert told(Meant(Source.VOICES, words="delivery")) == {warm, bread}
        assert told(Meant(Source.VOICES, words="paczka ciepla")) == {polish}
        assert told(Meant(Source.THEME, of)) == {warm, bread}
        assert told(Meant(Source.THEME, of, product="BREAD")) == {bread}
        assert told(Meant(Source.THEME, of, words="two")) == {warm}
        assert told(Meant(Source.PRODUCT, "BREAD", words="warm")) == {bread}
        assert told(Meant(Source.VOICES, words="?!")) == set()
        assert planning.evidence(Meant(Source.THEME, of, product="BREAD")).label == "cold · BREAD"
        for wrong in (uuid4(), "x"):
            with refuses("themes.not_found"):
                planning.evidence(Meant(Source.THEME, str(wrong)))

    def test_single_ones_are_taken_out_and_put_in_and_later_ones_wait(
        self, ewa: UUID, clock: Clock
    ) -> None:
        first, second = (say(a_customer(name), "Warm")[0] for name in ("Anna", "Borys"))
        other, _own = say(a_customer("Celina"), "Tepid", "MILK 2L")
        spam, _own = say(a_customer("Dov"), "BUY")
        voice.close(by=ewa, voice_id=spam, why="spam", words="An advert")
        clock.forward(minutes=1)
        seen = clock.now
        later, _own = say(a_customer("Eva"), "Warm, too")
        meant = Meant(
            Source.PRODUCT,
            "MILK 1L",
            until=seen,
            out=frozenset({second}),
            also=(first, other, spam),
        )
        assert told(Meant(Source.PRODUCT, "MILK 1L")) == {first, second, later}
        assert told(meant) == {first, other}
        did = {"en": "A new van"}
        assert planning.tell_all(by=ewa, meant=meant, did=did, once=uuid4()) == 2
        assert set(letters()) == {"anna", "celina"}
        # Everybody hears of one change for one voice; who was taken out can still be told.
        again = Meant(Source.PRODUCT, "MILK 1L", also=(first, other))
        assert told(again) == {second, later}


class TestOfAConsultation:
    @pytest.fixture
    def closed(self, clock: Clock) -> UUID:
        """A consultation about bread in which Anna and Borys voted, and somebody by link."""
        one = consult(
            an_employee("Tomasz", "brand"),
            audience="link",
            closes_at=clock.now + timedelta(hours=1),
        )
        for own in (a_customer(), a_customer("Borys", language="pl"), None):
            vote(own, one, 1, -1)
        clock.forward(hours=1)
        closing.close_due()
        letters()
        return one

    def test_everyone_who_took_part_is_promised_and_told_once(
        self, closed: UUID, ewa: UUID, clock: Clock
    ) -> None:
        meant = Meant(Source.CONSULTATION, f"{closed}#1")
        once = planning.make(
            by=ewa, meant=meant, title="Rye", needs="Flour", owner=ewa, due=clock.today,
            once=uuid4(),
        )  # fmt: skip
        found = plans.plan(once)
        assert found is not None
        assert (found.label, found.voices, found.people, found.heard) == ("Bread", 0, 3, True)
        idea = planning.idea(found.source, found.ref)
        assert idea is not None
        assert idea.text == "Rye is best."
        planning.promise(
            by=ewa, plan_id=once, text={"en": "Rye", "pl": "Żytni"}, due=clock.today, to_all=False,
            once=uuid4(),
        )  # fmt: skip
        promised = letters()
        assert {own: subject for own, (subject, _) in promised.items()} == {
            "anna": "A promise to you", "borys": "Obietnica dla Ciebie",
        }  # fmt: skip
        assert "You took part in: Bread" in promised["anna"][1]
        plan = Meant(Source.PLAN, str(once))
        with refuses("tellings.languages_missing", languages=["pl"], people=1):
            planning.tell_all(by=ewa, meant=plan, did={"en": "Rye bread"}, once=uuid4())
        sent, did = uuid4(), {"en": "Rye bread", "pl": "Chleb żytni"}
        for _twice in range(2):
            assert planning.tell_all(by=ewa, meant=plan, did=did, once=sent) == 2
        changed = letters()
        assert set(changed) == {"anna", "borys"}
        subject, words = changed["anna"]
        assert subject == "This changed because of you"
        assert "What was done: Rye bread\n\nWe promised: Rye\n" in words
        assert "You took part in: Bread\nhttps://orchard.example/consultations/by/" in words
        assert "2 people spoke of it." in words
        kept = record.for_plan(once)
        assert kept is not None
        assert kept.kept_at is not None
        for of in (plan, Meant(Source.CONSULTATION, f"{closed}#1")):
            with refuses("tellings.nobody_spoke"):
                planning.tell_all(by=ewa, meant=of, did=did, once=uuid4())
        change = tellings.of_plan(once)
        assert change is not None
        assert (change.voices, change.people, change.reached) == (0, 2, 2)

    def test_who_wants_to_hear_nothing_hears_nothing_and_voices_can_be_put_in(
        self, closed: UUID, ewa: UUID
    ) -> None:
        borys = people.by_handle("email", "borys@village.example")
        assert borys is not None
        customers.choose_way(by=borys, purpose=people.OUTCOMES, way=people.NO_WAY)
        said, _own = say(a_customer("Celina"), "Bake rye")
        meant = Meant(Source.CONSULTATION, str(closed), also=(said,))
        assert planning.tell_all(by=ewa, meant=meant, did={"en": "Rye"}, once=uuid4()) == 3
        found = letters()
        assert set(found) == {"anna", "celina"}
        assert ("“Bake rye”" in found["celina"][1], "took part" in found["celina"][1]) == (
            *(True, False),
        )
        one = voices.voice(said)
        assert one is not None
        assert one.stands is Stands.TOLD

    def test_only_of_what_is_decided(self, closed: UUID, ewa: UUID) -> None:
        open_ = consult(an_employee("Tomasz", "brand"))
        for ref in (str(open_), str(uuid4()), "x"):
            with refuses("consultations.not_found"):
                planning.evidence(Meant(Source.CONSULTATION, ref))
        for number in ("99", "x", ""):
            with refuses("consultations.no_such_statement"):
                planning.evidence(Meant(Source.CONSULTATION, f"{closed}#{number}"))


class TestOfAQuestion:
    @pytest.fixture
    def decided(self, clock: Clock) -> UUID:
        """A question that Anna, Borys and Celina answered; Dov was asked and said nothing."""
        voters = [a_customer(), a_customer("Borys", language="pl"), a_customer("Celina")]
        a_customer("Dov")
        one = ask(an_employee("Tomasz", "brand"), closes_at=clock.now + timedelta(hours=1))
        letters()
        for own, choice in zip(voters, "001", strict=True):
            decisions.vote(by=own, question_id=one, text=choice)
        clock.forward(hours=1)
        polls.close_due()
        letters()
        return one

    def test_everyone_who_answered_is_promised_and_told_once_whatever_they_chose(
        self, decided: UUID, ewa: UUID, clock: Clock
    ) -> None:
        once = planning.make(
            by=ewa, meant=Meant(Source.QUESTION, str(decided)), title="Plant A", needs="Trees",
            owner=ewa, due=clock.today, once=uuid4(),
        )  # fmt: skip
        found = plans.plan(once)
        assert found is not None
        assert (found.label, found.voices, found.people, found.heard) == (
            *("Which apples?", 0, 3, True),
        )
        planning.promise(
            by=ewa, plan_id=once, text={"en": "Trees", "pl": "Drzewa"}, due=clock.today,
            to_all=False, once=uuid4(),
        )  # fmt: skip
        promised = letters()
        assert {own: subject for own, (subject, _) in promised.items()} == {
            "anna": "A promise to you", "borys": "Obietnica dla Ciebie",
            "celina": "A promise to you",
        }  # fmt: skip
        assert "You answered: Which apples?" in promised["celina"][1]
        plan = Meant(Source.PLAN, str(once))
        sent, did = uuid4(), {"en": "They grow", "pl": "Rosną"}
        for _twice in range(2):
            assert planning.tell_all(by=ewa, meant=plan, did=did, once=sent) == 3
        told = letters()
        assert set(told) == {"anna", "borys", "celina"}
        # What one reads, the other reads who chose otherwise, but for the link.
        shown = {own: re.sub(r"https://\S+", "<link>", told[own][1]) for own in ("anna", "celina")}
        assert shown["anna"] == shown["celina"]
        assert shown["anna"] == (
            "What was done: They grow\n\nWe promised: Trees\n\nYou answered: Which apples?\n"
            "<link>\n\n3 people spoke of it.\n"
        )
        kept = record.for_plan(once)
        assert kept is not None
        assert kept.kept_at is not None
        for of in (plan, Meant(Source.QUESTION, str(decided))):
            with refuses("tellings.nobody_spoke"):
                planning.tell_all(by=ewa, meant=of, did=did, once=uuid4())
        change = tellings.of_plan(once)
        assert change is not None
        assert (change.voices, change.people, change.reached) == (0, 3, 3)

    def test_who_wants_to_hear_nothing_is_left_alone(self, decided: UUID, ewa: UUID) -> None:
        borys = people.by_handle("email", "borys@village.example")
        assert borys is not None
        customers.choose_way(by=borys, purpose=people.OUTCOMES, way=people.NO_WAY)
        meant = Meant(Source.QUESTION, str(decided))
        assert planning.tell_all(by=ewa, meant=meant, did={"en": "They grow"}, once=uuid4()) == 3
        assert set(letters()) == {"anna", "celina"}

    def test_only_of_what_is_decided(self, ewa: UUID) -> None:
        a_customer()
        open_ = ask(an_employee("Tomasz", "brand"))
        for ref in (str(open_), str(uuid4()), "x"):
            with refuses("decisions.not_found"):
                planning.evidence(Meant(Source.QUESTION, ref))
