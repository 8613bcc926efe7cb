"""A mapping at work."""

from __future__ import annotations

from typing import Any

import pytest

from kfar.lake.engines import engine
from kfar.rooms.touchpoints.imports.mapping import Mapping
from kfar.rooms.touchpoints.imports.reshaping import reshape

BASE = {"email": "mail", "at": "when"}


def said(mapping: Mapping, target: str, *rows: dict[str, str]) -> list[Any]:
    """Return what `mapping` makes of rows, in one of Kfar's columns."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with engine().session() as session:
        columns = {"number": "BIGINT", **{f"c{i}": "VARCHAR" for i in range(len(names))}}
        cells = [(n, *(row.get(name, "") for name in names)) for n, row in enumerate(rows, 2)]
        session.load("raw", columns, cells)
        reshape(session, mapping, names, currency="PLN")
        return [value for (value,) in session.rows(f'SELECT "{target}" FROM said ORDER BY number')]


@pytest.mark.parametrize(
    ("amounts", "text", "amount"),
    [
        (".", "5.99", "5.99"),
        (".", "1,234.50", "1234.5"),
        (".", "1 234.5000", "1234.5"),
        (".", "1'234'567", "1234567"),
        (".", "34.0000", "34"),
        (".", "100", "100"),
        (".", "-$5.10", "-5.1"),
        (".", "12 PLN", "12"),
        (".", "1,23", "1,23"),
        (".", "free", "free"),
        (".", "PLN", "PLN"),
        (".", "1e3", "1e3"),
        (",", "1.234,50 zł", "1234,5"),
        (",", "1\xa0234,50\xa0zł", "1234,5"),
        (",", "12,00", "12"),
        (",", "12.50", "12.5"),
        (",", "₪ 1.234", "1234"),
        ("minor", "599", "5.99"),
        ("minor", "-5", "-0.05"),
        ("minor", "5.99", "5.99"),
        ("minor", "few", "few"),
        ("", "1,234.50", "1,234.50"),
    ],
)
def test_amounts_lose_what_is_not_number(amounts: str, text: str, amount: str) -> None:
    mapping = Mapping(columns={"paid": "sum"}, amounts=amounts)
    assert said(mapping, "paid", {"sum": text}) == [amount]


def test_minor_units_are_those_of_the_currency() -> None:
    mapping = Mapping(columns={"paid": "sum", "currency": "in"}, amounts="minor")
    rows = [{"sum": "1500", "in": currency} for currency in ("jpy", "KWD", "USD", "")]
    assert said(mapping, "paid", *rows) == ["1500", "1.500", "15.00", "15.00"]


@pytest.mark.parametrize(
    ("paid", "amount"),
    [
        ("line", "10.5"),
        ("each", "31.50"),
        ("line - discount", "9.50"),
        ("each - discount", "30.50"),
    ],
)
def test_what_was_paid_is_that_of_the_line(paid: str, amount: str) -> None:
    mapping = Mapping(
        columns={"paid": "price", "units": "n", "discount": "off"}, amounts=".", paid=paid
    )
    row = {"price": "10.50", "n": "3", "off": "-1.00"}
    assert said(mapping, "paid", row) == [amount]
    assert said(mapping, "discount", row) == ["1"]
    assert said(mapping, "paid", {**row, "price": "?"}) == ["?"]
    assert said(mapping, "paid", {**row, "price": ""}) == [""]


@pytest.mark.parametrize(
    ("times", "text", "at"),
    [
        ("%d.%m.%Y %H:%M", "3.04.2026 9:05", "2026-04-03T09:05:00.000000"),
        ("%m/%d/%Y %I:%M %p", "4/3/2026 9:05 PM", "2026-04-03T21:05:00.000000"),
        ("%Y-%m-%d %H:%M:%S %z", "2026-04-03 09:05:00 +0200", "2026-04-03T07:05:00.000000Z"),
        ("unix", "1775200000", "2026-04-03T07:06:40.000000Z"),
        ("unix ms", "1775200000123", "2026-04-03T07:06:40.123000Z"),
        ("%d.%m.%Y", "yesterday", "yesterday"),
        ("unix", "yesterday", "yesterday"),
        ("", "2026-04-03", "2026-04-03"),
    ],
)
def test_times_become_those_the_rules_read(times: str, text: str, at: str) -> None:
    mapping = Mapping(columns={"at": "when"}, times=times)
    assert said(mapping, "at", {"when": text}) == [at]


ORDER = Mapping(
    columns={**BASE, "basket": "no", "product": "sku"},
    constants={"channel": "o'clock"},
    order="no",
    row=("no", "sku"),
)
LINES = [
    {"no": "1", "mail": "a@b.pl", "when": "2026-01-01", "sku": "x"},
    {"no": "1", "mail": "", "when": "", "sku": "x"},
    {"no": "2", "mail": "", "when": "2026-01-02", "sku": "x"},
    {"no": "1", "mail": " ", "when": "", "sku": ""},
    {"no": "", "mail": "c@d.pl", "when": "", "sku": "x"},
    {"no": "", "mail": "", "when": "", "sku": "x"},
]


def test_an_orders_fields_stand_on_its_first_row_alone() -> None:
    assert said(ORDER, "email", *LINES) == ["a@b.pl", "a@b.pl", "", "a@b.pl", "c@d.pl", ""]
    assert said(ORDER, "at", *LINES) == [*["2026-01-01"] * 2, "2026-01-02", "2026-01-01", "", ""]
    assert said(ORDER, "product", *LINES) == ["x", "x", "x", "", "x", "x"]
    assert said(ORDER, "channel", *LINES) == ["o'clock"] * 6


def test_a_row_is_named_by_what_it_says_and_the_same_twice_is_numbered() -> None:
    ids = said(ORDER, "id", *LINES)
    assert len(set(ids)) == 6
    assert [one.partition("/")[2] for one in ids] == ["1", "2", "1", "1", "1", "2"]
    assert ids[0].partition("/")[0] == ids[1].partition("/")[0]
    assert said(ORDER, "id", {"no": "", "mail": "a@b.pl", "when": "", "sku": ""}) == [""]
