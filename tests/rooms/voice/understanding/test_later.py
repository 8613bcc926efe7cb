"""What is said later on a voice is read once, shown, and counts in the hour it was said in."""

from __future__ import annotations

from uuid import UUID

import pytest

from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import mailing
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.alarms import streams, watching
from kfar.rooms.voice.alarms.models import Hour
from kfar.rooms.voice.alarms.streams import Stream
from kfar.rooms.voice.channels import hearing
from kfar.rooms.voice.models import Voice
from kfar.rooms.voice.rules import Stands
from kfar.rooms.voice.understanding import commands, queries, refreshing
from kfar.rooms.voice.understanding.models import Further
from tests.clock import Clock
from tests.people import an_employee
from tests.rooms.voice.channels.said import a_hook, message
from tests.rooms.voice.mail.mails import letter

pytestmark = pytest.mark.django_db

BAD, GOOD = "Terrible, the milk was sour and nobody answered", "Great value, I love it"


def wrote(first: str, *more: str) -> UUID:
    """Return the voice of mails of one person, each read before the next."""
    begun = mailing.take(letter=letter(first))
    refreshing.read_due()
    for text in more:
        assert mailing.take(letter=letter(text), answers=begun) == begun
        refreshing.read_due()
    return begun


def marks(voice_id: UUID) -> tuple[str, str]:
    found = queries.readings([voice_id])[voice_id]
    return found.first, found.mark


def test_a_mail_that_comes_after_is_read_and_is_what_is_shown(clock: Clock) -> None:
    one = wrote(GOOD)
    before = queries.readings([one])[one]
    assert (before.first, before.mark, before.later) == ("positive", "positive", None)
    clock.forward(hours=1)
    mailing.take(letter=letter(BAD), answers=one)
    assert refreshing.read_due() == 1
    after = queries.readings([one])[one]
    assert (after.first, after.mark, after.later) == ("positive", "negative", clock.now)
    assert [v.id for v in voices.standing(Stands.UNREAD, mark="negative")] == [one]
    assert voices.counts(mark="positive")[Stands.UNREAD] == 0
    assert (refreshing.read_due(), Further.objects.count()) == (0, 1)
    Voice.objects.update(understood_at=None)
    assert (refreshing.read_due(), Further.objects.count()) == (1, 1)


def test_an_answer_in_a_thread_is_read_too_and_the_same_one_once() -> None:
    shop = a_hook()
    first = hearing.take(channel_id=shop, message=message(GOOD, id="1", thread="t"))
    more = message(BAD, id="2", thread="t")
    assert hearing.take(channel_id=shop, message=more) == first
    assert hearing.take(channel_id=shop, message=more) is None
    assert first is not None
    refreshing.read_due()
    assert (marks(first), Further.objects.count()) == (("positive", "negative"), 1)


def test_what_comes_while_it_is_read_is_read_with_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = mailing.take(letter=letter(GOOD))
    understand = refreshing.understand

    def slowly(*said: list[str]) -> list[refreshing.Understood]:
        monkeypatch.setattr(refreshing, "understand", understand)
        mailing.take(letter=letter(BAD), answers=one)
        return understand(*said)

    monkeypatch.setattr(refreshing, "understand", slowly)
    assert (refreshing.read_some(), queries.readings([one])) == (0, {})
    assert (refreshing.read_some(), marks(one)) == (1, ("positive", "negative"))


def test_an_employees_word_is_of_what_was_said_last_until_then(clock: Clock) -> None:
    noa, one = an_employee(), wrote(GOOD, BAD)
    clock.forward(minutes=1)
    commands.correct(by=noa, voice_id=one, sentiment="neutral")
    assert marks(one) == ("positive", "neutral")
    Voice.objects.update(understood_at=None)
    refreshing.read_due()
    assert (marks(one), queries.readings([one])[one].corrected) == (("positive", "neutral"), True)
    clock.forward(minutes=1)
    mailing.take(letter=letter(BAD), answers=one)
    refreshing.read_due()
    found = queries.readings([one])[one]
    assert (found.mark, found.corrected) == ("negative", False)
    clock.forward(minutes=1)
    commands.correct(by=noa, voice_id=one, sentiment="neutral")
    refreshing.read_due()
    assert marks(one) == ("positive", "neutral")
    assert list(Further.objects.order_by("at").values_list("mark", flat=True)) == [
        "negative", "neutral",
    ]  # fmt: skip


def test_it_counts_in_its_own_hour_and_a_person_once_a_day(clock: Clock) -> None:
    one = wrote(GOOD)
    clock.forward(hours=30)
    begun = clock.now
    wrote_more = [mailing.take(letter=letter(BAD + "!" * n), answers=one) for n in range(3)]
    assert set(wrote_more) == {one}
    clock.forward(hours=2)
    watching.watch_due()
    assert not Hour.objects.filter(at__gte=begun.replace(minute=0, second=0)).exists()
    refreshing.read_due()
    watching.watch_due()
    assert [hour.people for hour in Hour.objects.filter(stream="all:")] == [1]
    assert list(Stream().voices(begun, clock.now).values_list("pk", flat=True)) == [one]
    assert streams.Stream().voices(clock.now, clock.now).count() == 0


def test_it_goes_with_who_said_it() -> None:
    one = wrote(GOOD, BAD)
    said = voices.voice(one)
    assert said is not None
    voice.forget(customers=[said.customer_id])
    assert not Further.objects.exists()
