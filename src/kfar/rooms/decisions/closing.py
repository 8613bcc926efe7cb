"""How ballots enter the log, and how a question is closed and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from kfar.ground.ballots import Ballot as Said
from kfar.ground.ballots import commitment
from kfar.lake.outbox import announce
from kfar.rooms.customers.queries import chunks
from kfar.rooms.decisions import ledger, queries
from kfar.rooms.decisions.counting.compare import compared
from kfar.rooms.decisions.counting.count import count
from kfar.rooms.decisions.counting.sums import Counted
from kfar.rooms.decisions.facts import Closed
from kfar.rooms.decisions.knowing.suspicion import FEWEST, Came, suspicious
from kfar.rooms.decisions.models import Ballot, Minted, Question
from kfar.rooms.decisions.proving.lines import aside_line, ballot_line, close_line
from kfar.rooms.decisions.proving.manifest import Manifest, Tier
from kfar.rooms.decisions.proving.recount import recount

#: A ballot waits for so many others before it enters the log, or so long: they enter in the
#: order of their commitments, so the log does not say who voted when.
TOGETHER, LONGEST_WAIT = 64, timedelta(seconds=60)
#: So many enter at once.
MOST = 50_000
#: Why a ballot is set aside: its voter turned out to be somebody who has voted since.
SAME_PERSON = "same-person"

#: The person a ballot is of.
OWN = Coalesce("voter__customer__person_id", "voter__customer_id")


def seal_due() -> int:
    """Put ballots that wait into their logs and sign the new heads; return how many."""
    now = timezone.now()
    waiting = (
        Ballot.objects.filter(sealed=None, voter__question__closed_at=None)
        .values("voter__question")
        .annotate(number=Count("pk"), first=Min("cast_at"))
        .values_list("voter__question", "number", "first")
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
    waiting = Ballot.objects.filter(voter__question=question_id, sealed=None).order_by("pk")
    rows = list(
        waiting.values_list("pk", "tracker", "voter__tier", "text", "nonce")[:MOST].iterator()
    )
    if not rows:
        return 0
    name = str(question_id)
    lines = [
        (commitment(name, known, nonce, text), known, tier) for _, known, tier, text, nonce in rows
    ]
    length = ledger.append(
        question_id, [ballot_line(known, tier, bound) for bound, known, tier in sorted(lines)]
    )
    # All that waited up to the last one read: nobody adds to it while the question is held.
    waiting.filter(pk__lte=rows[-1][0]).update(sealed=length)
    return len(rows)


def close_due(*, heard: datetime | None = None) -> int:
    """Close and count every question whose time has come; return how many.

    `heard` is until when every ballot received has been taken (now, unless told otherwise):
    a question that closes later is left open for those still under way.
    """
    now = timezone.now()
    due = Question.objects.filter(closed_at=None, closes_at__lte=min(now, heard or now))
    return sum(_close(pk) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _close(question_id: UUID) -> bool:
    question = Question.objects.select_for_update().get(pk=question_id)
    if question.closed_at is not None:
        return False
    seal(question_id)
    now = timezone.now()
    ballots = Ballot.objects.filter(voter__question=question)
    doubles = _set_aside(dict.fromkeys(_doubles(ballots), SAME_PERSON))
    lines = [*doubles, *_set_aside(suspects(question_id))]
    ledger.append(question_id, [*lines, close_line(queries.utc(now))])
    manifest = question.declared
    cast = queries.cast(question_id, manifest.paper.form)
    aside = ballots.exclude(aside="").order_by().values("aside").annotate(times=Count("pk"))
    reasons = dict(aside.values_list("aside", "times"))
    question.closed_at = now
    question.result = recount(manifest, cast, sum(reasons.values()), count) | {
        queries.BESIDE: {"others": _other_winners(manifest, cast), "reasons": reasons}
    }
    question.save(update_fields=["closed_at", "result"])
    question.let_go()
    announce(Closed(question_id=question.pk, at=now))
    return True


def _other_winners(
    manifest: Manifest, cast: Mapping[str, Mapping[Said, int]]
) -> dict[str, list[int]]:
    """Whom the same ballots name under each other method that fits."""
    whole = Counter[Said]()
    for ballots in cast.values():
        whole.update(ballots)
    rule = manifest.rule
    reports = compared(rule, Counted(rule.takes, whole, manifest.paper.options))
    return {
        method.value: list(report.winners)
        for method, report in reports.items()
        if method is not rule.method
    }


def _doubles(ballots: QuerySet[Ballot]) -> list[int]:
    """Ballots of somebody who turned out to have cast a later one as somebody else."""
    own = ballots.filter(aside="", voter__customer__isnull=False).annotate(own=OWN)
    several = (
        own.values("own", "voter__number")
        .annotate(times=Count("pk"), last=Max("cast_at"))
        .filter(times__gt=1)
        .values_list("own", "voter__number")
    )
    found: list[int] = []
    for person, number in several:
        theirs = own.filter(own=person, voter__number=number).order_by("cast_at", "pk")
        found += list(theirs.values_list("pk", flat=True))[:-1]
    return found


def suspects(question_id: UUID) -> dict[int, str]:
    """Return the ballots by link that `knowing/suspicion.py` finds, by row, each with its reason.

    What stands aside already or was cleared by somebody is not among them.
    """
    minted = Minted.objects.filter(question=question_id)
    busy = minted.values("network").annotate(times=Count("pk")).filter(times__gte=FEWEST)
    networks = list(busy.values_list("network", flat=True))
    if not networks:
        return {}
    came = Minted.objects.filter(voter=OuterRef("voter_id"))
    ballots = Ballot.objects.filter(voter__question=question_id, voter__tier=Tier.LINK, aside="")
    whole = dict(ballots.values("text").annotate(times=Count("pk")).values_list("text", "times"))
    rows = (
        ballots.annotate(
            network=Subquery(came.values("network")), minted=Subquery(came.values("at"))
        )
        .filter(network__in=networks)
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
