"""Alarms on pages: since when, how many beside how many, who decides, and the word of who may."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from kfar.rooms.village import commands as village
from kfar.rooms.voice.alarms import queries
from kfar.rooms.voice.warning import budget
from tests.clock import Clock
from tests.doors.web.doors import enter, text
from tests.people import a_customer, an_employee
from tests.rooms.voice.alarms.world import START, heard, pass_by, people, settled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

BURST = START + timedelta(days=1, hours=10, minutes=30)
LIST = reverse("web:alarms")


@pytest.fixture
def page(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(budget, "WORLDS", 200)
    settled(clock)
    heard(people(12, "b"), BURST, about="Milk")
    pass_by(clock, BURST + timedelta(hours=1))
    [found] = queries.alarms()
    return reverse("web:alarm", args=[found.id])


def test_an_alarm_says_how_many_beside_how_many_and_names_voices_and_deciders(page: str) -> None:
    an_employee("Noa")
    shown = text(enter("Noa").get(page))
    assert "12 people were heard, where 1" in shown
    assert "Up to now, by 12 people." in shown
    assert len(re.findall(r'href="/voices/[0-9a-f-]{36}/"', shown)) == 12
    assert "<bdi>Noa</bdi> (<bdi>Serves customers</bdi>)" in shown
    rows = re.findall(r'<tr><th scope="row">.*?</th><td><bdi>(\d+)</bdi></td>', shown)
    assert (len(rows), rows[-1]) == (29, "12")


def test_an_open_one_is_said_at_home_and_at_the_voices_to_who_may_read(page: str) -> None:
    an_employee("Noa")
    a_customer("Anna")
    home, voices = reverse("web:home"), reverse("web:voices")
    said = "1 alarm: more people are unhappy than usual."
    assert [said in text(enter("Noa").get(at)) for at in (home, voices)] == [True, True]
    assert said not in text(enter("Anna").get(home))
    village.change_role(code="service", may_not=["voice.read"])
    assert said not in text(enter("Noa").get(home))
    assert [enter("Noa").get(at).status_code for at in (LIST, page)] == [403, 403]


def test_a_word_is_taken_from_who_may_and_shown(page: str) -> None:
    an_employee("Noa")
    answer = enter("Noa").post(page, {"real": "no"})
    assert (answer.status_code, answer["Location"]) == (302, page)
    shown = text(enter("Noa").get(LIST))
    assert "false, says <bdi>Noa</bdi>" in shown
    assert "over since" in shown
    village.change_role(code="service", may_not=["voice.alarm"])
    assert (
        "<button" not in text(enter("Noa").get(page)).partition("<main")[2].partition("</main")[0]
    )
    assert enter("Noa").post(page, {"real": "yes"}).status_code == 403


def test_before_enough_is_known_it_says_so() -> None:
    an_employee("Noa")
    assert "Too little is known yet" in text(enter("Noa").get(LIST))


def test_there_is_no_other(page: str) -> None:
    an_employee("Noa")
    gone = reverse("web:alarm", args=["0" * 8 + "-0000-4000-8000-" + "0" * 12])
    assert enter("Noa").get(gone).status_code == 404
