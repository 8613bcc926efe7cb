"""Visits and what happened around them, from the lake: one expression for every engine.

The features are those of `visits.rhythm` and `weeks.person_weeks`; their papers stand there
(Fader, Hardie and Lee 2005; Prentice and Gloeckler 1978).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from kfar.rooms.insight.leaving.visits import Visits

if TYPE_CHECKING:
    from ibis.expr.types import Table


def visits(touches: Table, without: Sequence[str] = ()) -> Table:
    """Return one row a customer and day on which they bought: what `numbered` makes `Visits` of.

    Columns `customer`, `day`, `spend` (minor units, of whatever currency) and `categories`, how
    many. Lines in categories `without`, as fuel may be, are no purchases here, nor do lines count
    whose category nobody knows.
    """
    bought = touches.filter(touches.kind == "purchase", touches.category.notnull())
    if without:
        bought = bought.filter(~bought.category.isin(list(without)))
    return bought.group_by("customer", "day").agg(
        spend=bought.paid.sum().coalesce(0).cast("int64"), categories=bought.category.nunique()
    )


def days(touches: Table, kinds: Sequence[str]) -> Table:
    """Return `customer` and `day`, once each, of touches of these `kinds`: a remedy, say."""
    return touches.filter(touches.kind.isin(list(kinds))).select("customer", "day").distinct()


def numbered(rows: Iterable[Sequence[Any]]) -> tuple[list[UUID], Visits]:
    """Return the customers of rows of `visits`, ascending, and the visits by their place there.

    A day is its ordinal (`date.toordinal`).
    """
    told: list[tuple[UUID, date, int, int]] = [
        (row[0], row[1], int(row[2]), int(row[3])) for row in rows
    ]
    customers = sorted({row[0] for row in told})
    place = {customer: n for n, customer in enumerate(customers)}
    return customers, Visits.of(
        np.array([place[row[0]] for row in told], np.int64),
        np.array([row[1].toordinal() for row in told], np.int64),
        np.array([row[2] for row in told], np.float64),
        np.array([row[3] for row in told], np.float64),
    )
