"""Voices are read once heard, by what ships and what people corrected; themes name nobody."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kfar import loop
from kfar.lake.positions import position
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.village import commands as village
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.alarms import streams, watching
from kfar.rooms.voice.alarms.models import Hour
from kfar.rooms.voice.alarms.streams import COUNTED, Stream
from kfar.rooms.voice.models import Reading, Theme, Themed, Voice
from kfar.rooms.voice.rules import Stands
from kfar.rooms.voice.understanding import commands, queries, refreshing, rules, teaching, themes
from kfar.rooms.voice.understanding.models import Learned
from tests.clock import Clock
from tests.people import a_customer, an_employee, noted, refuses

pytestmark = pytest.mark.django_db

BAD, GOOD = "Terrible, the milk was sour and nobody answered", "Great value, I love it"


def said(text: str, by: UUID | None = None, language: str = "en") -> UUID:
    return voice.say(by=by or a_customer(f"c{uuid4().hex[:8]}"), text=text, language=language)


def who_agreed(many: int) -> list[UUID]:
    new = [Newcomer(key=f"p{n}", name=f"p{n}", consents=("understand",)) for n in range(many)]
    met = customers.meet_many(source="test", newcomers=new)
    return [met[one.key] for one in new]


class TestReading:
    def test_a_voice_is_read_once_heard_and_once(self) -> None:
        bad, good = said(BAD), said(GOOD)
        assert queries.readings([bad, good]) == {}
        assert loop.reckon() >= 1
        found = queries.readings([bad, good])
        assert (found[bad].mark, found[good].mark) == ("negative", "positive")
        assert (refreshing.read_due(), Reading.objects.count()) == (0, 2)

    def test_what_nothing_reads_counts_as_unhappy_and_is_marked_unsure(self) -> None:
        one = said("Молоко было кислым", language="en")
        refreshing.read_due()
        assert (queries.readings([one])[one].mark, queries.readings([one])[one].sentiment) == (
            "unsure", "",
        )  # fmt: skip
        assert list(Voice.objects.unhappy().values_list("pk", flat=True)) == [one]

    @pytest.mark.parametrize(
        ("text", "so"),
        [
            ("How likely is it? 2/10", True),
            ("Was it good? 2/5 · Was it easy? 3/7", True),
            ("Was it good? 5/5", False),
            ("I ordered 2/10 of it and love it", False),
        ],
    )
    def test_low_scores_without_words_are_no_guess(self, text: str, so: bool) -> None:
        assert rules.scored(text) is so

    def test_unhappy_are_those_read_so_and_those_not_read_yet(self) -> None:
        bad, good = said(BAD), said(GOOD)
        assert Voice.objects.unhappy().count() == 2
        refreshing.read_due()
        assert list(Voice.objects.unhappy().values_list("pk", flat=True)) == [bad]
        assert voices.counts(mark="positive")[Stands.UNREAD] == 1
        assert [one.id for one in voices.standing(Stands.UNREAD, mark="positive")] == [good]

    def test_an_hour_is_counted_when_all_of_it_was_read(self, clock: Clock) -> None:
        said(BAD), said(GOOD)
        clock.forward(hours=2)
        watching.watch_due()
        before = position(COUNTED)
        assert (Hour.objects.count(), before < streams.number(clock.now) - 1) == (0, True)
        refreshing.read_due()
        watching.watch_due()
        assert [hour.people for hour in Hour.objects.filter(stream="all:")] == [1]


class TestCorrections:
    def test_an_employees_word_holds_and_is_noted(self) -> None:
        anna, noa = a_customer(), an_employee()
        one = said(GOOD, anna)
        refreshing.read_due()
        for _ in range(2):
            commands.correct(by=noa, voice_id=one, sentiment="negative")
        found = queries.readings([one])[one]
        assert (found.mark, found.sentiment, found.corrected) == ("negative", "positive", True)
        assert Voice.objects.unhappy().filter(pk=one).exists()
        assert noted(anna) == [("voice.corrected", noa)]
        Voice.objects.update(understood_at=None)
        refreshing.read_due()
        assert queries.readings([one])[one].mark == "negative"

    def test_only_who_may_only_what_there_is(self) -> None:
        one, noa = said(GOOD), an_employee()
        with refuses("voice.unknown_sentiment"):
            commands.correct(by=noa, voice_id=one, sentiment="unsure")
        with refuses("voice.not_found"):
            commands.correct(by=noa, voice_id=uuid4(), sentiment="neutral")
        village.change_role(code="service", may_not=["voice.read"])
        with refuses("village.may_not", act="voice.read"):
            commands.correct(by=noa, voice_id=one, sentiment="negative")

    def test_fifty_are_learned_from_at_night_and_forgotten_with_who_said_them(
        self, clock: Clock
    ) -> None:
        noa, people = an_employee(), who_agreed(60)
        corrected = [
            said(f"these shoes are sick, so sick {n}", one) for n, one in enumerate(people)
        ]
        refreshing.read_due()
        assert queries.readings(corrected)[corrected[0]].sentiment == "negative"
        for one in corrected:
            commands.correct(by=noa, voice_id=one, sentiment="positive")
            clock.forward(minutes=1)
        assert (teaching.teach_due(), teaching.teach_due()) == (1, 0)
        [lesson] = queries.lessons()
        assert (lesson.corrections, lesson.after, lesson.used) == (60, 1, True)
        new = said("so sick, these shoes")
        refreshing.read_due()
        assert queries.readings([new])[new].sentiment == "positive"
        voice.forget(customers=people[:20])
        clock.forward(days=1)
        assert teaching.teach_due() == 1
        assert bytes(Learned.objects.get().model) == b""
        refreshing.read_due()
        assert queries.readings([new])[new].sentiment == "negative"


class TestThemes:
    def heard(self, people: list[UUID]) -> list[UUID]:
        told = ("my parcel came late, the courier lost it", "rude cashier, long queue at checkout")
        found = [said(f"{told[n % 2]} {n}", one) for n, one in enumerate(people)]
        refreshing.read_due()
        return found

    def test_they_are_found_at_night_and_keep_their_names(self, clock: Clock) -> None:
        noa, heard = an_employee(), self.heard(who_agreed(40))
        assert themes.find_due() >= 2
        found = queries.themes()
        first = queries.themes_of(heard)[heard[0]][0]
        commands.rename(by=noa, theme_id=first.id, name="  Late \n parcels ")
        clock.forward(days=1)
        assert themes.find_due() == len(found)
        assert {one.theme.id for one in queries.themes()} == {one.theme.id for one in found}
        assert queries.themes_of(heard)[heard[0]][0].name == "Late parcels"

    def test_one_of_fewer_than_five_is_not_shown(self) -> None:
        people = who_agreed(40)
        heard = self.heard(people)
        themes.find_due()
        [theme, *_] = queries.themes_of(heard)[heard[0]]
        kept = list(Themed.objects.filter(theme=theme.id).values_list("pk", flat=True))
        Themed.objects.filter(pk__in=kept[4:]).delete()
        assert theme.id not in {one.theme.id for one in queries.themes()}
        assert theme not in queries.themes_of(heard).get(heard[0], [])

    def test_who_did_not_agree_is_not_learned_from(self) -> None:
        self.heard([a_customer(f"n{n}") for n in range(40)])
        assert (themes.find_due(), Theme.objects.count()) == (0, 0)

    def test_merged_they_are_one_and_dropped_none(self) -> None:
        noa, heard = an_employee(), self.heard(who_agreed(40))
        themes.find_due()
        one, other = (queries.themes_of(heard)[heard[n]][0] for n in (0, 1))
        assert one.id != other.id
        commands.merge(by=noa, theme_id=one.id, into=other.id)
        told = {t.theme.id: t for t in queries.themes()}
        assert one.id not in told
        assert (told[other.id].people, [m.id for m in told[other.id].merged]) == (40, [one.id])
        with refuses("themes.itself"):
            commands.merge(by=noa, theme_id=other.id, into=one.id)
        commands.part(by=noa, theme_id=one.id)
        assert {t.theme.id: t.people for t in queries.themes()}[one.id] == 20
        commands.drop(by=noa, theme_id=one.id)
        assert one.id not in {t.theme.id for t in queries.themes()}
        assert [t.id for t in queries.dropped()] == [one.id]
        commands.drop(by=noa, theme_id=one.id, back=True)
        assert queries.dropped() == []

    def test_a_voice_that_is_not_about_it_stays_so(self, clock: Clock) -> None:
        noa, heard = an_employee(), self.heard(who_agreed(40))
        themes.find_due()
        [theme, *_] = queries.themes_of(heard)[heard[0]]
        commands.disown(by=noa, voice_id=heard[0], theme_id=theme.id)
        clock.forward(days=1)
        themes.find_due()
        assert theme.id not in {t.id for t in queries.themes_of(heard).get(heard[0], [])}

    def test_each_is_a_stream_that_is_watched(self, clock: Clock) -> None:
        heard = self.heard(who_agreed(40))
        clock.forward(hours=2)
        watching.watch_due()
        themes.find_due()
        assert streams.count_themes_due() >= 1
        assert streams.count_themes_due() == 0
        [theme, *_] = queries.themes_of(heard)[heard[0]]
        stream = Stream("theme", str(theme.id))
        counted = Hour.objects.filter(stream=str(stream)).values_list("people", flat=True)
        behind = stream.voices(clock.now - timedelta(days=1), clock.now)
        assert sum(counted) == behind.count() > 0

    def test_names_are_short_and_there(self) -> None:
        noa, heard = an_employee(), self.heard(who_agreed(40))
        themes.find_due()
        [theme, *_] = queries.themes_of(heard)[heard[0]]
        with refuses("themes.no_name"):
            commands.rename(by=noa, theme_id=theme.id, name=" \n")
        with refuses("themes.name_too_long", most=80):
            commands.rename(by=noa, theme_id=theme.id, name="x" * 81)
        with refuses("themes.not_found"):
            commands.rename(by=noa, theme_id=uuid4(), name="x")
