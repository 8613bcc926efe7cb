"""Questions in tests of pages: asked by Tomasz, answered by whoever is needed, closed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

from django.test import Client
from django.urls import reverse

from kfar.doors import links
from kfar.rooms.decisions import closing, commands
from kfar.rooms.decisions.counting.rules import BUDGETS, Method
from tests.clock import Clock
from tests.doors.web.doors import path, text
from tests.people import a_customer, an_employee, ask

#: Options A to D, and an order that breaks ties: A before B before C before D.
OPTIONS = [{"en": name} for name in "ABCD"]
LOT = "0>1>2>3"


def a_question(method: str, voters: int = 1, **given: Any) -> tuple[UUID, list[UUID]]:
    """Ask by that method over A to D, for a week; return the question and who is asked."""
    people = [a_customer(f"Voter{n}") for n in range(voters)]
    budget = {"budget": 10, "costs": (6, 5, 4, 3)} if method in BUDGETS else {}
    seats = {"seats": 2} if method == Method.STV else {}
    said = {"options": OPTIONS, "method": method, "lot": LOT, **budget, **seats, **given}
    return ask(an_employee("Tomasz", "brand"), **said), people


def decided(method: str, ballots: Mapping[str, int], clock: Clock, **given: Any) -> UUID:
    """Ask, cast each ballot as often as that, and close."""
    texts = [text for text, times in ballots.items() for _ in range(times)]
    question, people = a_question(method, max(len(texts), 1), **given)
    for person, said in zip(people, texts, strict=False):
        commands.vote(by=person, question_id=question, text=said)
    clock.forward(days=7)
    assert closing.close_due() == 1
    return question


def paper(question: UUID, voter: UUID) -> str:
    """Return the path of a voter's ballot."""
    return path(links.ballot(question, voter))


def page(question: UUID) -> str:
    """Return the page of a question as anybody sees it."""
    return text(Client().get(reverse("web:question", args=[question])))


def tables(html: str) -> list[list[list[str]]]:
    """Return the tables of a page: rows of cells, each in words alone."""
    found = re.findall(r"(?s)<table.*?</table>", html)
    rows = [re.findall(r"(?s)<tr.*?</tr>", table) for table in found]
    cells = r"(?s)<t[hd][^>]*>(.*?)</t[hd]>"
    return [[[words(c) for c in re.findall(cells, row)] for row in table] for table in rows]


def words(html: str) -> str:
    """Return what a piece of a page says."""
    return " ".join(unescape(re.sub(r"(?s)<svg.*?</svg>|<[^>]+>", " ", html)).split())


WEEK = timedelta(days=7)
