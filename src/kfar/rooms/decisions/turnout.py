"""How many people were asked, and how many answered: counted for many viewers at once."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from kfar.rooms.decisions.models import Voter

#: From so many people on, each process counts them again only every so many seconds, and no
#: more often than takes such a share of its time.
MANY, KEPT, SHARE = 10_000, 2.0, 0.1
#: The person a voter is.
PERSON = Coalesce("customer__person_id", "customer_id")


@dataclass(frozen=True)
class Turnout:
    """People, each once. Whom nobody knows, since they were erased or never said, is one each."""

    asked: int = 0
    answered: int = 0


#: What was counted of many, with until when it is good enough (`time.monotonic`).
_known: dict[UUID, tuple[float, Turnout]] = {}


def turnout(questions: Collection[UUID]) -> dict[UUID, Turnout]:
    """Return the turnout of each of these questions, of large ones as it was a moment ago."""
    began = time.monotonic()
    found, old = {}, []
    for question in questions:
        until, known = _known.get(question, (0.0, Turnout()))
        if began < until:
            found[question] = known
        else:
            old.append(question)
            if until:  # who asks while we count is told what was known
                _known[question] = began + KEPT, known
    found |= _counted(old)
    ended = time.monotonic()
    until = ended + max(KEPT, (ended - began) / SHARE)
    _known.update((q, (until, found[q])) for q in old if found[q].asked >= MANY)
    return found


def _counted(questions: Collection[UUID]) -> dict[UUID, Turnout]:
    voters = Voter.objects.filter(question__in=questions).order_by().values("question")
    nobody = voters.filter(customer=None).annotate(asked=Count("pk"), answered=Count("ballot"))
    people = voters.exclude(customer=None).annotate(
        asked=Count(PERSON, distinct=True),
        answered=Count(PERSON, distinct=True, filter=Q(ballot__isnull=False)),
    )
    found = dict.fromkeys(questions, Turnout())
    for question, asked, answered in nobody.union(people, all=True).values_list(
        "question", "asked", "answered"
    ):
        was = found[question]
        found[question] = Turnout(was.asked + asked, was.answered + answered)
    return found
