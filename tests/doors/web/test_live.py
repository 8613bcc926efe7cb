"""The big screen: what it shows before, during and after, and what the gate is told for it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from kfar import loop
from kfar.lake.intake.live import live_file
from kfar.rooms.decisions import closing, commands, standings
from tests.clock import Clock
from tests.people import a_customer, an_employee, ask

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anew() -> None:
    standings._known.clear()


def told(data: Path, question: UUID) -> dict[str, object]:
    found: dict[str, dict[str, object]] = json.loads(live_file(data).read_bytes())
    return found[str(question)]


def seen(question: UUID) -> str:
    answer = Client().get(reverse("web:live", args=[question]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("interim", [False, True])
def test_from_the_first_ballot_to_the_result(clock: Clock, data_dir: Path, interim: bool) -> None:
    anna, borys = a_customer(), a_customer("Borys")
    closes = clock.now + timedelta(hours=1)
    question = ask(an_employee("Tomasz", "brand"), closes_at=closes, interim=interim)
    loop.tell_live()
    ms = round(clock.now.timestamp() * 1000)
    assert told(data_dir, question) == {
        "opens": ms,
        "closes": ms + 3_600_000,
        "closed": False,
        "asked": 2,
        "answered": 0,
        "standing": ["0", "0"] if interim else None,
    }
    commands.vote(by=anna, question_id=question, text="1")
    standings._known.clear()
    loop.tell_live()
    said = told(data_dir, question)
    assert (said["answered"], said["standing"]) == (1, ["0", "1"] if interim else None)
    page = seen(question)
    assert "<dd data-live-answered>1</dd>" in page
    assert ("How it stands" in page) == interim
    commands.vote(by=borys, question_id=question, text="1")
    clock.forward(hours=1)
    closing.close_due()
    loop.tell_live()  # at once, however good the last count was
    said = told(data_dir, question)
    assert (said["closed"], said["answered"], said["standing"]) == (True, 2, None)
    page = seen(question)
    assert "Decided together" in page
    assert "data-live-answered" not in page
    clock.forward(hours=1, seconds=1)
    loop.tell_live()
    assert json.loads(live_file(data_dir).read_bytes()) == {}


def test_a_question_that_opens_later_and_one_taken_back(clock: Clock, data_dir: Path) -> None:
    a_customer()
    tomasz = an_employee("Tomasz", "brand")
    later = ask(tomasz, opens_at=clock.now + timedelta(days=1))
    loop.tell_live()
    assert not live_file(data_dir).exists()
    assert "Opens" in seen(later)
    commands.withdraw(by=tomasz, question_id=later, reason={"en": "A typo"})
    assert "A typo" in seen(later)


def test_counting_takes_no_more_than_its_share(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = a_customer()
    question = ask(an_employee("Tomasz", "brand"))
    times = iter([0.0, 0.5, 1.0, 9.9, 10.1, 10.2])
    counter = SimpleNamespace(monotonic=lambda: next(times))
    monkeypatch.setattr("kfar.rooms.decisions.standings.time", counter)
    assert standings.now()[question].answered == 0  # counted in half a second
    commands.vote(by=anna, question_id=question, text="1")
    assert [standings.now()[question].answered for _ in range(3)] == [0, 0, 1]
