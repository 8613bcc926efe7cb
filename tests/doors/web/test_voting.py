"""The door of an open question: what it shows, and every way in, as a browser without script."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from kfar.doors.mail import maildir
from kfar.ground.tokens import new_voter, read_voter
from kfar.rooms.decisions import admitting, commands
from kfar.rooms.decisions.models import Ballot, Minted, Voter
from kfar.rooms.decisions.proving.receipt import read_receipt
from tests.clock import Clock
from tests.doors.web.doors import enter, path, text
from tests.people import NONCE, a_customer, email
from tests.rooms.decisions.doors import DOV, asker, key, open_to, votes

pytestmark = pytest.mark.django_db


def at(question: UUID, page: str = "") -> str:
    return f"/vote/{question}/{page}"


def code_for(client: Client, question: UUID, tier: str, to: str) -> tuple[Any, str]:
    """Ask for a code; the page that wants it, and the signed address it carries."""
    answer = client.post(at(question, "code/"), {"tier": tier, "to": to})
    found = re.search(r'name="sent" value="([^"]+)"', text(answer))
    return answer, found[1] if found else ""


class TestThePage:
    def test_it_says_what_is_asked_and_shows_the_ways_that_were_declared(self) -> None:
        page = text(Client().get(at(open_to())))
        assert "Which apples?" in page
        assert page.count('name="choices"') == 2
        assert [name in page for name in ("to-email", "to-sms", "/account/")] == [True] * 3
        phone = text(Client().get(at(open_to("phone"))))
        assert [name in phone for name in ("to-sms", "to-email", 'name="choices"')] == [
            *(True, False, False)
        ]

    def test_a_stranger_costs_the_database_nothing(
        self, clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        question = open_to()
        assert Client().get(at(question)).status_code == 200
        with django_assert_num_queries(0):
            assert Client().get(at(question)).status_code == 200

    def test_what_many_read_is_the_same_for_all_but_the_language(self, clock: Clock) -> None:
        question = open_to()
        pages = [Client(enforce_csrf_checks=True).get(at(question)) for _ in range(2)]
        assert pages[0].content == pages[1].content
        for page in pages:
            assert (page["Cache-Control"], page.cookies) == ("public, max-age=0, s-maxage=2", {})
            assert page["Vary"] == "Accept-Language, Cookie"
        hebrew = text(Client(headers={"Accept-Language": "he"}).get(at(question)))
        assert '<html lang="he" dir="rtl">' in hebrew
        assert '<html lang="en" dir="ltr">' in text(Client().get(at(question)))

    def test_who_is_signed_in_sees_their_own_page(self) -> None:
        question = open_to()
        a_customer()
        assert "Sign out" in text(enter("Anna").get(at(question)))
        assert "Sign out" not in text(Client().get(at(question)))

    def test_a_question_that_is_not_open_or_not_there(self, clock: Clock) -> None:
        question = open_to(opens_at=clock.now + timedelta(hours=1))
        page = Client().get(at(question))
        assert (page.status_code, "to-email" in text(page)) == (200, False)
        assert Client().post(at(question), {"choices": "1"}).status_code == 409
        assert Client().get(at(uuid4())).status_code == 404

    def test_each_form_of_ballot_has_its_fields(self) -> None:
        for method, name in (("irv", "option_1"), ("score", "option_1"), ("approval", "choices")):
            page = text(Client().get(at(open_to(method=method))))
            assert f'name="{name}"' in page

    def test_who_texts_is_told_how(self, settings: Settings) -> None:
        settings.KFAR_TWILIO = ("AC1", "secret", "+18005551212")
        page = text(Client().get(at(open_to(keyword="fruit"))))
        assert "<bdi>fruit 1</bdi> to <bdi dir=ltr>+18005551212</bdi>" in page


class TestByLink:
    def test_a_browser_votes_once_and_may_change_its_mind(self) -> None:
        question, browser = open_to(), Client()
        answer = browser.post(at(question), {"choices": "1", "nonce": NONCE})
        assert (answer.status_code, answer["Location"]) == (302, at(question, "mine/"))
        cookie = browser.cookies["kfar_voter"]
        assert (cookie["path"], cookie["httponly"]) == (at(question), True)
        page = browser.get(at(question, "mine/"))
        assert page["Cache-Control"] == "private, no-store"
        said = re.search(r"(?s)<textarea[^>]*>(.*?)</textarea>", text(page))
        assert said is not None
        held = read_receipt(said[1].replace("&quot;", '"'))
        assert (held.ballot, held.nonce, held.binds) == ("1", NONCE, True)
        browser.post(at(question), {"choices": "0"})
        assert votes(question) == [("link", "0")]
        Client().post(at(question), {"choices": "0"})
        assert votes(question) == [("link", "0"), ("link", "0")]

    def test_what_the_gate_may_have_taken_already_is_the_same_voters_here(self) -> None:
        question, once = open_to(), "o" * 22
        for _ in range(2):  # the answer was not heard, so no cookie came back
            Client().post(at(question), {"choices": "1", "nonce": NONCE, "once": once})
        number = new_voter(key(), question.bytes, once)
        assert Ballot.objects.get().voter_id == number - (1 << 64)
        Client().post(at(question), {"choices": "1", "once": "too short"})
        assert Ballot.objects.count() == 2

    def test_a_token_of_another_question_is_none(self) -> None:
        question, other, browser = open_to(), open_to(), Client()
        browser.post(at(question), {"choices": "0"})
        browser.cookies["kfar_voter"]["path"] = "/"
        assert browser.get(at(other, "mine/"))["Location"] == at(other)
        browser.post(at(other), {"choices": "0"})
        read = read_voter(key(), browser.cookies["kfar_voter"].value)
        assert read is not None
        assert read[0] == other.bytes

    def test_what_is_no_ballot_makes_no_voter(self) -> None:
        question = open_to()
        page = Client().post(at(question), {"choices": "7"})
        assert (page.status_code, 'id="choices-error"' in text(page)) == (409, True)
        assert Minted.objects.count() == 0

    def test_too_many_from_one_address_are_told_when_to_come_again(
        self, clock: Clock, settings: Settings
    ) -> None:
        settings.KFAR_NEW_VOTERS = "1/hour"
        question = open_to()
        Client().post(at(question), {"choices": "1"})
        page = Client().post(at(question), {"choices": "1"})
        assert page.status_code == 429
        assert "1:00" in text(page)
        away = Client(REMOTE_ADDR="203.0.113.9").post(at(question), {"choices": "1"})
        assert away.status_code == 302

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({}, 302),  # no browser
            ({"Origin": "http://testserver"}, 302),
            ({"Origin": "https://other.example", "Sec-Fetch-Site": "same-origin"}, 302),
            ({"Origin": "https://other.example"}, 403),
            ({"Origin": "null"}, 403),
            ({"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "same-site"}, 403),
        ],
        ids=str,
    )
    def test_only_with_our_own_form(self, headers: dict[str, str], status: int) -> None:
        question, browser = open_to(), Client(enforce_csrf_checks=True, headers=headers)
        assert browser.post(at(question), {"choices": "1"}).status_code == status
        code = browser.post(at(question, "code/"), {"tier": "email", "to": "a@village.example"})
        assert code.status_code == {302: 200, 403: 403}[status]
        assert len(votes(question)) == (status == 302)

    def test_where_no_link_is_let_in(self) -> None:
        question = open_to(tiers=["email"])
        assert Client().post(at(question), {"choices": "1"}).status_code == 409


class TestByCode:
    def test_a_code_by_mail_leads_to_the_ballot(self) -> None:
        question, browser = open_to(), Client()
        page, sent = code_for(browser, question, "email", "Anna@village.example")
        assert page["Cache-Control"] == "private, no-store"
        [letter] = mail.outbox
        assert letter.to == ["anna@village.example"]
        code = re.match(r"\d{6}", str(letter.subject))
        assert code is not None
        wrong = browser.post(at(question, "code/"), {"sent": sent, "code": "x"})
        assert (wrong.status_code, 'id="code-error"' in text(wrong)) == (422, True)
        answer = browser.post(at(question, "code/"), {"sent": sent, "code": code.group()})
        assert answer.status_code == 302
        assert browser.get(path(answer["Location"])).status_code == 200
        browser.post(path(answer["Location"]), {"choices": "1"})
        assert votes(question) == [("email", "1")]
        again = browser.post(at(question, "code/"), {"sent": sent, "code": code.group()})
        assert (again.status_code, 'id="to-email-error"' in text(again)) == (409, True)

    def test_a_code_by_text_leads_to_the_ballot(self, data_dir: Path) -> None:
        question, browser = open_to("phone"), Client()
        _, sent = code_for(browser, question, "sms", "+972 50-234-5678")
        [kept] = maildir.box().values()
        assert kept["To"] == DOV
        code = re.match(r"\d{6}", str(kept["Subject"]))
        assert code is not None
        answer = browser.post(at(question, "code/"), {"sent": sent, "code": code.group()})
        browser.post(path(answer["Location"]), {"choices": "0"})
        assert votes(question) == [("sms", "0")]

    def test_what_is_no_address_is_said_beside_it(self) -> None:
        question = open_to()
        for tier, to in (("email", "anna@"), ("sms", "12")):
            page, sent = code_for(Client(), question, tier, to)
            assert (page.status_code, sent) == (409, "")
            assert f'id="to-{tier}-error"' in text(page)
            assert f'value="{to}"' in text(page)
        assert mail.outbox == []

    def test_what_was_not_sent_by_us_is_no_code(self) -> None:
        question = open_to()
        page = Client().post(at(question, "code/"), {"sent": "WyJzbXMiXQ:x", "code": "123456"})
        assert page.status_code == 404


class TestSignedIn:
    def test_a_customer_is_brought_to_the_ballot_as_one_who_is_signed_in(self) -> None:
        anna, question = a_customer(), open_to()
        browser = enter("Anna")
        answer = browser.get(at(question, "account/"))
        assert answer.status_code == 302
        voter = Voter.objects.get()
        assert (voter.customer_id, voter.tier) == (anna, "account")
        browser.post(path(answer["Location"]), {"choices": "1"})
        assert votes(question) == [("account", "1")]

    def test_anybody_else_signs_in_first(self) -> None:
        question = open_to()
        answer = Client().get(at(question, "account/"))
        assert unquote(answer["Location"]) == f"/account/sign-in/?next={at(question, 'account/')}"


class TestScreening:
    def test_who_may_sets_aside_and_takes_back(self) -> None:
        asker()
        question, staff = open_to(), enter("Tomasz")
        number = admitting.mint(question_id=question, ip="198.51.100.7")
        known = commands.vote(question_id=question, voter=number, text="1").tracker
        page = f"/questions/{question}/screen/"
        assert "No ballot is set aside." in text(staff.get(page))
        assert staff.post(page, {"tracker": known.upper()}).status_code == 409  # no reason
        staff.post(page, {"tracker": f" {known.upper()} ", "reason": "automated"})
        assert "a program cast it" in text(staff.get(page))
        assert Ballot.objects.get().aside == "automated"
        staff.post(page, {"tracker": known, "back": "1"})
        assert Ballot.objects.get().aside == ""

    def test_nobody_else(self) -> None:
        a_customer()
        question = open_to()
        page = f"/questions/{question}/screen/"
        assert Client().get(page).status_code == 302
        assert enter("Anna").get(page).status_code == 403
        assert email("Anna") not in text(enter("Tomasz").get(page))
