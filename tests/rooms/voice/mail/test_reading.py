"""A mail taken apart: whatever bytes come, there is a letter or a reason, and no exception."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kfar.rooms.voice.mail import markup
from kfar.rooms.voice.mail.guarding import Why
from kfar.rooms.voice.mail.reading import Attachment, Letter, language, read, sender
from tests.rooms.voice.mail.mails import mail, raw
from tests.rooms.voice.mail.shapes import HTML, NEW, SHAPES


def letter(given: EmailMessage | bytes) -> Letter:
    found = read(given if isinstance(given, bytes) else given.as_bytes())
    assert isinstance(found, Letter), found
    return found


def test_who_wrote_what_and_what_it_answers() -> None:
    found = letter(
        mail(
            "Zwrot?\n\n-- \nAnna",
            "Anna Żak <Anna.Zak@Village.Example>",
            Subject="Reklamacja: zażółć gęślą",
            Message_ID="<one@village.example>",
            In_Reply_To="<b@kfar>",
            References="<a@kfar> <b@kfar>",
        )
    )
    assert (found.address, found.name) == ("anna.zak@village.example", "Anna Żak")
    assert (found.subject, found.text) == ("Reklamacja: zażółć gęślą", "Zwrot?")
    assert (found.message_id, found.answers) == ("<one@village.example>", ("<b@kfar>", "<a@kfar>"))


def test_the_same_mail_has_the_same_key_and_no_other() -> None:
    one = mail(Message_ID="<1@x.example>")
    keys = [
        letter(message).key
        for message in (
            one,
            mail(Message_ID="<2@x.example>"),
            mail("Another word", Message_ID="<1@x.example>"),  # a program that repeats its ids
            mail(sender="borys@village.example", Message_ID="<1@x.example>"),
        )
    ]
    assert len(set(keys)) == 4
    again = b"Received: from mx.example\r\nX-Spam-Score: 0\r\n" + one.as_bytes()
    assert letter(again).key == keys[0]  # the same by another way


@pytest.mark.parametrize(
    ("alphabet", "said"),
    [
        ("utf-8", "המקרר חם"),
        ("windows-1255", "המקרר חם"),
        ("iso-8859-8-i", "המקרר חם"),
        ("iso-8859-8", "המקרר חם"),
        ("windows-1250", "Zażółć gęślą jaźń"),
        ("iso-8859-2", "Zażółć gęślą jaźń"),
        ("utf-16", "Zażółć gęślą jaźń"),
        ("us-ascii", "Zażółć gęślą jaźń"),  # a wrong word about UTF-8
        ("x-unknown", "Zażółć gęślą jaźń"),
    ],
)
def test_words_in_any_alphabet_are_read(alphabet: str, said: str) -> None:
    python = {"iso-8859-8-i": "iso-8859-8", "us-ascii": "utf-8", "x-unknown": "utf-8"}
    content = said.encode(python.get(alphabet, alphabet))
    head = f"From: a@b.example\r\nContent-Type: text/plain; charset={alphabet}\r\n\r\n"
    assert letter(head.encode() + content).text == said


def test_a_head_in_bytes_as_they_come_is_read() -> None:
    for said, alphabet in (("Zażółć", "utf-8"), ("שלום", "windows-1255")):
        head = f"From: {said} <a@b.example>\nSubject: {said}\n\nHi".encode(alphabet)
        assert (letter(head).name, letter(head).subject) == (said, said)


def test_a_mail_of_html_alone_is_its_text_and_nothing_that_runs() -> None:
    message = mail()
    message.set_content(
        "<title>T</title><style>p{color:red}</style><p>The <b onclick='x()'>fridge</b> is&nbsp;warm"
        "<script>steal()</script><img src=x onerror='steal()'></p><ul><li>one<li>two</ul>"
        "<p>Bye &lt;script&gt;</p>",
        subtype="html",
    )
    assert letter(message).text == "The fridge is\xa0warm\n\n- one\n- two\nBye <script>"


@pytest.mark.parametrize("program", HTML)
def test_what_is_new_in_html_is_found(program: str) -> None:
    message = mail()
    message.set_content(HTML[program], subtype="html")
    assert letter(message).text == "New words."


def test_plain_text_comes_before_html_and_what_was_put_below_beside_it() -> None:
    message = mail("The plain one.")
    message.add_alternative("<p>The other</p>", subtype="html")
    assert letter(message).text == "The plain one."
    message = mail("")
    message.set_content("<p>The words</p>", subtype="html")
    message.make_mixed()
    scanned = EmailMessage()
    scanned.set_content("Scanned by a firewall.")
    message.attach(scanned)
    assert letter(message).text == "The words\n\nScanned by a firewall."


def test_what_is_attached_is_named_and_left_out() -> None:
    message = mail("See the photo.")
    message.add_attachment(b"\xff" * 1000, maintype="image", subtype="jpeg", filename="מקרר.jpg")
    message.add_attachment("a,b\n", subtype="csv", filename="../../list.csv")
    inner = mail("Inside.", Subject="A mail in a mail")
    message.add_attachment(inner)
    found = letter(message)
    assert found.text == "See the photo."
    assert found.attachments[:2] == (
        Attachment("מקרר.jpg", "image/jpeg", 1000),
        Attachment("../../list.csv", "text/csv", 5),
    )
    assert [one.type for one in found.attachments] == ["image/jpeg", "text/csv", "message/rfc822"]


def test_where_nothing_is_said_the_subject_is_and_else_it_is_no_voice() -> None:
    assert letter(raw("\n")).text == "Fridge"
    assert read(raw(" \n", Subject="")) is Why.NOTHING
    assert read(b"From: \r\n\r\nHi") is Why.NOBODY
    assert read(b"") is Why.NOBODY
    assert read(b"From: undisclosed-recipients:;\r\n\r\nHi") is Why.NOBODY


def test_the_beginning_of_a_mail_with_a_huge_attachment_is_enough() -> None:
    message = mail("Here is the film.")
    message.add_attachment(b"\0" * 3_000_000, maintype="video", subtype="mp4", filename="f.mp4")
    found = letter(message.as_bytes()[: 2**20])
    assert found.text == "Here is the film."
    assert [(one.name, one.type) for one in found.attachments] == [("f.mp4", "video/mp4")]
    assert found.key == letter(message.as_bytes()).key


def test_mails_in_mails_without_end_are_refused_or_read() -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(3000)
    )
    assert isinstance(read(b"From: a@b.example\r\nSubject: Deep\r\n" + deep), Letter | Why)
    assert isinstance(read(raw("<div>" * 100_000 + "x")), Letter)
    assert markup.words("<div>" * 20_000 + "x").endswith("x")


FIELDS = st.sampled_from(
    [
        *(b"From", b"Subject", b"Message-ID", b"References", b"In-Reply-To", b"Content-Type"),
        *(b"Content-Transfer-Encoding", b"Content-Disposition", b"MIME-Version", b"Precedence"),
    ]
)
VALUES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            *(
                b"multipart/mixed; boundary=x",
                b"multipart/alternative",
                b"text/html; charset=utf-7",
            ),
            *(b"message/rfc822", b"base64", b"quoted-printable", b"x-uuencode", b"a@b.example"),
            *(
                b"=?utf-8?b?/////w==?= <a@[127.0.0.1]>",
                b"text/plain; charset*=''%FF",
                b"attachment",
            ),
            *(b"attachment; filename*0*=utf-8''%F0; filename*1=x", b"text/plain; charset=idna"),
            *(b"=?x?q?=FF?=", b"<a@b>", b"\xd7\x90\x00", b'"', b"a@b.example, <", b"@", b"text"),
        ]
    ),
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.one_of(st.sampled_from([b"--x", b"--x--", b"", b"Content-Type: text/html"]), VALUES)
    ).map(b"\n".join),
    st.sampled_from([shape.encode() for shape in SHAPES.values()]),
)


@given(st.lists(st.tuples(FIELDS, VALUES), max_size=6), BODIES)
@example([(b"From", b"a@b.example"), (b"Content-Type", b"text/html; charset=utf-7")], b"+2D8-")
def test_any_bytes_are_a_letter_that_can_be_kept_or_a_reason(
    fields: list[tuple[bytes, bytes]], body: bytes
) -> None:
    head = b"".join(name + b": " + value + b"\r\n" for name, value in fields)
    whole = head + b"\r\n" + body
    found = read(whole)
    assert isinstance(sender(whole), str)
    if isinstance(found, Letter):
        kept = (found.text, found.subject, found.name, found.address, found.message_id)
        for text in (*kept, *(one.name for one in found.attachments)):
            assert "\x00" not in text
            text.encode()  # no half of a letter
        assert found.text.strip()
        assert len(found.subject) <= 200
        assert len(found.message_id) <= 998
    else:
        assert isinstance(found, Why)


@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_a_letter_or_a_reason(whole: bytes) -> None:
    assert isinstance(read(whole), Letter | Why)


def test_a_letter_s_language_is_that_of_its_words_or_of_its_writer() -> None:
    for said, found in zip(NEW[:3], ("", "pl", "he"), strict=True):
        assert language(said) == found
    assert language("Dear Mr. Wałęsa, the fridge is warm. Please send somebody to us.") == ""
    assert letter(raw("Hej", Content_Language="pl-PL")).language == "pl"
    assert letter(raw("Hej", Accept_Language="pl-PL, en-US")).language == "pl"
    assert letter(raw("המקרר חם", Content_Language="en-US")).language == "he"
    assert letter(raw("Hej")).language == ""
