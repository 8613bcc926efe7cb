"""The watch over voices: bursts are alarms, usual weeks and single people are none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kfar.rooms.voice import commands as voice
from kfar.rooms.voice.alarms import learning, queries, streams, watching
from kfar.rooms.voice.alarms.models import Alarm, Hour, Watch
from kfar.rooms.voice.alarms.streams import Stream
from kfar.rooms.voice.models import Voice
from kfar.rooms.voice.warning import budget
from tests.clock import Clock
from tests.rooms.voice.alarms.world import START, heard, pass_by, people, settled, usual

pytestmark = pytest.mark.django_db

#: Tuesday, half past ten in the morning.
BURST = START + timedelta(days=1, hours=10, minutes=30)


@pytest.fixture(autouse=True)
def _few_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested here is not how sure a threshold is."""
    monkeypatch.setattr(budget, "WORLDS", 200)


def counts(stream: str = "all:") -> list[int]:
    rows = Hour.objects.filter(stream=stream, at__gte=START).order_by("at")
    return list(rows.values_list("people", flat=True))


class TestLearning:
    def test_the_usual_week_is_learned(self, clock: Clock) -> None:
        settled(clock)
        [watch] = Watch.objects.all()
        assert watch.stream == "all:"
        assert sum(watch.expected) == pytest.approx(60, rel=0.01)
        night, workday, sunday = watch.expected[3], watch.expected[24 + 10], watch.expected[150]
        assert (night, sunday) == pytest.approx((0, 0), abs=0.05)
        assert workday == pytest.approx(1, abs=0.2)
        assert (watch.guaranteed, watch.until) == (2160, START)
        found = queries.watching()
        assert (found.streams, found.threshold, found.guaranteed) == (1, watch.calibrated, 2160)
        assert found.a_week == pytest.approx(60, rel=0.01)

    def test_in_three_weeks_too_little_is_known_to_say_anything(self, clock: Clock) -> None:
        settled(clock, weeks=3)
        heard(people(40, "b"), BURST)
        assert pass_by(clock, BURST + timedelta(hours=6)) == 0
        assert (Watch.objects.count(), queries.watching().streams) == (0, 0)

    def test_it_is_learned_anew_after_a_day_and_the_watch_goes_on(self, clock: Clock) -> None:
        settled(clock)
        assert learning.learn_due() == 0
        usual(START, 1)
        pass_by(clock, START + timedelta(hours=20))
        before = Watch.objects.get().evidence
        assert learning.learn_due() == 0
        pass_by(clock, START + timedelta(hours=25))
        assert learning.learn_due() == 1
        watch = Watch.objects.get()
        assert watch.until == START + timedelta(hours=25)
        assert before != watch.evidence != [0] * 5

    def test_hours_of_an_alarm_are_not_learned_from_unless_it_was_false(self, clock: Clock) -> None:
        settled(clock)
        heard(people(40, "b"), BURST)
        pass_by(clock, START + timedelta(days=2))
        learning.learn_due()
        before = sum(Watch.objects.get().expected)
        Alarm.objects.update(real=False)
        pass_by(clock, START + timedelta(days=3))
        learning.learn_due()
        assert sum(Watch.objects.get().expected) > before + 2


class TestWatching:
    def test_usual_weeks_with_their_weekends_are_no_alarm(self, clock: Clock) -> None:
        settled(clock)
        usual(START, 14)
        assert pass_by(clock, START + timedelta(days=14)) == 0
        assert sum(counts()) == 120

    def test_as_many_on_a_sunday_are_one(self, clock: Clock) -> None:
        settled(clock)
        usual(START, 6)
        sunday = START + timedelta(days=6, hours=10)
        heard(people(12, "b"), sunday)
        assert pass_by(clock, sunday + timedelta(hours=2)) == 1

    def test_a_burst_is_an_alarm_once_with_when_it_began_and_whose_voices(
        self, clock: Clock
    ) -> None:
        settled(clock)
        usual(START, 2)
        loud = people(12, "b")
        heard(loud, BURST, about="Milk")
        hour = BURST.replace(minute=0)
        assert pass_by(clock, START + timedelta(days=1, hours=13)) == 1
        [alarm] = queries.alarms()
        assert (alarm.stream, alarm.since, alarm.open) == (Stream(), hour, True)
        assert alarm.raised_at == hour + timedelta(hours=1)
        assert alarm.people == 13
        assert alarm.expected == pytest.approx(1, abs=0.2)
        behind = queries.behind(alarm)
        assert {said.customer_id for said in behind.voices} > set(loud)
        assert all(said.heard_at >= hour for said in behind.voices)
        assert (behind.all, behind.people) == (15, 15)
        assert queries.open_count() == 1
        assert watching.watch_due() == 0

    def test_it_calms_and_the_next_burst_is_another(self, clock: Clock) -> None:
        settled(clock)
        usual(START, 12)
        week = timedelta(days=7)
        heard(people(12, "b"), BURST)
        heard(people(12, "c"), BURST + week)
        assert pass_by(clock, BURST + week - timedelta(hours=1)) == 1
        [first] = queries.alarms()
        assert first.calmed_at is not None
        assert first.calmed_at - first.raised_at < timedelta(days=4)
        assert pass_by(clock, BURST + week + timedelta(hours=3)) == 1
        assert [alarm.open for alarm in queries.alarms()] == [True, False]

    def test_one_angry_person_is_none_however_much_they_write(self, clock: Clock) -> None:
        settled(clock)
        usual(START, 4)
        [angry] = people(1, "angry")
        for hour in range(90):
            heard([angry] * 15, START + timedelta(hours=hour))
        assert pass_by(clock, START + timedelta(days=4)) == 0
        assert sum(counts()) == 4 * 12 + 1

    def test_two_who_come_again_and_again_are_too_few(self, clock: Clock) -> None:
        settled(clock)
        for day in range(1, 15):
            heard(people(2, "angry"), START + timedelta(days=day, hours=day % 12 * 2))
        assert pass_by(clock, START + timedelta(days=15)) == 0

    def test_one_product_is_watched_by_itself_and_shares_the_budget(self, clock: Clock) -> None:
        usual(START - timedelta(weeks=8), 28, about="Milk")
        usual(START - timedelta(weeks=4), 28, about="Bread")
        heard(people(19, "r"), START - timedelta(days=3), about="Rare")
        clock.to(START + timedelta(minutes=6))
        watching.watch_due()
        assert learning.learn_due() == 3
        shares = dict(Watch.objects.values_list("stream", "guaranteed"))
        assert shares == {"all:": 4320, "product:Milk": 8640, "product:Bread": 8640}
        heard(people(9, "b"), BURST, about="Milk")
        pass_by(clock, BURST + timedelta(hours=1))
        found = {alarm.stream: queries.behind(alarm) for alarm in queries.alarms()}
        assert {said.about_name for said in found[Stream("product", "Milk")].voices} == {"Milk"}
        assert Stream("product", "Bread") not in found

    def test_what_was_missed_is_made_up_for(self, clock: Clock) -> None:
        settled(clock)
        usual(START, 3)
        heard(people(12, "b"), BURST)
        clock.to(START + timedelta(days=2))
        assert watching.watch_due() == 1
        assert queries.alarms()[0].since == BURST.replace(minute=0)

    def test_whoever_is_erased_leaves_the_alarm(self, clock: Clock) -> None:
        settled(clock)
        loud = people(12, "b")
        heard(loud, BURST)
        pass_by(clock, BURST + timedelta(hours=2))
        voice.forget(customers=loud[:2])
        [alarm] = queries.alarms()
        behind = queries.behind(alarm)
        assert (behind.all, behind.people) == (10, 10)
        assert {said.customer_id for said in behind.voices} == set(loud[2:])

    def test_looking_again_within_the_hour_reads_nothing(
        self, clock: Clock, django_assert_num_queries: object
    ) -> None:
        settled(clock)
        with django_assert_num_queries(1):  # type: ignore[operator]
            assert watching.watch_due() == 0

    def test_an_hour_is_counted_five_minutes_after_it(self, clock: Clock) -> None:
        settled(clock)
        heard(people(1), START + timedelta(minutes=59))
        clock.to(START + timedelta(hours=1, minutes=4))
        watching.watch_due()
        assert counts() == []
        clock.forward(minutes=1)
        watching.watch_due()
        assert counts() == [1]


class OnePerson(TestCase):
    @given(st.lists(st.integers(0, 24 * 60 - 1), max_size=25))
    def test_any_number_of_voices_counts_as_the_first(self, minutes: list[int]) -> None:
        """Whenever they come within the day after it."""
        [one] = people(1)
        for minute in [0, *minutes]:
            heard([one], START + timedelta(minutes=minute), about="Milk")
        streams.count(streams.number(START + timedelta(days=2)))
        found = set(Hour.objects.values_list("stream", "at", "people"))
        assert found == {("all:", START, 1), ("product:Milk", START, 1)}
        assert Voice.objects.count() == 1 + len(minutes)
