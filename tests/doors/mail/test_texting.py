"""Who voted by text message and has no mailbox is told by text message what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from pytest_django import Settings

from kfar import loop
from kfar.doors import texts
from kfar.ground.errors import Refused
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.models import Handle
from kfar.rooms.customers.names import EMAIL, PHONE
from kfar.rooms.decisions import admitting, limiting
from kfar.rooms.decisions import commands as decisions
from kfar.rooms.decisions.proving.manifest import Tier
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.models import Letter
from tests.clock import Clock
from tests.people import a_customer, ask
from tests.rooms.decisions.doors import DOV, EWA, asker, open_to, text

pytestmark = pytest.mark.django_db

ANN = "+14155552671"
PAGE = "https://vote.village.example/questions/{}/"
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)


class Phones:
    """A texter that keeps what it is to send; while it is `away`, it sends nothing."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.away = False

    def send(self, *, to: str, text: str) -> None:
        if self.away:
            raise Refused("texts.not_sent")
        self.sent.append((to, text))


@pytest.fixture(autouse=True)
def phones(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Phones:
    """The phones of everybody."""
    found = Phones()
    settings.KFAR_TWILIO = ("AC1", "12345", "+18005551212")
    settings.KFAR_URL, settings.KFAR_COMPANY = "https://vote.village.example", "Village"
    monkeypatch.setattr(texts, "texter", lambda: found)
    return found


def a_vote(clock: Clock, **given: Any) -> UUID:
    """A question that takes text messages for an hour."""
    said = {
        "text": {"en": "Which apples?", "he": "אילו תפוחים?"},
        "options": [{"en": "Red", "he": "אדומים"}, {"en": "Green", "he": "ירוקים"}],
        "pledge": {"en": "We grow them", "he": "נגדל אותם"},
        "closes_at": clock.now + timedelta(hours=1),
    }
    return open_to("phone", **said | given)


def close(clock: Clock) -> None:
    clock.forward(hours=1)
    for _ in range(3):
        loop.tick()


def keep(question: UUID, how: str) -> None:
    promise = record.for_question(question)
    assert promise is not None
    promises.keep(by=asker(), promise_id=promise.id, how=how)


def test_each_is_told_once_in_their_language(clock: Clock, phones: Phones) -> None:
    question = a_vote(clock)
    for number in (ANN, DOV):
        text(number, "2")
    close(clock)
    page = PAGE.format(question)
    will, done = "What we will do, by Apr 1, 2026", "מה נעשה, עד 1 באפר׳ 2026"
    assert sorted(phones.sent) == [
        (
            ANN,
            f"Village: Which apples?\nYou decided together: Green\n{will}: We grow them\n{page}",
        ),
        (
            DOV,
            f"Village: אילו תפוחים?\nההחלטה המשותפת: ירוקים\n{done}: נגדל אותם\n{page}",
        ),
    ]
    assert mail.outbox == []
    phones.sent.clear()
    keep(question, "Planted – in the “upper” field")
    loop.tick()
    loop.tick()
    assert dict(phones.sent)[ANN] == (
        "Village: We kept our promise\nWe grow them\n"
        f'What was done: Planted - in the "upper" field\n{page}'
    )
    assert len(phones.sent) == 2


def test_why_a_question_is_taken_back(clock: Clock, phones: Phones) -> None:
    question = a_vote(clock)
    text(ANN, "2")
    decisions.withdraw(by=asker(), question_id=question, reason={"en": "Frost"})
    loop.tick()
    loop.tick()
    said = f"Village: Taken back: Which apples?\nWhy: Frost\n{PAGE.format(question)}"
    assert phones.sent == [(ANN, said)]


def test_too_few_are_told_so_and_promised_nothing(clock: Clock, phones: Phones) -> None:
    question = a_vote(clock, quorum=2)
    text(ANN, "1")
    close(clock)
    said = "Village: Which apples?\nToo few answered for it to count.\n\n" + PAGE.format(question)
    assert phones.sent == [(ANN, said.replace("\n\n", "\n"))]


def test_who_has_a_mailbox_gets_a_mail(clock: Clock, phones: Phones) -> None:
    a_vote(clock)
    text(ANN, "1")
    own = people.by_handle(PHONE, ANN)
    assert own is not None
    Handle.objects.create(customer_id=own, kind=EMAIL, value="ann@village.example")
    close(clock)
    assert (phones.sent, [letter.to for letter in mail.outbox]) == ([], [["ann@village.example"]])


def test_who_was_asked_by_name_is_not_texted(clock: Clock, phones: Phones) -> None:
    a_customer()
    own = admitting.meet(kind=PHONE, address=ANN)
    question = ask(asker(), closes_at=clock.now + timedelta(hours=1))
    promises.tell(customers=[own], what="question-closed", about=question)
    close(clock)
    assert phones.sent == []


def test_nothing_goes_where_texts_are_not_set_up(
    clock: Clock, phones: Phones, settings: Settings
) -> None:
    settings.KFAR_TWILIO = ("", "", "")
    a_vote(clock)
    text(ANN, "1")
    close(clock)
    assert (phones.sent, Letter.objects.filter(sent_at=None).count()) == ([], 0)


def test_a_text_that_fails_is_sent_later_and_once(clock: Clock, phones: Phones) -> None:
    a_vote(clock)
    text(ANN, "1")
    phones.away = True
    close(clock)
    assert phones.sent == []
    phones.away = False
    clock.forward(minutes=5)
    loop.tick()
    loop.tick()
    assert [to for to, _ in phones.sent] == [ANN]


def test_what_it_may_cost_is_kept_to_and_the_others_follow(
    clock: Clock, phones: Phones, settings: Settings
) -> None:
    settings.KFAR_TEXTS = "1/hour"
    a_vote(clock)
    for number in (ANN, DOV, EWA):
        text(number, "1")
    close(clock)
    seen = []
    for _ in range(4):
        seen.append(len(phones.sent))
        clock.forward(hours=1)
        loop.tick()
    assert seen == [1, 2, 3, 3]
    assert {to for to, _ in phones.sent} == {ANN, DOV, EWA}


@pytest.mark.parametrize("word", ["STOP", "Unsubscribe", "הסר", "חדל."])
def test_who_says_stop_gets_no_more_until_start(word: str, clock: Clock, phones: Phones) -> None:
    question = a_vote(clock)
    text(ANN, "1")
    assert text(ANN, word, "SM1").wish == "stop"
    with pytest.raises(Refused, match="texts_stopped"):
        admitting.new_code(question_id=question, tier=Tier.SMS, to=ANN, ip="::1")
    assert text(ANN, "2").silent
    close(clock)
    assert phones.sent == []
    clock.forward(minutes=1)
    assert text(ANN, "start").wish == "start"
    text(ANN, word, "SM1")  # the same message again
    assert not limiting.stopped(ANN)
    keep(question, "Planted")
    loop.tick()
    loop.tick()
    assert [to for to, _ in phones.sent] == [ANN]


def test_the_longest_are_four_messages_long(clock: Clock, phones: Phones) -> None:
    long = {"en": "Wording long enough " * 9, "he": "ניסוח ארוך ארוך ארוך " * 9}
    options = [long, {"en": "Green", "he": "ירוקים"}]
    question = a_vote(clock, text=long, pledge=long, options=options)
    for number in (ANN, DOV):
        text(number, "1")
    close(clock)
    keep(question, long["he"])
    taken = a_vote(clock, text=long)
    text(DOV, "1")
    decisions.withdraw(by=asker(), question_id=taken, reason=long)
    loop.tick()
    loop.tick()
    told = [(to, parts(said)) for to, said in phones.sent]
    assert len(told) == 5
    assert max(count for _, count in told) <= 4
    assert (ANN, 2) in told[:2]  # no sign of it at twice the length


def parts(text: str) -> int:
    """How many messages a text takes, in GSM 03.38 or UCS-2."""
    one, more = (160, 153) if set(text) <= GSM else (70, 67)
    return 1 if len(text) <= one else -(-len(text) // more)


def test_the_same_letter_is_the_same_text(clock: Clock, phones: Phones) -> None:
    a_vote(clock)
    text(ANN, "1")
    close(clock)
    Letter.objects.update(sent_at=None)  # killed before it was noted
    clock.forward(days=1)
    loop.tick()
    [first, again] = phones.sent
    assert first == again
