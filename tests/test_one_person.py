"""One person under several names: every room sees the whole of them, and two again if undone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail

from kfar import loop
from kfar.doors import links
from kfar.ground.money import Money
from kfar.lake import audit, inbox, outbox
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.rules import Claim
from kfar.rooms.decisions import closing
from kfar.rooms.decisions import commands as decisions
from kfar.rooms.decisions import queries as polls
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.models import Letter
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.touchpoints import queries as touchpoints
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.queries import Said
from tests.clock import Clock
from tests.lake.touches import a_touch, settle
from tests.people import Outcome, a_customer, an_employee, ask, outcome, refuses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def figures(own: UUID) -> dict[str, Any]:
    """What every room says of a customer."""
    portrait = touchpoints.portrait(own)
    return {
        "visits": [episode.id for episode in touchpoints.journey([own]).episodes],
        "portrait": (
            portrait.visits,
            portrait.spent.minor,
            portrait.saved.minor,
            len(portrait.strip),
        ),
        "said": [said.text for said in voices.of_customer(own)],
        "promised": [promised.text for promised in record.to_customer(own)],
        "told": sorted(told.what for told in record.told(own)),
        "asked": [answer for _poll, answer in polls.asked_of(own)],
    }


def whole() -> dict[str, Any]:
    """What is counted over all."""
    [poll] = polls.questions()
    return {
        "customers": people.count(),
        "met": touchpoints.counts().customers_met,
        "agreed": len(people.agreed("ask")),
        "asked": poll.asked,
        "answered": poll.answered,
        "promised_to": sorted(promised.to for promised in record.waiting()),
    }


def heard(by: UUID, text: str) -> Said:
    voice_id = voice.say(by=by, text=text, language="en")
    outbox.deliver()
    found = voices.voice(voice_id)
    assert found is not None
    return found


def promised(by: UUID, said: Said, text: str) -> None:
    promises.promise(
        by=by, text={"en": text}, owner=by, due=said.heard_at.date(), to=said.customer_id,
        voice_id=said.id, once=uuid4(),
    )  # fmt: skip
    outbox.deliver()


def test_a_wrong_merge_is_undone_and_all_figures_follow(clock: Clock) -> None:
    anna, ewa = a_customer("Anna"), an_employee("Ewa", "lead")
    clock.forward(days=1)
    hania = a_customer("Hania")
    milk = a_touch("1", 0, customer=anna, basket="a", paid=500, discount=50, currency="USD")
    bread = a_touch("2", 30, customer=anna, basket="b", paid=300, discount=0, currency="USD")
    salt = a_touch("3", 31, customer=hania, basket="c", paid=70, discount=7, currency="USD")
    settle([milk, salt])
    inbox.put(bread)
    question = ask(an_employee("Tomasz", "brand"))
    decisions.vote(by=anna, question_id=question, text="0")
    clock.forward(hours=1)
    decisions.vote(by=hania, question_id=question, text="1")
    for own, text in ((anna, "Sour milk"), (hania, "No salt")):
        clock.forward(hours=1)
        promised(ewa, heard(own, text), f"More {text[-4:]}")
    apart = figures(anna), figures(hania), whole()
    assert {k: v for k, v in apart[0].items() if k != "visits"} == {
        "portrait": (2, 800, 50, 3),
        "said": ["Sour milk"],
        "promised": [{"en": "More milk"}],
        "told": ["promise-made", "question-asked"],
        "asked": ["0"],
    }
    assert {k: v for k, v in apart[1].items() if k != "visits"} == {
        "portrait": (1, 70, 7, 2),
        "said": ["No salt"],
        "promised": [{"en": "More salt"}],
        "told": ["promise-made", "question-asked"],
        "asked": ["1"],
    }
    assert apart[2] == {
        "customers": 2, "met": 2, "agreed": 2, "asked": 2, "answered": 2, "promised_to": [1, 1],
    }  # fmt: skip
    assert (len(apart[0]["visits"]), len(apart[1]["visits"])) == (5, 4)

    made = customers.merge(by=ewa, one=hania, other=anna)
    assert made is not None
    one = figures(anna)
    assert figures(hania) == one
    assert sorted(one["visits"]) == sorted(apart[0]["visits"] + apart[1]["visits"])
    assert {k: v for k, v in one.items() if k != "visits"} == {
        "portrait": (3, 870, 57, 3),
        "said": ["No salt", "Sour milk"],
        "promised": [{"en": "More salt"}, {"en": "More milk"}],
        "told": ["promise-made", "promise-made", "question-asked", "question-asked"],
        "asked": ["1"],
    }
    assert whole() == {
        "customers": 1, "met": 1, "agreed": 1, "asked": 1, "answered": 1, "promised_to": [1, 1],
    }  # fmt: skip

    customers.unmerge(by=ewa, merge_id=made)
    assert (figures(anna), figures(hania), whole()) == apart
    acts = [line.act for line in audit.lines(people.selves(hania))]
    assert acts == ["customers.unmerged", "customers.merged", "promises.promised"]


class TestOneVoice:
    @pytest.fixture
    def asked(self, clock: Clock) -> tuple[UUID, UUID, UUID, UUID]:
        """A question that was put to Anna and to Hania, who are merged after the answers."""
        anna, hania, ewa = a_customer("Anna"), a_customer("Hania"), an_employee("Ewa", "lead")
        question = ask(
            an_employee("Tomasz", "brand"), closes_at=clock.now + timedelta(days=1), lot="1>0"
        )
        decisions.vote(by=hania, question_id=question, text="1")
        clock.forward(hours=1)
        decisions.vote(by=anna, question_id=question, text="0")
        made = customers.merge(by=ewa, one=anna, other=hania)
        assert made is not None
        return question, anna, hania, made

    def result(self, question: UUID, clock: Clock) -> Outcome | None:
        clock.forward(days=1)
        closing.close_due()
        poll, found = polls.question(question), outcome(question)
        assert poll is not None
        assert found is not None
        assert poll.answered == found[2]
        return found

    def test_of_two_answers_of_one_person_the_later_counts(
        self, asked: tuple[UUID, UUID, UUID, UUID], clock: Clock
    ) -> None:
        question, anna, hania, _made = asked
        assert polls.answer_of(question, hania) == polls.answer_of(question, anna) == "0"
        assert self.result(question, clock) == ((1, 0), (0,), 1)

    def test_who_answers_again_replaces_it(
        self, asked: tuple[UUID, UUID, UUID, UUID], clock: Clock
    ) -> None:
        question, _anna, hania, _made = asked
        clock.forward(hours=1)
        assert decisions.vote(by=hania, question_id=question, text="1").again is True
        assert self.result(question, clock) == ((0, 1), (1,), 1)

    def test_two_people_again_have_two_voices_again(
        self, asked: tuple[UUID, UUID, UUID, UUID], clock: Clock
    ) -> None:
        question, anna, hania, made = asked
        customers.unmerge(by=an_employee("Ewa", "lead"), merge_id=made)
        assert (polls.answer_of(question, anna), polls.answer_of(question, hania)) == ("0", "1")
        assert self.result(question, clock) == ((1, 1), (1,), 2)

    def test_what_was_counted_stays_counted(self, clock: Clock) -> None:
        anna, hania, ewa = a_customer("Anna"), a_customer("Hania"), an_employee("Ewa", "lead")
        question = ask(
            an_employee("Tomasz", "brand"), closes_at=clock.now + timedelta(days=1), lot="1>0"
        )
        for own in (anna, hania):
            decisions.vote(by=own, question_id=question, text="0")
        assert self.result(question, clock) == ((2, 0), (0,), 2)
        customers.merge(by=ewa, one=anna, other=hania)
        poll = polls.question(question)
        assert poll is not None
        assert (poll.answered, outcome(question)) == (2, ((2, 0), (0,), 2))
        outbox.deliver()
        assert Letter.objects.filter(what="question-closed").count() == 1
        customers.unmerge(by=ewa, merge_id=people.merges(anna)[0].id)
        assert len(record.to_customer(anna)) == len(record.to_customer(hania)) == 1


def test_a_person_acts_under_every_name(clock: Clock) -> None:
    anna, hania, ewa = a_customer("Anna"), a_customer("Hania"), an_employee("Ewa", "lead")
    said = heard(hania, "Sour milk")
    case = cases.case(said.id)
    assert case is not None
    service.remedy(by=ewa, case_id=case.id, kind="refund", amount=Money(100, "USD"), once=uuid4())
    loop.tick()
    made = customers.merge(by=ewa, one=anna, other=hania)
    assert made is not None
    voice.judge(by=anna, voice_id=said.id, good=False)
    customers.unmerge(by=ewa, merge_id=made)
    with refuses("voice.not_found"):
        voice.judge(by=anna, voice_id=said.id, good=True)


def test_a_letter_to_any_name_goes_to_the_person(clock: Clock) -> None:
    anna, ewa = a_customer("Anna"), an_employee("Ewa", "lead")
    [web] = customers.resolve(claims=[Claim(source="web", at=clock.now, user_id="u")])
    assert web is not None
    customers.merge(by=ewa, one=anna, other=web)
    promises.tell(customers=[web, anna], what="promise-made", about=uuid4())
    assert Letter.objects.count() == 1
    said = heard(web, "Sour milk")
    promised(ewa, said, "Milk")
    Letter.objects.exclude(customer_id=web).delete()
    loop.tick()
    [letter] = mail.outbox
    assert letter.to == ["anna@village.example"]
    [_question, token] = links.good(said.id, anna).rsplit("/", 2)[:2]
    assert links.opened(token, "good") == [said.id, anna]


def test_met_on_the_web_then_by_mail_then_in_the_store_is_one_journey(clock: Clock) -> None:
    said = [
        Claim(source="web", at=clock.now, anonymous_id="a"),
        Claim(source="web", at=clock.forward(hours=1), anonymous_id="a", email="anna@x.example"),
        Claim(source="mail", at=clock.forward(hours=1), trusted=True, email="anna@x.example"),
    ]
    visit, typed, opened = customers.resolve(claims=said)
    new = customers.Newcomer(key="7", email="Anna@X.example")
    bought = customers.meet_many(source="store", newcomers=[new])["7"]
    touches = [
        a_touch(f"{n}", n, customer=own, channel=channel)
        for n, (own, channel) in enumerate(
            [(visit, "web"), (typed, "web"), (opened, "mail"), (bought, "store")]
        )
    ]
    settle(touches[:2])
    for touch in touches[2:]:
        inbox.put(touch)
    for own in (visit, bought):
        assert own is not None
        found = touchpoints.journey([own]).episodes
        assert [touch.channel for touch in found] == ["store", "mail", "web", "web"]
