"""Employees hear by a real mail server of what waits for them, and nothing of the customer."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from pytest_django import Settings

from kfar import loop
from kfar.ground.money import Money
from kfar.lake.models import Announcement
from kfar.rooms.customers import queries as people
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.service.approving import commands as approving
from kfar.rooms.service.approving import queries as asked
from kfar.rooms.village import commands as village
from kfar.rooms.village.models import Employee, News
from kfar.rooms.village.news import commands as news
from kfar.rooms.village.notes import commands as notes
from kfar.rooms.voice import commands as voice
from tests.clock import Clock
from tests.doors.mail.test_incoming import sent as sent  # noqa: PLC0414 - a fixture
from tests.doors.web.doors import enter, text
from tests.mailboxes import Postbox
from tests.people import a_customer, an_employee, email
from tests.rooms.village.newsworthy import live_through_news

pytestmark = pytest.mark.django_db

WORDS = "The milk was sour, says Annaplanted"


@pytest.fixture(autouse=True)
def _world(settings: Settings, data_dir: object, clock: Clock) -> None:
    settings.KFAR_COMPANY = "Orchard"
    settings.KFAR_URL = "https://orchard.example"
    loop.post_notice()


def say(by: UUID) -> tuple[UUID, UUID]:
    voice_id = voice.say(by=by, text=WORDS, language="en", about_name="MILK 1L")
    turn()
    case = cases.case(voice_id)
    assert case is not None
    return voice_id, case.id


def turn() -> None:
    """One second of `kfar work`."""
    loop.reckon()
    loop.tick()


def ask(by: UUID, case_id: UUID, minor: int = 5_000) -> None:
    approving.ask(
        by=by, case_id=case_id, kind="refund", amount=Money(minor, "USD"),
        words="Because of " + WORDS, once=uuid4(),
    )  # fmt: skip


def plain(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def told(box: Postbox) -> list[tuple[str, str]]:
    """To whom and of what since last asked, to those who work here."""
    found = [(str(one["To"]), str(one["Subject"])) for one in box.letters]
    box.letters.clear()
    return [(to, subject) for to, subject in found if not to.startswith("annaplanted")]


def test_an_approver_hears_at_once_at_half_time_and_then_the_next(
    sent: Postbox, clock: Clock
) -> None:
    noa, anna = an_employee(), a_customer("Annaplanted")
    an_employee("Dana", "lead")
    an_employee("Lev", "lead")
    voice_id, case_id = say(anna)
    ask(noa, case_id)
    turn()
    [letter] = sent.letters
    assert (letter["To"], letter["Subject"]) == (
        email("Dana"),
        "A decision waits for you until Mar 2, 2026, 2:00 PM",
    )
    assert plain(letter) == (
        "Noa asks whether this may be given; you have until Mar 2, 2026, 2:00\u202fPM, "
        "then the next in line is asked.\nA refund of $50.00\nOne click answers it:\n"
        f"https://orchard.example/voices/{voice_id}/#asked-title\n\n"
        "How you hear of what:\nhttps://orchard.example/village/news/\n"
    )
    row = News.objects.get()
    assert letter["Message-ID"] == f"<{row.pk}@kfar>"
    # Nothing of the customer, in no part and no header.
    whole = letter.as_string()
    for planted in (WORDS, "Annaplanted", email("Annaplanted"), str(anna), "MILK"):
        assert planted not in whole
    sent.letters.clear()

    clock.forward(minutes=59)
    turn()
    assert told(sent) == []
    clock.forward(minutes=1)
    for _twice in range(2):
        turn()
    assert told(sent) == [
        (email("Dana"), "A decision still waits for you, until Mar 2, 2026, 2:00 PM")
    ]
    clock.forward(hours=1)
    for _twice in range(2):
        turn()
    assert told(sent) == [(email("Lev"), "A decision waits for you until Mar 2, 2026, 4:00 PM")]


def test_who_has_answered_is_not_reminded(sent: Postbox, clock: Clock) -> None:
    noa, dana, anna = an_employee(), an_employee("Dana", "lead"), a_customer("Annaplanted")
    voice_id, case_id = say(anna)
    ask(noa, case_id)
    turn()
    assert len(told(sent)) == 1
    [one] = asked.asked_about([voice_id])
    approving.say(by=dana, approval_id=one.id, yes=True)
    clock.forward(hours=1)
    turn()
    assert told(sent) == []


def test_what_was_decided_before_the_letter_went_out_is_not_told(sent: Postbox) -> None:
    noa, dana, anna = an_employee(), an_employee("Dana", "lead"), a_customer("Annaplanted")
    voice_id, case_id = say(anna)
    ask(noa, case_id)
    [one] = asked.asked_about([voice_id])
    approving.say(by=dana, approval_id=one.id, yes=False, why="No")
    turn()
    # Noa, to whom it went back, hears of it in the letter of the day.
    assert told(sent) == [(email("Noa"), "1 thing waits for you")]


def test_the_letter_of_the_day_says_who_named_one_and_what_was_given(
    sent: Postbox, clock: Clock, settings: Settings
) -> None:
    settings.KFAR_WORK_HOURS = "Mon-Fri 13:00-17:00"
    noa, dana, anna = an_employee(), an_employee("Dana", "lead"), a_customer("Annaplanted")
    voice_id, case_id = say(anna)
    service.hand_on(by=noa, case_id=case_id, to=dana)
    said = "@Dana see " + WORDS
    notes.write(by=noa, customer_id=anna, voice_id=voice_id, text=said, once=uuid4())
    notes.write(by=dana, customer_id=anna, text="@Dana for myself", once=uuid4())
    turn()
    assert told(sent) == []  # the company opens at one
    clock.forward(hours=1)
    turn()
    [letter] = sent.letters
    assert (letter["To"], letter["Subject"]) == (email("Dana"), "2 things wait for you")
    assert plain(letter) == (
        "A case was given to you. It is to be decided by Mar 9, 2026, 5:00\u202fPM.\n"
        f"https://orchard.example/voices/{voice_id}/\n\n"
        "Noa named you in a note.\nhttps://orchard.example/village/mentions/\n\n"
        "How you hear of what:\nhttps://orchard.example/village/news/\n"
    )
    assert "Annaplanted" not in letter.as_string()


def test_a_letter_speaks_the_language_of_who_reads_it(sent: Postbox) -> None:
    noa, dana, anna = an_employee(), an_employee("Dana", "lead"), a_customer("Annaplanted")
    news.speak(by=dana, language="he")
    _voice, case_id = say(anna)
    ask(noa, case_id)
    turn()
    [letter] = sent.letters
    html = letter.get_body(("html",))
    assert html is not None
    assert '<html lang="he" dir="rtl">' in html.get_content()


def test_who_left_hears_nothing(sent: Postbox) -> None:
    noa, anna = an_employee(), a_customer("Annaplanted")
    an_employee("Dana", "lead")
    _voice, case_id = say(anna)
    ask(noa, case_id)
    village.part(email=email("Dana"))
    turn()
    assert told(sent) == []


def test_whom_the_loop_gives_a_case_hears_of_it(
    sent: Postbox, clock: Clock, settings: Settings
) -> None:
    settings.KFAR_ASSIGN_AFTER = timedelta(hours=1)
    noa = an_employee()
    news.choose(by=noa, wishes={"case": "now"})
    say(a_customer("Annaplanted"))
    clock.forward(hours=2)
    for _twice in range(2):
        turn()
    assert told(sent) == [(email("Noa"), "A case was given to you")]


def test_what_is_announced_twice_is_told_once(sent: Postbox) -> None:
    live_through_news(an_employee())
    turn()
    assert News.objects.count() == 3
    Announcement.objects.update(delivered_at=None)
    sent.letters.clear()
    turn()
    assert (News.objects.count(), told(sent)) == (3, [])


def test_one_chooses_on_a_page(settings: Settings) -> None:
    noa = an_employee()
    client, at = enter("Noa"), reverse("web:news")
    page = text(client.get(at))
    assert '<option value="now" selected>At once</option>' in page
    sent = {"approval": "daily", "case": "never", "mention": "now", "language": "pl"}
    assert client.post(at, sent).status_code == 302
    person = Employee.objects.get(pk=noa)
    assert (person.hears, person.language) == (
        {"approval": "daily", "case": "never", "mention": "now"},
        "pl",
    )
    assert client.post(at, sent | {"case": "x"}).status_code == 409
    # The language chosen on any page is that of the letters, too.
    client.post(reverse("web:language"), {"language": "he"})
    person.refresh_from_db()
    assert person.language == "he"
    a_customer("Annaplanted")
    assert enter("Annaplanted").get(at).status_code == 403


def test_who_is_erased_is_in_no_news(sent: Postbox) -> None:
    from kfar.rooms.service.commands import forget

    noa, anna = an_employee(), a_customer("Annaplanted")
    an_employee("Dana", "lead")
    _voice, case_id = say(anna)
    ask(noa, case_id)
    loop.tick()
    gone = forget(customers=people.selves(anna))
    assert dict(news.forget(about=gone.ids).rows) == {"village.News": 1}
