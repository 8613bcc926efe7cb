"""Voices by where they stand, and the figures of the whole loop."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db.models import F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kfar.rooms.voice import commands, queries
from kfar.rooms.voice.models import Voice
from kfar.rooms.voice.queries import Figures
from kfar.rooms.voice.rules import Stands
from tests.clock import Clock
from tests.people import a_customer, an_employee


class TestStanding(TestCase):
    @settings(max_examples=25)
    @given(st.lists(st.tuples(*[st.booleans()] * 4), max_size=8))
    def test_one_voice_and_the_whole_set_are_sorted_alike(
        self, rows: list[tuple[bool, bool, bool, bool]]
    ) -> None:
        """The QuerySet says of many what `rules.stands` says of one."""
        anna = a_customer()
        for number, (read, told, closed, owed) in enumerate(rows):
            voice_id = commands.say(by=anna, text=str(number), language="en")
            at = Voice.objects.get(pk=voice_id).heard_at
            Voice.objects.filter(pk=voice_id).update(
                read_at=at if read else None,
                told_at=at if told else None,
                answered_at=at,
                closed_at=at if closed else None,
            )
            if owed:
                commands.owe(voice_id=voice_id, promise_id=uuid4())
        said = queries.of_customer(anna)
        for stands in Stands:
            here = {voice.id for voice in said if voice.stands is stands}
            assert {voice.id for voice in queries.standing(stands)} == here
            assert queries.counts()[stands] == len(here)
            some = [*sorted(here)[::2], uuid4()]
            assert queries.counts([stands], some) == {stands: len(some) - 1}


@pytest.mark.django_db
def test_the_longest_waiting_come_first_and_the_latest_closed(clock: Clock) -> None:
    anna = a_customer()
    said = []
    for number in range(4):
        said.append(commands.say(by=anna, text=str(number), language="en"))
        clock.forward(hours=1)
    assert [v.id for v in queries.standing(Stands.UNREAD, most=3)] == said[:3]
    assert [v.id for v in queries.of_customer(anna)] == said[::-1]
    for voice_id in (said[2], said[0], said[3]):
        clock.forward(hours=1)
        commands.tell(voice_id=voice_id)
        commands.judge(by=anna, voice_id=voice_id, good=True)
    assert [v.id for v in queries.standing(Stands.CLOSED, most=2)] == [said[3], said[0]]
    since = queries.by_id(said)[said[0]].closed_at
    assert queries.counts(since=since) == dict.fromkeys(Stands, 0) | {
        Stands.UNREAD: 1,
        Stands.CLOSED: 2,
    }


@pytest.mark.django_db
@pytest.mark.parametrize("closed", [False, True])
def test_page_by_page_every_voice_comes_once_also_those_of_one_moment(
    clock: Clock, closed: bool
) -> None:
    anna = a_customer()
    for number in range(7):
        commands.say(by=anna, text=str(number), language="en")
        clock.forward(hours=number % 2)  # two or three at a time
    at = F("heard_at") if closed else None
    Voice.objects.update(closed_at=at, answered_at=at)
    stands = Stands.CLOSED if closed else Stands.UNREAD
    whole = [v.id for v in queries.standing(stands)]
    assert len(whole) == 7
    paged: list[UUID] = []
    while more := queries.standing(stands, most=3, after=paged[-1] if paged else None):
        paged += [v.id for v in more]
    assert paged == whole


@pytest.mark.django_db
def test_the_figures_of_the_loop(clock: Clock) -> None:
    anna, noa = a_customer(), an_employee()
    assert queries.figures() == Figures(heard=0, answered=0, closed=0, median=None)
    assert queries.voice(uuid4()) is None
    for hours in (1, 5, 3, 2):
        voice_id = commands.say(by=anna, text=str(hours), language="en")
        commands.read(by=noa, voice_id=voice_id)
        clock.forward(hours=hours)
        commands.tell(voice_id=voice_id)
        if hours == 2:
            break
        commands.judge(by=anna, voice_id=voice_id, good=True)
    commands.say(by=anna, text="unanswered", language="en")
    assert queries.figures() == Figures(heard=5, answered=4, closed=3, median=timedelta(hours=3))
    commands.judge(by=anna, voice_id=voice_id, good=True)
    assert queries.figures() == Figures(heard=5, answered=4, closed=4, median=timedelta(hours=2.5))
