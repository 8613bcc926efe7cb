"""What rates are made of, counted in the lake: an Ibis table in, an Ibis table out.

Each is given the table of touches (`kfar.lake.insight.touches`) or a part of it, and runs on
every engine. What counts is a purchase of something known; a line that takes money back, or
none, is none. One visit is one occasion, and a category bought twice in one is bought once, as
in Ehrenberg, "Repeat-Buying" (1972). `key` is `"category"` or `"product"`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ibis.expr.types import Table

Key = Literal["category", "product"]


def purchases(touches: Table) -> Table:
    """Return the lines that were bought: purchases for which something was paid."""
    return touches.filter(touches.kind == "purchase", touches.paid > 0)


def within(touches: Table, since: date, until: date) -> Table:
    """Return what happened from the day `since` on and before the day `until`."""
    return touches.filter(touches.day >= since, touches.day < until)


def counts(touches: Table, key: Key) -> Table:
    """Return how often each person bought each: customer, `key`, times, first, last.

    `times` are occasions; `first` and `last` are days. Who never bought it has no row.
    """
    bought = purchases(touches)
    known = bought.filter(bought[key].notnull())
    # One row an occasion first: to count what differs, each person by each, holds far more.
    once = known.group_by("customer", key, "occasion").agg(day=known.day.min())
    return once.group_by("customer", key).agg(
        times=once.count(), first=once.day.min(), last=once.day.max()
    )


def exposure(touches: Table, until: date) -> Table:
    """Return how long each person was watched: customer, days, visits.

    From the first purchase to before the day `until`, at least one day; `visits` are the
    occasions with a purchase in that time. Later purchases are left out.
    """
    bought = purchases(touches)
    before = bought.filter(bought.day < until)
    once = before.group_by("customer", "occasion").agg(day=before.day.min())
    people = once.group_by("customer").agg(since=once.day.min(), visits=once.count())
    return people.select("customer", days=_days(people.since, until), visits=people.visits)


def buyers(touches: Table, key: Key) -> Table:
    """Return who buys each: `key`, buyers, visits, lines, units, paid, first, last, share.

    `share` is that of the buyers in all people who bought anything in the given touches, a
    fraction. `paid` is in minor units, `units` is NULL where nothing was counted in units.
    """
    bought = purchases(touches)
    known = bought.filter(bought[key].notnull())
    found = known.group_by(key).agg(
        buyers=known.customer.nunique(),
        visits=known.occasion.nunique(),
        lines=known.count(),
        units=known.units.sum(),
        paid=known.paid.sum(),
        first=known.day.min(),
        last=known.day.max(),
    )
    people = bought.agg(people=bought.customer.nunique())
    shared = found.cross_join(people)
    return shared.mutate(share=shared.buyers / shared.people).drop("people")


def sums(touches: Table, *keys: str) -> Table:
    """Return what was bought of each: the `keys`, buyers, visits, units, paid.

    As `buyers` counts, for any columns at once, a month or a region as well as a product.
    """
    bought = purchases(touches)
    # An occasion is one person's: what differs is counted by grouping twice.
    once = bought.group_by(*keys, "customer", "occasion").agg(
        units=bought.units.sum(), paid=bought.paid.sum()
    )
    each = once.group_by(*keys, "customer").agg(
        visits=once.count(), units=once.units.sum(), paid=once.paid.sum()
    )
    return each.group_by(*keys).agg(
        buyers=each.count(), visits=each.visits.sum(), units=each.units.sum(), paid=each.paid.sum()
    )


def places(touches: Table, key: Key) -> Table:
    """Return where each is bought: `key`, place, buyers, visits, paid. Place may be NULL."""
    bought = purchases(touches)
    known = bought.filter(bought[key].notnull())
    return known.group_by(key, "place").agg(
        buyers=known.customer.nunique(), visits=known.occasion.nunique(), paid=known.paid.sum()
    )


def _days(since: object, until: date) -> object:
    import ibis  # noqa: PLC0415 - takes a while

    return ibis.literal(until).delta(since, unit="day").cast("int64")
