"""What the demo asks its households: a ranking that is about to close, and a budget that is open.

The questions and the votes are made up, as decision 0007 says; who votes is a household of the
data. The ranking is one where the rule decides: by most first choices the bread would win.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone

from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import commands, queries
from kfar.rooms.decisions.counting.rules import Method
from kfar.rooms.decisions.rules import Draft

#: How long the ranking takes answers, so that it closes before one's eyes; and the budget.
SOON, LONG = timedelta(seconds=20), timedelta(days=14)

RANKING: dict[str, Any] = {
    "text": {
        "en": "Which of our neighbours’ products should come to the shelves first?",
        "he": "איזה מוצר של השכנים שלנו יעלה ראשון למדפים?",
        "pl": "Który produkt naszych sąsiadów ma pierwszy trafić na półki?",
    },
    "options": [
        {"en": "Sourdough rye bread", "he": "לחם שיפון מחמצת", "pl": "Żytni chleb na zakwasie"},
        {"en": "Goat cheese", "he": "גבינת עיזים", "pl": "Sery kozie"},
        {"en": "Olive oil", "he": "שמן זית", "pl": "Oliwa"},
        {"en": "Wildflower honey", "he": "דבש פרחי בר", "pl": "Miód wielokwiatowy"},
    ],
    "method": Method.IRV,
    "pledge": {
        "en": "It stands in every store.",
        "he": "הוא יעמוד בכל חנות.",
        "pl": "Będzie w każdym sklepie.",
    },
    "quorum": 20,
}
#: How often each ballot was cast.
RANKED = {"0>3": 13, "1>2>3": 12, "2>1>0": 8, "3>2>1": 5}

BUDGET: dict[str, Any] = {
    "text": {
        "en": "What should we spend on in our stores next year?",
        "he": "על מה נוציא כסף בחנויות שלנו בשנה הבאה?",
        "pl": "Na co mamy wydać pieniądze w naszych sklepach w przyszłym roku?",
    },
    "options": [
        {"en": "Benches to rest on", "he": "ספסלים למנוחה", "pl": "Ławki do odpoczynku"},
        {
            "en": "A counter without packaging",
            "he": "דלפק ללא אריזות",
            "pl": "Stoisko bez opakowań",
        },
        {"en": "Longer hours on Fridays", "he": "שעות ארוכות בימי שישי", "pl": "Dłużej w piątki"},
        {"en": "Racks for bicycles", "he": "מתקני אופניים", "pl": "Stojaki na rowery"},
        {"en": "A play corner", "he": "פינת משחק", "pl": "Kącik zabaw"},
    ],
    "method": Method.EQUAL_SHARES,
    "pledge": {
        "en": "What is funded is there within the year.",
        "he": "מה שימומן יהיה שם בתוך השנה.",
        "pl": "To, co otrzyma środki, powstanie w ciągu roku.",
    },
    "budget": 120_000,
    "costs": (20_000, 60_000, 55_000, 15_000, 40_000),
}
TICKED = {"0 3": 6, "1": 5, "0 4": 4, "1 2": 4, "2 3": 3, "4": 2}


def ask(by: UUID) -> int:
    """Ask the demo's questions, once, and cast the ballots; return how many were cast."""
    cast = 0
    for name, said, ballots, lasts in (
        ("ranking", RANKING, RANKED, SOON),
        ("budget", BUDGET, TICKED, LONG),
    ):
        question = uuid5(NAMESPACE_URL, f"https://demo.kfar.example/{name}")
        if queries.opened(question) is None:
            closes = timezone.now() + lasts
            due = timezone.localdate(closes) + timedelta(days=60)
            draft = Draft(**said, closes_at=closes, pledge_due=due)
            commands.ask(by=by, draft=draft, once=question)
            cast += _vote(question, ballots)
    return cast


def _vote(question: UUID, ballots: Mapping[str, int]) -> int:
    texts = [text for text, times in ballots.items() for _ in range(times)]
    voters = _households(len(texts))
    for voter, text in zip(voters, texts, strict=False):
        commands.vote(by=voter, question_id=question, text=text)
    return min(len(voters), len(texts))


def _households(most: int) -> list[UUID]:
    """Some households, but none that a visitor of the demo may be (`demo.HOUSEHOLDS`)."""
    emails = [f"household-{number}@demo.kfar.example" for number in range(200, 2500, 7)]
    known = customers.found_by("email", emails)
    return [known[email] for email in emails if email in known][:most]
