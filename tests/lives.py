"""A life with Kfar: somebody comes by every way there is and leaves traces everywhere."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone

from kfar import loop
from kfar.doors.mail import maildir
from kfar.ground.ids import new_id
from kfar.ground.money import Money
from kfar.lake.intake import records
from kfar.lake.intake.log import LogWriter
from kfar.lake.settle import settle
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.customers.ties import commands as ties
from kfar.rooms.decisions import closing, texts
from kfar.rooms.decisions import commands as decisions
from kfar.rooms.decisions import queries as polls
from kfar.rooms.decisions.consultations import commands as consultations
from kfar.rooms.decisions.consultations.commands import Speaker
from kfar.rooms.decisions.models import Consultation, Question
from kfar.rooms.insight import commands as insight
from kfar.rooms.insight import queries as known
from kfar.rooms.insight import refreshing
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises.in_return import commands as in_return
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.service.approving import commands as approving
from kfar.rooms.service.returns import commands as returns
from kfar.rooms.service.returns.rules import Bought
from kfar.rooms.touchpoints.imports import import_file
from kfar.rooms.village.departments import commands as departments
from kfar.rooms.village.meetings import commands as meetings
from kfar.rooms.village.meetings.queries import Candidate
from kfar.rooms.village.models import Meeting
from kfar.rooms.village.notes import commands as notes
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import mailing
from kfar.rooms.voice.channels import commands as listening
from kfar.rooms.voice.channels import hearing
from kfar.rooms.voice.channels import queries as channels
from kfar.rooms.voice.channels.rules import Message
from kfar.rooms.voice.reviews import commands as reviews
from kfar.rooms.voice.reviews.commands import Ware
from kfar.rooms.voice.surveys import commands as surveys
from tests.people import NONCE, an_employee, ask
from tests.rooms.decisions.consultations.consulting import consult
from tests.rooms.voice.mail.mails import letter

PLAIN = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


class Life:
    """Somebody whose every trace begins with their name: addresses, words, ids, pages."""

    def __init__(self, name: str, number: str, ip: str) -> None:
        self.name = name
        self.email = f"{name.lower()}@planted.example"
        self.other_email = f"{name.lower()}-at-work@planted.example"
        self.phone = number
        self.ip = ip

    def word(self, what: str) -> str:
        """A word nobody else says."""
        return f"{self.name.lower()}{what}"

    @property
    def words(self) -> list[str]:
        """Every trace that is text."""
        said = ("anonymous", "user", "message", "page", "order", "voice", "answer", "promise",
                "kept", "shop", "category", "about", "statement", "closed", "survey",
                "mail", "subject", "post", "posted", "handle", "place",
                "minutes", "note", "review", "approval")  # fmt: skip
        return [self.name, self.email, self.other_email, self.phone, self.ip, *map(self.word, said)]

    @property
    def id(self) -> UUID:
        """Who they are."""
        found = people.by_handle("email", self.email)
        assert found is not None
        return people.person_of([found])[found]

    def events(self, *said: dict[str, Any]) -> bytes:
        """A request to the gate, as it is kept."""
        context = {"ip": self.ip, "page": {"path": f"/{self.word('page')}"}}
        batch = [
            {"messageId": f"{self.word('message')}{n}", "context": context, **event}
            for n, event in enumerate(said)
        ]
        now = int(timezone.now().timestamp() * 1000)
        record = {"k": "events", "r": now, "s": "site", "t": True, "u": "f", "b": {"batch": batch}}
        return _line(record)

    def browse(self) -> None:
        """Come to the site, say who they are, and buy."""
        visit = {"anonymousId": self.word("anonymous")}
        told = {"email": self.email, "phone": self.phone, "name": self.name}
        writer = LogWriter(settings.KFAR_DATA_DIR / "intake")
        writer.commit(
            [
                self.events(
                    {**visit, "type": "page", "name": self.word("page")},
                    {**visit, "type": "identify", "userId": self.word("user"), "traits": told},
                    {
                        **visit,
                        "type": "track",
                        "event": "Order Completed",
                        "userId": self.word("user"),
                        "properties": {"order_id": self.word("order"), "total": 12},
                    },
                )
            ]
        )
        writer.close()
        loop.tick()

    def buy(self) -> None:
        """Stand in a file of the shop, under another address."""
        path = settings.KFAR_DATA_DIR.parent / f"{self.name}.csv"
        path.write_text(
            "at,channel,kind,email,product_name,category,paid,currency\n"
            f"2026-03-01T10:00:00Z,store,purchase,{self.other_email},{self.word('shop')},"
            f"{self.word('category')},5,USD\n"
            f"2026-03-02T10:00:00Z,store,purchase,{self.other_email},Salt,Spices,5,USD\n"
            "2026-03-01T11:00:00Z,store,purchase,nobody@neighbours.example,Salt,Spices,5,USD\n"
        )
        import_file(path, source="till")
        path.unlink()

    def sign_in(self) -> Client:
        """Come in by a code; and ask for another that is never used."""
        ways: dict[str, Any] = {"SERVER_NAME": "localhost", "REMOTE_ADDR": self.ip}
        with override_settings(STORAGES=PLAIN):
            browser = Client(**ways)
            for client in (browser, Client(**ways)):
                assert client.post("/account/sign-in/", {"email": self.email}).status_code == 302
                if client is browser:
                    [code] = [
                        found.group()
                        for letter in maildir.box().values()
                        if letter["To"] == self.email
                        and (found := re.match(r"\d{6}", letter["Subject"]))
                    ]
                    client.post("/account/sign-in/code/", {"code": code})
            assert browser.get("/me/").status_code == 200
        customers.consent(by=self.id, purpose="ask", given=True, source="web")
        return browser

    def speak(self) -> None:
        """Say something, and be answered, and promised something twice."""
        lead = an_employee("Ewa", "lead")
        voice_id = voice.say(by=self.id, text=self.word("voice"), language="en")
        loop.tick()
        case = cases.case(voice_id)
        assert case is not None
        approving.ask(
            by=an_employee("Noa"), case_id=case.id, kind="refund", amount=Money(5_000, "USD"),
            words=self.word("approval"), once=uuid4(),
        )  # fmt: skip
        service.remedy(
            by=lead, case_id=case.id, kind="answer", amount=Money(0, "USD"),
            words=self.word("answer"), once=uuid4(),
        )  # fmt: skip
        for once in (uuid4(), uuid4()):
            promises.promise(
                by=lead, text={"en": self.word("promise")}, owner=lead, to=self.id,
                due=timezone.localdate(), voice_id=voice_id, once=once,
            )  # fmt: skip
            loop.tick()
        once_more = uuid4()
        promises.keep(by=lead, promise_id=once, how=self.word("kept"))
        in_return.offer(
            by=self.id, kind="other", words=self.word("return"), language="en",
            due=timezone.localdate(), once=once_more,
        )  # fmt: skip
        in_return.done(by=self.id, promise_id=once_more, how=self.word("did"))
        loop.tick()
        more = letter(self.word("mail"), address=self.email, subject=self.word("subject"))
        mailing.take(letter=more, answers=voice_id)
        said = Message(
            id=self.word("post"),
            text=self.word("posted"),
            at=timezone.now(),
            author=self.word("user"),
            address=self.word("handle"),
            url=f"https://forum.example/{self.word('place')}",
        )
        there = channels.named("site")
        site = there.id if there else listening.add(kind="hook", name="site")
        assert hearing.take(channel_id=site, message=said) is not None
        loop.tick()

    def send_back(self) -> None:
        """Send a part of a purchase back."""
        line = Bought(
            new_id(), self.word("shop"), self.word("shop"), self.word("category"), 1, 5, "USD"
        )
        returns.start(
            by=self.id, bought_at=timezone.now(), lines=[line], chosen={line.touch_id: 1},
            once=uuid4(),
        )  # fmt: skip
        loop.tick()

    def text(self) -> None:
        """Vote by text message on a question of its own, and ask for codes that are never used."""
        question = ask(an_employee("Tomasz", "brand"), audience="link", keyword=_word(self.name))
        said = f"{_word(self.name)} 2"
        assert texts.take(number=self.phone, text=said, message=uuid4().hex).refused is None
        browser = Client(SERVER_NAME="localhost", REMOTE_ADDR=self.ip)
        with override_settings(STORAGES=PLAIN):
            for tier, to in (("sms", self.phone), ("email", self.other_email)):
                sent = browser.post(f"/vote/{question}/code/", {"tier": tier, "to": to})
                assert sent.status_code == 200

    def be_known(self) -> None:
        """Agree to be understood, be looked at, and correct what is known."""
        for purpose in ("understand", "personalise"):
            customers.consent(by=self.id, purpose=purpose, given=True, source="web")
        refreshing.refresh()
        lead = an_employee("Ewa", "lead")
        insight.look(by=lead, customer_id=self.id)
        assert [h.category for h in known.profile(self.id).habits] == [
            *("Spices", self.word("category"))
        ]
        [line] = known.lines(self.id, "Spices")
        insight.correct(by=self.id, touch_id=line.id, kind="gift")
        insight.use(by=self.id, category=self.word("category"), used=False)
        refreshing.refresh()

    def merge(self) -> None:
        """Turn out to be known at work too, and perhaps to be somebody else."""
        lead = an_employee("Ewa", "lead")
        at_work = people.by_handle("email", self.other_email)
        assert at_work is not None
        customers.merge(by=lead, one=self.id, other=at_work)
        new = Newcomer(key="like", name="Somebody alike")
        [alike] = customers.meet_many(source="crm", newcomers=[new]).values()
        customers.propose(one=self.id, other=alike, ground="match", score=0.9)


def _word(name: str) -> str:
    """A keyword that does not name anybody."""
    return name[::-1].lower()


def _line(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, separators=(",", ":")) + "\n").encode()


def two_questions(*lives: Life) -> tuple[UUID, UUID]:
    """Ask both: one question that is counted, and one that stays open, answered by the gate too."""
    brand = an_employee("Tomasz", "brand")
    counted, still_open = ask(brand), ask(brand)
    for life in lives:
        decisions.vote(by=life.id, question_id=counted, text="1")
    writer = LogWriter(settings.KFAR_DATA_DIR / "intake")
    now = int(timezone.now().timestamp() * 1000)
    for life in lives:
        numbers = [polls.voter(still_open, own) for own in people.selves(life.id)]
        [number] = [number for number in numbers if number is not None]
        ballot = records.ballot(now, str(still_open), number, "0", NONCE)
        writer.commit([ballot, records.until(now)])
    writer.close()
    loop.tick()
    past = timezone.now() - timedelta(minutes=1)
    before = past - timedelta(days=1)
    Question.objects.filter(pk=counted).update(asked_at=before, opens_at=before, closes_at=past)
    closing.close_due()
    loop.tick()
    return counted, still_open


def two_consultations(*lives: Life) -> None:
    """Let both say something, and vote, in a consultation that closes and in one that is open."""
    brand = an_employee("Tomasz", "brand")
    closes, stays = consult(brand, moderation="after"), consult(brand, moderation="after")
    for one, word in ((closes, "closed"), (stays, "statement")):
        for life in lives:
            consultations.say(
                by=Speaker(life.id), consultation_id=one, text=life.word(word), language="en"
            )
            consultations.vote(by=Speaker(life.id), consultation_id=one, number=1, vote=1)
    loop.tick()
    past = timezone.now() - timedelta(minutes=1)
    Consultation.objects.filter(pk=closes).update(opens_at=past - timedelta(days=1), closes_at=past)
    loop.reckon()
    loop.tick()


def one_survey(*lives: Life) -> None:
    """Invite both to a survey, and let them answer it."""
    brand, once = an_employee("Tomasz", "brand"), uuid4()
    asked = {"elements": [{"type": "text", "name": "which"}]}
    surveys.make(by=brand, text=json.dumps(asked), once=once)
    closes = timezone.now() + timedelta(days=7)
    surveys.open_survey(by=brand, survey_id=once, closes_at=closes)
    assert surveys.invite(by=brand, survey_id=once) == len(lives)
    for life in lives:
        answers = {"which": life.word("survey")}
        surveys.respond(survey_id=once, by=life.id, answers=answers, language="en", once=uuid4())
    loop.tick()


def one_meeting(life: Life) -> None:
    """Draw one, meet them, and write a note about them."""
    noa, once = an_employee("Noa", "lead"), uuid4()
    departments.set_department(code="village", name={"en": "Village"})
    drawn = [Candidate(life.id, quiet=True, valued=True, new=True)]
    meetings.draw(by=noa, department="village", candidates=drawn, n=1, once=uuid4())
    soon = timezone.now() + timedelta(minutes=1)
    meetings.plan(
        by=noa, employee=noa, customers=[life.id], at=soon, minutes=30, place="Here", once=once
    )
    loop.tick()
    Meeting.objects.filter(pk=once).update(at=timezone.now())
    said = life.word("minutes")
    meetings.hold(by=noa, meeting_id=once, came=[life.id], minutes=30, said=said)
    text = f"@Noa, {life.word('note')}"
    notes.write(by=noa, customer_id=life.id, text=text, once=uuid4())
    loop.tick()


def two_who_know_each_other(one: Life, other: Life) -> None:
    """Let one invite the other, who accepts; and both somebody who has not answered."""
    once = ties.invite(by=one.id, once=uuid4(), email=other.email)
    loop.tick()
    ties.accept(by=other.id, invitation_id=once)
    for life in (one, other):
        customers.consent(by=life.id, purpose=people.BEYOND, given=True, source="web")
        ties.invite(by=life.id, once=uuid4())


def live(*lives: Life) -> tuple[UUID, UUID]:
    """Let them live through all of Kfar; return the counted question and the open one."""
    call_command("createcachetable")
    for life in lives:
        life.browse()
        life.buy()
        life.sign_in()
        life.speak()
        life.send_back()
        life.merge()
        life.be_known()
    questions = two_questions(*lives)
    if len(lives) == 2:
        two_who_know_each_other(*lives)
    two_consultations(*lives)
    one_survey(*lives)
    for life in lives:
        one_meeting(life)
        life.text()
    settle(enough=1)
    for life in lives:
        life.browse()
        voice.say(by=life.id, text=life.word("about"), language="en")
        for stars in (5, 4):
            reviews.write(
                by=life.id, ware=Ware("Salt", "Salt"), stars=stars, text=life.word("review"),
                language="en",
            )  # fmt: skip
    loop.tick()
    return questions
