"""What each person did in each category, against what was there to choose from: Ibis tables.

They run on every engine of the lake, one upon the other: `bought` is the purchases, `lines` what
each tells, from 0 to 1; `offers` is what there was to choose from, of which `places` are learned,
and `placed` adds them; `cells` adds all up by person and category.

| measure    | of a line                                                                     |
|------------|-------------------------------------------------------------------------------|
| deal       | 1: something was taken off its price                                          |
| off        | what was taken off, as a share of the full price                              |
| private    | 1: the retailer's own label; unknown where the source does not say            |
| tier       | the place of its price by content, or by piece, in its category: 1 is top     |
| pack       | the place of its pack size in its category                                    |
| stock_up   | 1: its basket had more lines than is usual; 0: a fill-in                      |
| weekend    | 1: on Saturday or Sunday                                                      |
| elsewhere  | 1: not in the place where the person bought most then                         |

The last three are the same for all lines of a basket, so they are told once for each category in
it, and unknown of the other lines: lines of one basket are no more evidence than one.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ibis.expr.types import Table, Value

MEASURES = ("deal", "off", "private", "tier", "pack", "stock_up", "weekend", "elsewhere")
#: What a line tells without knowing what others paid.
ALONE = tuple(name for name in MEASURES if name not in {"tier", "pack"})
#: How a product's name tells what is in the pack: "… · 22 LB", "Milk 1.5 l".
SIZE = r"(?i)(\d+(?:[.,]\d+)?)\s*(fl oz|oz|lb|gal|ga|pt|qt|ct|kg|g|ml|cl|l)\b"
#: How `properties` say whose label a product has.
SAID = tuple(
    (label, f'"private_label":{space}{word}')
    for label, word in ((True, "true"), (False, "false"))
    for space in ("", " ")
)
#: What `placed` is given: a row for each kind of thing that was bought, 0.0 where unknown.
KINDS = {
    "category": "VARCHAR NOT NULL",
    "unit": "VARCHAR NOT NULL",
    "price": "DOUBLE NOT NULL",
    "content": "DOUBLE NOT NULL",
}
PLACES = {**KINDS, "tier": "DOUBLE", "pack": "DOUBLE"}


def bought(touches: Table) -> Table:
    """Return the purchases of `touches` (`lake.insight.touches`), with what is on the receipt.

    `customer`, `category`, `day`, `occasion`, `place`; `once`, true of one line of each category
    in a basket; `unit`, `price` by content or by piece and
    `content` (0.0 unknown); `taken` off `full`; `private`. Whose label it is comes from the column
    `private` (boolean) of `touches` where it has one, or else from `"private_label": true` in
    `properties`. Purchases without a category, or of nothing that was paid for, are left out.
    """
    import ibis  # noqa: PLC0415 - takes a while

    if "private" not in touches.columns:
        said = touches.properties
        touches = touches.mutate(
            private=ibis.cases(*((said.contains(word), label) for label, word in SAID))
        )
    touches = touches.filter(
        touches.kind == "purchase",
        touches.category.notnull(),
        touches.paid + touches.discount.fill_null(0) > 0,
    )
    # A name is read once, however often it was bought.
    names = touches.filter(touches.product_name.notnull()).select("product_name").distinct()
    size = names.product_name.re_extract(SIZE, 1).replace(",", ".").nullif("").cast("float64")
    named = names.mutate(content=size.nullif(0), of=names.product_name.re_extract(SIZE, 2).lower())
    # Quicker than a window, of few lines as of many.
    first = touches.group_by("occasion", "category").agg(first_id=touches.id.min())
    read = touches.left_join(named, "product_name").left_join(first, ["occasion", "category"])
    amount = read.units.cast("float64").fill_null(read.measure)
    amount = ibis.ifelse(amount > 0, amount, ibis.null("float64"))
    taken = ibis.greatest(read.discount.fill_null(0), 0)
    full = read.paid + taken
    return read.select(
        "customer",
        "category",
        "day",
        "occasion",
        "place",
        once=read.id == read.first_id,
        unit=ibis.ifelse(read.content.notnull(), read.of, read.measure_unit.fill_null("")),
        price=(full / amount / read.content.fill_null(1.0)).fill_null(0.0),
        content=read.content.fill_null(0.0),
        taken=taken,
        full=full,
        private=read.private,
    )


def numbered(bought: Table) -> Table:
    """Return the same with people's numbers from 0 as `customer`, which take less room than ids."""
    import ibis  # noqa: PLC0415 - takes a while

    people = bought.select("customer").distinct()
    people = people.mutate(number=ibis.row_number().over(order_by=people.customer))
    return bought.inner_join(people, "customer").drop("customer").rename(customer="number")


def baskets(bought: Table) -> Table:
    """Return one row: the first day, and of how many lines a basket is on the average."""
    each = bought.group_by("occasion").agg(first=bought.day.min(), size=bought.count())
    return each.agg(first=each["first"].min(), usual=each["size"].mean())


def crowds(bought: Table, fewest: int, *by: str) -> Table:
    """Return what at least so many people bought something of, by category, say."""
    people = bought.group_by(list(by)).agg(people=bought.customer.nunique())
    return people.filter(people.people >= fewest).drop("people")


def offers(bought: Table) -> Table:
    """Return what there was to choose from: `KINDS`, and how many `lines` each has."""
    return bought.group_by(list(KINDS)).agg(lines=bought.count())


def among(touches: Table, first: date, last: date) -> Table:
    """Return all `MEASURES` of what was bought from `first` to `last`, compared with one another.

    The places are those of `Places` where no kind has more values than a grid has points.
    """
    import ibis  # noqa: PLC0415 - takes a while

    told = lines(bought(touches.filter(touches.day.between(first, last))), None)
    places = {}
    for name, of in (("tier", told.price), ("pack", told.content)):
        alike = [told.category, told.unit, of > 0]
        below = ibis.rank().over(ibis.window(group_by=alike, order_by=of))  # from 0
        to_here = ibis.cume_dist().over(ibis.window(group_by=alike, order_by=of))
        many = told.count().over(ibis.window(group_by=alike))
        places[name] = ibis.ifelse(of > 0, (below / many + to_here) / 2, ibis.null("float64"))
    return told.mutate(**places).select("customer", "category", "day", *MEASURES)


def lines(bought: Table, usual: float | None) -> Table:
    """Return what each line tells by itself (`ALONE`), beside `KINDS`; NULL: unknown.

    `usual` is of how many lines a basket is; None: of as many as here on the average.
    """
    import ibis  # noqa: PLC0415 - takes a while

    sizes = bought.group_by("occasion").agg(size=bought.count())
    sizes = sizes.mutate(large=sizes["size"] > (sizes["size"].mean() if usual is None else usual))
    places = bought.filter(bought.place.notnull()).group_by("customer", "place")
    places = places.agg(times=bought.occasion.nunique())
    # Of two places with as many visits, the first by name.
    mine = places.group_by("customer").mutate(
        turn=places.count().over(
            group_by="customer", order_by=[places.times.desc(), places.place], rows=(None, 0)
        )
    )
    mine = mine.filter(mine.turn == 1).select("customer", mine_place=mine.place)
    all_of_it = bought.left_join(sizes, "occasion").drop("occasion_right")
    all_of_it = all_of_it.left_join(mine, "customer").drop("customer_right")
    told = {
        "deal": all_of_it.taken > 0,
        "off": ibis.least(all_of_it.taken / all_of_it.full, 1.0),
        "private": all_of_it.private,
        "stock_up": _once(all_of_it.large, all_of_it.once),
        "weekend": _once(all_of_it.day.day_of_week.index() >= 5, all_of_it.once),
        "elsewhere": _once(all_of_it.place != all_of_it.mine_place, all_of_it.once),
    }
    return all_of_it.select(
        "customer",
        "day",
        *KINDS,
        **{name: _number(value) for name, value in told.items()},
    )


def placed(lines: Table, places: str) -> Table:
    """Return all `MEASURES` of `lines`; the session's table of that name has `PLACES`."""
    import ibis  # noqa: PLC0415 - takes a while
    from ibis.backends.sql.datatypes import DuckDBType  # noqa: PLC0415

    columns = {
        name: DuckDBType.from_string(kind.removesuffix(" NOT NULL"))
        for name, kind in PLACES.items()
    }
    joined = lines.left_join(ibis.table(columns, name=places), list(KINDS))
    return joined.select("customer", "category", "day", *MEASURES)


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


def _number(told: Value) -> Value:
    return told.cast("int64").cast("float64") if told.type().is_boolean() else told


def _once(told: Value, once: Value) -> Value:
    import ibis  # noqa: PLC0415 - takes a while

    return ibis.ifelse(once, told, ibis.null("boolean"))
