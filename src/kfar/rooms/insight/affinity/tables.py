"""How often two things were bought together: an Ibis table in, an Ibis table out.

Given is the table of touches (`kfar.lake.insight.touches`) or a part of it, as for
`kfar.rooms.insight.rates.tables`. "In one basket" counts occasions, "in one life" people: who
buys razors today and blades next month has them together in a life, never in a basket. Market
baskets as in Agrawal, Imieliński and Swami (SIGMOD 1993).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ibis.expr.types import Table

Key = Literal["category", "product"]
Together = Literal["occasion", "customer"]


def held(touches: Table, key: Key, together: Together) -> Table:
    """Return what was in each: `holder` (an occasion or a customer) and `item`, once each."""
    bought = touches.filter(touches.kind == "purchase", touches.paid > 0, touches[key].notnull())
    return bought.select(holder=bought[together], item=bought[key]).distinct()


def items(touches: Table, key: Key, together: Together) -> Table:
    """Return in how many baskets or lives each is: `item`, `n`, and `all` of them."""
    once = held(touches, key, together)
    found = once.group_by("item").agg(n=once.count())
    return found.cross_join(once.agg(all=once.holder.nunique()))


def pairs(touches: Table, key: Key, together: Together, least: int = 1) -> Table:
    """Return in how many both are: `a`, `b`, `both`, where a < b; pairs never together have no row.

    Items that fewer than `least` hold are left out before pairs are made.
    """
    once = held(touches, key, together)
    if least > 1:
        many = once.group_by("item").agg(n=once.count())
        once = once.semi_join(many.filter(many.n >= least), "item")
    other = once.view()
    joined = once.join(other, [once.holder == other.holder, once.item < other.item])
    return joined.select(a=once.item, b=other.item).group_by("a", "b").agg(both=lambda t: t.count())


def mixed(touches: Table, key: Key, where: str) -> Table:
    """Return the sums for `mix`: `where`, `key` (NULL: of all visits), people, v, vv, y, yy, yv.

    Of all visits y is v. `where` is a column, place or region; what has none is left out.
    """
    bought = touches.filter(touches.kind == "purchase", touches.paid > 0, touches[where].notnull())
    own = bought.select(where, "customer", "occasion").distinct()
    visits = own.group_by(where, "customer").agg(v=own.count())
    once = bought.filter(bought[key].notnull())
    once = once.select(where, "customer", key, "occasion").distinct()
    each = once.group_by(where, "customer", key).agg(y=once.count())
    told = each.inner_join(visits, [where, "customer"])
    by_key = told.group_by(where, key).agg(
        people=told.count(), y=told.y.sum(), yy=(told.y * told.y).sum(), yv=(told.y * told.v).sum()
    )
    whole = visits.group_by(where).agg(
        people=visits.count(),
        y=visits.v.sum(),
        yy=(visits.v * visits.v).sum(),
        yv=(visits.v * visits.v).sum(),
    )
    whole = whole.mutate(**{key: _null()}).select(by_key.columns)
    return by_key.union(whole)


def elsewhere(touches: Table, key: Key, where: str) -> Table:
    """Return how much of each is bought elsewhere by those whose main place it is.

    `where`, `key` (NULL: of anything), people, visits, here. One's main place is where one bought
    most often, on equal numbers the first by name. `visits` have it, `here` of them there.
    """
    import ibis  # noqa: PLC0415 - takes a while

    bought = touches.filter(touches.kind == "purchase", touches.paid > 0, touches[where].notnull())
    own = bought.select(where, "customer", "occasion").distinct()
    visits = own.group_by("customer", where).agg(times=own.count())
    ranked = visits.mutate(
        rank=ibis.row_number().over(
            group_by="customer", order_by=[visits.times.desc(), visits[where]]
        )
    )
    main = ranked.filter(ranked.rank == 0).select("customer", main=ranked[where])
    once = bought.filter(bought[key].notnull())
    once = once.select(where, "customer", key, "occasion").distinct()
    by_key = once.group_by("customer", key, where).agg(times=once.count())
    anything = visits.mutate(**{key: _null()}).select(by_key.columns)
    told = by_key.union(anything).inner_join(main, "customer")
    each = told.group_by("main", "customer", key).agg(
        times=told.times.sum(), here=(told[where] == told.main).ifelse(told.times, 0).sum()
    )
    return each.group_by("main", key).agg(
        people=each.count(), visits=each.times.sum(), here=each.here.sum()
    )


def _null() -> Any:
    import ibis  # noqa: PLC0415 - takes a while

    return ibis.null("string")
