"""Surveys at the door: answered page by page without a script, made and read by who may."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kfar import loop
from kfar.doors import archive, links
from kfar.doors.mail import post
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.promises.models import Letter
from kfar.rooms.service import queries as cases
from kfar.rooms.touchpoints import queries as journeys
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.models import Invitation, Response
from kfar.rooms.voice.questionnaire.templates import TEMPLATES
from kfar.rooms.voice.surveys import commands, queries
from tests.clock import Clock
from tests.doors.web.doors import enter, path, text
from tests.people import a_customer, an_employee, email
from tests.rooms.voice.surveys.surveying import make, respond, survey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

TWO_PAGES: dict[str, Any] = {
    "title": {"default": "How was it?", "he": "איך היה?"},
    "pages": [
        {
            "elements": [
                {
                    "type": "rating",
                    "name": "score",
                    "title": {"default": "How good?", "he": "כמה טוב?"},
                    "isRequired": True,
                },
                {
                    "type": "comment",
                    "name": "why",
                    "title": {"default": "Why?", "he": "למה?"},
                    "isRequired": True,
                    "visibleIf": "{score} <= 2",
                },
            ]
        },
        {
            "elements": [
                {
                    "type": "checkbox",
                    "name": "what",
                    "title": {"default": "What?", "he": "מה?"},
                    "choices": ["bread", {"value": 2, "text": {"default": "Milk", "he": "חלב"}}],
                },
                {"type": "boolean", "name": "again", "title": {"default": "?", "he": "?"}},
            ]
        },
    ],
}


def url(name: str, *args: object) -> str:
    return reverse(f"web:{name}", args=args)


def tomasz() -> UUID:
    return an_employee("Tomasz", "brand")


def link(survey_id: UUID, customer_id: UUID | None = None) -> str:
    return path(links.survey(survey_id, customer_id))


def fields(page: str) -> dict[str, list[str]]:
    """What a browser would send of a page that nobody has touched."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)
        loose = kind and kind[1] in {"radio", "checkbox"} and " checked" not in tag
        if name and not loose:
            found.setdefault(name[1], []).append(html.unescape(value[1]) if value else "")
    areas = re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    return found | {name: [html.unescape(said)] for name, said in areas}


def send(client: Client, address: str, sheet: str, **said: Any) -> Any:
    """Fill in what is said and send the page, with all that stands on it."""
    return client.post(address, fields(sheet) | {"go": "on"} | said)


class TestAnswering:
    def test_page_by_page_without_a_script(self) -> None:
        anna, one = a_customer(), survey(tomasz(), TWO_PAGES, by_link=True)
        client, address = Client(), link(one, anna)
        page = text(client.get(address))
        assert "How good?" in page
        assert "Why?" not in page

        missing = send(client, address, page)
        assert missing.status_code == 422
        assert "Please answer this." in text(missing)

        follows = send(client, address, text(missing), e0="2")
        page = text(follows)
        assert follows.status_code == 200
        assert "What you answered leads to one more thing, below." in page
        assert 'value="2" checked' in page
        assert "Please answer this." not in page
        assert send(client, address, page).status_code == 422

        page = text(send(client, address, page, e1="Sour\r\n<b>milk</b>"))
        assert "Milk" in page
        assert Response.objects.count() == 0
        back = text(send(client, address, page, e2=["bread"], go="back"))
        assert "Sour\n&lt;b&gt;milk&lt;/b&gt;" in back.replace("\r", "")
        page = text(send(client, address, back))
        assert fields(page)["e2"] == ["bread"]

        done = send(client, address, page, e2=["bread", "2"], e3="true")
        assert (done.status_code, done["Location"]) == (302, f"{address}?done")
        assert "Thank you, we heard you." in text(client.get(done["Location"]))
        [row] = Response.objects.all()
        assert row.answers == {
            "score": 2,
            "why": "Sour\n<b>milk</b>",
            "what": ["bread", 2],
            "again": True,
        }
        assert row.customer_id == anna
        assert [said.text for said in voices.of_customer(anna)] == ["Sour\n<b>milk</b>"]
        # The letter lies in the mailbox still.
        assert "Thank you, we heard you." in text(client.get(address))
        assert send(client, address, page).status_code == 200
        assert Response.objects.count() == 1

    def test_what_is_wrong_stands_beside_its_question_and_nothing_is_lost(self) -> None:
        one = survey(tomasz(), TWO_PAGES, by_link=True)
        client, address = Client(), link(one)
        page = text(client.get(address))
        long = "x" * 5001
        again = send(client, address, page, e0="1", e1=long, seen=["e0", "e1"])
        assert again.status_code == 422
        assert "Please shorten it: at most 5,000 letters fit." in text(again)
        assert long in text(again)
        odd = send(client, address, page, e0="99", page="7", seen="e9")
        assert odd.status_code == 422
        assert "Please choose one of these." in text(odd)

    def test_in_the_customers_language_and_from_right_to_left(self) -> None:
        boaz = a_customer("Boaz", language="he")
        celina = a_customer("Celina", language="pl")
        one = survey(tomasz(), TWO_PAGES, by_link=True)
        page = text(Client().get(link(one, boaz)))
        assert '<html lang="he" dir="rtl">' in page
        assert '<h1 lang="he" dir="auto">איך היה?</h1>' in page
        # Of what the survey does not speak, the reader gets its own language, marked as such.
        page = text(Client().get(link(one, celina)))
        assert '<html lang="pl" dir="ltr">' in page
        assert '<h1 lang="en" dir="auto">How was it?</h1>' in page

    def test_by_the_address_for_all_nobody_says_who_they_are(self) -> None:
        one = survey(tomasz(), by_link=True)
        for _person in range(2):
            client, address = Client(), link(one)
            page = text(client.get(address))
            done = send(client, address, page, e0="0", e1="Sour")
            assert "Nobody knows who gave them." in text(client.get(done["Location"]))
        assert list(Response.objects.values_list("customer", flat=True)) == [None, None]

    def test_sent_twice_it_is_one_answer(self) -> None:
        one, client = survey(tomasz(), by_link=True), Client()
        page = text(client.get(link(one)))
        for _twice in range(2):
            assert send(client, link(one), page, e0="9").status_code == 302
        assert Response.objects.count() == 1

    def test_who_signed_in_is_known_by_the_address_for_all_and_who_works_here_is_not(self) -> None:
        anna, one = a_customer(), survey(tomasz(), by_link=True)
        for name in ("Anna", "Tomasz"):
            client = enter(name)
            page = text(client.get(link(one)))
            assert send(client, link(one), page, e0="9").status_code == 302
        who = Response.objects.order_by("at").values_list("customer", flat=True)
        assert set(people.person_of(c for c in who if c).values()) == {anna}
        assert len(who) == 2

    def test_what_is_over_or_not_theirs_is_said_kindly(self, clock: Clock) -> None:
        by, anna = tomasz(), a_customer()
        for_few, draft, shut = survey(by), make(by), survey(by, by_link=True)
        commands.close(by=by, survey_id=shut)
        client = Client()
        said = {
            link(shut): (410, "This survey is over"),
            link(draft): (409, "This survey has not been opened yet."),
            link(for_few): (409, "This survey is for those who were invited to it."),
            link(for_few, anna): (409, "This survey is for those who were invited to it."),
            link(uuid4()): (404, "There is no such survey."),
            "/ask/forged/": (404, "That did not work"),
        }
        for address, (status, words) in said.items():
            for answer in (client.get(address), client.post(address, {"e0": "1"})):
                assert (answer.status_code, words in text(answer)) == (status, True), address
        address = link(survey(by, by_link=True))
        clock.forward(days=91)
        assert client.get(address).status_code == 410

    def test_who_answers_too_often_without_a_name_waits(self, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"take_part": "1/h/ip"}
        one, client = survey(tomasz(), by_link=True), Client(REMOTE_ADDR="203.0.113.9")
        for status in (302, 429):
            page = text(client.get(link(one)))
            assert send(client, link(one), page, e0="9").status_code == status


class TestLetters:
    def test_everybody_at_once_is_asked_once_more_with_how_many_it_will_be(self) -> None:
        for name in ("Anna", "Borys", "Ela"):
            a_customer(name)
        one, client = survey(tomasz()), enter("Tomasz")
        for sent in ({"most": ""}, {}):
            asked = client.post(url("survey-invite", one), sent)
            assert asked.status_code == 422
            page = html.unescape(text(asked))
            assert "Left empty, this invites 3 customers." in page
            assert 'name="all" value="1">Invite all 3 customers<' in page
        assert Invitation.objects.count() == 0
        assert client.post(url("survey-invite", one), {"most": "", "all": "1"}).status_code == 302
        assert Invitation.objects.count() == 3

    def test_who_is_invited_gets_a_letter_with_a_link_of_their_own(self) -> None:
        boaz, one = a_customer("Boaz", language="he"), survey(tomasz(), TWO_PAGES)
        commands.invite(by=tomasz(), survey_id=one)
        loop.tick()
        [letter] = mail.outbox
        assert (letter.to, letter.subject) == ([email("Boaz")], "איך היה?")
        [found] = re.findall(r"http\S+/ask/\S+", str(letter.body))
        client, address = Client(), path(found)
        page = text(client.get(address))
        page = text(send(client, address, page, e0="5"))
        assert send(client, address, page).status_code == 302
        assert Response.objects.get().invitation is not None
        loop.tick()
        assert len(mail.outbox) == 1
        kinds = [touch.kind for touch in journeys.everything(boaz)]
        assert kinds == ["survey"]

    def test_who_stops_agreeing_or_comes_too_late_gets_none(self) -> None:
        anna, boaz, by = a_customer("Anna"), a_customer("Boaz"), tomasz()
        one = survey(by)
        commands.invite(by=by, survey_id=one)
        customers.consent(by=anna, purpose="ask", given=False, source="web")
        loop.tick()
        assert [letter.to for letter in mail.outbox] == [[email("Boaz")]]
        mail.outbox.clear()
        Letter.objects.update(sent_at=None)
        commands.close(by=by, survey_id=one)
        post.send_waiting()
        assert mail.outbox == []
        assert people.person(boaz) is not None

    def test_who_is_silent_is_reminded_by_one_more_letter(self, clock: Clock) -> None:
        a_customer()
        by = tomasz()
        one = survey(by, reminds=True, closes_at=clock.now + timedelta(days=30))
        commands.invite(by=by, survey_id=one)
        loop.tick()
        clock.forward(days=7)
        for _tick in range(3):
            loop.tick()
        assert [letter.subject for letter in mail.outbox] == [
            "Would you recommend us?",
            "Once more: Would you recommend us?",
        ]

    def test_a_low_score_opens_a_case(self) -> None:
        anna, one = a_customer(), survey(tomasz(), by_link=True)
        respond(one, anna, 2)
        loop.tick()
        [said] = voices.of_customer(anna)
        case = cases.case(said.id)
        assert case is not None
        assert case.waiting


class TestMaking:
    def test_from_beginning_to_results(self) -> None:
        by, client = tomasz(), enter("Tomasz")
        a_customer()
        once = uuid4()
        assert "Make a survey" in text(client.get(url("survey-new")))
        made = client.post(url("survey-new"), {"beginning": "nps", "once": once})
        assert made["Location"] == url("survey", once)
        page = text(client.get(made["Location"]))
        assert "being made" in page
        late = {"closes_at": (timezone.now() + timedelta(days=99)).isoformat()[:16]}
        wrong = client.post(url("survey-open", once), late)
        assert wrong.status_code == 422
        assert "Choose a time within 90 days." in text(wrong)
        closes = (timezone.now() + timedelta(days=9)).isoformat()[:16]
        opened = client.post(
            url("survey-open", once), {"closes_at": closes, "by_link": "on", "quota": "7"}
        )
        assert opened.status_code == 302
        page = text(client.get(url("survey", once)))
        assert "1 customer may be asked now" in page
        [address] = re.findall(r'id="link" value="([^"]+)"', page)
        assert Client().get(path(address)).status_code == 200
        assert client.post(url("survey-invite", once), {"most": "x"}).status_code == 422
        assert client.post(url("survey-invite", once), {"most": ""}).status_code == 302
        page = text(client.get(url("survey", once)))
        assert "1 customer gets a mail now." in page
        assert "Nobody can be asked now: nobody agreed to it who was not asked lately." in page
        assert "Invite them" not in page
        for score in (10, 10, 9, 3):
            respond(once, None, score)
        assert "Results are shown from five answers on" in text(client.get(url("survey", once)))
        respond(once, None, 8, why="Good <b>bread</b>")
        page = text(client.get(url("survey", once)))
        assert "<strong><bdi>40</bdi></strong>" in page
        assert "Fewer than five answered this, so it is not shown." in page
        assert "bread" not in page
        assert client.post(url("survey-close", once)).status_code == 302
        assert "closed" in text(client.get(url("surveys")))
        assert by == queries.surveys()[0].made_by

    def test_a_survey_from_elsewhere_and_what_is_not_known_of_it(self) -> None:
        tomasz()
        client, once = enter("Tomasz"), uuid4()
        form = TWO_PAGES | {"logo": "x.png"}
        given = {"beginning": "json", "text": json.dumps(form), "once": once}
        wrong = client.post(url("survey-new"), given)
        assert wrong.status_code == 422
        assert "Kfar does not know this: logo." in text(wrong)
        assert html.escape(json.dumps(form)) in text(wrong)
        assert client.post(url("survey-new"), given | {"without_unknown": "on"}).status_code == 302
        out = client.get(url("survey-json", once))
        assert json.loads(out.content) == TWO_PAGES
        assert out["Content-Disposition"] == f'attachment; filename="survey-{once}.json"'
        page = text(client.get(url("survey", once)))
        assert '<code dir="ltr">{score} &lt;= 2</code>' in page

    def test_answers_go_out_as_files(self) -> None:
        one, client = survey(tomasz(), by_link=True), enter("Tomasz")
        assert b"".join(client.get(url("survey-answers-json", one))) == b"[]\n"
        for n in (1, 2):
            respond(one, None, n, why="=1+1")
        out = client.get(url("survey-answers-json", one))
        said = json.loads(b"".join(out))
        assert sorted(each["answers"]["recommend"] for each in said) == [1, 2]
        assert set(said[0]) == {"id", "at", "language", "answers"}
        lines = b"".join(client.get(url("survey-answers-csv", one))).decode()
        assert lines.count("'=1+1") == 2

    def test_it_is_open_to_who_may_alone(self) -> None:
        one = survey(tomasz())
        an_employee("Noa", "service")
        a_customer("Anna")
        pages = [
            *("surveys", "survey-new", "survey", "survey-json"),
            *("survey-answers-csv", "survey-answers-json"),
        ]
        for name in pages:
            address = url(name) if name in {"surveys", "survey-new"} else url(name, one)
            assert enter("Noa").get(address).status_code == 403
            assert enter("Anna").get(address).status_code == 403
            assert Client().get(address).status_code == 302
        assert enter("Tomasz").get(url("survey", uuid4())).status_code == 404
        assert "/surveys/" in text(enter("Tomasz").get("/"))
        assert "/surveys/" not in text(enter("Noa").get("/"))


def test_a_customer_takes_along_what_they_answered(tmp_path: Any) -> None:
    from zipfile import ZipFile

    anna = a_customer()
    one = survey(tomasz(), TEMPLATES["nps"], by_link=True)
    respond(one, anna, 9, why="Kind")
    with (tmp_path / "mine.zip").open("wb") as file:
        archive.write(anna, file)
    with ZipFile(tmp_path / "mine.zip") as found:
        [said] = json.loads(found.read("surveys.json"))
    assert said["title"] == "Would you recommend us?"
    assert said["answers"] == [
        {"question": "How likely are you to recommend us to a friend?", "answer": 9},
        {"question": "What is the main reason?", "answer": "Kind"},
    ]
