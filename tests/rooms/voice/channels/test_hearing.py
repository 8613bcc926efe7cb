"""What is said on a channel is a voice once, of the right person, in the right conversation."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from kfar import loop
from kfar.lake.models import Touchpoint
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.service import queries as cases
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.channels import commands, hearing, queries
from kfar.rooms.voice.channels.rules import Kind
from kfar.rooms.voice.facts import Heard, SaidMore
from kfar.rooms.voice.models import Post, Posted, Seen, Sought, Voice
from kfar.rooms.voice.rules import MOST, Stands
from kfar.rooms.voice.searching.words import words
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, email, refuses
from tests.rooms.voice.channels.said import a_hook, message

pytestmark = pytest.mark.django_db


def take(channel: UUID, text: str = "The fridge is warm.", **given: object) -> UUID:
    found = hearing.take(channel_id=channel, message=message(text, **given))
    assert found is not None
    return found


def said(voice_id: UUID) -> voices.Said:
    found = voices.voice(voice_id)
    assert found is not None
    return found


def test_a_message_is_a_voice_with_a_case_on_the_journey() -> None:
    shop = a_hook()
    found = take(shop, url="https://shop.example/r/1", address="zosia@shop.example")
    loop.tick()
    assert said(found).text == "The fridge is warm."
    assert cases.case(found) is not None
    assert list(Touchpoint.objects.values_list("channel", "kind")) == [("shop", "voice")]
    person = people.person(said(found).customer_id)
    assert person is not None
    assert (person.name, person.names) == ("Zosia", (("shop", "u7"),))
    [post] = queries.posts([found])[found]
    assert (post.channel.name, post.began, post.text, post.url) == (
        *("shop", True, ""),
        "https://shop.example/r/1",
    )


def test_the_same_message_is_heard_once_by_its_id_and_by_its_delivery() -> None:
    shop = a_hook()
    assert hearing.take(channel_id=shop, message=message(), delivery="d1")
    for one, delivery in (("1", "d1"), ("1", "d2"), ("2", "d1"), ("1", "")):
        again = hearing.take(channel_id=shop, message=message(id=one), delivery=delivery)
        assert again is None
    assert (Voice.objects.count(), len(announced())) == (1, 1)
    assert hearing.take(channel_id=a_hook("other"), message=message("Else"), delivery="d1")


def test_who_wrote_is_found_where_the_source_knows_them() -> None:
    [anna] = customers.meet_many(
        source="shop", newcomers=[Newcomer(key="u7", name="Anna")]
    ).values()
    assert said(take(a_hook())).customer_id == anna


def test_an_address_that_is_told_lets_nobody_be_somebody() -> None:
    anna = a_customer("Anna")
    found = said(take(a_hook(), author="u9", email=email("Anna")))
    assert people.person_of([found.customer_id]) != people.person_of([anna])


def test_a_number_is_proven() -> None:
    new = Newcomer(key="7", name="Dov")
    [dov] = customers.meet_many(source="shop", newcomers=[new]).values()
    channel = hearing.by_text(Kind.SMS)
    assert channel is not None
    number = "+972502345678"
    found = said(take(channel, phone=number, address=number, author=""))
    person = people.person(found.customer_id)
    assert person is not None
    assert person.phone == number
    assert person.id != dov


def test_more_in_a_thread_opens_the_voice_again() -> None:
    shop = a_hook()
    first = take(shop, thread="t1")
    voice.tell(voice_id=first)
    assert said(first).stands is Stands.TOLD
    assert take(shop, "It still is.", id="2", thread="t1") == first
    assert said(first).stands is Stands.UNREAD
    assert [p.text for p in queries.posts([first])[first]] == ["", "It still is."]
    assert [type(fact) for fact in announced()] == [Heard, SaidMore]
    loop.tick()
    assert Touchpoint.objects.filter(kind="said-more", channel="shop").count() == 1


def test_another_person_in_the_thread_has_a_voice_of_their_own() -> None:
    shop = a_hook()
    first = take(shop, thread="t1")
    assert take(shop, "Mine is too.", id="2", thread="t1", author="u8") != first


def test_what_answers_a_message_or_an_answer_of_ours_goes_on_with_it() -> None:
    shop = a_hook(answers="https://shop.example/answers")
    first = take(shop)
    commands.posted(voice_id=first, channel_id=shop, letter_id=uuid4(), ref="a1")
    assert take(shop, "Thank you", id="2", answers=("1",)) == first
    assert take(shop, "Really", id="3", answers=("a1",)) == first
    assert take(shop, "Something else", id="4") != first


def test_what_we_posted_ourselves_is_never_a_voice() -> None:
    shop = a_hook()
    first = take(shop)
    commands.posted(voice_id=first, channel_id=shop, letter_id=uuid4(), ref="a1")
    assert hearing.take(channel_id=shop, message=message("We come.", id="a1")) is None


def test_texts_of_a_week_belong_together(clock: Clock) -> None:
    channel = hearing.by_text(Kind.WHATSAPP)
    assert channel is not None
    number = {"phone": "+972502345678", "address": "+972502345678", "author": ""}
    first = take(channel, "Hello", **number)
    assert take(channel, "The fridge is warm.", id="2", **number) == first
    clock.forward(days=8)
    assert take(channel, "Something else", id="3", **number) != first


def test_what_is_too_long_for_a_voice_stands_whole_beside_it() -> None:
    text = "x" * (MOST + 1)
    found = take(a_hook(), text)
    assert said(found).text == "x" * (MOST - 1) + "…"
    assert [post.text for post in queries.posts([found])[found]] == [text]


def test_one_person_is_heard_so_often_a_day_and_can_come_again(
    clock: Clock, settings: Settings
) -> None:
    settings.KFAR_POSTS = 2
    shop = a_hook()
    for one in ("1", "2"):
        take(shop, f"Nr {one}", id=one)
    with refuses("voice.too_many_posts", most=2):
        take(shop, "Nr 3", id="3")
    assert take(shop, "Nr 3", id="3", author="u8")  # somebody else
    clock.forward(days=1, seconds=1)
    assert hearing.take(channel_id=shop, message=message("Nr 4", id="4"))


def test_who_comes_back_to_what_was_closed_untold_opens_it_and_the_reason_is_gone() -> None:
    shop = a_hook()
    found = take(shop, thread="t1")
    voice.close(by=an_employee("Dana", "lead"), voice_id=found, why="spam", words="An advert")
    assert take(shop, "It is none.", id="2", thread="t1") == found
    row = Voice.objects.get()
    assert (said(found).stands, row.untold, row.untold_words, row.untold_by) == (
        *(Stands.UNREAD, "", ""),
        None,
    )
    assert voices.telling().untold == {}


def test_a_removed_channel_hears_nothing() -> None:
    shop = a_hook()
    found = take(shop)
    commands.remove(name="shop")
    with refuses("voice.no_such_channel", name=""):
        take(shop, "More", id="2")
    assert said(found).text == "The fridge is warm."
    assert queries.secrets(shop) == []
    again = a_hook()
    assert again != shop


def test_nothing_is_no_voice() -> None:
    with refuses("voice.nothing_said"):
        take(a_hook(), " \x00 ")
    assert Seen.objects.count() == 0


def test_who_is_erased_does_not_come_back_with_the_same_message() -> None:
    shop = a_hook()
    found = take(shop)
    commands.posted(voice_id=found, channel_id=shop, letter_id=uuid4(), ref="a1")
    gone = voice.forget(customers=[said(found).customer_id])
    assert {row: gone.rows[row] for row in ("voice.Post", "voice.Posted", "voice.Voice")} == {
        "voice.Post": 1,
        "voice.Posted": 1,
        "voice.Voice": 1,
    }
    assert hearing.take(channel_id=shop, message=message()) is None
    assert (Voice.objects.count(), Post.objects.count(), Posted.objects.count()) == (0, 0, 0)


def test_what_came_after_and_what_was_too_long_is_found() -> None:
    shop = a_hook()
    found = take(shop, "x " * MOST + "pomegranate", thread="t1")
    take(shop, "It is a walnut.", id="2", thread="t1")
    kept = set(Sought.objects.get(voice=found).words.split())
    assert kept.issuperset(words("pomegranate walnut"))


def test_an_answer_to_who_was_erased_meanwhile_is_noted_nowhere() -> None:
    commands.posted(voice_id=uuid4(), channel_id=a_hook(), letter_id=uuid4(), ref="a1")
    assert Posted.objects.count() == 0


def test_it_was_said_when_the_channel_says_but_not_ahead_of_time(clock: Clock) -> None:
    shop = a_hook()
    before, ahead = clock.now - timedelta(days=3), clock.now + timedelta(days=3)
    take(shop, "Before", at=before)
    take(shop, "Ahead", id="2", at=ahead)
    assert list(Post.objects.order_by("pk").values_list("said_at", flat=True)) == [
        *(before, clock.now)
    ]
