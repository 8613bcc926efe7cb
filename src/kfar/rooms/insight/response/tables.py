"""What was sold and what was promoted, by store × product × week, for whatever engine.

Weeks are named by their Monday. Only what was sold or promoted has a row; weeks without either
are zeros that `panel` knows of, so that nobody has to write them out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibis.expr.types import Column, Table


def sold(touches: Table) -> Table:
    """Return category, product, place, week, units, paid and regular, from all touches.

    `paid` and `regular` are minor units for all units together: with and without what was taken
    off. Lines that are measured, not counted, and lines without a category, are left out.
    """
    lines = touches.filter(
        touches.kind == "purchase",
        touches.units > 0,
        touches.paid.notnull(),
        touches.category.notnull(),
        touches["product"].notnull(),
        touches.place.notnull(),
    )
    lines = lines.mutate(week=_monday(lines.day), off=lines.discount.fill_null(0))
    return lines.group_by("category", "product", "place", "week").agg(
        units=lines.units.sum().cast("int64"),
        paid=lines.paid.sum().cast("int64"),
        regular=(lines.paid + lines.off).sum().cast("int64"),
    )


def promoted(promotions: Table, sold: Table) -> Table:
    """Return category, product, place, week, display and mailer, of what a place ever sold.

    `promotions` has product, place, week (its Monday, a date), display and mailer (codes; NULL:
    not promoted that way). Where two rows tell of one week, it is promoted in each way that
    either says; of two places the first in the alphabet stands. What a place never sold says
    nothing of how sales answer.
    """
    pairs = sold.select("category", "product", "place").distinct()
    # By product first: or else DuckDB counts all promotions together before it leaves most out.
    some = promotions.semi_join(pairs, "product")
    ours = some.inner_join(pairs, ["product", "place"])
    return ours.group_by("category", "product", "place", "week").agg(
        display=ours.display.min(), mailer=ours.mailer.min()
    )


def _monday(day: Column) -> Column:
    """Return the Monday of a day's week. By way of an instant, which some engines make of it."""
    return day.truncate("W").cast("timestamp").cast("date")
