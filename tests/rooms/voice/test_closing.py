"""No voice closes without the person having been told, or a stated reason why not."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from kfar.rooms.voice import commands, queries
from kfar.rooms.voice.facts import ClosedUntold
from kfar.rooms.voice.models import Voice
from kfar.rooms.voice.queries import Spoke, Telling
from kfar.rooms.voice.rules import GIVEN, Stands, Untold
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, noted, refuses

pytestmark = pytest.mark.django_db


def say(by: UUID, text: str = "The milk was sour", about: str = "") -> UUID:
    return commands.say(by=by, text=text, language="en", about_name=about)


def stands(voice_id: UUID) -> tuple[str, str]:
    found = queries.voice(voice_id)
    assert found is not None
    return found.stands, found.untold


class TestClose:
    def test_it_closes_for_a_reason_that_is_kept_announced_and_noted(self, clock: Clock) -> None:
        anna, noa = a_customer(), an_employee()
        voice_id = say(anna)
        for _ in range(2):
            commands.close(by=noa, voice_id=voice_id, why="unreachable", words=" No\r\naddress ")
        found = queries.voice(voice_id)
        assert found is not None
        assert (found.stands, found.untold, found.untold_words) == (
            *(Stands.CLOSED, "unreachable", "No\naddress"),
        )
        assert announced()[1:] == [ClosedUntold(voice_id=voice_id, customer_id=anna, at=clock.now)]
        assert noted(anna) == [("voice.closed", noa)]

    def test_the_database_itself_lets_none_close_without_a_reason(self) -> None:
        voice_id = say(a_customer())
        with pytest.raises(IntegrityError), transaction.atomic():
            Voice.objects.filter(pk=voice_id).update(closed_at=timezone.now())

    @pytest.mark.parametrize("why", ["", "other", "released", "\x00"])
    def test_there_are_no_other_reasons(self, why: str) -> None:
        noa, voice_id = an_employee(), say(a_customer())
        with refuses("voice.unknown_why"):
            commands.close(by=noa, voice_id=voice_id, why=why, words="Because")
        assert stands(voice_id) == (Stands.UNREAD, "")

    def test_what_else_is_no_reason(self) -> None:
        anna, noa = a_customer(), an_employee()
        voice_id = say(anna)
        with refuses("voice.why_missing"):
            commands.close(by=noa, voice_id=voice_id, why="spam", words=" \x00")
        with refuses("voice.too_long", most=1000, length=1001, over=1):
            commands.close(by=noa, voice_id=voice_id, why="spam", words="x" * 1001)
        with refuses("village.may_not", act="voice.close"):
            commands.close(by=anna, voice_id=voice_id, why="spam", words="It is")
        with refuses("voice.not_found"):
            commands.close(by=noa, voice_id=uuid4(), why="spam", words="It is")

    def test_once_told_or_promised_it_is_not_ours_to_close(self) -> None:
        anna, noa, promise = a_customer(), an_employee(), uuid4()
        voice_id = say(anna)
        commands.owe(voice_id=voice_id, promise_id=promise)
        with refuses("voice.still_owed"):
            commands.close(by=noa, voice_id=voice_id, why="twice", words="Again")
        commands.settle_many(voice_ids=[voice_id], promise_id=promise, told=True)
        with refuses("voice.theirs_to_close"):
            commands.close(by=noa, voice_id=voice_id, why="twice", words="Again")
        assert stands(voice_id) == (Stands.TOLD, "")

    def test_who_comes_back_to_it_opens_it_and_the_reason_is_gone(self) -> None:
        anna, noa = a_customer(), an_employee()
        voice_id = say(anna)
        commands.close(by=noa, voice_id=voice_id, why="unreachable", words="No address")
        commands.judge(by=anna, voice_id=voice_id, good=False)
        assert stands(voice_id) == (Stands.UNREAD, "")


class TestPromisedToMany:
    def test_each_voice_waits_for_it_and_is_settled_by_itself(self) -> None:
        first, second, promise = say(a_customer()), say(a_customer("Borys")), uuid4()
        for _ in range(2):
            commands.owe_many(voice_ids=[first, second, uuid4()], promise_id=promise)
        assert queries.counts()[Stands.OWED] == 2
        commands.settle_many(voice_ids=[first], promise_id=promise, told=True)
        assert (stands(first)[0], stands(second)[0]) == (Stands.TOLD, Stands.OWED)
        commands.settle_many(voice_ids=[first, second], promise_id=promise, told=False)
        assert stands(second)[0] == Stands.UNREAD

    def test_broken_it_waits_again_and_released_it_rests(self) -> None:
        first, second, promise = say(a_customer()), say(a_customer("Borys")), uuid4()
        commands.owe_many(voice_ids=[first, second], promise_id=promise)
        commands.owe_no_more(voice_id=first, promise_id=promise, released=False)
        for _ in range(2):
            commands.owe_no_more(voice_id=second, promise_id=promise, released=True)
        assert stands(first) == (Stands.UNREAD, "")
        assert stands(second) == (Stands.CLOSED, Untold.RELEASED)


class TestFigures:
    def test_every_reason_counts_and_none_makes_the_share_larger(self, clock: Clock) -> None:
        noa = an_employee()
        told, late, waiting = (say(a_customer(name)) for name in ("Anna", "Borys", "Celina"))
        for n, why in enumerate(GIVEN):
            closed = say(a_customer(f"Dov{n}"))
            commands.close(by=noa, voice_id=closed, why=why, words="So it is")
        clock.forward(hours=2)
        commands.tell(voice_id=told)
        clock.forward(hours=4)
        commands.tell(voice_id=late)
        found = queries.telling()
        assert found == Telling(
            first=None,
            heard=8,
            told=2,
            median=timedelta(hours=4),
            untold=dict.fromkeys(GIVEN, 1),
            judged=0,
            good=0,
        )
        assert (found.share, found.waiting, found.untold_all) == (0.25, 1, 5)
        assert stands(waiting) == (Stands.UNREAD, "")

    def test_by_the_companys_month_the_latest_first(self, clock: Clock) -> None:
        anna = a_customer()
        early = say(anna, "In March")
        clock.forward(days=31)
        say(anna, "In April")
        clock.forward(days=1)
        commands.tell(voice_id=early)
        commands.judge(by=anna, voice_id=early, good=True)
        april, march = queries.telling_by_month()
        assert (april.first, april.heard, april.told, april.median) == (
            *(date(2026, 4, 1), 1, 0, None),
        )
        assert (march.first, march.heard, march.told, march.median) == (
            *(date(2026, 3, 1), 1, 1, timedelta(days=32)),
        )
        assert (march.judged, march.good, march.helped) == (1, 1, 1.0)
        clock.forward(days=400)
        assert queries.telling_by_month() == []

    def test_nothing_heard_is_no_figure(self) -> None:
        assert queries.telling() == Telling(None, 0, 0, None, {}, 0, 0)
        assert queries.telling_by_month() == []


def test_who_spoke_is_found_and_spam_speaks_for_nothing() -> None:
    anna, borys, noa = a_customer(), a_customer("Borys"), an_employee()
    first = say(anna, "Sour again", "MILK")
    second = say(borys, "It was sour", "MILK")
    other = say(borys, "Rye is fine", "BREAD")
    spam = say(anna, "sour BUY NOW", "MILK")
    commands.close(by=noa, voice_id=spam, why="spam", words="An advert")
    assert queries.spoke(product="MILK") == [Spoke(first, anna), Spoke(second, borys)]
    assert queries.spoke(words="SOUR") == [Spoke(first, anna), Spoke(second, borys)]
    assert queries.spoke(product="MILK", words="again") == [Spoke(first, anna)]
    assert queries.spoke(ids=[other, uuid4()]) == [Spoke(other, borys)]
    assert queries.spoke(product="MILK", most=1) == [Spoke(first, anna)]
