"""Pages under bad input, wrong people and late hours: a calm answer, and no word lost."""

from __future__ import annotations

import html
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from kfar import loop
from kfar.doors import links
from kfar.ground.money import Money
from kfar.lake import outbox
from kfar.rooms.decisions import closing
from kfar.rooms.decisions import commands as decisions
from kfar.rooms.decisions import queries as polls
from kfar.rooms.promises.models import Promise
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.service.models import Remedy
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.models import Voice
from tests.clock import Clock
from tests.doors.web.doors import enter, path, text
from tests.lake.touches import a_touch, settle
from tests.people import a_customer, an_employee, announced, ask, noted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

SAY = reverse("web:say")
LONG = "The milk <b>was</b> sour. " * 250


def post(client: Client, name: str, *args: object, **data: Any) -> Any:
    return client.post(reverse(f"web:{name}", args=args), {"once": uuid4(), **data})


def heard(by: UUID, words: str = "The milk was sour") -> UUID:
    """A voice with its case."""
    voice_id = voice.say(by=by, text=words, language="en")
    outbox.deliver()
    return voice_id


class TestSay:
    def test_what_is_said_is_heard_once_however_often_it_is_sent(self) -> None:
        anna = a_customer()
        client, once = enter("Anna"), uuid4()
        found = [client.post(SAY, {"text": " Sour\r\nmilk ", "once": once}) for _ in range(2)]
        assert [(r.status_code, r["Location"]) for r in found] == [(302, "/journey/")] * 2
        assert [said.text for said in voices.of_customer(anna)] == ["Sour\nmilk"]

    def test_one_that_is_too_long_comes_back_whole(self) -> None:
        a_customer()
        response = post(enter("Anna"), "say", text=LONG)
        assert response.status_code == 422
        assert f">{html.escape(LONG)}</textarea>" in text(response)
        over = len(LONG.strip()) - 5000
        assert f"That is {len(LONG.strip())} characters, and 5000 fit. Please take out {over};" in (
            text(response)
        )
        assert Voice.objects.count() == 0

    @pytest.mark.parametrize("words", ["", " \n", "\x00", "Sour\x00milk"])
    def test_nothing_and_signs_that_are_none_are_asked_for_again(self, words: str) -> None:
        a_customer()
        response = post(enter("Anna"), "say", text=words)
        assert (response.status_code, Voice.objects.count()) == (422, 0)
        assert text(response).count('class="error"') == 1

    def test_every_script_is_kept_as_it_was_written(self) -> None:
        anna = a_customer()
        words = "החלב היה חמוץ \u202eאבג\u202c 😀👩‍👩‍👧 żółć \ud7ff\ufffd"
        assert post(enter("Anna"), "say", text=words).status_code == 302
        assert [said.text for said in voices.of_customer(anna)] == [words]

    def test_more_than_a_form_can_hold_is_turned_away(self) -> None:
        a_customer()
        response = post(enter("Anna"), "say", text="x" * 2_600_000)
        assert (response.status_code, Voice.objects.count()) == (400, 0)
        assert "That could not be understood" in text(response)

    def test_about_ones_own_purchase_and_nobody_elses(self) -> None:
        anna = a_customer()
        a_customer("Borys")
        milk = a_touch(customer=anna, basket="b", product_name="MILK 1L", paid=599)
        settle([milk])
        mine, theirs = enter("Anna"), enter("Borys")
        address = reverse("web:say-about", args=[milk.id])
        assert mine.get(address).status_code == 200
        for response in (theirs.get(address), theirs.post(address, {"text": "x"})):
            assert response.status_code == 404
        assert mine.get(reverse("web:say-about", args=[uuid4()])).status_code == 404
        assert mine.post(address, {"text": "Sour", "once": uuid4()}).status_code == 302
        assert [(v.about, v.about_name) for v in voices.of_customer(anna)] == [(milk.id, "MILK 1L")]

    def test_who_is_not_signed_in_is_asked_to(self) -> None:
        response = post(Client(), "say", text="Sour")
        assert (response.status_code, Voice.objects.count()) == (302, 0)
        assert response["Location"].startswith("/account/sign-in/?next=")


class TestBallot:
    @pytest.fixture
    def question(self, clock: Clock) -> tuple[UUID, UUID, str]:
        """A question that closes in an hour, Anna, and the path of her ballot."""
        anna = a_customer()
        asked = ask(an_employee("Tomasz", "brand"), closes_at=clock.now + timedelta(hours=1))
        return asked, anna, path(links.ballot(asked, anna))

    def test_the_second_answer_says_changed(self, question: tuple[UUID, UUID, str]) -> None:
        asked, anna, ballot = question
        client = Client()
        said = []
        for choice in ("0", "1"):
            response = client.post(ballot, {"choices": choice}, follow=True)
            said.append([str(message) for message in response.context["messages"]])
            assert response.redirect_chain == [(ballot, 302)]
        assert said == [["Thank you: your voice counts."], ["Your answer was changed."]]
        assert polls.answer_of(asked, anna) == "1"

    def test_looking_at_a_link_casts_no_vote(self, question: tuple[UUID, UUID, str]) -> None:
        asked, anna, ballot = question
        client = Client()
        assert [client.get(ballot).status_code, client.head(ballot).status_code] == [200, 405]
        assert polls.answer_of(asked, anna) is None

    @pytest.mark.parametrize(
        "choices", [[], ["2"], ["-1"], ["x"], ["0", "1"], ["0", "0"], ["9" * 5000], ["\x00"], ["²"]]
    )
    def test_what_is_no_ballot_is_asked_for_again(
        self, choices: list[str], question: tuple[UUID, UUID, str]
    ) -> None:
        asked, anna, ballot = question
        response = Client().post(ballot, {"choices": choices})
        assert response.status_code == 422
        assert "Your answer was not counted" in text(response)
        assert polls.answer_of(asked, anna) is None

    def test_after_the_close_the_result_is_shown_and_says_it_was_not_counted(
        self, question: tuple[UUID, UUID, str], clock: Clock
    ) -> None:
        asked, anna, ballot = question
        decisions.vote(by=anna, question_id=asked, text="0")
        clock.forward(hours=1)
        early = Client().post(ballot, {"choices": "1"})
        assert (early.status_code, text(early).count('<table class="result">')) == (409, 0)
        closing.close_due()
        late = Client().post(ballot, {"choices": "1"})
        assert (late.status_code, text(late).count('<table class="result">')) == (409, 1)
        assert "This question has closed, so your answer was not counted." in text(late)
        assert polls.answer_of(asked, anna) == "0"
        assert Client().get(ballot).status_code == 200

    def test_a_link_that_is_forged_or_old_opens_nothing(
        self, question: tuple[UUID, UUID, str], clock: Clock
    ) -> None:
        asked, anna, ballot = question
        of_a_voice = path(links.good(asked, anna)).replace("/good/", "/ballot/")
        for forged in (ballot[:-2] + "x/", "/ballot/x/", "/ballot/%00/", of_a_voice):
            assert Client().post(forged, {"choices": "0"}).status_code == 404
        clock.forward(days=91)
        response = Client().post(ballot, {"choices": "0"})
        assert response.status_code == 410
        assert "This link has expired." in text(response)
        assert polls.answer_of(asked, anna) is None

    def test_who_was_not_asked_has_no_ballot(self, question: tuple[UUID, UUID, str]) -> None:
        a_customer("Borys")
        address = reverse("web:answer", args=[question[0]])
        assert enter("Borys").get(address).status_code == 409
        mine = enter("Anna").get(address)
        assert (mine.status_code, "/ballot/" in mine["Location"]) == (302, True)
        assert Client().get(reverse("web:question", args=[uuid4()])).status_code == 404


class TestGood:
    def test_only_yes_and_no_are_words_and_the_wrong_hour_is_told(self) -> None:
        anna, noa = a_customer(), an_employee()
        voice_id = heard(anna)
        link = path(links.good(voice_id, anna))
        client = Client()
        assert client.post(link, {"good": "yes"}).status_code == 409
        found = cases.case(voice_id)
        assert found is not None
        service.remedy(
            by=noa, case_id=found.id, kind="answer", amount=Money(0, "USD"), words="Sorry",
            once=uuid4(),
        )  # fmt: skip
        loop.tick()
        stands = []
        for word in ({}, {"good": "perhaps"}, {"good": "yes"}, {"good": "yes"}, {"good": "no"}):
            assert client.post(link, word).status_code == 302
            said = voices.voice(voice_id)
            assert said is not None
            stands.append(said.stands)
        assert stands == ["told", "told", "closed", "closed", "unread"]

    def test_anothers_voice_is_not_there(self) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        link = path(links.good(heard(anna), borys))
        assert Client().post(link, {"good": "yes"}).status_code == 404


class TestStaff:
    def test_each_page_is_for_its_role(self) -> None:
        anna = a_customer()
        an_employee("Noa")
        an_employee("Tomasz", "brand")
        voice_id = heard(anna)
        one = reverse("web:voice", args=[voice_id])
        noa, tomasz, customer = enter("Noa"), enter("Tomasz"), enter("Anna")
        assert [tomasz.get(one).status_code, noa.get(one).status_code] == [200, 200]
        assert customer.get(one).status_code == 403
        assert noa.get(reverse("web:ask")).status_code == 403
        assert tomasz.get(reverse("web:ask")).status_code == 200
        found = post(tomasz, "remedy", voice_id, kind="refund", amount="5.99")
        assert (found.status_code, Remedy.objects.count()) == (403, 0)
        assert "Your role does not include this." in text(found)
        acts = [act for act, _ in noted(anna)]
        assert acts == ["voice.read", "voice.read"]

    def test_a_remedy_sent_twice_is_given_once(self) -> None:
        anna = a_customer()
        an_employee("Noa")
        voice_id, once = heard(anna), uuid4()
        noa = enter("Noa")
        for _ in range(2):
            found = post(noa, "remedy", voice_id, kind="refund", amount="5,99", once=once)
            assert found.status_code == 302
        assert list(Remedy.objects.values_list("pk", "minor")) == [(once, 599)]

    @pytest.mark.parametrize(
        ("amount", "said"),
        [
            ("20.01", "20"),
            ("1,000", "amount"),
            ("-5", "amount"),
            ("1e999999999", "amount"),
            ("\x00", "Null characters"),
            ("9" * 41, "at most 40 characters"),
        ],
    )
    def test_a_wrong_amount_comes_back_with_the_words(self, amount: str, said: str) -> None:
        anna = a_customer()
        an_employee("Noa")
        voice_id = heard(anna)
        found = post(
            enter("Noa"), "remedy", voice_id, kind="refund", amount=amount, words="So sorry"
        )
        assert (found.status_code, Remedy.objects.count()) == (422, 0)
        [error] = found.context["remedy_form"].errors["amount"]
        assert said in error
        assert ">So sorry</textarea>" in text(found)

    @pytest.mark.parametrize("to", ["", "x", str(UUID(int=7)), "\x00"])
    def test_a_case_is_handed_to_nobody_who_is_not_there(self, to: str) -> None:
        anna = a_customer()
        an_employee("Noa")
        voice_id = heard(anna)
        assert post(enter("Noa"), "hand-on", voice_id, to=to).status_code == 409
        assert cases.handed_on() == {}

    def test_a_promise_needs_an_owner_and_a_day(self) -> None:
        anna = a_customer()
        noa = an_employee("Noa")
        voice_id, client = heard(anna), enter("Noa")
        for wrong in ({"owner": "x"}, {"owner": uuid4()}, {"due": "tomorrow"}, {"due": "1999-1-1"}):
            given = {"text": "A new fridge", "owner": noa, "due": "2999-01-01"} | wrong
            found = post(client, "promise", voice_id, **given)
            assert (found.status_code, Promise.objects.count()) == (422, 0)
            assert ">A new fridge</textarea>" in text(found)
        given = {"text": "A new fridge", "owner": noa, "due": "2999-01-01"}
        assert post(client, "promise", voice_id, **given).status_code == 302
        promise = Promise.objects.get()
        other = post(enter("Anna"), "keep", promise.pk, how="Done")
        assert other.status_code == 403
        assert Promise.objects.get().kept_at is None
        assert post(client, "keep", promise.pk, how=" ").status_code == 422
        assert post(client, "keep", uuid4(), how="Done").status_code == 404

    def test_a_question_comes_back_as_it_was_written(self) -> None:
        a_customer()
        an_employee("Tomasz", "brand")
        given = {"text": "Which <apples>?", "options": "A\na", "text_he": "אילו?", "pledge": "Grow"}
        given |= {"method": "approval", "closes_at": "2999-01-01T10:00", "pledge_due": "2999-02-01"}
        found = post(enter("Tomasz"), "ask", **given)
        assert found.status_code == 422
        assert [word in text(found) for word in ("Which &lt;apples&gt;?", "A\na", "אילו?")] == [
            *(True, True, True)
        ]
        assert announced() == []


class TestErrors:
    def test_a_form_that_is_too_old_gives_the_text_back(self) -> None:
        a_customer()
        client = enter("Anna", enforce_csrf_checks=True)
        response = client.post(SAY, {"text": "The milk <b>was</b> sour", "text_he": "חמוץ"})
        assert (response.status_code, Voice.objects.count()) == (403, 0)
        for kept in ("The milk &lt;b&gt;was&lt;/b&gt; sour", "חמוץ"):
            assert kept in text(response)

    def test_wrong_addresses_and_hosts_have_a_page(self) -> None:
        assert Client().get("/attic/").status_code == 404
        assert Client().get("/voices/x/").status_code == 404
        wrong = Client().get("/", headers={"host": "evil.example"})
        assert (wrong.status_code, "That could not be understood" in text(wrong)) == (400, True)

    def test_when_we_fail_the_page_says_so_without_the_database(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        a_customer()
        client = enter("Anna", raise_request_exception=False)

        def fail(*_: object, **__: object) -> None:
            monkeypatch.setattr(connection, "cursor", fail)  # from now on, no query works
            raise RuntimeError("anna@village.example")

        monkeypatch.setattr(voice, "say", fail)
        response = client.post(SAY, {"text": "The milk was sour", "once": uuid4()})
        assert response.status_code == 500
        assert "The milk was sour" in text(response)
        assert "anna@village.example" not in text(response)


class TestQueries:
    """A page asks the database as often for many rows as for few."""

    @pytest.mark.parametrize("size", [1, 10])
    def test_the_voices(self, size: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        an_employee("Noa")
        for number in range(size):
            heard(a_customer(f"Anna{number}"))
        client, page = enter("Noa"), reverse("web:voices")
        with django_assert_num_queries(26):
            assert text(client.get(page)).count("The milk was sour") == size

    @pytest.mark.parametrize("size", [1, 10])
    def test_the_journey(
        self, size: int, django_assert_num_queries: DjangoAssertNumQueries, clock: Clock
    ) -> None:
        anna, noa, tomasz = a_customer(), an_employee("Noa"), an_employee("Tomasz", "brand")
        for number in range(size):
            voice_id = heard(anna, f"The milk was sour {number}")
            case = cases.case(voice_id)
            assert case is not None
            service.remedy(
                by=noa, case_id=case.id, kind="refund", amount=Money(599, "USD"), once=uuid4()
            )
            clock.forward(minutes=1)
            decisions.vote(by=anna, question_id=ask(tomasz), text="0")
            outbox.deliver()
        client, page = enter("Anna"), reverse("web:journey")
        client.get(page)
        with django_assert_num_queries(31):
            assert client.get(page).status_code == 200

    @pytest.mark.parametrize("size", [1, 12])
    def test_the_home_page(
        self, size: int, django_assert_num_queries: DjangoAssertNumQueries, data_dir: Path
    ) -> None:
        anna, tomasz = a_customer(), an_employee("Tomasz", "brand")
        for _ in range(size):
            decisions.vote(by=anna, question_id=ask(tomasz), text="0")
        outbox.deliver()
        with django_assert_num_queries(30):
            assert Client().get("/").status_code == 200
