"""What machines send is no voice: by the fields of RFC 3834 and those that were before it."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from kfar.rooms.voice.mail.guarding import Why
from kfar.rooms.voice.mail.reading import Letter, read
from tests.rooms.voice.mail.mails import ORCHARD, mail, raw

MACHINES: list[tuple[Why, dict[str, str]]] = [
    # RFC 3834, section 5: anything but "no"; parameters may follow.
    (Why.AUTOMATIC, {"Auto_Submitted": "auto-replied"}),
    (Why.AUTOMATIC, {"Auto_Submitted": 'auto-generated; owner-email="x@y.example"'}),
    (Why.AUTOMATIC, {"Auto_Submitted": "Auto-Notified"}),
    # … and what programs did before it, and do.
    (Why.AUTOMATIC, {"X_Autoreply": "yes"}),
    (Why.AUTOMATIC, {"X_Autorespond": "Re: Fridge"}),
    (Why.AUTOMATIC, {"X_Auto_Response_Suppress": "All"}),
    (Why.AUTOMATIC, {"Precedence": "auto_reply"}),
    (Why.AUTOMATIC, {"sender": "no-reply@shop.example"}),
    (Why.AUTOMATIC, {"sender": "Shop <donotreply@shop.example>"}),
    # A vacation message of Exchange: an empty Return-Path beside what it says of itself.
    (Why.AUTOMATIC, {"Return_Path": "<>", "Auto_Submitted": "auto-generated"}),
    (Why.LIST, {"Precedence": "bulk"}),
    (Why.LIST, {"Precedence": "list"}),
    (Why.LIST, {"Precedence": "Junk"}),
    (Why.LIST, {"List_Id": "Friends of fridges <fridges.example>"}),  # RFC 2919
    (Why.LIST, {"List_Unsubscribe": "<mailto:off@news.example>"}),  # RFC 2369
    (Why.BOUNCE, {"Return_Path": "<>"}),
    (Why.BOUNCE, {"sender": "Mail Delivery System <MAILER-DAEMON@mx.example>"}),
    (Why.BOUNCE, {"sender": "postmaster@mx.example"}),
    (Why.OWN, {"sender": f"Orchard <{ORCHARD.upper()}>"}),
    (Why.OWN, {"Message_ID": "<019a1b2c-0000-7000-8000-000000000001@kfar>"}),
]


@pytest.mark.parametrize(("why", "fields"), MACHINES, ids=[str(f) for _, f in MACHINES])
def test_a_machine_s_mail_is_no_voice(why: Why, fields: dict[str, str]) -> None:
    assert read(raw(**fields), ours={ORCHARD}) is why


def test_a_bounce_by_its_type_is_no_voice() -> None:
    """RFC 3464's report, though its auto-reply fields are set as well."""
    message = mail(Auto_Submitted="auto-replied")
    message.make_mixed()
    report = message.as_bytes().replace(b"multipart/mixed", b"multipart/report")
    assert read(report) is Why.BOUNCE


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto_Submitted": "no"},
        {"Auto_Submitted": "No (a person)".partition(" ")[0]},
        {"Return_Path": "<anna@village.example>"},
        {"Precedence": "first-class"},
        {"sender": "reply@village.example"},
        {"Message_ID": "<1@kfar.example>"},
        {"Subject": "Auto-Submitted: auto-replied"},
    ],
)
def test_a_person_s_mail_is_one(fields: dict[str, str]) -> None:
    assert isinstance(read(raw(**fields), ours={ORCHARD}), Letter)


def test_what_is_below_the_head_says_nothing_of_who_sent_it() -> None:
    inner = EmailMessage()
    inner["Auto-Submitted"] = "auto-replied"
    inner.set_content("I am away.")
    message = mail()
    message.add_attachment(inner)
    assert isinstance(read(message.as_bytes()), Letter)
