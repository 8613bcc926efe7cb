"""What a row must be, and what it then says."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.rooms.touchpoints.rules import COLUMNS, Row, check_columns, read_row

ZONE = ZoneInfo("America/New_York")
GOOD = {"customer": "c1", "at": "2026-07-01T10:00:00Z", "channel": "store", "kind": "purchase"}


def read(**said: str) -> Row:
    return read_row({**GOOD, **said}, zone=ZONE, currency="USD")


def test_a_row_says_what_it_says() -> None:
    row = read(
        id=" 77 ",
        email="Anna@Shop.PL",
        place="7",
        basket="b",
        product="p",
        product_name="חלב",
        category="DAIRY",
        department="FOOD",
        units="2",
        paid="5.99",
        discount="0,50",
        currency="pln",
    )
    assert row == Row(
        key="id/77",
        customer_key="c1",
        email="anna@shop.pl",
        at=datetime(2026, 7, 1, 10, tzinfo=UTC),
        channel="store",
        kind="purchase",
        place="7",
        basket="b",
        product="p",
        product_name="חלב",
        category="DAIRY",
        department="FOOD",
        units=2,
        paid=599,
        discount=50,
        currency="PLN",
    )


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-07-01T10:00:00+02:00", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("2026-07-01T10:00:00", datetime(2026, 7, 1, 14, tzinfo=UTC)),
        ("2026-07-01 10:00", datetime(2026, 7, 1, 14, tzinfo=UTC)),
        ("2026-01-01", datetime(2026, 1, 1, 5, tzinfo=UTC)),
        ("2026-11-01T01:30:00", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # comes twice
    ],
)
def test_times_without_a_zone_are_the_companys(text: str, at: datetime) -> None:
    assert read(at=text).at == at


def test_money_has_a_currency_only_where_there_is_money() -> None:
    assert (read().paid, read().currency) == (None, None)
    assert (read(paid="-2.50").paid, read(paid="-2.50").currency) == (-250, "USD")
    assert read(paid="500", currency="JPY").paid == 500


def test_an_address_alone_names_a_customer() -> None:
    row = read(customer="", email="A@b.pl")
    assert (row.customer_key, row.email) == ("a@b.pl", "a@b.pl")


@pytest.mark.parametrize(
    ("said", "code", "params"),
    [
        ({"customer": ""}, "no_customer", {}),
        ({"email": "anna"}, "bad_email", {}),
        ({"email": "a b@c.pl"}, "bad_email", {}),
        ({"at": ""}, "empty", {"column": "at"}),
        ({"kind": "  "}, "empty", {"column": "kind"}),
        ({"at": "yesterday"}, "bad_time", {}),
        ({"at": "2026-02-30"}, "bad_time", {}),
        ({"at": "0001-01-01T00:00:00+14:00"}, "bad_time", {}),
        ({"at": "9999-12-31T23:59:59-12:00"}, "bad_time", {}),
        ({"units": "2.5"}, "bad_units", {}),
        ({"units": "9" * 10}, "bad_units", {}),
        ({"units": "٣"}, "bad_units", {}),
        ({"paid": "free"}, "bad_amount", {"column": "paid"}),
        ({"paid": "NaN"}, "bad_amount", {"column": "paid"}),
        ({"paid": "1e3"}, "bad_amount", {"column": "paid"}),
        ({"paid": "1.999"}, "bad_amount", {"column": "paid"}),
        ({"discount": "-1"}, "bad_amount", {"column": "discount"}),
        ({"currency": "dollars"}, "bad_currency", {}),
        ({"product_name": "x" * 255}, "too_long", {"column": "product_name", "most": 254}),
        ({"product_name": "a\x00b"}, "bad_text", {"column": "product_name"}),
    ],
)
def test_a_bad_row_is_refused_with_the_reason(
    said: dict[str, str], code: str, params: dict[str, object]
) -> None:
    with pytest.raises(Refused) as refused:
        read(**said)
    assert (refused.value.code, refused.value.params) == (f"touchpoints.{code}", params)


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=30)))
def test_any_text_is_a_row_or_a_refusal_that_does_not_repeat_it(said: dict[str, str]) -> None:
    try:
        read(**said)
        params = {}
    except Refused as refused:
        params = refused.params
    assert set(params) <= {"column", "most"}


def test_the_same_row_has_the_same_key_and_another_has_another() -> None:
    assert read(paid="5").key == read(paid="5.00", units="").key
    assert read(paid="5").key == read(paid=" 5", at="2026-07-01T12:00:00+02:00").key
    assert len({read().key, read(place="a").key, read(basket="a").key, read(id="a").key}) == 4
    assert read(id="a").key == read(id="a", paid="5").key


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["customer", "at", "channel", "kind", "nme"], "unknown_columns"),
        (["customer", "at", "channel", "kind", ""], "unknown_columns"),
        (["customer", "at", "at", "channel", "kind"], "doubled_columns"),
        (["at", "channel", "kind"], "missing_columns"),
        (["email", "channel", "kind"], "missing_columns"),
    ],
)
def test_columns_must_be_known_and_enough(names: list[str], code: str) -> None:
    check_columns(["email", "at", "channel", "kind"])
    with pytest.raises(Refused, match=code):
        check_columns(names)
