"""News written down, claimed, sent once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.ground.text import LANGUAGES
from kfar.rooms.village import queries as village
from kfar.rooms.village.models import Employee, News
from kfar.rooms.village.news import rules
from kfar.rooms.village.news.queries import Bundle, told
from kfar.rooms.village.news.rules import ABOUT, How, What

log = structlog.get_logger(__name__)

#: So many news are looked at in one round, and so many stand in one letter.
AT_ONCE, LONGEST = 200, 50


@transaction.atomic
def choose(*, by: UUID, wishes: Mapping[str, str], language: str = "") -> None:
    """Say how one hears of what, and in which language ("": the company's).

    Refuses `village.may_not` and `village.no_such_wish`.
    """
    chosen = rules.check(wishes)
    if language and language not in LANGUAGES:
        raise Refused("village.no_such_wish")
    person = Employee.objects.select_for_update().filter(pk=by, left_at=None).first()
    if person is None:
        raise Refused("village.may_not", act="village.hear")
    person.hears, person.language = chosen, language
    person.save(update_fields=["hears", "language"])
    heard = rules.wishes(wishes)
    never = [what for what in What if heard[ABOUT[what]] is How.NEVER]
    waiting = person.news.filter(claimed_at=None, over_at=None)
    waiting.filter(what__in=never).update(over_at=timezone.now())


@transaction.atomic
def speak(*, by: UUID, language: str) -> None:
    """Write to an employee in this language. Refuses `village.no_such_wish`."""
    if language not in LANGUAGES:
        raise Refused("village.no_such_wish")
    Employee.objects.filter(pk=by, left_at=None).update(language=language)


@transaction.atomic
def tell(*, employees: Iterable[UUID], what: What, about: UUID, at: datetime) -> int:
    """Let these employees hear of something, as each chose; return of how many that is new.

    The same thing of the same moment is told once. Who left, or wants to hear nothing of it, is
    not told.
    """
    here = Employee.objects.filter(pk__in=set(employees), left_at=None)
    now, done = timezone.now(), 0
    for person in here.order_by("pk"):
        how = rules.wishes(person.hears)[ABOUT[what]]
        if how is How.NEVER:
            continue
        key = f"{what}:{about}:{person.pk}:{at.timestamp():.6f}"
        _row, new = News.objects.get_or_create(
            key=key,
            defaults={
                "employee": person,
                "what": what,
                "about": about,
                "daily": how is How.DAILY,
                "at": at,
                "due_at": now,
            },
        )
        done += new
    return done


def send_due(*, send: Callable[[Bundle], bool], works: bool) -> int:
    """Hand what is due to `send`, one letter after the other; return how many went out.

    `send` returns whether there was anything left to tell. What is to come daily goes once a day,
    in the morning, in an hour in which the company `works`. Before a letter is sent it is claimed,
    for good: a crash after that can lose one, and the pages show what waits, but none goes out
    twice. One that fails is tried again after 1, 2, 4 … minutes, at most six hours apart.
    """
    _doubt()
    sent = 0
    for some in _letters(works=works):
        letter = _claim(some)
        if letter is None:
            continue
        rows = News.objects.filter(pk__in=[one.id for one in letter.news])
        now = timezone.now()
        try:
            went = send(letter)
        except Exception as error:
            # The class alone: a message may carry an address.
            log.error("news.failed", news=str(letter.id), error=type(error).__name__)
            tries = max(one.tries for one in some)
            wait = timedelta(minutes=min(2**tries, 360))
            rows.update(claimed_at=None, tries=tries + 1, due_at=now + wait)
            return sent  # the mail server is likely away; the next round goes on
        if went:
            rows.update(sent_at=timezone.now())
        else:
            rows.update(over_at=timezone.now(), claimed_at=None)
        sent += went
    return sent


@transaction.atomic
def forget(*, about: Collection[UUID]) -> Gone:
    """Erase news of what is gone: of cases, approvals, notes with these ids."""
    return Gone.of(News.objects.filter(about__in=about).delete()[1])


def _letters(*, works: bool) -> list[list[News]]:
    """Return what is due, by letter: each at once alone, or all of a day of one employee."""
    waiting = News.objects.filter(claimed_at=None, over_at=None, due_at__lte=timezone.now())
    letters = [[row] for row in waiting.filter(daily=False).order_by("at", "pk")[:AT_ONCE]]
    start = rules.morning(timezone.localtime())
    if not works or timezone.now() < start:
        return letters
    today = News.objects.filter(daily=True, claimed_at__gte=start).values("employee")
    due = waiting.filter(daily=True).exclude(employee__in=today)
    rows = due.order_by("employee", "at", "what", "pk")[: AT_ONCE * LONGEST]
    return letters + [list(some)[:LONGEST] for _who, some in groupby(rows, _whose)]


def _whose(row: News) -> UUID:
    return row.employee_id


@transaction.atomic
def _claim(some: list[News]) -> Bundle | None:
    """Claim a letter, or nothing where another worker has it, or who gets it has left."""
    person = village.staff(some[0].employee_id)
    mine = News.objects.filter(pk__in=[row.pk for row in some], claimed_at=None, over_at=None)
    if person is None:
        mine.update(over_at=timezone.now())
        return None
    if mine.update(claimed_at=timezone.now()) < len(some):
        transaction.set_rollback(True)  # another worker has some of it
        return None
    return Bundle(some[0].pk, person, some[0].daily, tuple(map(told, some)))


def _doubt() -> None:
    """Let go of what was claimed by a worker that ended: it may have gone out, so it stays so."""
    long_ago = timezone.now() - rules.DOUBT
    rows = News.objects.filter(sent_at=None, over_at=None, claimed_at__lte=long_ago)
    for own in list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        if rows.filter(pk=own).update(over_at=timezone.now()):
            log.warning("news.in_doubt", news=str(own))
