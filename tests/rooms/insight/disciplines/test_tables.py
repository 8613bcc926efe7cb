"""What each line tells, in the same words and to the same values on every engine."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import numpy as np
import pytest
from ibis.expr.types import Table

from kfar.lake import inbox, insight
from kfar.lake.engines import Engine, Session
from kfar.lake.touch import Touch
from kfar.rooms.insight.disciplines import tables
from kfar.rooms.insight.disciplines.gathering import gather, mine
from kfar.rooms.insight.disciplines.places import Compared, compared
from kfar.rooms.insight.disciplines.tables import ALONE, KINDS, MEASURES, PLACES, cells
from tests.lake.touches import ANNA, BORYS, a_touch

pytestmark = pytest.mark.django_db
BY_BASKET = ("stock_up", "weekend", "elsewhere")
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


def bought(key: str, hours: float = 0, **more: Any) -> Touch:
    given = {"category": "MILK", "units": 1, "paid": 100, "discount": 0, "place": "1"}
    return a_touch(key, hours, **{"basket": key, **given, **more})


OWN, OTHER = '{"private_label": true}', '{"private_label": false, "brand": "X"}'
WEIGHED: dict[str, Any] = {"units": None, "measure": 2.0, "measure_unit": "kg"}
TOUCHES = [
    # Sunday, March 1st: a basket of three, and baskets have 3, 1, 1, 1, 1, 1 lines.
    bought("a1", basket="a", product_name="MILK · 1 L", properties=OWN),
    bought("a2", basket="a", product_name="MILK · 2 l", paid=150, discount=50, properties=OTHER),
    bought("a3", basket="a", category="BREAD", product_name="Roll", units=5, paid=500),
    # Monday, in another shop, dearer; a coupon worth more than the line.
    bought("b", 24, place="2", product_name="Milk 0,5 l", units=2, paid=300, discount=100),
    bought("c", 24 * 2, product_name="MILK · 1 L", paid=-20, discount=120),
    # Borys has two shops alike, and buys by weight.
    bought("d", 24, customer=BORYS, category="BREAD", place="3", **WEIGHED),
    bought("e", 24 * 6, customer=BORYS, category="BREAD", place="4", units=1, paid=300),
    bought("f", 24 * 6, customer=BORYS, category="BREAD", place=None, units=0, discount=None),
    # Left out: no category, nothing paid for, another time, no purchase.
    bought("no category", category=None),
    bought("nothing", paid=0),
    bought("april", 24 * 40),
    bought("mail", kind="campaign"),
]


@pytest.fixture
def told(spoken: Engine) -> Any:
    for touch in TOUCHES:
        inbox.put(touch)
    with insight.reading() as session:
        yield session


def bought_in(first: date, last: date) -> Table:
    touches = insight.touches()
    return tables.bought(touches.filter(touches.day.between(first, last)))


def compared_in(session: Session, first: date, last: date) -> Compared:
    """With what lines of that time are compared; its places stand in the table `places`."""
    purchases = bought_in(first, last)
    [(_, basket)] = session.ask(tables.baskets(purchases))
    offers = session.ask(tables.offers(purchases))
    found = compared(basket, offers)
    session.load("places", PLACES, found.rows([row[:-1] for row in offers]))
    return found


def lines(session: Session, first: date, last: date) -> Table:
    """What each line tells, compared with all of that time."""
    basket = compared_in(session, first, last).basket
    return tables.placed(tables.lines(bought_in(first, last), basket), "places")


def test_each_line_tells_what_it_was(told: Any) -> None:
    table = lines(told, FIRST, LAST)
    found = told.ask(table.order_by("customer", "day", "category", "off", "tier"))
    by_measure = dict(zip(MEASURES, zip(*(row[3:] for row in found), strict=True), strict=True))
    assert [row[:3] for row in found] == [
        (ANNA, "BREAD", date(2026, 3, 1)),
        (ANNA, "MILK", date(2026, 3, 1)),
        (ANNA, "MILK", date(2026, 3, 1)),
        (ANNA, "MILK", date(2026, 3, 2)),
        (ANNA, "MILK", date(2026, 3, 3)),
        (BORYS, "BREAD", date(2026, 3, 2)),
        (BORYS, "BREAD", date(2026, 3, 7)),
        (BORYS, "BREAD", date(2026, 3, 7)),
    ]
    assert by_measure["deal"] == (0, 0, 1, 1, 1, 0, 0, 0)
    assert by_measure["off"] == (0, 0, 0.25, 0.25, 1, 0, 0, 0)
    assert by_measure["private"] == (None, 1, 0, None, None, None, None, None)
    # A litre costs 100, 100, 400 and 100, of which three share the places from 0 to 3/4. Bread
    # by piece costs 100 and 300; of what has no number the price is unknown.
    milk = (0.375, 0.375, 0.875, 0.375)
    assert by_measure["tier"] == pytest.approx((0.25, *milk, 0.5, 0.75, None))
    # Packs of 1, 2, 0.5 and 1 litres; of bread nobody knows.
    assert by_measure["pack"] == (None, 0.5, 0.875, 0.125, 0.5, None, None, None)
    # Of the two lines of milk in one basket, one tells what both would.
    milk_at_once = [[by_measure[name][n] for n in (1, 2)] for name in BY_BASKET]
    assert [sorted(both, key=str) for both in milk_at_once] == [[1, None], [1, None], [0, None]]
    stock_up, weekend, elsewhere = ([*by_measure[name]] for name in BY_BASKET)
    assert (stock_up[0], stock_up[3:]) == (1, [0, 0, 0, 0, 0])
    assert (weekend[0], weekend[3:]) == (1, [0, 0, 0, 1, 1])
    assert (elsewhere[0], elsewhere[3:]) == (0, [1, 0, 0, 1, None])


def test_cells_add_up_what_is_known(told: Any) -> None:
    table = cells(lines(told, FIRST, LAST)).filter(lambda t: t.category == "MILK")
    [row] = told.ask(table)
    assert row[:2] == (ANNA, "MILK")
    sums = dict(zip(table.columns[2:], row[2:], strict=True))
    for name, known, total, squares in (
        ("deal", 4, 3, 3),
        ("off", 4, 1.5, 1.125),
        ("private", 2, 1, 1),
        ("tier", 4, 2, 3 * 0.375**2 + 0.875**2),
        ("stock_up", 3, 1, 1),
        ("elsewhere", 3, 1, 1),
    ):
        assert sums[f"{name}_lines"] == known
        assert sums[f"{name}_total"] == pytest.approx(total)
        assert sums[f"{name}_squares"] == pytest.approx(squares)


def test_rows_become_arrays_with_the_same_places_in_every_time(told: Any) -> None:
    times = [
        told.ask(cells(lines(told, *days)))
        for days in ((FIRST, date(2026, 3, 1)), (date(2026, 3, 2), LAST))
    ]
    found = gather(times)
    assert found.customers == (ANNA, BORYS)
    assert found.categories == ("BREAD", "MILK")
    first, second = (
        {
            (int(p), int(c)): (float(n), float(total))
            for p, c, n, total in zip(
                of["deal"].person,
                of["deal"].category,
                of["deal"].lines,
                of["deal"].total,
                strict=True,
            )
        }
        for of in found.times
    )
    assert first == {(0, 0): (1, 0), (0, 1): (2, 1)}
    assert second == {(0, 1): (2, 2), (1, 0): (3, 0)}
    assert [len(of["private"].lines) for of in found.times] == [1, 0]
    assert {(of["off"].people, of["off"].categories) for of in found.times} == {(2, 2)}


def test_whose_label_it_is_may_stand_in_a_column(told: Any) -> None:
    touches = insight.touches()
    touches = touches.mutate(private=touches.product_name.contains("MILK"))
    march = touches.filter(touches.day.between(FIRST, LAST))
    table = tables.lines(tables.bought(march), 1.0)
    found = told.ask(table.filter(table.private == 1).select("off").order_by("off"))
    assert found == [(0.0,), (0.25,), (1.0,)]


def test_one_person_is_measured_as_among_all(told: Any) -> None:
    """By what all bought, the same sums come out of one person's lines alone."""
    found = gather([told.ask(cells(lines(told, FIRST, LAST)))])
    by = compared_in(told, FIRST, LAST)
    categories = {name: n for n, name in enumerate(found.categories)}
    for who, customer in enumerate(found.customers):
        touches = insight.touches()
        own = tables.bought(touches.filter(touches.customer == ibis.literal(customer)))
        own = tables.lines(own.filter(own.day.between(FIRST, LAST)), by.basket)
        alone = mine(told.arrow(own.select(*KINDS, *ALONE)), categories, by)
        for name in MEASURES:
            among = found.times[0][name]
            here = np.flatnonzero(among.person == who)
            here = here[np.argsort(among.category[here])]
            for of in ("category", "lines", "total", "squares"):
                assert getattr(alone[name], of) == pytest.approx(getattr(among, of)[here])


def test_lines_in_a_category_that_nothing_was_learned_of_are_left(told: Any) -> None:
    by = compared_in(told, FIRST, LAST)
    rows = told.arrow(tables.lines(bought_in(FIRST, LAST), by.basket).select(*KINDS, *ALONE))
    found = mine(rows, {"MILK": 0}, by)
    assert (found["deal"].lines.tolist(), found["private"].lines.tolist()) == ([4.0], [2.0])
    assert [len(mine(rows.slice(0, 0), {"MILK": 0}, by)[name].lines) for name in MEASURES] == [
        0
    ] * 8


def test_people_have_numbers_in_the_order_of_their_ids(told: Any) -> None:
    numbered = tables.numbered(bought_in(FIRST, LAST))
    rows = told.ask(numbered.select("customer", "category").distinct())
    order = sorted([ANNA, BORYS])
    expected = [(ANNA, "BREAD"), (ANNA, "MILK"), (BORYS, "BREAD")]
    assert sorted(rows) == sorted((order.index(who), category) for who, category in expected)


def test_among_all_of_a_time_is_what_places_say(told: Any) -> None:
    order = ("customer", "category", "day", "off", "tier", "stock_up")
    by_places = told.ask(lines(told, FIRST, LAST).order_by(*order))
    by_ranks = told.ask(tables.among(insight.touches(), FIRST, LAST).order_by(*order))
    assert [row[:3] for row in by_ranks] == [row[:3] for row in by_places]
    for one, other in zip(by_ranks, by_places, strict=True):
        assert one[3:] == pytest.approx(other[3:], nan_ok=True)
