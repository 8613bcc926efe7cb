"""Consultations at the door: taking part with and without a name, and what everybody sees."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kfar.doors import links
from kfar.doors.cli import consultations as demo
from kfar.rooms.decisions.consultations import closing, queries, refreshing
from kfar.rooms.decisions.consultations.commands import Speaker
from kfar.rooms.decisions.consultations.rules import State
from kfar.rooms.decisions.models import Participant
from kfar.rooms.decisions.proving.checking import check, check_receipt
from kfar.rooms.decisions.proving.receipt import read_receipt
from tests.clock import Clock
from tests.doors.web.doors import enter, path, text
from tests.people import a_customer, an_employee
from tests.rooms.decisions.consultations.consulting import SEEDS, consult, vote

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def url(name: str, *args: object) -> str:
    return reverse(f"web:{name}", args=args)


def asked(page: str) -> int:
    """The number of the statement that a page asks about."""
    found = re.search(r'name="number" value="(\d+)"', page)
    assert found, page
    return int(found.group(1))


def open_to_all(**given: Any) -> UUID:
    return consult(an_employee("Tomasz", "brand"), audience="link", **given)


class TestTakingPart:
    def test_anybody_votes_one_statement_after_the_other_and_is_known_again(self) -> None:
        one, client = open_to_all(), Client()
        seen = []
        for left in (3, 2, 1):
            page = text(client.get(url("consultation", one)))
            assert f"{left} statement" in page
            seen.append(asked(page))
            sent = {"number": seen[-1], "vote": "agree"}
            answer = client.post(url("consult-vote", one), sent)
            assert (answer.status_code, answer["Location"]) == (302, url("consultation", one))
        assert sorted(seen) == [1, 2, 3]
        page = text(client.get(url("consultation", one)))
        assert "You have seen everything that was said so far." in page
        [row] = Participant.objects.all()
        place = queries.place(one, Speaker(participant=row.pk))
        assert place is not None
        assert place.votes == {1: 1, 2: 1, 3: 1}

    def test_htmx_gets_the_next_statement_alone(self) -> None:
        one, client = open_to_all(), Client()
        first = asked(text(client.get(url("consultation", one))))
        sent = {"number": first, "vote": "pass"}
        answer = client.post(url("consult-vote", one), sent, headers={"HX-Request": "true"})
        page = text(answer)
        assert answer.status_code == 200
        assert "<html" not in page
        assert "autofocus" in page
        assert asked(page) != first
        assert client.cookies["kfar_part"]["path"] == url("consultation", one)
        assert client.cookies["kfar_part"]["httponly"]

    def test_where_a_vote_is_refused_htmx_loads_the_page_that_says_why(self) -> None:
        one, client = open_to_all(), Client()
        sent = {"number": 99, "vote": "agree"}
        answer = client.post(url("consult-vote", one), sent, headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Refresh"]) == (200, "true")
        page = text(client.get(url("consultation", one)))
        assert "This statement is not there any more." in page

    def test_between_its_time_and_the_close_nothing_is_asked(self, clock: Clock) -> None:
        one = open_to_all(opens_at=clock.now + timedelta(hours=1))
        assert "Opens on" in text(Client().get(url("consultation", one)))
        clock.forward(days=8)
        page = text(Client().get(url("consultation", one)))
        assert "Closed on" in page
        assert "votes.csv" not in page
        assert 'name="vote"' not in page

    def test_a_cookie_of_one_consultation_opens_no_other(self) -> None:
        one, other, client = open_to_all(), open_to_all(), Client()
        client.post(url("consult-vote", one), {"number": 1, "vote": "agree"})
        client.cookies["kfar_part"]["path"] = "/"
        client.post(url("consult-vote", other), {"number": 1, "vote": "agree"})
        assert Participant.objects.filter(consultation=other).count() == 1
        client.cookies["kfar_part"] = "forged"
        client.post(url("consult-vote", one), {"number": 1, "vote": "agree"})
        assert Participant.objects.filter(consultation=one).count() == 2

    def test_new_people_come_from_one_address_only_so_often(self, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"take_part": "2/h/ip"}
        one, known = open_to_all(), Client()
        answers = [
            who.post(url("consult-vote", one), {"number": 1, "vote": "agree"})
            for who in (known, Client(), Client(), known)
        ]
        assert [answer.status_code for answer in answers] == [302, 302, 429, 302]
        assert Participant.objects.count() == 2

    def test_where_customers_take_part_others_are_shown_the_door(self) -> None:
        one = consult(an_employee("Tomasz", "brand"))
        page = text(Client().get(url("consultation", one)))
        assert "Sign in to take part" in page
        assert 'name="vote"' not in page
        answer = Client().post(url("consult-vote", one), {"number": 1, "vote": "agree"})
        assert answer.status_code == 409
        assert Participant.objects.count() == 0
        anna = a_customer()
        answer = enter("Anna").post(url("consult-vote", one), {"number": 1, "vote": "agree"})
        assert answer.status_code == 302
        assert Participant.objects.get().customer_id == anna

    def test_the_link_in_a_letter_lets_one_customer_in_and_casts_no_vote(self) -> None:
        one, anna = consult(an_employee("Tomasz", "brand")), a_customer("Anna", language="he")
        client = Client()
        answer = client.get(path(links.consultation(one, anna)))
        assert (answer.status_code, answer["Location"]) == (302, url("consultation", one))
        assert not Participant.objects.exists()
        assert 'name="vote"' in text(client.get(url("consultation", one)))
        client.post(url("consult-vote", one), {"number": 1, "vote": "disagree"})
        assert Participant.objects.get().customer_id == anna
        assert Client().get(url("consult-by", "forged:token")).status_code == 404

    def test_who_works_here_sees_and_does_not_vote(self) -> None:
        one = open_to_all()
        client = enter("Tomasz")
        page = text(client.get(url("consultation", one)))
        assert "Customers vote here." in page
        assert 'name="vote"' not in page

    @pytest.mark.parametrize(
        ("sent", "status"),
        [({}, 409), ({"number": "1"}, 409), ({"number": "x", "vote": "agree"}, 409),
         ({"number": "9" * 30, "vote": "agree"}, 409), ({"number": "-1", "vote": "pass"}, 409)],
        ids=range(5),
    )  # fmt: skip
    def test_what_is_no_vote_is_answered_calmly(self, sent: dict[str, str], status: int) -> None:
        assert Client().post(url("consult-vote", open_to_all()), sent).status_code == status

    def test_what_is_not_there_is_said(self) -> None:
        for name in ("consultation", "consulted"):
            assert Client().get(url(name, uuid4())).status_code == 404


class TestSaying:
    def test_what_is_said_waits_and_its_author_sees_it(self) -> None:
        one, client = open_to_all(), Client()
        answer = client.post(url("consult-say", one), {"text": "  More <b>salt</b> "})
        assert answer.status_code == 302
        page = text(client.get(url("consultation", one)))
        assert "once somebody here has looked at it" in page
        assert "More &lt;b&gt;salt&lt;/b&gt;" in page
        assert "waits to be looked at" in page
        assert "salt" not in text(Client().get(url("consultation", one)))

    def test_no_word_is_lost(self) -> None:
        one, long = open_to_all(), "x" * 281
        answer = Client().post(url("consult-say", one), {"text": long})
        assert answer.status_code == 422
        assert long in text(answer)
        assert "Please take out 1" in text(answer)
        again = Client().post(url("consult-say", one), {"text": SEEDS[0]})
        assert "This has been said already" in text(again)
        assert not Participant.objects.exists()

    def test_it_is_in_the_language_of_who_says_it(self) -> None:
        one = open_to_all(moderation="after")
        Client(headers={"Accept-Language": "he"}).post(url("consult-say", one), {"text": "מלח"})
        refreshing.refresh(one)
        page = text(Client(headers={"Accept-Language": "pl"}).get(url("consulted", one)))
        assert '<blockquote class="words" lang="he" dir="auto">מלח</blockquote>' in page


class TestModerating:
    def test_the_queue_lets_in_and_takes_out_with_a_reason(self) -> None:
        one = open_to_all()
        for words in ("Salt it.", "Fire Ewa."):
            Client().post(url("consult-say", one), {"text": words})
        client = enter("Tomasz")
        page = text(client.get(url("moderate", one)))
        assert page.index("Salt it.") < page.index("Fire Ewa.") < page.index(SEEDS[0])
        salt, ewa = queries.statements(one, State.WAITING)
        client.post(url("moderate", one), {"statement": salt.id, "act": "in"})
        answer = client.post(url("moderate", one), {"statement": ewa.id, "act": "out"})
        assert answer.status_code == 422
        assert "Say why it is taken out" in text(answer)
        client.post(url("moderate", one), {"statement": ewa.id, "act": "out", "why": "A name"})
        assert [s.text for s in queries.statements(one)] == [*SEEDS, "Salt it."]
        assert [(s.text, s.reason) for s in queries.statements(one, State.OUT)] == [
            ("Fire Ewa.", "A name")
        ]
        assert "A name" in text(client.get(url("moderate", one)))

    def test_it_is_for_who_may(self) -> None:
        one = open_to_all()
        an_employee("Noa")
        a_customer()
        found = [who.get(url("moderate", one)).status_code for who in (enter("Noa"), enter("Anna"))]
        assert found == [403, 403]
        answer = enter("Tomasz").post(url("moderate", one), {"statement": "x", "act": "in"})
        assert answer.status_code == 409


class TestOpening:
    def form(self, **given: Any) -> dict[str, Any]:
        now = timezone.localtime()
        return {
            "once": uuid4(),
            "topic": "Bread",
            "topic_he": "לחם",
            "seeds": "Rye is best.\n\n  Bake at night. \n",
            "seeds_he": "שיפון",
            "pledge": "We bake it",
            "audience": "link",
            "moderation": "after",
            "closes_at": (now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M"),
            "pledge_due": (now + timedelta(days=30)).date().isoformat(),
        } | given

    def test_it_is_opened_as_it_is_filled_in(self) -> None:
        an_employee("Tomasz", "brand")
        form = self.form()
        answer = enter("Tomasz").post(url("consult"), form)
        assert (answer.status_code, answer["Location"]) == (302, url("consultation", form["once"]))
        one = queries.consultation(form["once"])
        assert one is not None
        assert (one.topic, one.pledge) == ({"en": "Bread", "he": "לחם"}, {"en": "We bake it"})
        assert (one.to_anybody, one.looked_at_before) == (True, False)
        assert [(s.text, s.language) for s in queries.statements(one.id)] == [
            ("Rye is best.", "en"), ("Bake at night.", "en"), ("שיפון", "he"),
        ]  # fmt: skip
        assert "Bread" in text(Client().get(url("consultations")))

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"topic": "", "topic_he": ""}, "Write what it is about."),
            ({"seeds": "", "seeds_he": ""}, "Begin with some statements of your own"),
            ({"seeds": "Rye\nrye!"}, "This has been said already"),
            ({"pledge": ""}, "Say what you will do with the result"),
            ({"closes_at": ""}, "Say when it closes."),
            ({"closes_at": "2020-01-01T10:00"}, "The closing time has passed already."),
        ],
        ids=range(6),
    )
    def test_what_lacks_is_said_where_it_lacks(self, given: dict[str, str], said: str) -> None:
        an_employee("Tomasz", "brand")
        answer = enter("Tomasz").post(url("consult"), self.form(**given))
        page = html.unescape(text(answer))
        assert answer.status_code == 422
        assert said in page
        assert "We bake it" in page or "pledge" in given

    def test_it_is_for_who_may(self) -> None:
        an_employee("Noa")
        assert enter("Noa").get(url("consult")).status_code == 403


class TestResults:
    def test_what_comes_out_is_drawn_told_and_compared(self, clock: Clock) -> None:
        one = open_to_all()
        for n in range(16):
            vote(None, one, 1, -1, 1 if n < 8 else -1)
        client = Client()
        client.post(url("consult-vote", one), {"number": 1, "vote": "agree"})
        refreshing.refresh(one)
        page = text(client.get(url("consulted", one)))
        assert page.index("Common ground") < page.index("The map") < page.index('id="group-0"')
        assert "The ring is you." in page
        assert "100% agree, 0% disagree" in page
        assert "You agree." in page
        assert page.count('<path class="g0"') >= 1
        assert "votes.csv" not in page
        assert Client().get(url("votes.csv", one)).status_code == 404

        clock.forward(days=7)
        closing.close_due()
        page = text(client.get(url("consultation", one)))  # where it closed, the same
        assert "votes.csv" in page
        votes = b"".join(Client().get(url("votes.csv", one))).decode().splitlines()
        assert (votes[0], len(votes)) == ("participant,statement,vote", 1 + 16 * 3 + 1)
        assert json.loads(text(Client().get(url("outcome.json", one))))["people"] == 17

    def test_what_is_published_is_right_and_so_is_the_receipt(self, clock: Clock) -> None:
        one, client = open_to_all(), Client()
        assert client.get(url("consult-receipt", one)).status_code == 404

        def fetch(name: str) -> bytes:
            answer = Client().get(url("published", one, name))
            if answer.status_code == 404:
                raise FileNotFoundError(name)
            return b"".join(answer)

        said = {"number": 1, "vote": "agree", "nonce": "n" * 22}
        page = text(client.post(url("consult-vote", one), said, follow=True))
        assert url("consult-receipt", one) in page
        for name in ("ballots.csv", "result.json", "statements.csv"):
            with pytest.raises(FileNotFoundError):
                fetch(name)
        clock.forward(days=7)
        closing.close_due()
        held = read_receipt(text(client.get(url("consult-receipt", one))))
        assert (held.nonce, held.ballot) == ("n" * 22, "1:1")
        found = check(fetch)
        assert (found.wrong, check_receipt(held, found)) == ([], ("counted", ""))
        answer = Client().post(url("receipt", one), {"receipt": held.text()})
        assert "This ballot stands in the log and is counted." in text(answer)
        said = json.loads(held.text()) | {"ballot": "1:-1"}
        answer = Client().post(url("receipt", one), {"receipt": json.dumps(said)})
        assert "does not agree with itself" in text(answer)

    def test_before_anybody_voted_there_is_a_page(self) -> None:
        page = text(Client().get(url("consulted", open_to_all())))
        assert "Nothing yet" in page

    def test_a_promise_for_it_leads_to_it(self) -> None:
        one = open_to_all()
        answer = Client().get(url("question", one))
        assert (answer.status_code, answer["Location"]) == (302, url("consultation", one))

    def test_the_demo_shows_whose_conversation_it_is(self) -> None:
        demo.load(an_employee("Tomasz", "brand"))
        demo.load(an_employee("Tomasz", "brand"))
        page = html.unescape(text(Client().get(url("consultation", demo.UBERX))))
        assert "sub-licensed under CC BY 4.0 with Attribution" in page
        assert "1,218 people in 2 groups" in page
        assert 'lang="zh-Hant"' in page
        found = queries.consultations()
        assert [(one.id, one.open, one.shown) for one in found] == [
            (demo.STORES, True, 12),
            (demo.UBERX, False, 119),
        ]
