"""Turnout: exact where it is small, of a moment ago where many look and counting takes long."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from kfar.rooms.decisions import commands, queries, turnout
from kfar.rooms.decisions.turnout import Turnout
from tests.people import a_customer, ask
from tests.rooms.decisions.doors import asker

pytestmark = pytest.mark.django_db


def test_a_small_one_is_counted_each_time() -> None:
    anna, _ = a_customer("Anna"), a_customer("Hania")
    question = ask(asker())
    assert turnout.turnout([question]) == {question: Turnout(2, 0)}
    commands.vote(by=anna, question_id=question, text="1")
    assert turnout.turnout([question]) == {question: Turnout(2, 1)}


def test_a_large_one_is_as_of_a_moment_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 1000.0
    monkeypatch.setattr(turnout, "MANY", 2)
    monkeypatch.setattr(turnout, "time", SimpleNamespace(monotonic=lambda: moment))
    anna, _ = a_customer("Anna"), a_customer("Hania")
    question = ask(asker())
    assert turnout.turnout([question]) == {question: Turnout(2, 0)}
    commands.vote(by=anna, question_id=question, text="1")
    moment += turnout.KEPT - 0.1
    poll = queries.question(question)
    assert poll is not None
    assert (poll.asked, poll.answered) == (2, 0)
    moment += 0.1
    assert turnout.turnout([question]) == {question: Turnout(2, 1)}
