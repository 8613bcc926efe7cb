"""The loop as a story: heard, read, decided, told, promised, kept, and good because they say so."""

from __future__ import annotations

import re
import time
from dataclasses import fields
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings

from kfar import loop
from kfar.doors import links
from kfar.doors.mail import post
from kfar.ground.errors import Refused
from kfar.ground.facts import Fact
from kfar.ground.money import Money
from kfar.lake import outbox
from kfar.lake.models import Announcement, Touchpoint
from kfar.rooms.customers import commands as customers
from kfar.rooms.decisions import closing, taking
from kfar.rooms.decisions import commands as decisions
from kfar.rooms.decisions import queries as polls
from kfar.rooms.decisions.taking import Sent
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.models import Letter
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import mailing
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.models import Owed
from tests.afterwards import live_on
from tests.changes import live_through_a_change
from tests.clock import Clock
from tests.people import NONCE, a_customer, an_employee, announced, ask
from tests.rooms.decisions.consultations.consulting import live_through_a_consultation
from tests.rooms.promises.keeping import live_through_keeping
from tests.rooms.voice.mail import mails
from tests.rooms.voice.surveys.surveying import live_through_a_survey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings: Settings, data_dir: object, db: None) -> None:
    settings.KFAR_COMPANY = "Orchard"
    settings.KFAR_URL = "https://orchard.example"
    loop.post_notice()


def stand() -> dict[str, int]:
    """The loop's numbers that are not 0; customers, the whole and cases apart."""
    now = loop.standing()
    apart = ("whole", "cases", "customers", "in_time")
    numbers = {f.name: getattr(now, f.name) for f in fields(now) if f.name not in apart}
    return {name: number for name, number in numbers.items() if number}


def whole() -> tuple[int, int, int]:
    return (figures := loop.standing().whole).heard, figures.answered, figures.closed


def touches() -> list[str]:
    """What lies on all journeys, in the order it came."""
    return list(Touchpoint.objects.order_by("at", "kind").values_list("kind", flat=True))


def say(by: UUID, text: str = "The milk was sour") -> tuple[UUID, UUID]:
    """Say something, let it be heard; return the voice and its case."""
    voice_id = voice.say(by=by, text=text, language="en", about_name="MILK 1L")
    loop.tick()
    case = cases.case(voice_id)
    assert case is not None
    return voice_id, case.id


def refund(by: UUID, case_id: UUID, minor: int = 599, words: str = "") -> UUID:
    return service.remedy(
        by=by, case_id=case_id, kind="refund", amount=Money(minor, "USD"), words=words, once=uuid4()
    )


def promise(by: UUID, to: UUID, voice_id: UUID, due: date) -> UUID:
    return promises.promise(
        by=by, text={"en": "A new fridge"}, owner=by, due=due, to=to, voice_id=voice_id,
        once=uuid4(),
    )  # fmt: skip


def letters() -> list[tuple[str, str, str]]:
    """Letters since last asked, by address: to whom, subject, text; of a link, its `<right>`."""
    found = sorted((m.to[0], str(m.subject), _without_tokens(str(m.body))) for m in mail.outbox)
    mail.outbox.clear()
    return found


def _without_tokens(text: str) -> str:
    return re.sub(r"https://orchard\.example/(ballot|good|promise)/[^/\s]+/", r"<\1>", text)


def test_a_voice_goes_round_the_loop(clock: Clock) -> None:
    anna, noa = a_customer(), an_employee()

    voice_id = voice.say(by=anna, text="The milk was sour", language="en", about_name="MILK 1L")
    assert stand() == {"hear": 1}
    assert loop.tick() == 1
    assert (stand(), touches()) == ({"hear": 1, "touchpoints": 1}, ["voice"])

    clock.forward(minutes=1)
    voice.read(by=noa, voice_id=voice_id)
    assert stand() == {"know": 1, "touchpoints": 1}

    case = cases.case(voice_id)
    assert case is not None
    clock.forward(minutes=1)
    refund(noa, case.id, words="Please try our new dairy.")
    assert stand() == {"know": 1, "touchpoints": 1}
    assert loop.tick() == 2
    assert stand() == {"word": 1, "touchpoints": 2}
    assert whole() == (1, 1, 0)
    assert letters() == [
        (
            "anna@village.example",
            "You said it, we did it",
            (
                "You said about MILK 1L:\n“The milk was sour”\n\n"
                "You get $5.99 back.\n\nPlease try our new dairy.\n\n"
                "Noa decided this for you.\n\nIs it good now? One click tells us:\n<good>\n"
            ),
        )
    ]

    clock.forward(minutes=1)
    promise_id = promise(noa, anna, voice_id, clock.today + timedelta(days=7))
    assert stand() == {"word": 1, "keep": 1, "touchpoints": 2}
    assert loop.tick() == 2
    assert stand() == {"keep": 1, "touchpoints": 3}
    due = f"{clock.today + timedelta(days=7):%b %-d, %Y}"
    assert letters() == [
        (
            "anna@village.example",
            "A promise to you",
            (
                "You said about MILK 1L:\n“The milk was sour”\n\nWe promise: A new fridge\n\n"
                f"Noa sees to it, by {due}. When it is done we will write to you.\n\n"
                "Is it no longer needed? One click tells us:\n<promise>\n"
            ),
        )
    ]

    clock.forward(days=8)
    assert stand() == {"keep": 1, "late": 1, "touchpoints": 3}
    promises.keep(by=noa, promise_id=promise_id, how="It came on Tuesday")
    assert loop.tick() == 2
    assert stand() == {"word": 1, "touchpoints": 4}
    assert letters() == [
        (
            "anna@village.example",
            "We kept our promise",
            (
                "You said about MILK 1L:\n“The milk was sour”\n\nWe promised: A new fridge\n\n"
                "What was done: It came on Tuesday\n\nIs it good now? One click tells us:\n<good>\n"
            ),
        )
    ]

    clock.forward(days=1)
    voice.judge(by=anna, voice_id=voice_id, good=True)
    assert loop.tick() == 1
    assert (stand(), whole()) == ({"touchpoints": 5}, (1, 1, 1))
    assert touches() == ["voice", "remedy", "promise", "promise-kept", "good"]
    assert (loop.tick(), letters()) == (0, [])
    assert loop.standing().customers == 1


def test_not_good_puts_it_before_an_employee_again(clock: Clock) -> None:
    anna, noa, dana = a_customer(), an_employee(), an_employee("Dana", "lead")
    voice_id, case_id = say(anna)
    voice.read(by=noa, voice_id=voice_id)
    clock.forward(hours=1)
    refund(noa, case_id)
    loop.tick()
    clock.forward(days=1)
    voice.judge(by=anna, voice_id=voice_id, good=False)
    loop.tick()
    assert stand() == {"know": 1, "touchpoints": 3}
    case = cases.case(voice_id)
    assert case is not None
    assert case.waiting

    service.hand_on(by=noa, case_id=case_id, to=dana)
    assert stand() == {"act": 1, "touchpoints": 3}
    clock.forward(hours=1)
    refund(dana, case_id, 5000)
    loop.tick()
    assert stand() == {"word": 1, "touchpoints": 4}
    clock.forward(hours=1)
    voice.judge(by=anna, voice_id=voice_id, good=True)
    loop.tick()
    assert (stand(), whole()) == ({"touchpoints": 5}, (1, 1, 1))
    assert touches() == ["voice", "remedy", "not-good", "remedy", "good"]


def test_a_remedy_taken_back_opens_the_voice_and_says_why(clock: Clock) -> None:
    anna, noa = a_customer(), an_employee()
    voice_id, case_id = say(anna)
    voice.read(by=noa, voice_id=voice_id)
    remedy = refund(noa, case_id)
    loop.tick()
    letters()
    clock.forward(hours=1)
    service.undo(by=noa, remedy_id=remedy, why="It was Borys's milk")
    loop.tick()
    assert stand() == {"know": 1, "touchpoints": 3}
    assert letters() == [
        (
            "anna@village.example",
            "We have to take something back",
            (
                "You said about MILK 1L:\n“The milk was sour”\n\nThis does not stand any more:\n"
                "You get $5.99 back.\n\nWhy: It was Borys's milk\n\n"
                "Your voice is open again; we will come back to you.\n"
            ),
        )
    ]
    with pytest.raises(Refused, match=r"^voice\.not_told_yet$"):
        voice.judge(by=anna, voice_id=voice_id, good=True)


def test_a_remedy_taken_back_while_another_stands_leaves_the_word_to_the_customer() -> None:
    anna, noa = a_customer(), an_employee()
    _voice_id, case_id = say(anna)
    one, _ = refund(noa, case_id), refund(noa, case_id)
    loop.tick()
    service.undo(by=noa, remedy_id=one, why="Twice")
    loop.tick()
    assert stand() == {"word": 1, "touchpoints": 4}


def test_a_question_goes_round_the_loop(clock: Clock) -> None:
    anna, borys = a_customer(), a_customer("Borys", language="pl")
    a_customer("Celina")
    a_customer("Dov", asked=False)
    tomasz = an_employee("Tomasz", "brand")
    texts = {"en": "Which apples?", "pl": "Jakie jabłka?"}
    question = ask(
        tomasz,
        text=texts,
        options=[{"en": "Red", "pl": "Czerwone"}, {"en": "Green", "pl": "Zielone"}],
        pledge={"en": "We grow them", "pl": "Sadzimy je"},
        closes_at=clock.now + timedelta(days=7),
    )
    assert stand() == {"decide": 1}
    assert loop.tick() == 1 + 1 + 3  # the gate is told of the question, too
    got = letters()
    assert [to for to, _, _ in got] == [
        *("anna@village.example", "borys@village.example", "celina@village.example")
    ]
    assert got[0][1] == "Which apples?"
    assert got[0][2].startswith(
        "Orchard asks you, and your voice counts.\n\n– Red\n– Green\n\nAnswer here:\n<ballot>\n\n"
        "You can answer, and change your mind, until "
    )
    assert got[0][2].endswith(
        "What we will do with the result: We grow them\n\n"
        "The link is yours alone: please do not pass it on.\n"
    )
    assert got[1][1] == "Jakie jabłka?"
    assert "– Czerwone\n– Zielone\n" in got[1][2]
    assert "Sadzimy je" in got[1][2]

    clock.forward(hours=1)
    decisions.vote(by=anna, question_id=question, text="0")
    decisions.vote(by=borys, question_id=question, text="0")
    decisions.vote(by=borys, question_id=question, text="1")
    decisions.vote(by=anna, question_id=question, text="1")
    assert loop.tick() == 2
    assert (touches(), letters()) == (["vote", "vote"], [])

    clock.forward(days=7)
    assert stand() == {"touchpoints": 2}  # it takes no more answers, and is not yet counted
    assert loop.tick() == 1
    assert loop.tick() == 1 + 2 + 2  # the gate; the close, the promise made; two letters
    assert stand() == {"keep": 1, "touchpoints": 2}
    got = letters()
    assert got[0] == (
        "anna@village.example",
        "The result: Which apples?",
        (
            "You decided together: Green\n\n– Green: 2\n– Red: 0\n2 customers answered.\n\n"
            f"What we will do, by {_due(question)}: We grow them\n\n<ballot>\n"
        ),
    )
    assert [(to, subject.endswith("Jakie jabłka?")) for to, subject, _ in got[1:]] == [
        ("borys@village.example", True)
    ]
    assert "– Zielone: 2\n– Czerwone: 0\n" in got[1][2]

    pledged = record.for_question(question)
    assert pledged is not None
    promises.keep(by=tomasz, promise_id=pledged.id, how="Five hundred trees")
    assert loop.tick() == 1 + 2
    assert stand() == {"touchpoints": 2}
    got = letters()
    assert got[0] == (
        "anna@village.example",
        "We kept our promise",
        (
            "You answered: Which apples?\n\nWe promised: We grow them\n\n"
            "What was done: Five hundred trees\n\n<ballot>\n"
        ),
    )
    assert [to for to, _, _ in got[1:]] == ["borys@village.example"]
    assert "Jakie jabłka?" in got[1][2]
    assert loop.tick() == 0


def _due(question_id: UUID) -> str:
    pledged = record.for_question(question_id)
    assert pledged is not None
    return f"{pledged.due:%b %-d, %Y}"


def test_a_question_nobody_answers_is_kept_too_and_tells_nobody(clock: Clock) -> None:
    a_customer()
    question = ask(an_employee("Tomasz", "brand"), closes_at=clock.now + timedelta(hours=1))
    loop.tick()
    letters()
    clock.forward(hours=1)
    loop.tick()
    loop.tick()
    assert (letters(), stand()) == ([], {"keep": 1})
    assert record.for_question(question) is not None


class TestLate:
    """A fact that failed at first comes after those that followed it, and harms nothing."""

    def deliver(self, *order: type[Fact] | str) -> None:
        """Deliver what waits in this order of facts."""
        for name in order:
            last = Announcement.objects.filter(delivered_at=None, fact=name)
            assert [outbox._deliver_one(row.pk) for row in last] == [True]

    def test_a_remedy_that_comes_after_it_was_taken_back_tells_nothing(self) -> None:
        anna, noa = a_customer(), an_employee()
        voice_id, case_id = say(anna)
        service.undo(by=noa, remedy_id=refund(noa, case_id), why="Wrong")
        self.deliver("service.RemedyUndone", "service.RemedyGiven")
        assert stand() == {"hear": 1, "touchpoints": 3}
        with pytest.raises(Refused, match=r"^voice\.not_told_yet$"):
            voice.judge(by=anna, voice_id=voice_id, good=True)

    def test_a_promise_that_comes_after_it_was_kept_is_not_owed_for_ever(
        self, clock: Clock
    ) -> None:
        anna, noa = a_customer(), an_employee()
        voice_id, _ = say(anna)
        kept = promise(noa, anna, voice_id, clock.today)
        promises.keep(by=noa, promise_id=kept, how="Done")
        self.deliver("promises.PromiseKept", "promises.PromiseMade")
        assert (stand(), Owed.objects.count()) == ({"word": 1, "touchpoints": 3}, 0)

    def test_a_not_good_that_comes_after_another_remedy_leaves_the_case_decided(
        self, clock: Clock
    ) -> None:
        anna, noa = a_customer(), an_employee()
        voice_id, case_id = say(anna)
        refund(noa, case_id)
        loop.tick()
        clock.forward(hours=1)
        voice.judge(by=anna, voice_id=voice_id, good=False)
        clock.forward(hours=1)
        refund(noa, case_id)
        self.deliver("service.RemedyGiven", "voice.Judged")
        case = cases.case(voice_id)
        assert case is not None
        assert (stand(), case.waiting) == ({"word": 1, "touchpoints": 4}, False)


def test_every_fact_delivered_twice_changes_nothing(clock: Clock) -> None:
    anna, noa, tomasz = a_customer(), an_employee(), an_employee("Tomasz", "brand")
    borys = a_customer("Borys")
    voice_id, case_id = say(anna)
    mailing.take(letter=mails.letter(), answers=voice_id)
    clock.forward(hours=1)
    service.undo(by=noa, remedy_id=refund(noa, case_id), why="Wrong")
    promises.keep(by=noa, promise_id=promise(noa, anna, voice_id, clock.today), how="Done")
    question = ask(tomasz, closes_at=clock.now + timedelta(hours=1))
    decisions.vote(by=anna, question_id=question, text="0")
    number = polls.voter(question, borys) or 0
    taking.take_ballots(ballots=[Sent(question, number, "1", NONCE, clock.now)])
    outbox.deliver()
    voice.judge(by=anna, voice_id=voice_id, good=True)
    clock.forward(hours=1)
    closing.close_due()
    decisions.withdraw(by=tomasz, question_id=ask(tomasz), reason={"en": "A typo"})
    outbox.deliver()
    live_through_a_change(anna, clock)
    live_through_a_consultation(anna, tomasz, clock)
    live_through_a_survey(anna, tomasz)
    live_on(anna, noa, clock)
    live_through_keeping(anna, borys, clock)
    outbox.deliver()
    ewa = an_employee("Ewa", "lead")
    made = customers.merge(by=ewa, one=anna, other=a_customer("Hania"))
    assert made is not None
    customers.unmerge(by=ewa, merge_id=made)
    kinds = {type(fact) for fact in announced()}
    assert kinds == {Fact.kinds[name] for name in Fact.kinds if not name.startswith("test_")}

    def everything() -> object:
        return (
            stand(), whole(), sorted(touches()), voices.voice(voice_id), cases.case(voice_id),
            record.to_customer(anna), Letter.objects.count(), Announcement.objects.count(),
        )  # fmt: skip

    before = everything()
    for row in Announcement.objects.order_by("pk"):
        Announcement.objects.filter(pk=row.pk).update(delivered_at=None)
        assert outbox._deliver_one(row.pk)
        if row.fact != "service.RemedyUndone":  # that one opens what has been closed since
            assert everything() == before, row.fact
        else:
            voice.tell(voice_id=voice_id)
            voice.judge(by=anna, voice_id=voice_id, good=True)


class TestLinks:
    def opened(self, text: str) -> list[str]:
        return re.findall(r"https://orchard\.example/(?:ballot|good)/([^/\s]+)/", text)

    def test_a_letters_link_is_its_readers_own(self, clock: Clock) -> None:
        anna, borys, noa = a_customer(), a_customer("Borys"), an_employee()
        said = {anna: say(anna), borys: say(borys)}
        for _, case_id in said.values():
            refund(noa, case_id)
        question = ask(an_employee("Tomasz", "brand"))
        loop.tick()
        found = {}
        for letter in mail.outbox:
            [token] = self.opened(str(letter.body))
            assert isinstance(letter, EmailMultiAlternatives)
            right = "good" if letter.subject == "You said it, we did it" else "ballot"
            found[letter.to[0], right] = links.opened(token, right)
            other = {"good": "ballot", "ballot": "good"}[right]
            with pytest.raises(Refused, match=r"^links\.forged$"):
                links.opened(token, other)
        assert found == {
            ("anna@village.example", "good"): [said[anna][0], anna],
            ("borys@village.example", "good"): [said[borys][0], borys],
            ("anna@village.example", "ballot"): [question, anna],
            ("borys@village.example", "ballot"): [question, borys],
        }


class TestPost:
    def test_a_letter_is_the_same_letter_sent_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        anna, noa = a_customer(), an_employee()
        _, case_id = say(anna, "<b>sour</b>\r\nBcc: all@village.example")
        refund(noa, case_id)
        loop.tick()
        [first] = mail.outbox
        letter = Letter.objects.get()
        Letter.objects.update(sent_at=None, due_at=letter.at)
        later = time.time() + 60
        monkeypatch.setattr(time, "time", lambda: later)
        post.send_waiting()
        again = mail.outbox[1]
        header = f"<{letter.pk}@kfar>"
        assert [m.extra_headers["Message-ID"] for m in (first, again)] == [header, header]
        assert first.body == again.body

    def test_a_voice_cannot_write_into_the_letters_head_or_its_html(self) -> None:
        anna, noa = a_customer(), an_employee()
        _, case_id = say(anna, "<b>sour</b>\nBcc: all@village.example")
        refund(noa, case_id)
        loop.tick()
        [letter] = mail.outbox
        assert isinstance(letter, EmailMultiAlternatives)
        message = letter.message()
        assert (message["To"], message["Bcc"]) == ("anna@village.example", None)
        html = str(letter.alternatives[0][0])
        assert "&lt;b&gt;sour&lt;/b&gt;" in html
        assert html.count("<b>") == 0

    def test_nobodys_letter_is_read_in_anothers_language(self) -> None:
        dov = a_customer("Dov", language="he")
        _, case_id = say(dov)
        refund(an_employee(), case_id)
        loop.tick()
        [letter] = mail.outbox
        assert isinstance(letter, EmailMultiAlternatives)
        assert '<html lang="he" dir="rtl">' in str(letter.alternatives[0][0])
