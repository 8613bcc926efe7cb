"""A shop of which the truth is known: purchases of somebody who agreed, and a file of promotions.

Displays stand where demand is high; a display sells `LIFT` times as much, a mailer `MAILED`.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.insight import keeping, promotions, reading
from kfar.rooms.insight.studies import response
from kfar.rooms.insight.studies.response import Responses
from tests.lake.touches import NOON, a_touch, settle

PRODUCTS, STORES, WEEKS = 40, 10, 26
LIFT, MAILED, ELASTICITY = 1.5, 1.4, -2.0
#: From a Sunday to the Monday after it, and from a week to the next, in hours.
MONDAY, WEEK = 24, 168


def open_shop(
    folder: Path, seed: int = 3, *, everywhere: bool = False, agreed: bool = True
) -> Path:
    """Settle a year of tea, and take in the file of promotions, which is returned.

    `everywhere` shows a product in all stores at once.
    """
    consents = ("understand",) if agreed else ()
    [anna] = customers.meet_many(
        source="test", newcomers=[Newcomer("anna", "Anna", "anna@shop.example", consents=consents)]
    ).values()
    draw = np.random.default_rng(seed)
    taste = draw.normal(0.6, 0.5, (PRODUCTS, STORES, 1))
    eager = -1.5 + 1.5 * (taste - 0.6) + draw.normal(0, 1, (PRODUCTS, STORES, WEEKS))
    if everywhere:
        eager = eager.mean(axis=1, keepdims=True) + draw.normal(0, 1, (PRODUCTS, 1, WEEKS))
    shape = (PRODUCTS, STORES, WEEKS)
    shown = np.broadcast_to(draw.random(eager.shape) < 1 / (1 + np.exp(-eager)), shape)
    mailed = np.broadcast_to(draw.random((PRODUCTS, 1, WEEKS)) < 0.15, shape)
    cut = np.broadcast_to(draw.choice([1.0, 1.0, 1.0, 0.9, 0.75], (PRODUCTS, 1, WEEKS)), shape)
    mean = np.exp(taste) * LIFT**shown * MAILED**mailed * cut**ELASTICITY
    units = draw.poisson(mean)
    settle(
        [
            a_touch(
                f"{product}/{store}/{week}",
                MONDAY + WEEK * week,
                customer=anna,
                basket=f"{store}/{week}",
                category="TEA/HERBS",
                product=f"p{product}",
                place=f"s{store}",
                units=int(units[product, store, week]),
                paid=round(units[product, store, week] * 200 * cut[product, store, week]),
                discount=round(units[product, store, week] * 200 * (1 - cut[product, store, week])),
                currency="USD",
            )
            for product, store, week in zip(*(of.tolist() for of in np.nonzero(units)), strict=True)
        ]
    )
    file = folder / "promotions.csv"
    days = np.datetime64(NOON.date()) + 1 + 7 * np.arange(WEEKS)
    with file.open("w", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(["product", "place", "week", "display", "mailer"])
        rows.writerows(
            (f"p{p}", f"s{s}", days[w], "7" * int(shown[p, s, w]), "A" * int(mailed[p, s, w]))
            for p, s, w in zip(*np.nonzero(shown | mailed), strict=True)
        )
    promotions.take(file=file, source="shop")
    return file


def learned() -> Responses | None:
    """Learn how it answers, keep that, and return what is kept."""
    with reading.everybody() as session:
        [(until,)] = session.rows("SELECT max(day) FROM known")
        found = response.learn(session, until) if until else None
    if found is None:
        return None
    keeping.keep(response.KIND, found[0], until=until, people=found[1])
    kept = keeping.kept(response.KIND, Responses)
    return kept.content if kept else None
