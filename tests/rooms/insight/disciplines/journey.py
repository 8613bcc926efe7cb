"""The Complete Journey by household, category and quarter, as the tables of this science say it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from kfar.lake.engines import engine
from kfar.rooms.insight.disciplines.shrinking import Cells
from kfar.rooms.touchpoints import completejourney

#: Not bought on anything: coupons rung up as lines, and fuel.
WITHOUT = "('COUPON/MISC ITEMS', 'FUEL')"
MEASURES = ("off", "deal", "private")

QUARTERS = f"""
SELECT household, category, quarter, count(*), sum("off"), sum("off" * "off"),
    sum("off" > 0)::DOUBLE, sum(private)::DOUBLE
FROM (
    SELECT dense_rank() OVER (ORDER BY household_id) - 1 AS household,
        dense_rank() OVER (ORDER BY product_category) - 1 AS category,
        quarter(timezone('{completejourney.ZONE}', timezone('UTC', transaction_timestamp))) - 1
            AS quarter,
        least(discount / (sales_value - coupon_disc + discount), 1) AS "off",
        (brand = 'Private')::INT AS private
    FROM (SELECT *, retail_disc + coupon_disc + coupon_match_disc AS discount FROM transactions)
    JOIN products USING (product_id)
    WHERE product_category NOT IN {WITHOUT} AND sales_value - coupon_disc + discount > 0
) GROUP BY ALL ORDER BY ALL
"""


class Journey:
    """A year's lines, from which `Cells` of any quarters are made."""

    def __init__(self) -> None:
        with engine().session() as session:
            completejourney.open_files(session)
            self.rows = np.array(session.rows(QUARTERS), np.float64)
        self.people, self.categories = (int(n) + 1 for n in self.rows[:, :2].max(axis=0))

    def cells(self, measure: str, quarters: Collection[int]) -> Cells:
        """What was done in some quarters, from 0, added up."""
        rows = self.rows[np.isin(self.rows[:, 2], list(quarters))]
        total, squares = {"off": (4, 5), "deal": (6, 6), "private": (7, 7)}[measure]
        key = (rows[:, 0] * self.categories + rows[:, 1]).astype(np.int64)
        keys, at = np.unique(key, return_inverse=True)
        lines, total_of, squares_of = (
            np.bincount(at, rows[:, column]).astype(np.float64) for column in (3, total, squares)
        )
        return Cells(
            person=keys // self.categories,
            category=keys % self.categories,
            lines=lines,
            total=total_of,
            squares=squares_of,
            people=self.people,
            categories=self.categories,
        )
