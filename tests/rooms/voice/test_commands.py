"""Saying, reading and judging: each once, by who may, with its fact and its audit line."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from kfar.rooms.voice import commands, queries
from kfar.rooms.voice.facts import Heard, Judged
from kfar.rooms.voice.models import Judgement, Voice
from kfar.rooms.voice.rules import Stands
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, noted, refuses

pytestmark = pytest.mark.django_db

MILK = "The milk was sour"


def say(by: UUID, text: str = MILK, about: UUID | None = None) -> UUID:
    return commands.say(by=by, text=text, language="en", about=about)


def stands(voice_id: UUID) -> Stands:
    said = queries.voice(voice_id)
    assert said is not None
    return said.stands


def told(by: UUID) -> UUID:
    """A voice for which something was done, and nothing announced since it was heard."""
    voice_id = say(by)
    commands.tell(voice_id=voice_id)
    return voice_id


class TestSay:
    def test_what_was_said_is_kept_and_announced(self, clock: Clock) -> None:
        anna, about = a_customer(), uuid4()
        voice_id = commands.say(
            by=anna, text=f" {MILK}\r\nagain ", language="he", about=about, about_name="M" * 300
        )
        assert queries.of_customer(anna) == [
            queries.Said(
                id=voice_id,
                customer_id=anna,
                text=f"{MILK}\nagain",
                language="he",
                about=about,
                about_name="M" * 200,
                heard_at=clock.now,
                told_at=None,
                closed_at=None,
                stands=Stands.UNREAD,
            )
        ]
        assert announced() == [Heard(voice_id=voice_id, customer_id=anna, at=clock.now)]
        assert noted(anna) == []

    def test_the_same_words_within_ten_minutes_are_one_voice(self, clock: Clock) -> None:
        anna = a_customer()
        once = say(anna)
        clock.forward(minutes=10, microseconds=-1)
        assert say(anna, MILK + "\n") == once
        assert len(announced()) == 1
        clock.forward(microseconds=1)
        assert say(anna) != once
        assert len(announced()) == 2

    def test_other_words_another_thing_or_another_person_are_another_voice(self) -> None:
        anna, borys, milk = a_customer(), a_customer("Borys"), uuid4()
        ids = {say(anna), say(borys), say(anna, "Sour"), say(anna, about=milk)}
        assert (len(ids), len(announced())) == (4, 4)

    def test_nothing_and_too_much_are_refused(self) -> None:
        anna = a_customer()
        with refuses("voice.nothing_said"):
            say(anna, "\x00 ")
        with refuses("voice.too_long", most=5000, length=5001, over=1):
            say(anna, "x" * 5001)
        assert Voice.objects.count() == 0


class TestRead:
    def test_every_look_is_noted_and_the_first_counts(self, clock: Clock) -> None:
        anna, noa, dana = a_customer(), an_employee(), an_employee("Dana")
        voice_id = say(anna)
        first = clock.forward(hours=1)
        commands.read(by=noa, voice_id=voice_id)
        clock.forward(hours=1)
        commands.read(by=dana, voice_id=voice_id)
        assert stands(voice_id) is Stands.READ
        assert Voice.objects.get().read_at == first
        assert noted(anna) == [("voice.read", noa), ("voice.read", dana)]
        assert len(announced()) == 1

    def test_who_may_not_sees_nothing(self) -> None:
        anna, noa = a_customer(), an_employee()
        voice_id = say(anna)
        for nobody in (anna, uuid4()):
            with refuses("village.may_not", act="voice.read"):
                commands.read(by=nobody, voice_id=voice_id)
        with refuses("voice.not_found"):
            commands.read(by=noa, voice_id=uuid4())
        assert (stands(voice_id), noted(anna)) == (Stands.UNREAD, [])


class TestJudge:
    def test_good_closes_it_once(self, clock: Clock) -> None:
        anna = a_customer()
        voice_id = told(anna)
        at = clock.forward(days=1)
        for _ in range(2):
            commands.judge(by=anna, voice_id=voice_id, good=True)
        assert stands(voice_id) is Stands.CLOSED
        assert Voice.objects.get().closed_at == at
        fact = Judged(voice_id=voice_id, customer_id=anna, good=True, at=at)
        assert announced()[1:] == [fact]
        assert Judgement.objects.count() == 1

    @pytest.mark.parametrize("opened", [True, False])
    def test_not_good_opens_it_once(self, opened: bool, clock: Clock) -> None:
        """Also where nobody has opened the voice: it was answered with a promise, say."""
        anna, noa = a_customer(), an_employee()
        voice_id = told(anna)
        if opened:
            commands.read(by=noa, voice_id=voice_id)
        for _ in range(2):
            commands.judge(by=anna, voice_id=voice_id, good=False)
        assert stands(voice_id) is (Stands.READ if opened else Stands.UNREAD)
        fact = Judged(voice_id=voice_id, customer_id=anna, good=False, at=clock.now)
        assert announced()[1:] == [fact]
        assert list(Judgement.objects.values_list("good", flat=True)) == [False]

    def test_what_was_closed_may_open_again(self) -> None:
        anna = a_customer()
        voice_id = told(anna)
        for good in (True, False):
            commands.judge(by=anna, voice_id=voice_id, good=good)
        assert (stands(voice_id), Voice.objects.get().closed_at) == (Stands.UNREAD, None)
        commands.tell(voice_id=voice_id)
        commands.judge(by=anna, voice_id=voice_id, good=True)
        assert [fact.good for fact in announced()[1:] if isinstance(fact, Judged)] == [
            *(True, False, True)
        ]

    def test_only_the_one_who_spoke_judges(self) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        voice_id = told(anna)
        for who, what in ((borys, voice_id), (anna, uuid4())):
            with refuses("voice.not_found"):
                commands.judge(by=who, voice_id=what, good=True)
        assert (stands(voice_id), Judgement.objects.count()) == (Stands.TOLD, 0)

    def test_not_before_something_was_told_and_all_promises_are_kept(self) -> None:
        anna = a_customer()
        voice_id, promise_id = say(anna), uuid4()
        for good in (True, False):
            with refuses("voice.not_told_yet"):
                commands.judge(by=anna, voice_id=voice_id, good=good)
        commands.tell(voice_id=voice_id)
        commands.owe(voice_id=voice_id, promise_id=promise_id)
        commands.owe(voice_id=voice_id, promise_id=promise_id)
        for good in (True, False):
            with refuses("voice.not_told_yet"):
                commands.judge(by=anna, voice_id=voice_id, good=good)
        commands.settle_many(voice_ids=[voice_id], promise_id=promise_id, told=True)
        assert stands(voice_id) is Stands.TOLD


class TestTold:
    def test_the_first_answer_is_remembered(self, clock: Clock) -> None:
        voice_id = told(a_customer())
        first = clock.now
        clock.forward(days=1)
        commands.tell(voice_id=voice_id)
        commands.reopen(voice_id=voice_id)
        assert stands(voice_id) is Stands.UNREAD
        again = clock.forward(days=1)
        commands.tell(voice_id=voice_id)
        voice = Voice.objects.get()
        assert (voice.answered_at, voice.told_at) == (first, again)

    def test_a_voice_waits_for_each_promise(self) -> None:
        voice_id, one, other = say(a_customer()), uuid4(), uuid4()
        for promise_id in (one, other):
            commands.owe(voice_id=voice_id, promise_id=promise_id)
        found = []
        for promise_id in (one, uuid4(), one, other):
            commands.settle_many(voice_ids=[voice_id], promise_id=promise_id, told=True)
            found.append(stands(voice_id))
        assert found == [Stands.OWED, Stands.OWED, Stands.OWED, Stands.TOLD]

    @pytest.mark.parametrize(
        "act",
        [
            lambda voice_id: commands.tell(voice_id=voice_id),
            lambda voice_id: commands.owe(voice_id=voice_id, promise_id=uuid4()),
        ],
    )
    def test_a_voice_that_is_not_there_is_refused(self, act: Callable[[UUID], None]) -> None:
        with refuses("voice.not_found"):
            act(uuid4())


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_voice() -> None:
    anna = a_customer()
    said = at_once(*[lambda: say(anna)] * 4)
    assert said == [Voice.objects.get().pk] * 4
    assert len(announced()) == 1
