"""What each person did in each category, against what was there to choose from: Ibis tables.

`lines` puts beside each purchase what it tells, each from 0 to 1; `cells` adds it up by person
and category. They run on every engine of the lake.

| measure    | of a line                                                                     |
|------------|-------------------------------------------------------------------------------|
| deal       | 1: something was taken off its price                                          |
| off        | what was taken off, as a share of the full price                              |
| private    | 1: the retailer's own label; unknown where the source does not say            |
| tier       | the place of its price by content, or by piece, in its category then: 1 is top |
| pack       | the place of its pack size in its category then                               |
| stock_up   | 1: its basket had more lines than baskets have on average; 0: a fill-in       |
| weekend    | 1: on Saturday or Sunday                                                      |
| elsewhere  | 1: not in the place where the person bought most then                         |
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ibis.expr.types import Table, Value

MEASURES = ("deal", "off", "private", "tier", "pack", "stock_up", "weekend", "elsewhere")
#: How a product's name tells what is in the pack: "… · 22 LB", "Milk 1.5 l".
SIZE = r"(?i)(\d+(?:[.,]\d+)?)\s*(fl oz|oz|lb|gal|ga|pt|qt|ct|kg|g|ml|cl|l)\b"
#: How `properties` say whose label a product has.
OWN, OTHER = r'"private_label":\s*true', r'"private_label":\s*false'


def lines(touches: Table, first: date, last: date) -> Table:
    """Return the purchases from `first` to `last`, both included, with `MEASURES`; NULL: unknown.

    `touches` is the lake's table (`lake.insight.touches`). Whose label it is comes from its
    column `private` (boolean) where it has one, or else from `"private_label": true` in
    `properties`. Purchases without a category, or of nothing that was paid for, are left out.
    """
    import ibis  # noqa: PLC0415 - takes a while

    if "private" not in touches.columns:
        said = touches.properties
        touches = touches.mutate(
            private=ibis.cases((said.re_search(OWN), True), (said.re_search(OTHER), False))
        )
    discount = touches.discount.fill_null(0)
    bought = touches.filter(
        touches.kind == "purchase",
        touches.category.notnull(),
        touches.day.between(first, last),
        touches.paid + discount > 0,
    )
    bought = bought.mutate(
        taken=ibis.greatest(bought.discount.fill_null(0), 0),
        content=bought.product_name.re_extract(SIZE, 1).replace(",", ".").nullif(""),
        of=bought.product_name.re_extract(SIZE, 2).lower(),
    )
    bought = bought.mutate(
        full=bought.paid + bought.taken,
        content=bought.content.cast("float64"),
        of=ibis.ifelse(bought.content.notnull(), bought.of, bought.measure_unit.fill_null("")),
        amount=bought.units.cast("float64").fill_null(bought.measure),
    )
    bought = bought.mutate(
        content=bought.content.nullif(0),
        amount=ibis.ifelse(bought.amount > 0, bought.amount, ibis.null("float64")),
    )
    bought = bought.mutate(price=bought.full / bought.amount / bought.content.fill_null(1.0))
    return _placed(_visited(bought)).select(
        "customer",
        "category",
        "day",
        *(ibis._[name].cast("float64").name(name) for name in MEASURES),
    )


def cells(lines: Table) -> Table:
    """Return a row for each customer and category of `lines`.

    Of each measure: `<measure>_lines`, of how many lines it is known; `<measure>_total` and
    `<measure>_squares`, the sums of its values and of their squares (0 of none).
    """
    sums: dict[str, Any] = {}
    for name in MEASURES:
        sums[f"{name}_lines"] = lines[name].count()
        sums[f"{name}_total"] = lines[name].sum().fill_null(0.0)
        sums[f"{name}_squares"] = (lines[name] * lines[name]).sum().fill_null(0.0)
    return lines.group_by("customer", "category").agg(**sums)


def _visited(bought: Table) -> Table:
    """Add how large the basket was, and where the person buys most."""
    baskets = bought.group_by("occasion").agg(size=bought.count())
    baskets = baskets.mutate(stock_up=baskets.size > baskets.size.mean())
    places = bought.filter(bought.place.notnull()).group_by("customer", "place")
    places = places.agg(times=bought.occasion.nunique())
    # Of two places with as many visits, the first by name.
    mine = places.group_by("customer").mutate(
        turn=places.count().over(
            group_by="customer", order_by=[places.times.desc(), places.place], rows=(None, 0)
        )
    )
    mine = mine.filter(mine.turn == 1).select("customer", mine_place=mine.place)
    joined = bought.left_join(baskets, "occasion").drop("occasion_right")
    return joined.left_join(mine, "customer").drop("customer_right")


def _placed(bought: Table) -> Table:
    """Add what each line tells."""
    import ibis  # noqa: PLC0415 - takes a while

    weekend = bought.day.day_of_week.index() >= 5
    return bought.mutate(
        deal=(bought.taken > 0).cast("int64"),
        off=ibis.least(bought.taken / bought.full, 1.0),
        private=bought.private.cast("int64"),
        tier=_place(bought, bought.price),
        pack=_place(bought, bought.content),
        stock_up=bought.stock_up.cast("int64"),
        weekend=weekend.cast("int64"),
        elsewhere=(bought.place != bought.mine_place).cast("int64"),
    )


def _place(bought: Table, of: Value) -> Value:
    """Return the place of a value among all lines of its category in the same unit, 0 to 1.

    Equals share the middle of their places. NULL where the value is.
    """
    import ibis  # noqa: PLC0415 - takes a while

    alike = ibis.window(group_by=[bought.category, bought.of, of.isnull()], order_by=of)
    below = ibis.rank().over(alike)  # from 0
    to_here = ibis.cume_dist().over(alike)
    all_of_them = bought.count().over(
        ibis.window(group_by=[bought.category, bought.of, of.isnull()])
    )
    middle = (below / all_of_them + to_here) / 2
    return ibis.ifelse(of.notnull(), middle, ibis.null("float64"))
