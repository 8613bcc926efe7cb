"""Response: how the categories that sell most answer to displays, mailers and price cuts.

From what those bought who agreed; nobody stands in it. It is about products in stores, so a
gift counts as any other purchase.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from kfar.lake.engines import Session
from kfar.rooms.insight import keeping, promotions, reading
from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.response import tables
from kfar.rooms.insight.response.curves import Curve, curve
from kfar.rooms.insight.response.gathering import gather
from kfar.rooms.insight.response.panel import Panel
from kfar.rooms.insight.response.respond import Effect, Held, Response, respond

KIND = "response"
#: How many categories are answered for: those with the most lines on receipts.
CATEGORIES = 12
#: Raised when the same sales and promotions would be answered otherwise.
VERSION = 1


@dataclass(frozen=True, eq=False)
class Category:
    """How one category answers: by comparing stores, and by comparing products in a store.

    `curve` is None where there is no elasticity. So many purchase `lines` stand behind it.
    """

    name: str
    lines: int
    stores: Response | Withheld
    products: Response | Withheld
    curve: Curve | None


@dataclass(frozen=True, eq=False)
class Responses:
    """The categories, by how much they sell, and what is known of promotions.

    `seen` says of which sales and promotions it was learned.
    """

    categories: tuple[Category, ...]
    promoted: promotions.Known
    seen: str


def learn(session: Session, until: date) -> tuple[Responses, int] | None:
    """Learn from everybody's purchases, where promotions are known.

    Where neither has changed since, nothing is computed: what was learned stands.
    """
    told = promotions.known()
    [facts] = session.rows(
        "SELECT count(DISTINCT customer), count(*), sum(units), sum(paid), sum(discount), min(day)"
        " FROM known WHERE kind = 'purchase'"
    )
    if told is None or not facts[1]:
        return None
    seen = _sum((VERSION, CATEGORIES, until, facts, promotions.state()))
    before = keeping.kept(KIND, Responses)
    if before is not None and before.content.seen == seen:
        return before.content, before.people
    lines, panels = _panels(session)
    found = tuple(_category(name, count, panels[name]) for name, count in lines if name in panels)
    return Responses(found, told, seen), int(facts[0])


def _panels(session: Session) -> tuple[list[tuple[str, int]], dict[str, Panel]]:
    """Return the categories that sell most of what is promoted, with their panels."""
    known, shown = reading.known(), promotions.opened(session)
    lines = known.filter(
        known.kind == "purchase", known.units > 0, known.category.notnull()
    ).semi_join(shown.select("product").distinct(), "product")
    counts = lines.group_by("category").agg(lines=lines.count())
    largest = session.ask(counts.order_by(counts.lines.desc(), "category").limit(CATEGORIES))
    if not largest:
        return [], {}
    wanted = known.filter(known.category.isin([name for name, _ in largest]))
    sold = session.keep("sold", tables.sold(wanted))  # an engine plans better what it has counted
    panels = gather(session.arrow(sold), session.arrow(tables.promoted(shown, sold)))
    return largest, panels


def _category(name: str, lines: int, panel: Panel) -> Category:
    stores, products = respond(panel, Held.PRODUCT_WEEK), respond(panel, Held.STORE_WEEK)
    drawn = None
    if isinstance(products, Response) and isinstance(products.elasticity, Effect):
        drawn = curve(products.elasticity, panel)
    return Category(name, lines, stores, products, drawn)


def _sum(of: object) -> str:
    return hashlib.sha256(repr(of).encode()).hexdigest()
