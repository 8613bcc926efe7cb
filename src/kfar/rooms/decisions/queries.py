"""Questions, how many answered, and what came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F
from django.utils import timezone

from kfar.ground.ballots import Ballot as Said
from kfar.ground.ballots import Form, Paper, read_ballot
from kfar.ground.text import Texts, in_language
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions.counting.arrays import count_many
from kfar.rooms.decisions.counting.rules import Method
from kfar.rooms.decisions.models import Ballot, Change, Consultation, Question, Voter
from kfar.rooms.decisions.proving.manifest import Manifest, Pledge, Tier
from kfar.rooms.decisions.proving.recount import recount
from kfar.rooms.decisions.rules import OPEN, lets
from kfar.rooms.decisions.turnout import turnout

#: Where a question keeps what is told with its result and is no part of it.
BESIDE = "beside"
#: What of a ballot is counted.
CAST = ("voter__tier", "text")


@dataclass(frozen=True)
class Result:
    """What came out. `told` is all of it as it is published: see `proving/recount.py`.

    `beside` is what nobody has to count again: what other rules would have named, and why
    ballots were set aside.

    `winners` are option numbers in the order in which they won: none where nobody voted or
    too few did (`enough`). `ballots` were counted, `aside` others set aside.
    """

    told: dict[str, Any]
    options: int
    beside: dict[str, Any] = field(default_factory=dict)

    @property
    def winners(self) -> tuple[int, ...]:
        """The options that won."""
        return tuple(self.told["winners"])

    @property
    def ballots(self) -> int:
        """How many ballots were counted."""
        return int(self.told["ballots"])

    @property
    def aside(self) -> int:
        """How many ballots were set aside."""
        return int(self.told["aside"])

    @property
    def enough(self) -> bool:
        """Whether as many ballots came in as the question asked for."""
        return bool(self.told["quorum"])

    @property
    def others(self) -> dict[Method, tuple[int, ...]]:
        """Whom the same ballots name under each other method that fits."""
        told = self.beside.get("others", {})  # not every database keeps the order of keys
        return {method: tuple(told[method]) for method in Method if method in told}

    @property
    def reasons(self) -> dict[str, int]:
        """How many ballots were set aside, by why."""
        return dict(sorted(self.beside.get("reasons", {}).items()))

    @property
    def votes(self) -> tuple[Fraction | None, ...]:
        """The votes of each option in the first round; None where it had none to have."""
        rounds = self.told["report"]["rounds"]
        first = rounds[0]["tally"] if rounds else {}
        names = map(str, range(self.options))
        return tuple(Fraction(first[name]) if name in first else None for name in names)


@dataclass(frozen=True)
class Poll:
    """A question as others may read it. `result` is None until the close: nobody sees it before.

    `asked` and `answered` count people (`turnout.py`); from the close on `answered` is what was
    counted then. Both are None where nobody counted (`opened`).
    `withdrawn` is why it was taken back, by language, where it was.
    """

    id: UUID
    manifest: Manifest
    asked_by: UUID
    asked_at: datetime
    opens_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    withdrawn: Texts | None
    asked: int | None
    answered: int | None
    result: Result | None

    @property
    def open(self) -> bool:
        """Whether it takes answers now."""
        return self.closed_at is None and self.opens_at <= timezone.now() < self.closes_at

    @property
    def waits(self) -> bool:
        """Whether it opens later."""
        return self.closed_at is None and timezone.now() < self.opens_at

    @property
    def at_the_door(self) -> bool:
        """Whether whoever comes may answer, and nobody was asked by name."""
        return self.manifest.audience in OPEN

    @property
    def text(self) -> Texts:
        """What is asked."""
        return self.manifest.text

    @property
    def options(self) -> tuple[Texts, ...]:
        """What one may say."""
        return self.manifest.options

    @property
    def method(self) -> Method:
        """How it is counted."""
        return self.manifest.rule.method

    @property
    def pledge(self) -> Texts:
        """What the company does: for what won, once that is known; before, whichever wins."""
        due = self._due
        languages = dict.fromkeys(code for pledge in due for code in pledge.text)
        return {
            code: "\n".join(in_language(pledge.text, code) for pledge in due) for code in languages
        }

    @property
    def pledge_due(self) -> date:
        """By when the company does it."""
        return max(date.fromisoformat(pledge.due) for pledge in self._due)

    @property
    def _due(self) -> tuple[Pledge, ...]:
        won = self.manifest.pledged(self.result.winners) if self.result else ()
        return won or self.manifest.pledges[:1]


def question(question_id: UUID) -> Poll | None:
    """Return one question, or None."""
    return next(iter(_polls(Question.objects.filter(pk=question_id))), None)


def opened(question_id: UUID) -> Poll | None:
    """Return one question without counting people, for whoever is about to answer it; or None."""
    row = Question.objects.filter(pk=question_id).first()
    return None if row is None else _poll(row, None, None)


def by_id(ids: Iterable[UUID]) -> list[Poll]:
    """Return the questions with these ids; unknown ids are left out."""
    return list(_polls(Question.objects.filter(pk__in=set(ids))))


def questions(most: int = 50) -> list[Poll]:
    """Return the questions: open ones first (the next to close first), then the latest closed."""
    open_ = _polls(Question.objects.filter(closed_at=None).order_by("closes_at")[:most])
    closed = _polls(Question.objects.exclude(closed_at=None).order_by("-closed_at")[:most])
    return [*open_, *closed]


def open_count() -> int:
    """Return how many questions, consultations and changes take answers now."""
    now = timezone.now()
    taking = {"closed_at": None, "opens_at__lte": now, "closes_at__gt": now}
    asking = Change.objects.filter(closed_at=None, withdrawn_at=None, answers_by__gt=now)
    some = Question.objects.filter(**taking), Consultation.objects.filter(**taking), asking
    return sum(rows.count() for rows in some)


def asked_of(customer_id: UUID) -> list[tuple[Poll, str | None]]:
    """Return the questions a customer was asked, newest first, each with their ballot or None.

    Where they have several ballots, the question comes once with each.
    """
    asked = Voter.objects.filter(customer__in=customers.selves(customer_id))
    rows = asked.order_by("number", F("ballot__cast_at").asc(nulls_first=True), "pk")
    mine: dict[UUID, dict[int, str | None]] = {}
    for question_id, number, text in rows.values_list("question_id", "number", "ballot__text"):
        mine.setdefault(question_id, {})[number] = text
    polls = _polls(Question.objects.filter(pk__in=mine).order_by("-asked_at"))
    return [(poll, text) for poll in polls for text in mine[poll.id].values()]


def answer_of(question_id: UUID, customer_id: UUID, number: int = 1) -> str | None:
    """Return what a customer answered, at last, or None."""
    ballots = Ballot.objects.filter(
        voter__question_id=question_id,
        voter__customer__in=customers.selves(customer_id),
        voter__number=number,
    )
    return ballots.order_by("-cast_at", "-pk").values_list("text", flat=True).first()


def cast(
    question_id: UUID, form: Form, *, without: Collection[int] = ()
) -> dict[str, dict[Said, int]]:
    """Return how often each ballot was cast, by tier, of those that are not set aside.

    Nor are those counted whose rows are named in `without`.
    """
    rows = Ballot.objects.filter(voter__question=question_id, aside="").order_by()
    counted = rows.values("voter__tier", "text").annotate(times=Count("pk"))
    times = Counter({(tier, text): n for tier, text, n in counted.values_list(*CAST, "times")})
    for some in customers.chunks(without):
        times.subtract(rows.filter(pk__in=some).values_list(*CAST))
    found: dict[str, dict[Said, int]] = {}
    for (tier, text), often in times.items():
        if often:
            found.setdefault(tier, {})[read_ballot(form, text)] = often
    return found


def so_far(question_id: UUID) -> Result | None:
    """Return what would come out now; None unless that is shown before the close (`interim`)."""
    row = Question.objects.filter(pk=question_id, closed_at=None).first()
    if row is None or not row.declared.interim:
        return None
    manifest = row.declared
    told = recount(manifest, cast(question_id, manifest.paper.form), 0, count_many)
    return Result(told, manifest.paper.options)


def was_asked(question_id: UUID, customer_id: UUID) -> bool:
    """Return whether that customer was asked."""
    rows = Voter.objects.filter(question_id=question_id)
    return rows.filter(customer__in=customers.selves(customer_id)).exists()


class Taken(NamedTuple):
    """A question as the gate takes its ballots; `link`: of browsers nothing is known of, too."""

    id: UUID
    opens_at: datetime
    closes_at: datetime
    paper: Paper
    link: bool


def open_questions() -> list[Taken]:
    """Return what has not been counted yet."""
    return [
        Taken(row.pk, row.opens_at, row.closes_at, asks.paper, lets(asks, Tier.LINK))
        for row in Question.objects.filter(closed_at=None)
        if (asks := row.declared)
    ]


def ballot_key() -> bytes:
    """Return the key that signs voters' tokens (`ground.tokens`): this Kfar's own."""
    return blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"kfar.ballots").digest()


def voter(question_id: UUID, customer_id: UUID) -> int | None:
    """Return the number under which a customer votes, None where they were not asked."""
    rows = Voter.objects.filter(question_id=question_id, customer_id=customer_id)
    return rows.order_by("number").values_list("pk", flat=True).first()


def invited(question_id: UUID) -> list[UUID]:
    """Return all who were asked, as they were known then; who came in by a door was not."""
    row = Question.objects.filter(pk=question_id).first()
    if row is None or row.declared.audience in OPEN:
        return []
    rows = Voter.objects.filter(question_id=question_id).exclude(customer=None)
    return list(rows.values_list("customer_id", flat=True))


def voters(question_id: UUID) -> list[UUID]:
    """Return who answered, as they were known when they were asked."""
    rows = Voter.objects.filter(question_id=question_id, ballot__isnull=False)
    rows = rows.exclude(customer=None)
    return list(rows.values_list("customer_id", flat=True))


def utc(at: datetime) -> str:
    """Return an instant as logs write it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _polls(questions: Iterable[Question]) -> Iterator[Poll]:
    rows = list(questions)
    people = turnout([row.pk for row in rows])
    for row in rows:
        asked, answered = people[row.pk].asked, people[row.pk].answered
        yield _poll(row, asked, row.result["ballots"] if row.result else answered)


def _poll(row: Question, asked: int | None, answered: int | None) -> Poll:
    told = dict(row.result or {})
    beside = told.pop(BESIDE, {})
    return Poll(
        id=row.pk,
        manifest=row.declared,
        asked_by=row.asked_by_id,
        asked_at=row.asked_at,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        closed_at=row.closed_at,
        withdrawn=row.withdrawn,
        asked=asked,
        answered=answered,
        result=Result(told, len(row.declared.options), beside) if row.result else None,
    )
