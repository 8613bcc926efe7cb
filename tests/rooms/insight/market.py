"""A market that can be counted by hand: 23 people who agreed, one who did not.

In March all buy bread, Ann to Nan (14) in store 1, the others in store 2. The first ten have milk
with it, which six of them buy again in April, in store 2; the first four tea, too few to speak
of. Nine in store 2 take a razor and foam with the bread, and blades in April.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

from kfar.lake.engines import Session
from kfar.lake.touch import Touch
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.insight import keeping, reading
from kfar.rooms.insight.studies import goods, places
from tests.lake.touches import a_touch, settle

UNTIL = date(2026, 4, 15)
#: Hours from the first of March to the middle of April.
APRIL = 31 * 24


def open_market() -> None:
    """Let people come and buy."""
    people = _people()
    touches = []
    for n, who in enumerate(people):
        place = "1" if n < 14 else "2"
        march = {"customer": who, "basket": f"m{n}", "place": place, "units": 1}
        april = {"customer": who, "basket": f"a{n}", "place": "2"}
        touches.append(_line(f"b{n}", 0, march, "bread", 100))
        if n < 10:
            touches.append(_line(f"m{n}", 0, march | {"units": 2}, "milk", 200))
        if n < 6:
            touches.append(_line(f"n{n}", APRIL, april | {"units": 2}, "milk", 200))
        if n < 4:
            touches.append(_line(f"t{n}", 0, march, "tea", 900))
        if 14 <= n < 23:
            touches.append(_line(f"r{n}", 0, march, "razors/men", 1000))
            touches.append(_line(f"f{n}", 0, march, "foam", 300))
            touches.append(_line(f"s{n}", APRIL, april, "blades", 500))
    settle(touches)


@contextmanager
def everybody() -> Iterator[Session]:
    """Open it, and a session of those who agreed."""
    open_market()
    with reading.everybody() as session:
        yield session


def learn() -> None:
    """Open it, and keep what is learned of goods and places."""
    with everybody() as session:
        for module in (goods, places):
            learned = module.learn(session, UNTIL)
            assert learned is not None
            keeping.keep(module.KIND, learned[0], until=UNTIL, people=learned[1])


def _people() -> list[UUID]:
    newcomers = [
        Newcomer(
            key=f"c{n:02}",
            name=f"Customer {n}",
            about={"age": "Under 30" if n < 10 else "30-40"} if n < 22 else {},
            consents=("understand",) if n < 23 else (),
        )
        for n in range(24)
    ]
    met = customers.meet_many(source="test", newcomers=newcomers)
    return [met[one.key] for one in newcomers]


def _line(key: str, hours: float, given: dict[str, Any], category: str, paid: int) -> Touch:
    return a_touch(
        key,
        hours,
        category=category,
        product=category[0],
        product_name=f"FINE {category.upper()}",
        paid=paid,
        currency="USD",
        **given,
    )
