"""How it was, said on a page: a letter that is opened says nothing, one click more does."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client

from kfar import loop
from kfar.doors import links
from kfar.loop.following_up import follow_up_due
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.follow_up import queries
from tests.clock import Clock
from tests.doors.web.doors import enter, path, text
from tests.lake.touches import settle
from tests.people import a_customer, an_employee
from tests.rooms.voice.follow_up.following import answer, ask
from tests.rooms.voice.follow_up.test_commands import closed_voice
from tests.test_following_up import bought

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def test_a_letter_that_is_opened_says_nothing_and_one_click_more_does(clock: Clock) -> None:
    anna = a_customer()
    settle([bought(anna, clock, days=14)])
    follow_up_due()
    [one] = queries.of_customer(anna)
    at, client = path(links.after(one.id, anna)), Client()
    for _scanner in range(2):
        page = client.get(f"{at}?good=no")
        assert (page.status_code, queries.of_customer(anna)[0].good) == (200, None)
    assert "What was not good?" in text(page)
    long = client.post(at, {"good": "no", "words": "x" * 5001})
    assert (long.status_code, voices.of_customer(anna)) == (422, [])
    # a no is asked once what was wrong, which may be left out
    assert client.post(at, {"good": "no"})["Location"] == f"{at}?good=no"
    assert (queries.of_customer(anna)[0].good, voices.of_customer(anna)) == (None, [])
    assert client.post(at, {"good": "no", "words": ""})["Location"] == at
    [said] = voices.of_customer(anna)
    assert (said.text, said.about_name) == ("It was not good.", "MILK")
    assert "we heard you" in text(client.get(at))
    assert client.get(at.replace("/after/", "/good/")).status_code in {403, 404, 409, 410}


def test_who_takes_a_yes_back_is_asked_what_was_wrong(clock: Clock) -> None:
    anna = a_customer()
    settle([bought(anna, clock, days=14)])
    follow_up_due()
    [one] = queries.of_customer(anna)
    at, client = path(links.after(one.id, anna)), Client()
    client.post(at, {"good": "yes"})
    asked = text(client.post(at, {"good": "no"}, follow=True))
    assert "What was not good?" in asked
    assert 'value="yes"' not in asked
    assert queries.of_customer(anna)[0].good is True
    client.post(at, {"good": "no", "words": "It went sour."})
    assert [said.text for said in voices.of_customer(anna)] == ["It went sour."]


def test_after_a_closed_case_one_is_asked_whether_it_helped(clock: Clock) -> None:
    anna = a_customer()
    said = closed_voice(anna)
    clock.forward(days=7)
    assert follow_up_due() == 1
    loop.tick()
    assert [str(letter.subject) for letter in mail.outbox] == ["Did that help?"]
    [one] = queries.of_customer(anna)
    at, client = path(links.after(one.id, anna)), Client()
    page = text(client.get(f"{at}?good=no"))
    for shown in ("Did that help?", "Yes, it helped", "No, it did not"):
        assert shown in page
    assert 'lang="en" dir="auto">Sour</blockquote>' in page
    client.post(at, {"good": "no"})
    found = voices.voice(said)
    assert found is not None
    assert found.closed_at is None


def test_what_came_of_asking_stands_beside_the_voices(clock: Clock) -> None:
    an_employee()
    for n in range(6):
        one = ask(a_customer(f"Anna{n}"))
        if n < 5:
            answer(one, good=n < 4)
    clock.forward(days=14)
    page = text(enter("Noa").get("/voices/"))
    assert "80% said yes (in 19 of 20 such cases 38% to 96%)." in page
    assert "<span>silent: 1 (17%)</span>" in page
