"""A journey in an archive: its columns, and each touch on a line of JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kfar.doors.archive.forms import opened, plain
from kfar.ground.money import Money
from kfar.lake.touch import Touch

#: The columns of the journey: the name, and what it says of a touch.
COLUMNS: dict[str, tuple[Any, Callable[[Touch], object]]] = {
    "at": (_("When"), lambda touch: touch.at),
    "channel": (_("Where"), lambda touch: touch.channel),
    "kind": (_("What"), lambda touch: touch.kind),
    "source": (_("Who told us"), lambda touch: touch.source),
    "place": (_("Place"), lambda touch: touch.place),
    "basket": (_("Basket"), lambda touch: touch.basket),
    "product": (_("Product code"), lambda touch: touch.product),
    "product_name": (_("Product"), lambda touch: touch.product_name),
    "category": (_("Category"), lambda touch: touch.category),
    "department": (_("Department"), lambda touch: touch.department),
    "units": (_("Units"), lambda touch: touch.units),
    "measure": (_("Measure"), lambda touch: touch.measure),
    "measure_unit": (_("Unit of measure"), lambda touch: touch.measure_unit),
    "paid": (_("Paid"), lambda touch: _major(touch.paid, touch)),
    "discount": (_("Discount"), lambda touch: _major(touch.discount, touch)),
    "currency": (_("Currency"), lambda touch: touch.currency),
    "name": (_("Called"), lambda touch: touch.name),
    "url": (_("Address on the web"), lambda touch: touch.url),
    "properties": (_("What else we were told"), lambda touch: touch.properties),
    "consent": (_("Agreed to then"), lambda touch: touch.consent),
    "received": (_("When it reached us"), lambda touch: touch.received),
    "ref": (_("What of ours it tells of"), lambda touch: touch.ref),
    "id": (_("Number"), lambda touch: touch.id),
}


def as_json_lines(archive: ZipFile, name: str, touches: Iterable[Touch]) -> None:
    """Write a list, an item a line, without ever having all of it."""
    with opened(archive, name) as file:
        between = "[\n"
        for touch in touches:
            said = {key: of(touch) for key, (_name, of) in COLUMNS.items()}
            said["properties"] = json.loads(touch.properties) if touch.properties else None
            there = {key: value for key, value in said.items() if value is not None}
            file.write(between + json.dumps(there, ensure_ascii=False, default=plain))
            between = ",\n"
        file.write("\n]\n" if between == ",\n" else "[]\n")


def _major(minor: int | None, touch: Touch) -> Decimal | None:
    currency = touch.currency or settings.KFAR_CURRENCY
    return None if minor is None else Money(minor, currency).major
