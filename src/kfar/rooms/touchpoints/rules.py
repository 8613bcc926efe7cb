"""What a row of an imported file must be, and what it then says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from typing import NamedTuple

from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.rooms.customers.names import RESERVED

#: What stands for this Kfar itself among the sources.
OURSELVES = "kfar"
#: What no source may be called: these are names of people's own.
TAKEN = RESERVED | {OURSELVES}

#: The columns a file may have; in any order, without regard to capital letters.
COLUMNS = (
    "id",
    "customer",
    "email",
    "at",
    "channel",
    "kind",
    "place",
    "basket",
    "product",
    "product_name",
    "category",
    "department",
    "units",
    "paid",
    "discount",
    "currency",
    "measure",
    "measure_unit",
    "name",
    "url",
)
REQUIRED = ("at", "channel", "kind")
LONGEST = 254
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: Digits after the point of a measure.
MEASURED = 6
EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


class Row(NamedTuple):
    """A good row. `key` names it: the same row has the same key in every file.

    `measure` is in millionths of `measure_unit`.
    """

    key: str
    customer_key: str
    email: str
    at: datetime
    channel: str
    kind: str
    place: str | None
    basket: str | None
    product: str | None
    product_name: str | None
    category: str | None
    department: str | None
    units: int | None
    paid: int | None
    discount: int | None
    currency: str | None
    measure: int | None = None
    measure_unit: str | None = None
    name: str | None = None
    url: str | None = None


def check_source(source: str) -> None:
    """Refuse a source whose name cannot stand for it: small letters, digits, "-", at most 50."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,49}", source) or source in TAKEN:
        raise Refused("touchpoints.bad_source", source=source[:60])


def check_columns(names: Iterable[str]) -> None:
    """Refuse a file whose columns are not known, are there twice, or lack what is needed."""
    found = list(names)
    unknown = [name or "—" for name in found if name not in COLUMNS]
    if unknown:
        listed = ", ".join(unknown)[:200]
        raise Refused("touchpoints.unknown_columns", columns=listed, known=", ".join(COLUMNS))
    if len(set(found)) < len(found):
        raise Refused("touchpoints.doubled_columns")
    missing = [name for name in REQUIRED if name not in found]
    if "customer" not in found and "email" not in found:
        missing.append("customer")
    if missing:
        raise Refused("touchpoints.missing_columns", columns=", ".join(missing))


def read_row(given: Mapping[str, str], *, zone: tzinfo, currency: str) -> Row:
    """Return what a row says, or raise `Refused` with the reason; never with its contents.

    Times without a zone are in `zone` (of an hour that comes twice, the first), amounts
    without a currency in `currency`. `paid` may be below zero (something went back). What
    follows "?" or "#" in `url` is not read. The key is the row's own `id`, or
    follows from all it says: a row without `id` that says exactly the same as another is the
    same touch.
    """
    said = {name: text.strip() for name, text in given.items()}
    if "url" in said:
        said["url"] = re.split("[?#]", said["url"], maxsplit=1)[0].rstrip()
    for name, text in said.items():
        if len(text) > LONGEST:
            raise Refused("touchpoints.too_long", column=name, most=LONGEST)
        if not text.isprintable() and CONTROLS.search(text):
            raise Refused("touchpoints.bad_text", column=name)
    for name in REQUIRED:
        if not said.get(name):
            raise Refused("touchpoints.empty", column=name)
    email = said.get("email", "").lower()
    if email and not EMAIL.fullmatch(email):
        raise Refused("touchpoints.bad_email")
    customer_key = said.get("customer") or email
    if not customer_key:
        raise Refused("touchpoints.no_customer")
    money = said.get("currency", "").upper() or currency
    if not re.fullmatch(r"[A-Z]{3}", money):
        raise Refused("touchpoints.bad_currency")
    paid = _amount(said, "paid", money, negative=True)
    discount = _amount(said, "discount", money, negative=False)
    row = Row(
        key="",
        customer_key=customer_key,
        email=email,
        at=instant(said["at"], zone),
        channel=said["channel"],
        kind=said["kind"],
        place=said.get("place") or None,
        basket=said.get("basket") or None,
        product=said.get("product") or None,
        product_name=said.get("product_name") or None,
        category=said.get("category") or None,
        department=said.get("department") or None,
        units=_units(said.get("units", "")),
        paid=paid,
        discount=discount,
        currency=None if paid is None and discount is None else money,
        measure=_measure(said.get("measure", "")),
        measure_unit=said.get("measure_unit") or None,
        name=said.get("name") or None,
        url=said.get("url") or None,
    )
    named = said.get("id")
    return row._replace(key=f"id/{named}" if named else f"row/{_content(row)}")


def _content(row: Row) -> str:
    """Return all that a row says as one hash; a column that came later changes no older row's."""
    first = Row._fields.index("measure")
    said = "\x1f".join("" if value is None else str(value) for value in row[:first])
    for name in Row._fields[first:]:
        value = getattr(row, name)
        if value is not None:
            said += f"\x1f{name}={value}"
    return sha256(said.encode()).hexdigest()


def instant(text: str, zone: tzinfo) -> datetime:
    """Return an instant in UTC; one without a zone is in `zone`."""
    try:
        at = datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused("touchpoints.bad_time") from None
    if not 1900 <= at.year <= 2200:
        raise Refused("touchpoints.bad_time")
    return at


def _units(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise Refused("touchpoints.bad_units")
    return int(text)


def _measure(text: str) -> int | None:
    if not text:
        return None
    written = re.fullmatch(r"(-?[0-9]{1,9})(?:[.,]([0-9]{1,6}))?", text)
    if written is None:
        raise Refused("touchpoints.bad_measure")
    return int(written[1] + (written[2] or "").ljust(MEASURED, "0"))


def _amount(said: Mapping[str, str], name: str, currency: str, *, negative: bool) -> int | None:
    text = said.get(name, "")
    if not text:
        return None
    below = negative and text.startswith("-")
    try:
        amount = Money.parse(text[below:], currency).minor
    except Refused:
        amount = None
    # `Money.parse` reads "1e3" too; a file that says so means something else.
    if amount is None or not re.fullmatch(r"[0-9]+([.,][0-9]+)?", text[below:]):
        raise Refused("touchpoints.bad_amount", column=name)
    return -amount if below else amount
