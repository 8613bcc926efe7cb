"""What each customer met with in one time, and bought before, in it and after: an Ibis table.

The times follow one another. What may move a customer is of the middle one, so that it comes
before what it may move; what a customer bought before tells who buys much anyway (Granger,
Econometrica 37, 1969: what helps to foretell beyond the past).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kfar.rooms.insight.disciplines.tables import among

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Table

#: What may move a customer, in the order of the columns of `told`: how they bought, then what
#: they met with.
BOUGHT = ("offers", "own_label", "prices", "packs", "breadth", "new", "one_store")
MET = ("letters", "coupons", "asked", "bad", "remedies")
DRIVERS = BOUGHT + MET
#: Kinds of touches behind what they met with; `bad` is the company's to say.
KINDS: Mapping[str, tuple[str, ...]] = {
    "letters": ("campaign", "letter", "newsletter", "mailer"),
    "coupons": ("redemption",),
    "asked": ("vote", "consult", "change"),
    "remedies": ("remedy", "promise-kept"),
}
#: What customers buy and say in each time, beside the drivers.
BEFORE = ("spend_before", "visits_before", "spend", "visits")
AFTER = ("spend_after", "visits_after", "good_after", "not_good_after")


@dataclass(frozen=True)
class Times:
    """Three times of as many `days`, the last of which ends with the day `until`."""

    until: date
    days: int

    def of(self, table: Table, place: int) -> BooleanValue:
        """Return whether rows are of the time at `place`: 0 before, 1 the middle, 2 after."""
        return table.day.between(self.first(place), self.first(place + 1) - timedelta(days=1))

    def first(self, place: int) -> date:
        """Return the first day of the time at `place`."""
        return self.until - timedelta(days=self.days * (3 - place) - 1)


def told(touches: Table, times: Times, bad: Sequence[str]) -> Table:
    """Return a row for each customer who bought in the first time and in the middle one.

    Columns `customer`, then `BEFORE`, `AFTER` and `DRIVERS`: how they bought as shares and means
    of lines in the middle time (NULL where nothing is known of it), the rest in touches. `bad`
    names the kinds of bad experiences.
    """
    people = _spent(touches, times)
    for more in (_lines(touches, times), _kinds_bought(touches, times), _met(touches, times, bad)):
        people = people.left_join(more, "customer").drop("customer_right")
    met = {name: people[name].fill_null(0) for name in (*MET, "good_after", "not_good_after")}
    return people.mutate(**met).select("customer", *BEFORE, *AFTER, *DRIVERS)


def _spent(touches: Table, times: Times) -> Table:
    bought = touches.filter(touches.kind == "purchase", touches.category.notnull())
    of = {"_before": 0, "": 1, "_after": 2}
    sums = {}
    for name, place in of.items():
        then = times.of(bought, place)
        sums[f"spend{name}"] = bought.paid.sum(where=then).fill_null(0)
        sums[f"visits{name}"] = bought.occasion.nunique(where=then)
    people = bought.group_by("customer").agg(**sums)
    return people.filter(people.visits_before > 0, people.visits > 0)


def _lines(touches: Table, times: Times) -> Table:
    """Return how each customer bought in the middle time: measures of lines, on the average."""
    bought = among(touches, times.first(1), times.first(2) - timedelta(days=1))
    return bought.group_by("customer").agg(
        offers=bought.deal.mean(),
        own_label=bought.private.mean(),
        prices=bought.tier.mean(),
        packs=bought.pack.mean(),
        one_store=1 - bought.elsewhere.mean(),
    )


def _kinds_bought(touches: Table, times: Times) -> Table:
    """Return how many categories, and which share of them were not bought in the time before."""
    bought = touches.filter(touches.kind == "purchase", touches.category.notnull())
    each = bought.group_by("customer", "category").agg(
        before=times.of(bought, 0).any(), now=times.of(bought, 1).any()
    )
    each = each.filter(each.now)
    return each.group_by("customer").agg(
        breadth=each.count(), new=1 - each.before.cast("int64").mean()
    )


def _met(touches: Table, times: Times, bad: Sequence[str]) -> Table:
    """Return how often each customer met with something; remedies taken back are none."""
    undone = touches.filter(touches.kind == "remedy-undone", touches.ref.notnull())
    undone = undone.select("ref").distinct()
    some = touches.filter(touches.kind != "purchase").anti_join(undone, "ref")
    then = times.of(some, 1)
    kinds = {**KINDS, "bad": tuple(bad)}
    sums = {name: (then & some.kind.isin(list(kinds[name]))).sum() for name in MET}
    later = times.of(some, 2)
    return some.group_by("customer").agg(
        **sums,
        good_after=(later & (some.kind == "good")).sum(),
        not_good_after=(later & (some.kind == "not-good")).sum(),
    )
