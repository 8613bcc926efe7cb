"""What may go back, for how much, and whether the policy gives the money back by itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kfar.ground.errors import Refused
from kfar.ground.shares import wilson

#: Letters and digits that nobody takes for one another, and how many make a code.
LETTERS, LENGTH = "23456789ABCDEFGHJKMNPQRSTUVWXYZ", 10
#: What the policy gave within so long counts together: many small returns are one large one.
TOGETHER = timedelta(days=30)
#: Patterns are looked for in so long, from so many returned lines on.
LOOK, LEAST = timedelta(days=365), 5
#: A share of returns is far above others' when, even at its lowest, it is so many times theirs.
FAR = 2.0
#: In so many of 100 such cases a share lies in its interval.
LEVEL = 0.95
#: The same product, returned so often from different purchases, is a pattern.
AGAIN = 3


@dataclass(frozen=True)
class Term:
    """For how many days after the purchase, and up to how much within `TOGETHER`, at once."""

    days: int
    most: int


#: What holds where the company has not said anything else: 30 days, 100.00.
DEFAULT = Term(30, 10_000)


@dataclass(frozen=True)
class Bought:
    """A line of a purchase. What is measured, not counted, is one unit: it goes back whole."""

    touch_id: UUID
    product: str
    name: str
    category: str
    units: int
    paid: int
    currency: str


class Doubt(StrEnum):
    """Why the policy leaves it to a person."""

    LATE = "late"
    MUCH = "much"
    CURRENCY = "currency"


class State(StrEnum):
    """Where a return stands."""

    WAITING = "waiting"
    MONEY_BACK = "money-back"
    SENT = "sent"
    ARRIVED = "arrived"
    TAKEN_BACK = "taken-back"
    REFUSED = "refused"


def check_chosen(
    lines: Sequence[Bought], chosen: Mapping[UUID, int], before: Mapping[UUID, int]
) -> list[tuple[Bought, int]]:
    """Return the lines that go back, with how many of each; `before` went back earlier.

    Raises `Refused`: `returns.nothing_chosen`, `returns.not_bought` (it is on no line that was
    paid for), `returns.too_many` (more than is left), `returns.two_currencies`.
    """
    known = {line.touch_id: line for line in lines if line.paid > 0 and line.units > 0}
    wanted = {touch: units for touch, units in chosen.items() if units}
    if not wanted:
        raise Refused("returns.nothing_chosen")
    if not wanted.keys() <= known.keys():
        raise Refused("returns.not_bought")
    for touch, units in wanted.items():
        left = known[touch].units - before.get(touch, 0)
        if not 0 < units <= left:
            raise Refused("returns.too_many", what=known[touch].name, left=max(left, 0))
    if len({known[touch].currency for touch in wanted}) > 1:
        raise Refused("returns.two_currencies")
    return [(known[touch], units) for touch, units in wanted.items()]


def worth(line: Bought, units: int, before: int) -> int:
    """Return what `units` more of a line are worth, after `before` of them: in all, what was paid.

    However a line is returned piece by piece, the pieces come to exactly what was paid.
    """
    return line.paid * (before + units) // line.units - line.paid * before // line.units


def term(terms: Mapping[str, Term], category: str) -> tuple[str, Term]:
    """Return the term of a category, and under which name it stands: its own, or everybody's ""."""
    if category in terms:
        return category, terms[category]
    return "", terms.get("", DEFAULT)


def doubts(
    parts: Sequence[tuple[str, int]],
    *,
    terms: Mapping[str, Term],
    given: Mapping[str, int],
    age: timedelta,
    own_money: bool,
) -> list[Doubt]:
    """Return why the money does not come back by itself; nothing: it does.

    `parts` are categories with amounts, `given` what the policy gave lately, by category,
    `age` how long ago the purchase was. `own_money`: it is in the company's currency.
    """
    sums: dict[str, int] = {}
    for category, minor in given.items():
        name, _ = term(terms, category)
        sums[name] = sums.get(name, 0) + minor
    found = set()
    used: dict[str, Term] = {}
    for category, minor in parts:
        name, used_term = term(terms, category)
        sums[name] = sums.get(name, 0) + minor
        used[name] = used_term
        if age > timedelta(days=used_term.days):
            found.add(Doubt.LATE)
    if any(sums[name] > used_term.most for name, used_term in used.items()):
        found.add(Doubt.MUCH)
    if not own_money:
        found.add(Doubt.CURRENCY)
    return sorted(found)


def check_term(days: int, most: int) -> Term:
    """Return a term. Raises `Refused("returns.bad_term")`."""
    if not 0 <= days <= 3650 or not 0 <= most < 10**12:
        raise Refused("returns.bad_term")
    return Term(days, most)


def state(
    *,
    money_at: datetime | None,
    sent_at: datetime | None,
    arrived_at: datetime | None,
    taken_back_at: datetime | None,
    refused_at: datetime | None,
) -> State:
    """Return where a return stands, by what happened to it."""
    if taken_back_at is not None:
        return State.TAKEN_BACK
    if refused_at is not None:
        return State.REFUSED
    if money_at is None:
        return State.WAITING
    if arrived_at is not None:
        return State.ARRIVED
    return State.SENT if sent_at is not None else State.MONEY_BACK


def read_code(text: str) -> str:
    """Return the code in what was typed or scanned: the code itself, or the address it leads to."""
    last = text.strip().rstrip("/").rpartition("/")[2]
    return re.sub(r"[\s\-]", "", last).upper()[:LENGTH]


@dataclass(frozen=True)
class Share:
    """How much of what was bought went back: of one customer, and of those beside them."""

    returned: int
    bought: int
    low: float
    high: float
    others: int
    others_returned: int
    others_bought: int

    @property
    def own(self) -> float:
        """Their own share."""
        return self.returned / self.bought

    @property
    def beside(self) -> float:
        """The share of the others, all together."""
        return self.others_returned / self.others_bought


def striking(
    *, returned: int, bought: int, others: int, others_returned: int, others_bought: int
) -> Share | None:
    """Return a share of returns that lies far above that of alike customers; else None.

    Even the lowest it may well be is `FAR` times the highest that theirs may be. Of fewer than
    `LEAST` returned lines, or beside fewer than `LEAST` others, nothing is said.
    """
    if returned < LEAST or others < LEAST or not others_bought:
        return None
    # What went back was bought before the year began, perhaps.
    bought = max(bought, returned)
    low, high = wilson(returned, bought, LEVEL)
    _, theirs = wilson(min(others_returned, others_bought), others_bought, LEVEL)
    if low <= FAR * theirs:
        return None
    return Share(returned, bought, low, high, others, others_returned, others_bought)


def repeated(products: Collection[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the products that went back again and again, and how often, the most first."""
    found = [(name, times) for name, times in products if times >= AGAIN]
    return sorted(found, key=lambda one: (-one[1], one[0]))
