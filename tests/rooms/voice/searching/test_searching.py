"""Voices are found by their words, the newest first, and not by those of who was erased."""

from __future__ import annotations

from importlib import import_module
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection

from kfar.rooms.voice import commands, mailing
from kfar.rooms.voice.models import Sought, Voice
from kfar.rooms.voice.searching import commands as searching
from kfar.rooms.voice.searching import queries
from kfar.rooms.voice.searching.queries import search
from kfar.rooms.voice.searching.rules import number
from tests.clock import Clock
from tests.people import a_customer
from tests.rooms.voice.mail.mails import letter

pytestmark = pytest.mark.django_db


def say(text: str, about_name: str = "", by: UUID | None = None) -> UUID:
    by = by or a_customer()
    return commands.say(by=by, text=text, language="en", about_name=about_name)


def test_every_word_has_to_stand_there_in_one_form_or_another() -> None:
    late = say("The parcel came late")
    both = say("Late again, and two parcels lost")
    say("Thank you")
    assert set(search("parcel late").voices) == {late, both}
    assert search("lost parcels").voices == [both]
    assert search("parcel fridge").voices == []


def test_hebrew_and_polish_are_found_as_english_is() -> None:
    he, pl = say("החבילות לא הגיעו"), say("Zgubiono moją paczkę w Łodzi")
    assert search("חבילה").voices == [he]
    assert search("paczka lodz").voices == [pl]


def test_it_is_found_by_what_it_is_about_and_by_mails_that_came_after(clock: Clock) -> None:
    fridge = say("It is warm", about_name="Fridge 300")
    assert search("fridge").voices == [fridge]
    voice_id = mailing.take(letter=letter())
    clock.forward(minutes=1)
    mailing.take(letter=letter("The freezer, too"), answers=voice_id)
    assert search("freezer").voices == [voice_id]
    assert Sought.objects.filter(voice=voice_id).count() == 1


def test_the_newest_come_first_and_page_by_page(clock: Clock) -> None:
    said = []
    for n in range(5):
        said.append(say(f"Late {n}"))
        clock.forward(minutes=1)
    first = search("late", most=2)
    assert first.voices == [said[4], said[3]]
    assert first.more is not None
    second = search("late", most=2, before=first.more)
    assert second.voices == [said[2], said[1]]
    assert second.more is not None
    last = search("late", most=2, before=second.more)
    assert (last.voices, last.more) == ([said[0]], None)


def test_however_long_ago_it_was_it_is_found(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Years before the newest, which came within seconds of each other."""
    monkeypatch.setattr(queries, "LATEST", 2)
    said = [say("Sour milk")]
    for days in (800, 300, 90, 1, 0):
        clock.forward(days=days, seconds=1)
        said.append(say(f"Milk, {days}"))
    assert search("milk").voices == said[::-1]
    assert search("sour milk").voices == said[:1]
    first = search("milk", most=4)
    assert first.voices == said[:1:-1]
    assert first.more is not None
    assert search("milk", most=4, before=first.more).voices == said[1::-1]


def test_what_was_heard_in_one_moment_is_all_there(clock: Clock) -> None:
    """Also where two would have the same id."""
    anna = a_customer()
    voices = [
        Voice(
            customer_id=anna, text="Late", language="en", heard_at=clock.now, id=UUID(int=n << 64)
        )
        for n in range(1, 4)
    ]
    Voice.objects.bulk_create(voices)
    assert searching.index(voices=[one.pk for one in voices[:2]]) == 2
    assert searching.index(voices=[voices[2].pk]) == 1
    assert set(search("late").voices) == {one.pk for one in voices}
    first = number(UUID(int=1 << 64), clock.now)
    assert set(Sought.objects.values_list("pk", flat=True)) == {first, first + 1, first + 2}


def test_signs_of_the_databases_own_languages_are_words_like_others() -> None:
    said = say("NOT a NEAR miss OR so")
    for text in ('"', "late OR", "a:*", "' OR 1=1 --", "NEAR(late", "x & !y", "\x00", "%s"):
        search(text)
    assert search("not near").voices == [said]
    assert search("").voices == search("!").voices == []


def test_the_index_says_what_the_table_says(clock: Clock) -> None:
    """Whatever came, was written anew and left: the database checks one against the other."""
    anna = a_customer()
    kept, gone = say("Kept words", by=a_customer("Borys")), say("Gone words", by=anna)
    searching.index(voices=[kept, gone])
    commands.forget(customers=[anna])
    assert search("words").voices == [kept]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            check = "INSERT INTO voice_sought_words(voice_sought_words) VALUES ('integrity-check')"
            cursor.execute(check)


def test_nothing_of_who_was_erased_stays_in_the_index() -> None:
    anna = a_customer()
    say("Unforgettable", by=anna)
    say("Other words", by=a_customer("Borys"))
    commands.forget(customers=[anna])
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT block FROM voice_sought_words_data")
            assert not any(b"unforget" in block for [block] in cursor.fetchall())
    assert not Sought.objects.filter(words__contains="unforget").exists()


def test_voices_of_before_are_found_too(clock: Clock) -> None:
    """As the migration begins the index."""
    voice_id = mailing.take(letter=letter())
    other = say("Late")
    Sought.objects.all().delete()
    assert search("fridge").voices == []
    fill = import_module("kfar.rooms.voice.migrations.0005_search").fill
    fill(apps, None)
    assert search("fridge").voices == [voice_id]
    assert search("late").voices == [other]
