"""A mailbox is read: each mail once, answered in its thread, and nothing is lost in it."""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Callable
from email.message import EmailMessage
from imaplib import IMAP4
from uuid import UUID, uuid4

import pytest
import structlog.testing
from django.test import Client
from pytest_django import Settings

from kfar import erasing, loop
from kfar.doors import mailbox
from kfar.doors.mail import incoming, post
from kfar.ground.money import Money
from kfar.rooms.customers import erasure, names
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.models import Customer, Erasure
from kfar.rooms.promises.models import Letter
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.voice import commands, mailing
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.models import Mail, Voice
from kfar.rooms.voice.rules import Stands
from tests.doors.web.doors import enter, text
from tests.mailboxes import USER, Mailserver, Postbox, dovecot
from tests.people import a_customer, an_employee, email
from tests.programs import Home
from tests.rooms.voice.mail.mails import ORCHARD, mail, raw

pytestmark = pytest.mark.django_db

PL = "Lodówka wciąż nie chłodzi.\n\nProszę o pomoc, dziękuję."


@pytest.fixture
def box(mailserver: Mailserver, settings: Settings, data_dir: object) -> Mailserver:
    """A mailbox that the settings name."""
    settings.KFAR_IMAP_URL = mailserver.url
    settings.KFAR_URL = "https://orchard.example"
    settings.DEFAULT_FROM_EMAIL = f"Orchard <{ORCHARD}>"
    return mailserver


@pytest.fixture
def sent(postbox: Postbox, settings: Settings) -> Postbox:
    """What went out, by a real server."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", postbox.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    return postbox


def answer(by: UUID, voice_id: UUID, words: str) -> None:
    case = cases.case(voice_id)
    assert case is not None
    service.remedy(
        by=by, case_id=case.id, kind="answer", amount=Money(0, "USD"), words=words, once=uuid4()
    )
    loop.tick()


def reply(to: EmailMessage, text: str, sender: str) -> bytes:
    """What a mail program sends as an answer, with what it answers below."""
    quoted = "\n".join(f"> {line}" for line in said(to).splitlines())
    return raw(
        f"{text}\n\nW dniu 3.02.2026 o 10:15, Orchard pisze:\n{quoted}",
        sender,
        Subject=f"Re: {to['Subject']}".replace("Re: Re:", "Re:"),
        In_Reply_To=str(to["Message-ID"]),
        References=f"{to['References'] or ''} {to['Message-ID']}".strip(),
    )


def said(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def stands(voice_id: UUID) -> Stands:
    found = voices.voice(voice_id)
    assert found is not None
    return found.stands


def test_a_mail_in_polish_is_answered_and_closed_by_the_customer(
    box: Mailserver, sent: Postbox, client: Client
) -> None:
    """By somebody nobody knows, over real servers."""
    noa, anna = an_employee(), "Anna Żak <anna.zak@village.example>"
    first = raw(PL, anna, Subject="Lodówka", Message_ID="<first@village.example>")
    box.deliver(first)
    assert loop.listen() == 1
    loop.tick()
    voice = Voice.objects.get()
    assert (voice.text, voice.language) == (PL, "pl")

    answer(noa, voice.pk, "Jutro przyjedzie serwisant.")
    [letter] = sent.letters
    assert [letter["To"], letter["From"], letter["Subject"]] == [
        *("anna.zak@village.example", f"Orchard <{ORCHARD}>", "Re: Lodówka")
    ]
    assert letter["In-Reply-To"] == letter["References"] == "<first@village.example>"
    assert letter["Message-ID"] == f"<{Letter.objects.get().pk}@kfar>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "Jutro przyjedzie serwisant." in said(letter)
    assert stands(voice.pk) is Stands.TOLD

    box.deliver(reply(letter, "Nie przyjechał.", anna))
    assert loop.listen() == 1
    loop.tick()
    assert (Voice.objects.count(), stands(voice.pk)) == (1, Stands.UNREAD)
    assert [m.text for m in mailing.mails([voice.pk])[voice.pk]] == ["", "Nie przyjechał."]

    answer(noa, voice.pk, "Przepraszamy: już jedzie.")
    again = sent.letters[1]
    [_, more] = [m.message_id for m in mailing.mails([voice.pk])[voice.pk]]
    assert (again["In-Reply-To"], again["References"]) == (
        more,
        f"<first@village.example> {more}",
    )
    found = re.search(r"https://orchard\.example(/good/\S+)", said(again))
    assert found
    assert client.post(found[1], {"good": "yes"}).status_code == 302
    assert stands(voice.pk) is Stands.CLOSED
    assert box.folders() == {"Kfar": ["Lodówka", "Re: Lodówka"]}


def test_the_page_of_the_voice_shows_what_went_to_and_fro_in_order(
    box: Mailserver, sent: Postbox
) -> None:
    noa = an_employee()
    message = mail("Warm <b>fridge</b>", Subject="Fridge <i>")
    message.add_attachment(b"\xff" * 2048, maintype="image", subtype="png", filename="it.png")
    box.deliver(message.as_bytes())
    loop.listen()
    loop.tick()
    voice = Voice.objects.get()
    answer(noa, voice.pk, "We come today.")
    box.deliver(reply(sent.letters[0], "Nobody came.", "anna@village.example"))
    loop.listen()
    loop.tick()
    answer(noa, voice.pk, "We are at the door.")
    page = text(enter("Noa").get(f"/voices/{voice.pk}/"))
    shown = ["Warm &lt;b&gt;", "Fridge &lt;i&gt;", "anna@village.example", "it.png", "2.0\xa0KB",
             "We come today.", "Nobody came.", "We are at the door."]  # fmt: skip
    assert [words for words in shown if words not in page] == []
    places = [page.index(words) for words in shown]
    assert places == sorted(places)


MACHINES = [
    raw(Subject="Away", Auto_Submitted="auto-replied"),
    raw(Subject="Bounce", Return_Path="<>"),
    raw(Subject="Own", sender=f"Orchard <{ORCHARD}>"),
    raw(Subject="Own too", sender=USER),
    b"Subject: Nobody\r\n\r\nHi",
]


def test_what_is_no_voice_lies_aside_counted_and_is_never_answered(
    box: Mailserver, sent: Postbox
) -> None:
    box.deliver(*MACHINES, raw(Subject="Person"))
    with structlog.testing.capture_logs() as logged:
        assert loop.listen() == 6
    loop.tick()
    assert [line for line in logged if line["event"] == "mail.aside"] == [
        {"event": "mail.aside", "log_level": "info"}
        | {"automatic": 1, "bounce": 1, "own": 2, "nobody": 1}
    ]
    assert box.folders() == {
        "Kfar": ["Person"],
        "Kfar-unread": ["Away", "Bounce", "Nobody", "Own", "Own too"],
    }
    assert (Voice.objects.count(), Letter.objects.count(), sent.letters) == (1, 0, [])


def test_two_machines_do_not_talk_to_each_other(box: Mailserver, sent: Postbox) -> None:
    """What a machine answers to our letter ends there: nothing of ours answers that."""
    noa = an_employee()
    box.deliver(raw())
    loop.listen()
    loop.tick()
    voice = Voice.objects.get()
    answer(noa, voice.pk, "We come.")
    away = reply(sent.letters[0], "I am away.", "anna@village.example")
    box.deliver(b"Auto-Submitted: auto-replied\r\n" + away)
    loop.listen()
    loop.tick()
    assert (stands(voice.pk), len(sent.letters)) == (Stands.TOLD, 1)


def test_a_bomb_of_mails_is_kept_and_not_heard(box: Mailserver, settings: Settings) -> None:
    settings.KFAR_MAILS = 3
    box.deliver(*[raw(f"Boom {n}", Subject=f"{n}") for n in range(8)], raw("Hi", "b@c.example"))
    with structlog.testing.capture_logs() as logged:
        assert loop.listen() == 9
    assert {"event": "mail.aside", "log_level": "info", "too_many_mails": 5} in logged
    assert (Voice.objects.count(), Customer.objects.count()) == (4, 2)
    assert {name: len(mails) for name, mails in box.folders().items()} == {
        "Kfar": 4,
        "Kfar-unread": 5,
    }


def test_fifty_megabytes_of_attachment_and_broken_parts_break_nothing(box: Mailserver) -> None:
    film = encodebytes(b"\0" * 50_000_000)
    head = (
        b"From: anna@village.example\r\nSubject: Film\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nSee the film.\r\n--x\r\n"
        b'Content-Type: video/mp4; name="f.mp4"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    broken = b"From: b@c.example\r\nSubject: Broken\r\nContent-Type: multipart/mixed\r\n\r\n--\xff"
    box.deliver(head + film + b"\r\n--x--\r\n", broken)
    assert loop.listen() == 2
    assert sorted(Voice.objects.values_list("text", flat=True)) == ["--\ufffd", "See the film."]
    [[film_name, kind, _size]] = Mail.objects.get(subject="Film").attachments
    assert (film_name, kind) == ("f.mp4", "video/mp4")
    assert box.folders() == {"Kfar": ["Broken", "Film"]}


def test_what_cannot_be_kept_now_stays_in_the_inbox(
    box: Mailserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = mailing.take

    def full(**given: object) -> UUID:
        if "poison" in str(given["letter"]):
            raise OSError("no room for anna@village.example")
        return take(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(mailing, "take", full)
    box.deliver(raw("poison", Subject="One"), raw(Subject="Two"))
    with structlog.testing.capture_logs() as logged:
        assert loop.listen() == 1
    assert logged == [{"event": "mail.failed", "log_level": "error", "error": "OSError"}]
    assert box.folders() == {"INBOX": ["One"], "Kfar": ["Two"]}
    monkeypatch.setattr(mailing, "take", take)
    assert loop.listen() == 1
    assert (Voice.objects.count(), box.folders()) == (2, {"Kfar": ["One", "Two"]})


def test_what_cannot_be_kept_holds_up_nothing_that_can(
    box: Mailserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = mailing.take

    def full(**given: object) -> UUID:
        if "poison" in str(given["letter"]):
            raise OSError
        return take(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(mailing, "take", full)
    monkeypatch.setattr(incoming, "MOST", 1)
    box.deliver(raw("poison", Subject="One"), raw(Subject="Two"))
    assert [loop.listen(), loop.listen(), loop.listen()] == [0, 1, 0]
    assert box.folders() == {"INBOX": ["One"], "Kfar": ["Two"]}
    monkeypatch.setattr(mailing, "take", take)
    assert loop.listen() == 1
    assert box.folders() == {"Kfar": ["One", "Two"]}


# --- whom it is taken from, and shown to -------------------------------------------------------


def test_an_answer_goes_to_where_the_mail_came_from_and_nowhere_else(
    box: Mailserver, sent: Postbox
) -> None:
    """Whoever forges From does not get the answer: Reply-To is not read."""
    a_customer()
    noa = an_employee()
    box.deliver(raw(sender=email("Anna"), Reply_To="mallory@evil.example", Cc="m@evil.example"))
    loop.listen()
    loop.tick()
    answer(noa, Voice.objects.get().pk, "We come.")
    [letter] = sent.letters
    assert (letter["To"], letter["Cc"]) == (email("Anna"), None)


def test_a_voice_that_began_elsewhere_is_answered_where_its_customer_is_known(
    box: Mailserver, sent: Postbox
) -> None:
    anna, noa = a_customer(), an_employee()
    voice_id = commands.say(by=anna, text="Sour milk", language="en")
    loop.tick()
    answer(noa, voice_id, "Sorry.")
    box.deliver(reply(sent.letters[0], "Still sour.", email("Anna")))
    loop.listen()
    loop.tick()
    assert stands(voice_id) is Stands.UNREAD
    answer(noa, voice_id, "Very sorry.")
    assert [letter["To"] for letter in sent.letters] == [email("Anna")] * 2
    [more] = mailing.mails([voice_id])[voice_id]
    assert sent.letters[1]["In-Reply-To"] == more.message_id
    assert sent.letters[1]["Subject"] == str(more.subject)


# --- once -------------------------------------------------------------------------------------


WORK = """
    import os
    from django.conf import settings
    from kfar import loop
    from kfar.doors import mailbox
    from kfar.rooms.voice import mailing
    from kfar.rooms.voice.models import Mail, Voice
    from tests.programs import forked, forked_at_once
    settings.KFAR_IMAP_URL = {url!r}
    os.environ["SSL_CERT_FILE"] = {certificate!r}

    def work():
        loop.listen()
        loop.tick()

    def tell():
        print(Voice.objects.count(), Mail.objects.count())
"""


def program(kfar: Home, box: Mailserver, code: str) -> str:
    begun = WORK.format(url=box.url, certificate=str(box.folder / "cert.pem"))
    return kfar.run(begun + code).splitlines()[-1]


def test_killed_between_hearing_and_moving_a_mail_is_heard_once(
    kfar: Home, mailserver: Mailserver
) -> None:
    mailserver.deliver(raw("One", Subject="One"), raw("Two", Subject="Two"))
    told = program(
        kfar,
        mailserver,
        """
    forked(work, killed_at=(mailbox.Mailbox, "read"))
    forked(work, killed_at=(mailing, "take"))
    forked(work, killed_at=(mailbox.Mailbox, "move"))
    forked(work, killed_at=(mailbox.Mailbox, "move"))
    forked(work)
    forked(work)
    forked(tell)
    """,
    )
    assert told == "2 2"
    assert mailserver.folders() == {"Kfar": ["One", "Two"]}


def test_two_workers_at_once_hear_each_mail_once(kfar: Home, mailserver: Mailserver) -> None:
    sent = [raw(f"Number {n}", f"c{n % 3}@x.example", Subject=f"{n}") for n in range(12)]
    mailserver.deliver(*sent)
    told = program(
        kfar, mailserver, "    assert forked_at_once(work, work) == [0, 0]\n    forked(tell)\n"
    )
    assert told == "12 12"
    assert mailserver.folders() == {"Kfar": sorted(f"{n}" for n in range(12))}


# --- servers ------------------------------------------------------------------------------------


def test_a_server_that_cannot_prove_who_it_is_learns_nothing(
    box: Mailserver, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    box.deliver(raw())
    said: list[object] = []
    with monkeypatch.context() as patch:
        patch.delenv("SSL_CERT_FILE")
        patch.setattr(IMAP4, "login", lambda *given: said.append(given))
        for url in (box.url, box.plain_url):
            settings.KFAR_IMAP_URL = url
            with structlog.testing.capture_logs() as logged:
                assert loop.listen() == 0
            assert logged == [
                {"event": "chore.failed", "log_level": "error"}
                | {"chore": "fetch", "error": "SSLCertVerificationError"}
            ]
    assert (said, Voice.objects.count()) == ([], 0)


def test_a_server_that_turns_to_tls_is_read(box: Mailserver, settings: Settings) -> None:
    settings.KFAR_IMAP_URL = box.plain_url
    box.deliver(raw(Subject="One"))
    assert loop.listen() == 1
    assert box.folders() == {"Kfar": ["One"]}


def test_a_server_with_folders_below_the_inbox_and_without_move_is_read(
    box: Mailserver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Courier and Cyrus have them."""
    below = "prefix = INBOX.\n  separator = ."
    older = "}\nprotocol imap {\n  imap_capability = IMAP4rev1 NAMESPACE UIDPLUS\n"
    with dovecot(f"{below}\n{older}") as other:
        monkeypatch.setenv("SSL_CERT_FILE", str(other.folder / "cert.pem"))
        settings.KFAR_IMAP_URL = other.url
        other.deliver(raw(Subject="One"), MACHINES[0], raw(Subject="Two"))
        assert loop.listen() == 3
        assert other.folders() == {"INBOX.Kfar": ["One", "Two"], "INBOX.Kfar-unread": ["Away"]}
        with mailbox.opened() as there:
            assert "MOVE" not in there._server.capabilities
            assert (there.unread(), there.remove({email("Anna")})) == (1, 3)
        assert other.folders() == {}


def test_without_a_mailbox_nothing_is_asked(settings: Settings) -> None:
    settings.KFAR_IMAP_URL = ""
    assert loop.listen() == 0
    assert incoming.fetch in loop.listening


# --- erasing ------------------------------------------------------------------------------------


def erased(customer_id: UUID) -> erasure.Receipt:
    erasure_id = erasure.ask(customer_id=customer_id)
    for _tick in range(4):
        erasing.go_on()
        post.say_goodbye()
    receipt = erasure.receipt(erasure_id)
    assert receipt is not None
    return receipt


@pytest.fixture
def _scrubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's files are the affair of `test_erasing.py`."""
    monkeypatch.setattr(erasing, "scrub", lambda: True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_scrubbed")
def test_all_mails_of_who_is_erased_go_from_every_folder_and_no_other(
    box: Mailserver, sent: Postbox
) -> None:
    anna = email("Anna")
    others = [raw(Subject="Other", sender=f'"{anna}" <b@c.example>'), raw("Hi", "x" + anna)]
    box.deliver(raw("One", f"Anna <{anna.upper()}>"), raw(Auto_Submitted="auto-replied"), *others)
    loop.listen()
    loop.tick()
    own = people.by_handle("told-email", anna)
    assert own is not None
    box.deliver(raw("Not heard yet", anna))
    receipt = erased(own)
    assert (receipt.done_at is not None, receipt.mails) == (True, 3)
    assert {table: receipt.rows[table] for table in ("voice.Voice", "voice.Mail")} == {
        "voice.Voice": 1,
        "voice.Mail": 1,
    }
    assert box.folders() == {"Kfar": ["Fridge", "Other"]}
    assert Mail.objects.count() == 2


def test_mails_from_an_address_in_another_alphabet_are_removed_too(
    box: Mailserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "AT_ONCE", 2)  # more than are asked for at once
    theirs = "From: אנה@כפר.example\r\nSubject: Theirs\r\n\r\nHi".encode()
    box.deliver(raw(Subject="One"), theirs, raw(Subject="Two"), theirs, theirs)
    with mailbox.opened() as there:
        assert there.waiting(2) == there.waiting(5)[:2]
        assert there.remove({names.email("אנה@כפר.example")}) == 3
    assert box.folders() == {"INBOX": ["One", "Two"]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_scrubbed")
def test_a_mailbox_that_is_away_holds_an_erasure_up_and_is_asked_again(
    box: Mailserver, sent: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: Callable[[], object] = mailbox.opened
    box.deliver(raw(sender=email("Anna")))
    loop.listen()
    own = Customer.objects.get().pk

    def away() -> object:
        raise OSError("away")

    monkeypatch.setattr(mailbox, "opened", away)
    assert erased(own).done_at is None
    assert box.folders() == {"Kfar": ["Fridge"]}
    monkeypatch.setattr(mailbox, "opened", opened)
    Erasure.objects.update(due_at=Erasure.objects.get().asked_at)
    for _tick in range(4):
        erasing.go_on()
        post.say_goodbye()
    assert Erasure.objects.get().done_at is not None
    assert box.folders() == {}
