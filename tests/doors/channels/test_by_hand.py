"""Where we can only read, somebody answers by hand and says so; then the voice counts as told."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from pytest_django import Settings

from kfar import loop
from kfar.doors.archive import said as archived
from kfar.doors.labels import ACTS
from kfar.ground.errors import Refused
from kfar.lake.models import AuditLine
from kfar.loop import answering
from kfar.rooms.promises.models import Letter
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.service import together
from kfar.rooms.service.models import Remedy
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.channels import commands, hearing, queries
from kfar.rooms.voice.channels.rules import Kind
from kfar.rooms.voice.models import Posted, Voice
from kfar.rooms.voice.rules import Stands
from tests.doors.web.doors import enter, text
from tests.people import an_employee
from tests.rooms.voice.channels.said import a_hook, message
from tests.servers import Script

pytestmark = pytest.mark.django_db
TOPIC = "https://forum.example/t/1"


@pytest.fixture
def forum() -> UUID:
    return commands.add(kind="rss", name="forum", url="https://feeds.forum.example/latest.rss")


def said(channel: UUID, **given: Any) -> UUID:
    found = hearing.take(channel_id=channel, message=message(**given))
    assert found is not None
    loop.tick()
    return found


def answered(voice_id: UUID, words: str = "Clean the seal.", url: str = "", **given: Any) -> UUID:
    asked = {"by": an_employee(), "once": uuid4()} | given
    made = answering.answered_there(voice_id=voice_id, words=words, url=url, **asked)
    loop.tick()
    loop.tick()
    return made


def stands(voice_id: UUID) -> Stands:
    found = voices.voice(voice_id)
    assert found is not None
    return found.stands


def test_an_answer_by_hand_is_an_answer_and_its_customer_is_told(forum: UUID) -> None:
    voice = said(forum, url=TOPIC)
    an_employee()
    noa = enter("Noa")
    page = text(noa.get(f"/voices/{voice}/"))
    assert "I answered there" in page
    sent = {"words": "Clean the seal.", "url": f"{TOPIC}/2", "once": str(uuid4())}
    for _ in range(2):  # twice is once
        assert noa.post(f"/voices/{voice}/there/", sent).status_code == 302
        loop.tick()
        loop.tick()
    assert stands(voice) is Stands.TOLD
    assert Voice.objects.get().answered_at is not None
    [posted] = Posted.objects.all()
    assert (posted.ref, posted.url, posted.why) == (f"{TOPIC}/2", f"{TOPIC}/2", "")
    case = cases.case(voice)
    assert case is not None
    [given] = case.remedies
    assert (case.waiting, given.kind, given.words, given.by) == (
        *(False, "answer", "Clean the seal."),
        "Noa",
    )
    # nothing was sent, and nothing waits to be
    assert (mail.outbox, Letter.objects.count()) == ([], 0)
    page = text(noa.get(f"/voices/{voice}/"))
    assert "<bdi>Noa</bdi> wrote this there by hand." in page
    assert f'href="{TOPIC}/2"' in page
    assert "told, waiting for their word" in page
    acts = list(AuditLine.objects.order_by("pk").values_list("act", flat=True))
    assert [acts.count(act) for act in ("service.remedied", "voice.answered_there")] == [1, 1]
    assert str(ACTS["voice.answered_there"]) == "You were answered where you wrote."
    [taken] = archived.in_voices(Voice.objects.get().customer_id)
    assert [one["words"] for one in taken["decisions"]] == ["Clean the seal."]
    assert [one["url"] for one in taken["answered"]] == [f"{TOPIC}/2"]


def test_words_are_needed_and_an_address_is_not(forum: UUID) -> None:
    voice = said(forum, url=TOPIC)
    an_employee()
    noa = enter("Noa")
    sent = {"words": " ", "url": "", "once": str(uuid4())}
    found = noa.post(f"/voices/{voice}/there/", sent)
    assert found.status_code == 422
    assert 'id="there-words-error"' in text(found)
    assert (Remedy.objects.count(), Posted.objects.count()) == (0, 0)
    answered(voice)
    assert stands(voice) is Stands.TOLD
    assert queries.answers([voice])[voice][0].url == ""


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://forum.example.evil.example/t/1", "voice.answer_elsewhere"),
        ("https://evil.example/forum.example", "voice.answer_elsewhere"),
        ("https://forum.example@evil.example/", "voice.bad_answer_link"),
        ("javascript:alert(1)", "voice.bad_answer_link"),
        ("forum.example/t/1", "voice.bad_answer_link"),
        ("https://[forum.example/", "voice.bad_answer_link"),
        ("https://forum.example/a b", "voice.bad_answer_link"),
    ],
)
def test_an_answer_somewhere_else_is_refused_and_nothing_is_noted(
    forum: UUID, url: str, why: str
) -> None:
    voice = said(forum, url=TOPIC)
    with pytest.raises(Refused, match=why.replace(".", r"\.")):
        answered(voice, url=url)
    assert (Remedy.objects.count(), Posted.objects.count()) == (0, 0)
    assert stands(voice) is Stands.UNREAD


@pytest.mark.parametrize(
    "url",
    ["http://FORUM.example/t/1", "https://www.forum.example/x", "https://feeds.forum.example/"],
)
def test_the_host_of_the_post_and_of_the_feed_are_right(forum: UUID, url: str) -> None:
    voice = said(forum, url=TOPIC)
    answered(voice, url=url)
    assert Posted.objects.get().url == url


def test_where_we_can_answer_one_answers_here(elsewhere: Script, settings: Settings) -> None:
    settings.KFAR_DEMO = True
    sms = hearing.by_text(Kind.SMS)
    assert sms is not None
    found = [
        said(a_hook(answers=f"{elsewhere.url}/answers")),
        said(a_hook("mailing"), address="zosia@shop.example"),
        said(sms, phone="+48601222333", address="+48601222333"),
    ]
    an_employee()
    noa = enter("Noa")
    for voice in found:
        assert "I answered there" not in text(noa.get(f"/voices/{voice}/"))
        with pytest.raises(Refused, match=r"voice\.answered_here"):
            answered(voice)
    silent = said(a_hook("silent"))
    answered(silent)
    assert stands(silent) is Stands.TOLD


def test_who_may_not_answer_may_not_say_so(forum: UUID) -> None:
    voice = said(forum, url=TOPIC)
    brand = an_employee("Tomasz", "brand")
    with pytest.raises(Refused, match=r"village\.may_not"):
        answered(voice, by=brand)
    assert "I answered there" not in text(enter("Tomasz").get(f"/voices/{voice}/"))


def test_what_is_taken_back_waits_again(forum: UUID) -> None:
    voice, noa = said(forum, url=TOPIC), an_employee()
    service.undo(by=noa, remedy_id=answered(voice), why="It was the wrong seal.")
    for _ in range(3):
        loop.tick()
    assert stands(voice) is Stands.UNREAD
    assert mail.outbox == []


def test_what_is_decided_together_is_told_together(forum: UUID) -> None:
    one, other = said(forum, url=TOPIC), said(forum, id="2", text="And loud.")
    ours = [cases.case(voice_id) for voice_id in (one, other)]
    assert ours[0] is not None
    assert ours[1] is not None
    together.merge(by=an_employee(), case_id=ours[0].id, other_id=ours[1].id)
    answered(one)
    assert [stands(voice_id) for voice_id in (one, other)] == [Stands.TOLD, Stands.TOLD]
    assert Letter.objects.count() == 0


def test_our_own_answer_in_the_feed_is_no_voice(forum: UUID) -> None:
    voice = said(forum, url=TOPIC)
    answered(voice, url=f"{TOPIC}/2")
    ours = message("Clean the seal.", id="forum.example-post-2", url=f"{TOPIC}/2", author="noa")
    assert hearing.take(channel_id=forum, message=ours) is None
    theirs = message("It helped.", id="forum.example-post-3", url=f"{TOPIC}/3", author="zosia")
    assert hearing.take(channel_id=forum, message=theirs) is not None
    assert Voice.objects.count() == 2
