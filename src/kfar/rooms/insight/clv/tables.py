"""Tables: the histories of all customers, asked of the whole lake.

Written once, for every engine that speaks Ibis; `histories.summary` is the same for arrays. What
a history is: Schmittlein, Morrison and Colombo (1987).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibis.expr.types import Table


def summary(touches: Table, until: date, currency: str) -> Table:
    """Return one row a customer: `customer`, `frequency`, `recency`, `age`, `spent`.

    `touches` are those of `kfar.lake.insight`. As it stands at the end of the day `until`:
    `frequency` is on how many days they bought again after the first, `recency` and `age` are in
    days, `spent` is what was paid in `currency`, in minor units, on those days together, so that
    spent / frequency is a mean value. Whoever came first later is not in it.
    """
    import ibis  # noqa: PLC0415 - takes a while

    bought = touches.filter(touches.kind == "purchase", touches.day <= until)
    days = bought.group_by("customer", "day").agg(
        paid=bought.paid.sum(where=bought.currency == currency).coalesce(0)
    )
    people = days.group_by("customer").agg(
        frequency=days.count() - 1,
        first=days.day.min(),
        last=days.day.max(),
        spent=days.paid.sum() - days.paid.argmin(days.day),
    )
    return people.select(
        "customer",
        "frequency",
        recency=people.last.delta(people["first"], unit="day"),
        age=ibis.literal(until).delta(people["first"], unit="day"),
        spent=people.spent.cast("int64"),
    )
