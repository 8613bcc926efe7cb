"""Ballots that somebody sets aside before the close, or takes back. None is ever deleted."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.rooms.customers.queries import chunks
from kfar.rooms.decisions import ledger
from kfar.rooms.decisions.closing import seal, suspects
from kfar.rooms.decisions.models import Ballot, Question
from kfar.rooms.decisions.proving.lines import aside_line, back_line
from kfar.rooms.village import queries as village

SCREEN = "decisions.screen"
#: Why somebody sets a ballot aside: a program cast it, it was bought, its voter voted twice.
REASONS = ("automated", "bought", "twice")


@dataclass(frozen=True)
class Suspect:
    """A ballot by its tracker, and why it stands aside, or would; never what it says."""

    tracker: str
    reason: str


@transaction.atomic
def set_aside(*, by: UUID, question_id: UUID, tracker: str, reason: str) -> None:
    """Let a ballot not be counted, for one of `REASONS`; the log says so. Twice is once.

    A later ballot of the same voter stands aside, too. Refuses `village.may_not`,
    `decisions.not_found`, `decisions.closed`, `decisions.no_such_ballot` and
    `decisions.unknown_reason`.
    """
    if reason not in REASONS:
        raise Refused("decisions.unknown_reason")
    ballot = _open_ballot(by, question_id, tracker)
    if not ballot.aside:
        Ballot.objects.filter(pk=ballot.pk).update(aside=reason, cleared=False)
        ledger.append(question_id, [aside_line(tracker, reason)])


@transaction.atomic
def take_back(*, by: UUID, question_id: UUID, tracker: str) -> None:
    """Let a ballot be counted after all: one that stands aside, or that a rule would set aside.

    From then on no rule does. Refuses as `set_aside` does.
    """
    ballot = _open_ballot(by, question_id, tracker)
    Ballot.objects.filter(pk=ballot.pk).update(aside="", cleared=True)
    if ballot.aside:
        ledger.append(question_id, [back_line(tracker)])


def _open_ballot(by: UUID, question_id: UUID, tracker: str) -> Ballot:
    """A ballot that stands in the log of a question that is not closed, both held."""
    village.require(by, SCREEN)
    question = Question.objects.held(question_id)
    question.check_open(timezone.now())
    seal(question_id)  # the log names no ballot that does not stand in it
    found = Ballot.objects.filter(voter__question=question, tracker=tracker).first()
    if found is None:
        raise Refused("decisions.no_such_ballot")
    return found


def aside(question_id: UUID) -> list[Suspect]:
    """Return the ballots that stand aside, by tracker."""
    rows = Ballot.objects.filter(voter__question=question_id).exclude(aside="")
    return [Suspect(*row) for row in rows.order_by("tracker").values_list("tracker", "aside")]


def suspected(question_id: UUID) -> list[Suspect]:
    """Return the ballots that would be set aside by rule if the question closed now."""
    found = suspects(question_id)
    names: dict[int, str] = {}
    for some in chunks(found):
        names.update(Ballot.objects.filter(pk__in=some).values_list("pk", "tracker"))
    return sorted(
        (Suspect(names[pk], why) for pk, why in found.items()), key=lambda one: one.tracker
    )
