"""Asking on a page: every field becomes what is declared, and nothing that was typed is lost."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from kfar.ground.ballots import Form, Paper
from kfar.rooms.customers import accounts
from kfar.rooms.customers import commands as customers
from kfar.rooms.decisions import pictures as kept
from kfar.rooms.decisions import queries
from kfar.rooms.decisions.counting.rules import FORMS, Method, Overvote
from kfar.rooms.decisions.models import Question
from kfar.rooms.decisions.proving.manifest import Audience, Manifest, Pledge, Tier
from tests.clock import Clock
from tests.doors.web.asked import words
from tests.doors.web.doors import enter, text
from tests.people import a_customer, an_employee

pytestmark = pytest.mark.django_db

PLAIN = {
    "text": "Which?",
    "options": "A\nB\nC",
    "pledge": "We grow it",
    "closes_at": "2026-03-09T12:00",
    "pledge_due": "2026-04-01",
}
FULL = PLAIN | {
    "method": "stv",
    "text_he": "איזה?",
    "options_he": "א\nב\nג",
    "pledge_he": "נגדל",
    "audience": "members",
    "keyword": " Apples ",
    "opens_at": "2026-03-03T08:00",
    "quorum": "7",
    "answers": "2",
    "interim": "on",
    "advisory": "on",
    "seats": "2",
    "most": "3",
    "highest": "9",
    "points": "50",
    "overvote": "skip",
    "max_skipped": "1",
    "digits": "4",
    "lot": "2>0>1",
    "pledge_1": "And more of B",
    "pledge_1_he": "ועוד ב",
}


@pytest.fixture
def tomasz(clock: Clock) -> Client:
    """Tomasz, who may ask; Anna, who may be asked and has signed in once."""
    customers.recognise(login_id=enter_login("Anna"), language="en")
    an_employee("Tomasz", "brand")
    return enter("Tomasz")


def enter_login(name: str) -> UUID:
    a_customer(name)
    from kfar.rooms.village import commands as village
    from tests.people import email

    return village.admit(email=email(name))


def send(client: Client, **fields: Any) -> Any:
    return client.post(reverse("web:ask"), {"once": uuid4(), **fields})


def asked(client: Client, **fields: Any) -> Manifest:
    """Fill in, look at what will be fixed, ask; return what was declared."""
    once = uuid4()
    look = client.post(reverse("web:ask"), {"once": once, **fields})
    assert (look.status_code, Question.objects.filter(pk=once).exists()) == (200, False)
    done = client.post(reverse("web:ask"), {**hidden(text(look)), "step": "ask"})
    assert done["Location"] == reverse("web:question", args=[once])
    found = queries.question(once)
    assert found is not None
    return found.manifest


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of the page that asks once more."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html)
    return {n: unescape(value) for n, value in fields if n not in {"csrfmiddlewaretoken", "next"}}


@pytest.mark.parametrize("method", list(Method))
def test_every_method_can_be_asked_by(method: Method, tomasz: Client) -> None:
    budget = {"budget": "9", "cost_0": "4", "cost_1": "5", "cost_2": "6"}
    manifest = asked(tomasz, **PLAIN, method=method.value, **budget)
    money = method in {Method.EQUAL_SHARES, Method.GREEDY}
    form = FORMS[method][0]
    assert (manifest.rule.method, manifest.rule.seats) == (method, 1)
    assert (manifest.rule.budget, manifest.rule.costs) == ((9, (4, 5, 6)) if money else (None, ()))
    assert manifest.paper == Paper(
        form=form,
        options=3,
        most=1 if method is Method.PLURALITY else 3,
        highest=5 if form is Form.SCORES else 0,
        credits=100 if form is Form.POINTS else 0,
        equal=method in {Method.BORDA, Method.MINIMAX, Method.RANKED_PAIRS, Method.SCHULZE},
    )
    assert re.fullmatch(r"[0-9a-f]{32}", manifest.rule.lot)


def test_all_that_a_draft_has_can_be_said(tomasz: Client) -> None:
    manifest = asked(tomasz, **FULL)
    assert manifest.text == {"en": "Which?", "he": "איזה?"}
    assert manifest.options[2] == {"en": "C", "he": "ג"}
    assert (manifest.audience, manifest.quorum, manifest.answers) == (Audience.MEMBERS, 7, 2)
    assert Question.objects.get().keyword == "apples"
    assert (manifest.interim, manifest.binding) == (True, False)
    assert (manifest.opens, manifest.closes) == (
        *("2026-03-03T08:00:00.000Z", "2026-03-09T12:00:00.000Z"),
    )
    rule = manifest.rule
    assert (rule.seats, rule.lot, rule.max_skipped, rule.digits) == (2, "2>0>1", 1, 4)
    assert (rule.overvote, manifest.paper.skips, manifest.paper.most) == (Overvote.SKIP, True, 3)
    assert manifest.pledges == (
        Pledge(None, {"en": "We grow it", "he": "נגדל"}, "2026-04-01"),
        Pledge(1, {"en": "And more of B", "he": "ועוד ב"}, "2026-04-01"),
    )


def test_one_account_is_picked_from_the_accounts(tomasz: Client) -> None:
    noa = an_employee("Dana", "lead")
    account = accounts.begin(by=noa, name="Bakery", once=uuid4())
    form = text(tomasz.get(reverse("web:ask")))
    assert f'<option value="{account}">Bakery</option>' in form
    fields = PLAIN | {"method": "plurality", "audience": "account", "account": str(account)}
    nobody = send(tomasz, **fields)
    assert (nobody.status_code, "No customer has agreed" in text(nobody)) == (422, True)
    accounts.join(by=noa, account_id=account, customer_id=a_customer("Celina"), part="")
    look = send(tomasz, **fields)
    assert '<dt>Who may answer</dt><dd dir="auto">Bakery</dd>' in text(look)


def test_ways_in_are_chosen_where_anyone_with_the_link_may_answer(tomasz: Client) -> None:
    form = text(tomasz.get(reverse("web:ask")))
    ways = re.findall(r'name="tiers" value="(\w+)"( checked)?>', form)
    assert ways == [(tier, " checked") for tier in ("account", "email", "sms", "link")]
    fields = PLAIN | {"method": "irv", "audience": "link"}
    look = send(tomasz, **fields, tiers=["link", "email"])
    fact = "How voters may come in By a link or code in a mail and By a link anybody may have"
    assert fact in words(text(look))
    chosen = re.findall(r'<input type="hidden" name="tiers" value="(\w+)">', text(look))
    assert chosen == ["link", "email"]
    manifest = asked(tomasz, **fields, tiers=["email"])
    assert (manifest.audience, manifest.tiers) == (Audience.LINK, (Tier.EMAIL,))
    told = text(tomasz.get(reverse("web:questions")))
    assert "Asked. Share the address to vote at: whoever comes may answer." in told


def test_no_way_in_at_all_is_refused_at_its_field(tomasz: Client) -> None:
    response = send(tomasz, **PLAIN, method="irv", audience="link")
    assert (response.status_code, Question.objects.count()) == (422, 0)
    [error] = re.findall(r'<p class="error" id="tiers_error">(.*?)</p>', text(response))
    assert error.strip() == "Choose how voters may come in."
    assert '<details class="more" open><summary>Who may answer' in text(response)


def test_ways_in_that_are_not_shown_change_nothing(tomasz: Client) -> None:
    sent = PLAIN | {"method": "irv", "tiers": ["link"]}  # as forms are sent where one went back
    assert asked(tomasz, **sent, audience="members").tiers == (Tier.ACCOUNT, Tier.EMAIL)
    assert asked(tomasz, **sent, audience="phone").tiers == (Tier.SMS,)


def test_what_will_be_fixed_is_said_in_words_before(tomasz: Client) -> None:
    look = words(text(send(tomasz, **PLAIN, method="irv")))
    assert "It cannot be changed afterwards, only taken back." in look
    for said in (
        "Counted by Ranking, rounds of elimination",
        "Closes Mar 9, 2026, 12:00",
        "Ties By a lot that is drawn when it is asked",
        "What follows We grow it by Apr 1, 2026",
    ):
        assert said in look
    assert Question.objects.count() == 0


def test_who_goes_back_finds_all_that_was_filled_in(tomasz: Client) -> None:
    look = send(tomasz, **FULL)
    back = tomasz.post(reverse("web:ask"), {**hidden(text(look)), "step": "change"})
    assert (back.status_code, Question.objects.count()) == (200, 0)
    page = text(back)
    for name in ("quorum", "answers", "seats", "most", "digits", "max_skipped", "lot"):
        value = FULL[name].replace(">", "&gt;")
        assert re.search(rf'<input[^>]* name="{name}" value="{value}"', page), name
    for field in ("text_he", "pledge_1", "pledge_1_he"):
        assert FULL[field] in page
    assert page.count(" checked") == 3  # the method, interim, advisory


REFUSED: dict[str, tuple[dict[str, str], str, str]] = {
    "costs": ({"method": "greedy", "budget": "9", "cost_0": "3"}, "budget", "how much there is"),
    "seats": ({"method": "irv", "seats": "2"}, "seats", "names one winner"),
    "order": ({"method": "irv", "lot": "2>0"}, "lot", "names each option once"),
    "range": ({"method": "score", "highest": "101"}, "highest", "a number from 1 to 100"),
    "account": ({"method": "irv", "audience": "account"}, "audience", "Choose who may answer"),
    "ballots": ({"method": "irv", "audience": "phone", "answers": "2"}, "answers", "one ballot"),
    "no number": ({"method": "irv", "quorum": "many"}, "quorum", "whole number"),
}


@pytest.mark.parametrize("wrong", list(REFUSED))
def test_what_cannot_be_asked_is_said_at_its_field(wrong: str, tomasz: Client) -> None:
    fields, field, said = REFUSED[wrong]
    response = send(tomasz, **PLAIN, **fields)
    html = text(response)
    assert (response.status_code, Question.objects.count()) == (422, 0)
    [error] = re.findall(rf'<p class="error" id="{field}_error">(.*?)</p>', html)
    assert said in error
    for name, value in fields.items():
        if name not in {"method", "audience"}:
            assert re.search(rf'name="{name}"[^>]* value="{value.replace(">", "&gt;")}"', html)
    assert f'value="{fields["method"]}" checked' in html


# --- pictures --------------------------------------------------------------------------------


def a_picture(size: tuple[int, int] = (3000, 1500), kind: str = "JPEG") -> SimpleUploadedFile:
    """A picture that lies on its side, and says where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010F] = "a camera of Anna's"
    out = BytesIO()
    Image.new("RGB", size, "olive").save(out, kind, exif=exif)
    return SimpleUploadedFile("anna.jpg", out.getvalue())


def test_a_picture_is_turned_made_small_and_says_nothing_more(tomasz: Client) -> None:
    manifest = asked(tomasz, **PLAIN, method="irv", picture_1=a_picture())
    assert [bool(name) for name in manifest.pictures] == [False, True, False]
    served = Client().get(reverse("web:picture", args=[manifest.pictures[1]]))
    assert served["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (served["X-Content-Type-Options"], served["Content-Type"]) == ("nosniff", "image/jpeg")
    with Image.open(BytesIO(served.content)) as image:
        assert (image.size, dict(image.getexif())) == ((800, 1600), {})
    assert b"camera" not in served.content
    assert kept.tidy() == 0


def test_a_picture_is_kept_whatever_else_is_wrong_and_can_be_taken_away(tomasz: Client) -> None:
    wrong = send(tomasz, **PLAIN | {"text": ""}, method="irv", picture_0=a_picture(kind="PNG"))
    assert wrong.status_code == 422
    [name] = re.findall(r'<input type="hidden" name="sum_0" value="(\w+)">', text(wrong))
    assert asked(tomasz, **PLAIN, method="irv", sum_0=name).pictures == (name, "", "")
    gone = asked(tomasz, **PLAIN, method="irv", sum_0=name, drop_0="1")
    assert gone.pictures == ("", "", "")


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"GIF89a\x01\x00\x01\x00", b"\x89PNG\r\n"])
def test_what_is_no_picture_is_not_taken(data: bytes, tomasz: Client) -> None:
    upload = SimpleUploadedFile("x.png", data or b"\0")
    response = send(tomasz, **PLAIN, method="irv", picture_2=upload)
    assert response.status_code == 422
    assert '<p class="error" id="line_2-error">This is no picture we can read.' in text(response)
    assert "Which?" in text(response)


def test_a_picture_that_would_fill_the_memory_is_not_opened(tomasz: Client) -> None:
    out = BytesIO()
    Image.new("1", (8000, 8000)).save(out, "PNG")  # small to send, large to look at
    upload = SimpleUploadedFile("x.png", out.getvalue())
    response = send(tomasz, **PLAIN, method="irv", picture_0=upload)
    assert (len(out.getvalue()) < 50_000, response.status_code) == (True, 422)
    assert "This is no picture we can read." in text(response)


def test_a_sum_of_nothing_is_refused(tomasz: Client) -> None:
    response = send(tomasz, **PLAIN, method="irv", sum_0="0" * 64)
    assert (response.status_code, "A picture is not here any more" in text(response)) == (422, True)
    assert Client().get(reverse("web:picture", args=["0" * 64])).status_code == 404
    assert Client().get("/pictures/..%2Fsecret.key/").status_code == 404
