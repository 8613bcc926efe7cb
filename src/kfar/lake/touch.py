"""A touch: one contact between a customer and the company, and its columns in the lake."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from kfar.ground.ids import derived_id

#: The one schema of the table, in the order of `Touch`: name to SQL type. Instants are UTC.
COLUMNS = {
    "id": "UUID NOT NULL",  # the same touch twice has the same id
    "customer": "UUID NOT NULL",  # a random surrogate: nothing else names a person here
    "at": "TIMESTAMPTZ NOT NULL",
    "channel": "VARCHAR NOT NULL",  # store, web, mail, phone …
    "kind": "VARCHAR NOT NULL",  # purchase, campaign, redemption, voice, remedy, vote …
    "source": "VARCHAR NOT NULL",  # who told us: kfar, completejourney, a shop's name
    "place": "VARCHAR",  # which store, which site
    "basket": "VARCHAR",  # what was bought at once; unique within the source
    "product": "VARCHAR",  # the source's code
    "product_name": "VARCHAR",
    "category": "VARCHAR",
    "department": "VARCHAR",
    "units": "INTEGER",  # NULL where the thing is not counted in units
    "measure": "DOUBLE",  # … but measured: 10.603
    "measure_unit": "VARCHAR",  # … in "gal"
    "paid": "BIGINT",  # minor units, for the whole line
    "discount": "BIGINT",  # minor units, for the whole line
    "currency": "VARCHAR",  # ISO 4217
    "ref": "VARCHAR",  # the id of the row in a room that this touch tells of
    "name": "VARCHAR",  # what the source calls it: an event's name, a page's title
    "url": "VARCHAR",  # where it happened on the web, without what follows "?"
    "properties": "VARCHAR",  # what else the source tells of it, as JSON
    "consent": "VARCHAR",  # what was agreed to then: "ask,understand", "none"; NULL: not said
    "received": "TIMESTAMPTZ",  # when it reached us
}


@dataclass(frozen=True, kw_only=True)
class Touch:
    """One touch. The fields are the columns; None stands for NULL."""

    id: UUID
    customer: UUID
    at: datetime
    channel: str
    kind: str
    source: str
    place: str | None = None
    basket: str | None = None
    product: str | None = None
    product_name: str | None = None
    category: str | None = None
    department: str | None = None
    units: int | None = None
    measure: float | None = None
    measure_unit: str | None = None
    paid: int | None = None
    discount: int | None = None
    currency: str | None = None
    ref: str | None = None
    name: str | None = None
    url: str | None = None
    properties: str | None = None
    consent: str | None = None
    received: datetime | None = None

    @property
    def occasion(self) -> UUID:
        """What this touch belongs to: its basket, or itself alone. `OCCASION` in SQL."""
        return self.id if self.basket is None else derived_id(self.source, self.basket)


#: `Touch.occasion` for a whole table at once.
OCCASION = "CASE WHEN basket IS NULL THEN id ELSE md5(source || chr(31) || basket)::UUID END"

#: The columns as they stand in SELECT. `at` is a word of SQL, so all are quoted.
NAMES = ", ".join(f'"{name}"' for name in COLUMNS)

assert list(COLUMNS) == [field.name for field in fields(Touch)]  # noqa: S101 - one schema
