"""A shop whose customers are known to the last: who buys milk on offer buys bread at any price.

Forty people buy a line of milk, bread and tea in the weeks of half a year; every second week, every
third, and so on, each of them does not come. Of milk, who is `keen`
takes the cheap one on offer four times in five, and others the dear one; of bread it is the other
way round. Tea has one price and everybody takes it on offer every other time.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import numpy as np

from kfar.lake.touch import Touch
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from tests.lake.touches import a_touch, settle

PEOPLE, WEEKS = 40, 26
#: The first purchase was on Sunday, March 1st; the last on Sunday, 25 weeks later.
FIRST, UNTIL = date(2026, 3, 1), date(2026, 8, 23)
PURPOSES = ("ask", "understand", "personalise")


def times(n: int) -> int:
    """How often a person came."""
    return sum(week % (n + 2) != 1 for week in range(WEEKS))


def keen(n: int, category: str) -> bool:
    """Whether a person buys a category on offer."""
    return (n + (category == "BREAD")) % 2 == 0


def a_shop(consents: tuple[str, ...] = PURPOSES, weeks: int = WEEKS) -> list[UUID]:
    """Open it; return its customers' ids, by their numbers."""
    new = [
        Newcomer(key=str(n), name=f"P{n}", email=f"p{n}@village.example", consents=consents)
        for n in range(PEOPLE)
    ]
    known = customers.meet_many(source="test", newcomers=new)
    people = [known[str(n)] for n in range(PEOPLE)]
    draw = np.random.default_rng(0)
    lines: list[Touch] = []
    for n, person in enumerate(people):
        for week in range(weeks):
            if week % (n + 2) == 1:
                continue
            for category in ("MILK", "BREAD", "TEA"):
                share = 0.5 if category == "TEA" else 0.8 if keen(n, category) else 0.2
                offer = bool(draw.random() < share)
                full = 100 if category == "TEA" or offer else 200
                lines.append(
                    a_touch(
                        f"{n}/{week}/{category}",
                        24 * 7 * week,
                        customer=person,
                        basket=f"{n}/{week}",
                        place="1",
                        product_name=f"{category} · 1 L",
                        category=category,
                        units=1,
                        paid=full - 20 * offer,
                        discount=20 * offer,
                        currency="USD",
                        properties=f'{{"private_label": {str(offer).lower()}}}',
                    )
                )
    settle(lines)
    return people
