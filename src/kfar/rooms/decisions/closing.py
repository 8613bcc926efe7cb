"""How ballots enter the log, and how a question is closed and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import (
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    UUIDField,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from kfar.ground.ballots import Ballot as Said
from kfar.ground.ballots import commitment
from kfar.lake.outbox import announce
from kfar.rooms.customers.queries import chunks
from kfar.rooms.decisions import ledger, queries
from kfar.rooms.decisions.counting.arrays import count_many, sums_of
from kfar.rooms.decisions.counting.compare import compared
from kfar.rooms.decisions.facts import Closed
from kfar.rooms.decisions.knowing.suspicion import FEWEST, Came, suspicious
from kfar.rooms.decisions.models import Ballot, Code, Mark, Minted, Question, Voter
from kfar.rooms.decisions.proving.lines import aside_line, ballot_line, close_line
from kfar.rooms.decisions.proving.manifest import Manifest, Tier
from kfar.rooms.decisions.proving.recount import recount

log = structlog.get_logger(__name__)

#: A ballot waits for so many others before it enters the log, or so long: they enter in the
#: order of their commitments, so the log does not say who voted when.
TOGETHER, LONGEST_WAIT = 64, timedelta(seconds=60)
#: So many enter at once, and so many rows are let go of: others wait meanwhile.
MOST, SOME = 20_000, 20_000
#: Why a ballot is set aside: its voter turned out to be somebody who has voted since.
SAME_PERSON = "same-person"

#: The person a ballot is of.
OWN = Coalesce("voter__customer__person_id", "voter__customer_id")


def seal_due() -> int:
    """Put ballots that wait into their logs and sign the new heads; return how many."""
    now = timezone.now()
    waiting = (
        _waiting()
        .filter(question__in=Question.objects.filter(closed_at=None).values("pk"))
        .order_by()
        .values("question")
        .annotate(number=Count("pk"), first=Min("cast_at"))
        .values_list("question", "number", "first")
    )
    due = [q for q, n, first in waiting if n >= TOGETHER or now - first >= LONGEST_WAIT]
    return sum(_seal_some(question_id) for question_id in due)


@transaction.atomic
def _seal_some(question_id: UUID) -> int:
    question = Question.objects.select_for_update().get(pk=question_id)
    return 0 if question.closed_at else _seal(question_id)


def seal(question_id: UUID) -> None:
    """Put all that waits of a question, whose row is held, into its log."""
    while _seal(question_id):
        pass


def _seal(question_id: UUID) -> int:
    tier = Subquery(Voter.objects.filter(pk=OuterRef("voter_id")).values("tier"))
    told = _waiting().filter(question=question_id).annotate(tier=tier)
    rows = list(told.values_list("pk", "tracker", "tier", "text", "nonce")[:MOST])
    if rows:
        length = enter(question_id, [row[1:] for row in rows])
        for some in chunks(row[0] for row in rows):
            Ballot.objects.filter(pk__in=some).update(sealed=length)
    return len(rows)


def _waiting() -> QuerySet[Any]:
    """Ballots that do not stand in their logs, each with its question.

    They are few among millions, so they are found first, and whose they are is looked up.
    """
    whose = Voter.objects.filter(pk=OuterRef("voter_id")).values("question")
    question = Subquery(whose, output_field=UUIDField())  # SQLite has no UUIDs of its own
    return Ballot.objects.filter(sealed=None).annotate(question=question).order_by("cast_at")


def enter(question_id: UUID, ballots: Iterable[tuple[str, str, str, str]]) -> int:
    """Put ballots of a question, whose row is held, into its log; return how long it is now.

    Each is a tracker, a tier, a text and a nonce.
    """
    name = str(question_id)
    lines = [
        (commitment(name, known, nonce, text), known, tier) for known, tier, text, nonce in ballots
    ]
    return ledger.append(
        question_id, [ballot_line(known, tier, bound) for bound, known, tier in sorted(lines)]
    )


def close_due(*, heard: datetime | None = None) -> int:
    """Close and count every question whose time has come; return how many.

    `heard` is until when every ballot received has been taken (now, unless told otherwise):
    a question that closes later is left open for those still under way. By what voters of closed
    questions were known is forgotten.
    """
    now = timezone.now()
    due = Question.objects.filter(closed_at=None, closes_at__lte=min(now, heard or now))
    closed = sum(_close(pk) for pk in due.values_list("pk", flat=True))
    _let_go()
    return closed


def _close(question_id: UUID) -> bool:
    """Close a question in steps of which none holds its row for long.

    Killed on the way, it is begun again: what is sealed stays, all else is kept in one step.
    """
    while True:
        while sealed := _seal_some(question_id):
            log.info("closing.sealed", question=str(question_id), ballots=sealed)
        size = ledger.size(question_id)
        question = Question.objects.get(pk=question_id)
        if question.closed_at is not None:
            return False
        aside = dict.fromkeys(_doubles(question_id), SAME_PERSON) | suspects(question_id)
        result = _count(question, aside)
        log.info("closing.counted", question=str(question_id), ballots=result["ballots"])
        if _keep(question_id, size, aside, result):
            log.info("closing.closed", question=str(question_id))
            return True


def _count(question: Question, aside: Mapping[int, str]) -> dict[str, Any]:
    """Return the result as it is once these ballots, by row, are set aside for their reasons."""
    manifest = question.declared
    cast = queries.cast(question.pk, manifest.paper.form, without=aside)
    stand = Ballot.objects.filter(voter__question=question).exclude(aside="").order_by()
    known = dict(stand.values("aside").annotate(times=Count("pk")).values_list("aside", "times"))
    reasons = Counter(known) + Counter(aside.values())
    return recount(manifest, cast, reasons.total(), count_many) | {
        queries.BESIDE: {"others": _other_winners(manifest, cast), "reasons": dict(reasons)}
    }


@transaction.atomic
def _keep(question_id: UUID, size: int, aside: Mapping[int, str], result: dict[str, Any]) -> bool:
    """Close a question with what was counted, unless it has changed since; return whether.

    Whoever changes what is counted waits to be sealed or has written into the log, which was
    `size` long.
    """
    question = Question.objects.select_for_update().get(pk=question_id)
    waits = _waiting().filter(question=question_id)
    if question.closed_at is not None or ledger.size(question_id) != size or waits.exists():
        return False
    now = timezone.now()
    ledger.append(question_id, [*_set_aside(aside), close_line(queries.utc(now))])
    question.closed_at, question.result = now, result
    question.save(update_fields=["closed_at", "result"])
    announce(Closed(question_id=question.pk, at=now))
    return True


def _let_go() -> None:
    """Forget by what voters of closed questions were known, some at a time: nobody needs it."""
    for model in (Mark, Minted, Code):
        there = Exists(model.objects.filter(question=OuterRef("pk")))
        closed = Question.objects.filter(there).exclude(closed_at=None)
        for question_id in closed.values_list("pk", flat=True):
            rows = model.objects.filter(question=question_id)
            some: Any = rows.values("pk")[:SOME]
            rows.filter(pk__in=some).delete()


def _other_winners(
    manifest: Manifest, cast: Mapping[str, Mapping[Said, int]]
) -> dict[str, list[int]]:
    """Whom the same ballots name under each other method that fits."""
    whole = Counter[Said]()
    for ballots in cast.values():
        whole.update(ballots)
    rule = manifest.rule
    reports = compared(rule, sums_of(rule.takes, whole, manifest.paper.options))
    return {
        method.value: list(report.winners)
        for method, report in reports.items()
        if method is not rule.method
    }


def _doubles(question_id: UUID) -> list[int]:
    """Ballots of somebody who turned out to have cast a later one as somebody else."""
    last = Window(
        RowNumber(),
        partition_by=[OWN, F("voter__number")],
        order_by=[F("cast_at").desc(), F("pk").desc()],
    )
    own = Ballot.objects.filter(voter__question=question_id, aside="").exclude(voter__customer=None)
    return list(own.annotate(place=last).filter(place__gt=1).values_list("pk", flat=True))


def suspects(question_id: UUID) -> dict[int, str]:
    """Return the ballots by link that `knowing/suspicion.py` finds, by row, each with its reason.

    What stands aside already or was cleared by somebody is not among them.
    """
    minted = Minted.objects.filter(question=question_id)
    busy = minted.values("network").annotate(times=Count("pk")).filter(times__gte=FEWEST)
    if not busy.exists():
        return {}
    came = Minted.objects.filter(voter=OuterRef("voter_id"))
    ballots = Ballot.objects.filter(voter__question=question_id, voter__tier=Tier.LINK, aside="")
    whole = dict(ballots.values("text").annotate(times=Count("pk")).values_list("text", "times"))
    rows = (
        ballots.annotate(
            network=Subquery(came.values("network")), minted=Subquery(came.values("at"))
        )
        .filter(network__in=busy.values("network"))
        .order_by("network", "minted", "pk")
        .values_list("network", "pk", "minted", "text", "cleared")
    )
    found: dict[int, str] = {}
    for _, some in groupby(rows.iterator(), itemgetter(0)):
        ones = list(some)
        wrong = suspicious([Came(pk, at.timestamp(), t) for _, pk, at, t, _ in ones], whole)
        cleared = {pk for _, pk, _, _, good in ones if good}
        found |= {pk: code for pk, code in wrong.items() if pk not in cleared}
    return found


def _set_aside(reasons: Mapping[int, str]) -> list[str]:
    """Set ballots aside, each for its reason; return the lines that say so, by tracker."""
    for reason in sorted(set(reasons.values())):
        for some in chunks(pk for pk, why in reasons.items() if why == reason):
            Ballot.objects.filter(pk__in=some).update(aside=reason)
    told = [
        aside_line(*row)
        for some in chunks(reasons)
        for row in Ballot.objects.filter(pk__in=some).values_list("tracker", "aside")
    ]
    return sorted(told)
