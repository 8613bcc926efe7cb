"""Meeting customers: how far contact reaches, whom to meet, and who may be asked to.

The village knows employees, departments and meetings; who agreed to be asked, was asked lately,
speaks often or buys is known in other rooms. Here both come together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.text import Texts
from kfar.lake import table
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.touchpoints import keys
from kfar.rooms.touchpoints.models import Scope
from kfar.rooms.village import contact
from kfar.rooms.village import queries as village
from kfar.rooms.village.departments import queries as departments
from kfar.rooms.village.meetings import commands as meetings
from kfar.rooms.village.meetings import queries as met
from kfar.rooms.village.meetings import rules
from kfar.rooms.village.meetings.queries import Candidate, Contact
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.surveys import queries as surveys

#: How many weeks the map shows, and what hours are counted over, in days.
WEEKS, LATELY = 12, 28


@dataclass(frozen=True)
class Row:
    """One department or employee on the map.

    `silent` is how many days ago the latest contact was, None where there was none in `WEEKS`.
    `weeks` counts contacts, the last week newest; `met` customers in `LATELY` days. Minutes are
    those of meetings to come (`planned`), and in `LATELY` days of what was held.
    """

    code: str
    name: Texts
    silent: int | None
    weeks: tuple[int, ...]
    met: int
    planned: int
    held: int
    people: int


@dataclass(frozen=True)
class Map:
    """How far contact reaches: departments, the longest silent first, and people as those.

    `met` is the share of departments that met a customer since the month began; `ends` are the
    last days of the weeks.
    """

    departments: tuple[Row, ...]
    people: tuple[Row, ...]
    met: float
    ends: tuple[date, ...]


def map_of_contact() -> Map:
    """Return the map as it is now. Raises `Refused("lake.damaged")`."""
    today = timezone.localdate()
    since = timezone.now() - timedelta(days=WEEKS * contact.WEEK)
    found = _contacts(since)
    places, staff = departments.departments(), village.everyone()
    of = departments.of_people()
    ahead = met.meetings(timezone.now())
    planned = [(m.employee_id, m.minutes) for m in ahead if m.stands is rules.Stands.PLANNED]
    codes = [one.code for one in places]
    first = today.replace(day=1)
    by_place = [[code for code in of.get(one.employee_id, ()) if code in codes] for one in found]
    rows = _rows(
        [(one.code, one.name, len(one.people)) for one in places],
        [(code, one) for codes, one in zip(by_place, found, strict=True) for code in codes],
        [(code, minutes) for who, minutes in planned for code in of.get(who, ())],
        today,
    )
    by_person = _rows(
        [(str(one.id), {"en": one.name}, 1) for one in staff],
        [(str(one.employee_id), one) for one in found],
        [(str(who), minutes) for who, minutes in planned],
        today,
    )
    index = {code: n for n, code in enumerate(codes)}
    pairs = [(index[c], _day(one.at)) for cs, one in zip(by_place, found, strict=True) for c in cs]
    share = contact.met_share(
        *_arrays(pairs), size=len(codes), first=first.toordinal(), today=today.toordinal()
    )
    ends = tuple(today - timedelta(days=contact.WEEK * n) for n in reversed(range(WEEKS)))
    return Map(tuple(sorted(rows, key=_quietest)), tuple(sorted(by_person, key=_quietest)), share,
               ends)  # fmt: skip


def candidates() -> list[Candidate]:
    """Return who may be drawn to be met, in a stable order.

    Who agreed to be asked, was asked nothing lately, and was neither drawn nor invited to a
    meeting within `rules.REST`. Quiet: said nothing and answered no survey in a year; value
    known: bought something, and lets us learn from it; new: with us for less than a year.
    """
    now = timezone.now()
    agreed = people.agreed(people.ASK)
    resting = [*met.picked_since(now - rules.REST), *met.asked_since(now - rules.REST)]
    not_now = set(people.person_of(resting).values()) | surveys.asked_since(
        now - settings.KFAR_ASK_EVERY
    )
    who = [one for one in agreed if one not in not_now]
    loud = voices.spoke_since(now - rules.YEAR) | surveys.answered_since(now - rules.YEAR)
    known = people.saying_yes(people.UNDERSTAND) & _bought()
    since = {own: person.met_at for own, person in people.people(who).items()}
    return [
        Candidate(
            customer_id=one,
            quiet=one not in loud,
            valued=one in known,
            new=since[one] > now - rules.YEAR,
        )
        for one in who
        if one in since
    ]


def draw(*, by: UUID, department: str, n: int, once: UUID) -> list[UUID]:
    """Draw customers for a department to meet; refuses as `meetings.draw` does."""
    village.require(by, meetings.PLAN)
    return meetings.draw(by=by, department=department, candidates=candidates(), n=n, once=once)


@transaction.atomic
def plan(
    *,
    by: UUID,
    employee: UUID,
    customers_: Collection[UUID],
    at: datetime,
    minutes: int,
    place: str,
    once: UUID,
) -> UUID:
    """Plan a meeting with customers who may be asked; they are held until it is written.

    Refuses as `meetings.plan` does, with `village.not_agreed` for who did not agree to be asked
    and `village.asked_lately` for who was asked something within `KFAR_ASK_EVERY_DAYS`.
    """
    village.require(by, meetings.PLAN)
    if met.meeting(once) is None and customers_:
        held = customers.hold_all(customers=list(customers_))
        if len(people.allowed(people.ASK, held)) < len(held):
            raise Refused("village.not_agreed")
        since = timezone.now() - settings.KFAR_ASK_EVERY
        own = people.owners(held)
        before = {own[one] for one in met.asked_since(since, list(own))}
        if before or surveys.asked_since(since, held):
            raise Refused("village.asked_lately", days=settings.KFAR_ASK_EVERY.days)
        customers_ = held
    return meetings.plan(
        by=by,
        employee=employee,
        customers=customers_,
        at=at,
        minutes=minutes,
        place=place,
        once=once,
    )


def answer(*, meeting_id: UUID, by: UUID, comes: bool) -> None:
    """Take a guest's yes or no, under whichever of their ids they were invited."""
    meetings.answer(meeting_id=meeting_id, customers=people.selves(by), comes=comes)


def _contacts(since: datetime) -> list[Contact]:
    """Return contacts since then; what anybody's browser may say of employees is left out."""
    doubtful = {key.source for key in keys.everyone() if key.scope == Scope.WEB}
    found = met.contacts(since, doubtful)
    person = people.person_of(one.customer_id for one in found)
    return [
        Contact(one.employee_id, person[one.customer_id], one.at, one.minutes, one.how)
        for one in found
    ]


def _rows(
    of: Sequence[tuple[str, Texts, int]],
    found: Sequence[tuple[str, Contact]],
    planned: Sequence[tuple[str, int]],
    today: date,
) -> list[Row]:
    index = {code: n for n, (code, _name, _people) in enumerate(of)}
    there = [(index[code], one) for code, one in found if code in index]
    rows, days = _arrays([(n, _day(one.at)) for n, one in there])
    size, day = len(of), today.toordinal()
    weeks = contact.heat(rows, days, size=size, today=day, weeks=WEEKS)
    silent = contact.silence(rows, days, size=size, today=day)
    late = day - LATELY
    met_by: list[set[UUID]] = [set() for _ in of]
    held = [0] * size
    for n, one in there:
        if late < _day(one.at) <= day:
            met_by[n].add(one.customer_id)
            held[n] += one.minutes
    ahead = [0] * size
    for code, minutes in planned:
        if code in index:
            ahead[index[code]] += minutes
    return [
        Row(
            code=code,
            name=name,
            silent=None if silent[n] < 0 else int(silent[n]),
            weeks=tuple(int(count) for count in weeks[n]),
            met=len(met_by[n]),
            planned=ahead[n],
            held=held[n],
            people=many,
        )
        for n, (code, name, many) in enumerate(of)
    ]


def _quietest(row: Row) -> tuple[float, str]:
    return (-row.silent if row.silent is not None else float("-inf"), row.code)


def _arrays(pairs: Sequence[tuple[int, int]]) -> tuple[contact.Ints, contact.Ints]:
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _day(at: datetime) -> int:
    return timezone.localtime(at).date().toordinal()


def _bought() -> set[UUID]:
    """Return who ever bought something."""
    with table.reading() as session:
        rows = session.rows("SELECT DISTINCT customer FROM touches WHERE kind = 'purchase'")
    return set(people.person_of(one for (one,) in rows).values())
