"""Small worlds in which the truth is planted: as touches of customers who agreed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from kfar.ground.ids import derived_id
from kfar.lake.touch import Touch
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from tests.lake.touches import settle

FIRST = date(2026, 1, 5)  # a Monday
NOON = time(12, tzinfo=UTC)


@dataclass(frozen=True)
class Happened:
    """One touch of a person, by number, on a day, counted from 0."""

    person: int
    day: int
    kind: str = "purchase"
    category: str | None = "bread"
    paid: int = 1000
    discount: int = 0
    place: str = "1"


def told(happened: Sequence[Happened], consents: tuple[str, ...] = ("understand",)) -> list[UUID]:
    """Let it have happened, to customers who agreed; return these by number."""
    count = max(one.person for one in happened) + 1
    people = [Newcomer(key=str(n), name=f"Customer {n}", consents=consents) for n in range(count)]
    ids = customers.meet_many(source="test", newcomers=people)
    settle([_touch(n, one, ids[str(one.person)]) for n, one in enumerate(happened)])
    return [ids[str(n)] for n in range(count)]


def _touch(n: int, one: Happened, customer: UUID) -> Touch:
    bought = one.kind == "purchase"
    given: dict[str, Any] = {
        "place": one.place,
        "basket": f"{one.person}-{one.day}",
        "product": one.category,
        "category": one.category,
        "units": 1,
        "paid": one.paid,
        "discount": one.discount,
        "currency": "USD",
    }
    return Touch(
        id=derived_id("world", str(n)),
        customer=customer,
        at=datetime.combine(FIRST + timedelta(days=one.day), NOON),
        channel="store",
        kind=one.kind,
        source="test",
        ref=f"{n}",
        **(given if bought else {}),
    )


def leaving(
    seed: int = 2, *, people: int = 1400, weeks: int = 52, bad: float = 0.04
) -> list[Happened]:
    """Who comes often leaves less, and has more bad experiences, since each visit may be one.

    A bad experience makes it two and a half times as likely to leave in each of 13 weeks; a
    remedy, given at once to every second of them, undoes that.
    """
    draw = np.random.default_rng(seed)
    found = []
    for person, rate in enumerate(np.clip(np.exp(draw.normal(0.5, 0.7, people)), 0.6, 6)):
        hurt = 0
        for week in range(weeks):
            hazard = np.clip(0.06 * rate**-1.6, 0.002, 0.15) * (2.5 if hurt else 1)
            if draw.random() < hazard:
                break
            hurt = max(hurt - 1, 0)
            days = draw.choice(7, size=min(draw.poisson(rate), 7), replace=False)
            found += [
                Happened(person, 7 * week + int(day), paid=1000 + 7 * ((person + week) % 50))
                for day in sorted(days)
            ]
            if draw.random() < 1 - (1 - bad) ** len(days):
                last = 7 * week + int(max(days))
                found.append(Happened(person, last, "complaint"))
                hurt = 13
                if draw.random() < 0.5:
                    found.append(Happened(person, last, "remedy"))
                    hurt = 0
    return found


def moving(seed: int = 1, *, people: int = 400, days: int = 90) -> list[Happened]:
    """Letters go to those who buy much and change nothing; a coupon used brings people back.

    Three times of `days` / 3: coupons are used in the middle one by a third of people, drawn by
    lot, who then come twice as often.
    """
    draw = np.random.default_rng(seed)
    third = days // 3
    found = []
    for person, rate in enumerate(np.clip(np.exp(draw.normal(-1.5, 0.7, people)), 0.07, 0.9)):
        coupon = draw.random() < 1 / 3
        letters = min(int(rate * 10 + draw.random()), 9)
        found += [Happened(person, third + n, "campaign") for n in range(letters)]
        if coupon:
            found.append(Happened(person, third + 5, "redemption"))
        found += [Happened(person, n * third) for n in range(2)]
        for day in range(days):
            often = rate * (2 if coupon and day >= 2 * third else 1)
            if draw.random() < often:
                category = ("bread", "milk", "tea", "soap")[int(draw.integers(4))]
                off = 200 if draw.random() < 0.3 else 0
                paid = 1000 + 10 * int(draw.integers(50))
                place = "1" if draw.random() < 0.8 else "2"
                found.append(
                    Happened(person, day, category=category, paid=paid, discount=off, place=place)
                )
    return found


def chance(seed: int = 2, *, people: int = 300, days: int = 90) -> list[Happened]:
    """All buy alike, and nothing they meet with changes anything."""
    draw = np.random.default_rng(seed)
    found = []
    for person in range(people):
        found += [Happened(person, day) for day in (0, days // 3)]
        found += [Happened(person, day) for day in range(days) if draw.random() < 0.3]
        if draw.random() < 0.5:
            found.append(Happened(person, days // 3 + 2, "campaign"))
    return found


def cheaper(seed: int = 3, *, people: int = 120, quarters: int = 4) -> list[Happened]:
    """Every second customer buys on offer, the others what is dear; in the last quarter all alike.

    Then everybody buys what is cheap and on offer.
    """
    draw = np.random.default_rng(seed)
    found = []
    for person in range(people):
        for quarter in range(quarters):
            thrifty = person % 2 == 0 or quarter == quarters - 1
            for day in range(13):
                for category in ("bread", "milk"):
                    off = draw.random() < (0.9 if thrifty else 0.1)
                    full = int(draw.integers(400, 600)) + (0 if thrifty else 500)
                    at = 91 * quarter + 7 * day + person % 5
                    taken = full // 3 if off else 0
                    found.append(
                        Happened(person, at, category=category, paid=full - taken, discount=taken)
                    )
    return found
