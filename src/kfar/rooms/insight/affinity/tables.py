"""How often two things were bought together: an Ibis table in, an Ibis table out.

Given is the table of touches (`kfar.lake.insight.touches`) or a part of it, as for
`kfar.rooms.insight.rates.tables`. "In one basket" counts occasions, "in one life" people: who
buys razors today and blades next month has them together in a life, never in a basket. Market
baskets as in Agrawal, Imieliński and Swami (SIGMOD 1993).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

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
