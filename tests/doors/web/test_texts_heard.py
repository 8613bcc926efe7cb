"""A text that is no ballot is a voice, by SMS and by WhatsApp, and is answered the same way."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree

import pytest
from django.test import Client
from pytest_django import Settings

from kfar import loop
from kfar.doors import texts
from kfar.doors.texts import signature
from kfar.ground.money import Money
from kfar.lake.models import Touchpoint
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.voice.channels import commands, queries
from kfar.rooms.voice.models import Post, Voice
from tests.clock import Clock
from tests.doors.web.doors import enter, text
from tests.people import an_employee
from tests.rooms.decisions.doors import DOV, open_to, votes

pytestmark = pytest.mark.django_db

TOKEN, URL, OURS = "12345", "https://vote.village.example", "+18005551212"
ANN, THANKS = "+14155552671", "Thank you, we heard you. A person will read it."


class Phones:
    """A texter that keeps what it is to send."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    def send(self, *, to: str, text: str, sender: str = "") -> None:
        self.sent.append((to, sender, text))


@pytest.fixture(autouse=True)
def phones(monkeypatch: pytest.MonkeyPatch, settings: Settings, clock: Clock) -> Phones:
    found = Phones()
    settings.KFAR_TWILIO, settings.KFAR_URL = ("AC1", TOKEN, OURS), URL
    monkeypatch.setattr(texts, "texter", lambda: found)
    return found


def post(said: str, number: str = ANN, message: str = "SM1", **more: str) -> Any:
    to = "whatsapp:+18005559999" if number.startswith("whatsapp:") else OURS
    fields = {"From": number, "To": to, "Body": said, "MessageSid": message} | more
    mark = signature(TOKEN, f"{URL}/sms/twilio", {k: [v] for k, v in fields.items()})
    browser = Client(enforce_csrf_checks=True, headers={"X-Twilio-Signature": mark})
    return browser.post("/sms/twilio", fields)


def told(answer: Any) -> list[str]:
    """What is answered at once."""
    assert answer.status_code == 200
    return [str(one.text) for one in ElementTree.fromstring(answer.content)]


def answer(voice_id: UUID, words: str) -> None:
    case = cases.case(voice_id)
    assert case is not None
    service.remedy(
        by=an_employee(), case_id=case.id, kind="answer", amount=Money(0, "USD"), words=words,
        once=uuid4(),
    )  # fmt: skip
    loop.tick()


@pytest.mark.parametrize(
    ("number", "channel", "to", "sender"),
    [
        (ANN, "sms", ANN, OURS),
        (f"whatsapp:{ANN}", "whatsapp", f"whatsapp:{ANN}", "whatsapp:+18005559999"),
    ],
)
def test_a_text_is_heard_and_answered_from_the_number_it_was_sent_to(
    phones: Phones, number: str, channel: str, to: str, sender: str
) -> None:
    assert told(post("My fridge is warm", number)) == [THANKS]
    loop.tick()
    voice = Voice.objects.get()
    assert (voice.text, voice.language) == ("My fridge is warm", "en")
    assert list(Touchpoint.objects.values_list("channel", "kind")) == [(channel, "voice")]
    answer(voice.pk, "We come today.")
    loop.tick()
    [(went, came, words)] = phones.sent
    assert (went, came) == (to, sender)
    first, _, rest = words.partition("\n\n")
    assert first == "We come today."
    assert rest.startswith(
        "Is it good now? One click tells us:\nhttps://vote.village.example/good/"
    )
    assert told(post("Thanks, it is cold now", number, "SM2")) == []
    assert [p.text for p in queries.posts([voice.pk])[voice.pk]] == ["", "Thanks, it is cold now"]


def test_the_same_text_again_is_one_and_is_not_thanked_for_again() -> None:
    assert told(post("My fridge is warm")) == [THANKS]
    assert told(post("My fridge is warm")) == []
    assert (Voice.objects.count(), Post.objects.count()) == (1, 1)


def test_a_phone_that_answers_by_itself_gets_no_more_to_answer() -> None:
    """A new voice each time, and thanks once a day."""
    post("I am driving now")
    for n in range(2, 5):
        Voice.objects.update(closed_at=None)
        assert told(post("I am driving now", message=f"SM{n}")) == []
    assert told(post("My fridge is warm", OURS, "SM9")) == ["No question takes text messages now."]
    assert Voice.objects.count() == 1


def test_who_wants_no_texts_is_heard_and_never_texted(phones: Phones) -> None:
    for prefix, one in (("", "SM1"), ("whatsapp:", "SM3")):
        assert len(told(post("STOP", f"{prefix}{ANN}", one))) == 1
        assert told(post(f"My fridge is warm {one}", f"{prefix}{ANN}", f"{one}b")) == []
    loop.tick()
    voice = Voice.objects.first()
    assert voice is not None
    answer(voice.pk, "We come today.")
    loop.tick()
    assert phones.sent == []
    [said] = queries.answers([voice.pk])[voice.pk]
    assert (said.ref, said.why) == ("", "voice.texts_stopped")
    page = text(enter("Noa").get(f"/voices/{voice.pk}/"))
    assert "They asked for no more text messages" in page
    assert "Could not be delivered" in page


def test_a_ballot_is_no_voice_and_a_sentence_is_no_ballot() -> None:
    question = open_to("phone")
    assert told(post("vote 2"))[0].startswith("Your vote counts: B.")
    assert Voice.objects.count() == 0
    said = told(post("I want to say something", message="SM2"))
    assert said == [f"{THANKS} Which apples? Answer with a number: 1 A, 2 B"]
    assert told(post("appels", message="SM3")) == ["Which apples? Answer with a number: 1 A, 2 B"]
    assert (Voice.objects.count(), votes(question)) == (1, [("sms", "1")])


def test_a_vote_by_whatsapp_is_none() -> None:
    question = open_to("phone")
    assert told(post("2", f"whatsapp:{DOV}")) == []
    assert (votes(question), Voice.objects.count()) == ([], 0)


def test_a_picture_alone_is_heard_by_its_kind() -> None:
    post("", f"whatsapp:{ANN}", NumMedia="1", MediaContentType0="image/jpeg", ProfileName="Ann")
    assert Voice.objects.get().text == "image/jpeg"


def test_what_is_forged_is_not_heard() -> None:
    fields = {"From": f"whatsapp:{ANN}", "Body": "My fridge is warm", "MessageSid": "SM1"}
    forged = Client(headers={"X-Twilio-Signature": "x"}).post("/sms/twilio", fields)
    assert forged.status_code == 403
    assert Voice.objects.count() == 0


def test_a_machine_without_a_number_is_not_heard() -> None:
    assert told(post("Your parcel has arrived today", "PARCELS")) != [THANKS]
    assert Voice.objects.count() == 0


def test_where_the_operator_wants_no_texts_none_is_heard() -> None:
    post("My fridge is warm")
    commands.remove(name="sms")
    assert told(post("It still is", message="SM2")) == ["No question takes text messages now."]
    assert Voice.objects.count() == 1


def test_too_many_are_told_so_once(settings: Settings) -> None:
    settings.KFAR_POSTS = 1
    post("My fridge is warm")
    full = "At most 1 messages a day are taken from one person."
    assert told(post("It is very warm", message="SM2")) == [full]
    assert told(post("It is so warm", message="SM3")) == []
    assert Post.objects.count() == 1


def test_a_long_answer_goes_in_as_many_texts_as_it_takes(phones: Phones) -> None:
    post("My fridge is warm")
    loop.tick()
    answer(Voice.objects.get().pk, "word " * 390)
    loop.tick()
    assert [len(words) <= 1600 for *_to, words in phones.sent] == [True, True]
    assert "".join(words for *_to, words in phones.sent).count("word") == 390
