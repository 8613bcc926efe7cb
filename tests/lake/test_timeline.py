"""The timeline: every touch in one occasion, nothing twice and nothing left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kfar.ground.ids import derived_id
from kfar.ground.money import Money
from kfar.lake import inbox, timeline
from kfar.lake.counts import Counts
from kfar.lake.engines import engine
from kfar.lake.occasions import BROWSING, EVERYTHING, PAUSE, VISIT, Only
from kfar.lake.timeline import Cursor, Link, Occasion
from kfar.lake.touch import OCCASION, Touch
from tests.lake.touches import ANNA, BORYS, NOON, a_touch, empty, settle

pytestmark = pytest.mark.django_db

#: An id under which Anna was met before we knew her.
BEFORE = UUID("22222222-0000-4000-8000-000000000000")
OWNERS = {ANNA: ANNA, BEFORE: ANNA, BORYS: BORYS}
slow = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


def browsed(key: str, minutes: float, **fields: Any) -> Touch:
    return a_touch(key, minutes / 60, **{"channel": "web", "kind": "page", **fields})


def ids(occasions: Sequence[Occasion]) -> list[list[UUID]]:
    return [[touch.id for touch in occasion.touches] for occasion in occasions]


def put(touches: Sequence[Touch]) -> None:
    for touch in touches:
        inbox.put(touch)


def whole(customers: Sequence[UUID] = (ANNA,), **given: Any) -> tuple[Occasion, ...]:
    page = timeline.timeline(customers, most=1000, **given)
    assert page.more is None
    return page.occasions


def counts(customers: Sequence[UUID], **given: Any) -> Counts:
    return timeline.timeline(customers, most=1, zone="Asia/Jerusalem", **given).counts


# --- what belongs together -------------------------------------------------------------------


def test_the_latest_first_with_the_lines_of_a_basket_together(data_dir: Path) -> None:
    milk = a_touch("milk", 1, basket="b", product_name="MILK")
    bread = a_touch("bread", 1, basket="b", product_name="BREAD")
    voice = a_touch("voice", 2, kind="voice", ref="7")
    settle([milk, bread, a_touch("other", 1, customer=BORYS, basket="b")])
    inbox.put(voice)

    one = timeline.timeline([ANNA], most=1)
    two = timeline.timeline([ANNA], most=1, before=one.more)

    assert [o.touches for o in (*one.occasions, *two.occasions)] == [(voice,), (bread, milk)]
    assert one.more == Cursor(voice.at, one.occasions[0].id)
    assert two.more is None
    assert [(o.kind, o.first, o.unknown) for o in whole()] == [
        ("voice", False, False),
        ("purchase", True, False),
    ]


def test_a_line_that_comes_later_does_not_move_its_basket(data_dir: Path) -> None:
    settle([a_touch("1", 1, basket="b"), a_touch("2", 2), a_touch("3", 3, basket="b")])
    assert [(o.began.hour, o.ended.hour) for o in whole()] == [(14, 14), (13, 15)]


def test_baskets_of_two_sources_with_one_number_are_two(data_dir: Path) -> None:
    one, two = a_touch("1", 1, basket="b"), a_touch("2", 2, basket="b", source="other")
    settle([one, two])
    assert [occasion.touches for occasion in whole()] == [(two,), (one,)]


def test_a_pause_of_more_than_half_an_hour_ends_a_visit(data_dir: Path) -> None:
    settle(
        [
            browsed("1", 0),
            browsed("2", PAUSE, kind="track", name="Product Added"),
            browsed("3", 2 * PAUSE + 1 / 60, kind="screen"),
            browsed("4", 2 * PAUSE, customer=BORYS),
            browsed("5", 15, kind="purchase", basket="b"),
            browsed("6", 15, kind="vote", ref="q"),
            browsed("7", 16, channel="phone"),
        ]
    )
    found = whole([ANNA, BORYS], owners=OWNERS)
    key = {derived_id("test", str(n)): n for n in range(1, 8)}
    assert [(o.kind, o.person == BORYS, [key[touch.id] for touch in o.touches]) for o in found] == [
        (VISIT, False, [3]),
        (VISIT, True, [4]),
        ("page", False, [7]),
        *sorted([("purchase", False, [5]), ("vote", False, [6])], key=lambda o: key_of(found, o)),
        (VISIT, False, [1, 2]),
    ]


def key_of(found: Sequence[Occasion], told: tuple[str, bool, list[int]]) -> int:
    """Two occasions at one instant stand by their ids."""
    return [o.kind for o in found].index(told[0])


def test_coupons_of_one_mailing_used_at_once_are_one_occasion_and_linked(data_dir: Path) -> None:
    settle(
        [
            a_touch("mail", 0, channel="mail", kind="campaign", ref="18"),
            a_touch("else", 0, channel="mail", kind="campaign", ref="19"),
            a_touch("a", 5, kind="redemption", ref="18", product="a"),
            a_touch("b", 5, kind="redemption", ref="18", product="b"),
            a_touch("c", 9, kind="redemption", ref="18", product="a"),
            a_touch("d", 9, kind="redemption", ref="18", customer=BORYS),
        ]
    )
    found = [o for o in whole([ANNA, BORYS], owners=OWNERS) if o.person == ANNA]
    mail = Link(NOON, "campaign", 1)
    five, nine = (
        Link(NOON + timedelta(hours=5), "redemption", 2),
        Link(NOON + timedelta(hours=9), "redemption", 1),
    )
    told = [(o.kind, len(o.touches), o.links) for o in found]
    assert told[:2] == [("redemption", 1, (mail, five)), ("redemption", 2, (mail, nine))]
    assert sorted(told[2:], key=lambda o: len(o[2])) == [
        ("campaign", 1, ()),
        ("campaign", 1, (five, nine)),
    ]


def test_what_was_done_on_the_web_before_we_knew_who_it_was_is_unknown(data_dir: Path) -> None:
    settle(
        [
            browsed("1", 0, customer=BEFORE),
            browsed("2", 100, customer=BEFORE),
            browsed("3", 110, customer=BEFORE, kind="identify"),
            browsed("4", 200, customer=BEFORE),
            browsed("5", 300),
            a_touch("6", 6),
            browsed("7", 400),
        ]
    )
    found = whole([ANNA, BEFORE])
    assert [(o.unknown, o.first) for o in found] == [
        *[(False, False), (False, False), (True, False)],
        *[(False, False), (True, False), (True, True)],
    ]
    # under her own id nothing has told yet who somebody is, so nothing is known today either
    assert [o.unknown for o in whole([uuid4(), BEFORE])][-2:] == [True, True]
    settle([browsed("8", 0, customer=BORYS)], "borys")
    assert [o.unknown for o in whole([BORYS])] == [False]
    assert [o.unknown for o in whole([ANNA, BORYS])][-1] is True


def test_one_touch_is_found_by_its_own_customer_alone(data_dir: Path) -> None:
    settle([a_touch("1", paid=5)])
    inbox.put(a_touch("2", kind="voice"))
    assert timeline.touch([ANNA], a_touch("1").id) == a_touch("1", paid=5)
    assert timeline.touch([ANNA], a_touch("2").id) == a_touch("2", kind="voice")
    assert timeline.touch([BORYS], a_touch("1").id) is None
    assert timeline.touch([ANNA], uuid4()) is None


@given(basket=st.none() | st.text(st.characters(exclude_characters="\x00", codec="utf-8")))
def test_a_basket_is_the_same_in_python_and_in_sql(basket: str | None) -> None:
    touch = a_touch(basket=basket)
    with engine().session() as session:
        [(occasion,)] = session.rows(
            f"SELECT {OCCASION} FROM (SELECT $id::UUID AS id, $source AS source,"
            " $basket::VARCHAR AS basket)",
            id=touch.id,
            source=touch.source,
            basket=basket,
        )
    assert occasion == touch.occasion


# --- properties ------------------------------------------------------------------------------

#: A touch in short: minutes, what it is, whose, department, whether it is in the inbox.
shapes = st.tuples(
    st.integers(0, 40).map(lambda n: n * 10),
    st.sampled_from(["a", "b", "page", "track", "voice", "coupon"]),
    st.sampled_from([ANNA, BEFORE, BORYS]),
    st.sampled_from([None, "DAIRY", "BREAD"]),
    st.booleans(),
)
filters = st.builds(
    Only,
    channels=st.sampled_from([(), ("web",), ("store", "mail")]),
    kinds=st.sampled_from([(), (VISIT,), ("purchase", "voice")]),
    departments=st.sampled_from([(), ("DAIRY",), ("DAIRY", "BREAD")]),
    people=st.sampled_from([(), (), (BORYS,)]),
    since=st.sampled_from([None, NOON + timedelta(hours=2)]),
    until=st.sampled_from([None, NOON + timedelta(hours=5)]),
    text=st.sampled_from(["", "", "Ab"]),
)


def made(shape: tuple[int, str, UUID, str | None, bool], key: str) -> Touch:
    minutes, what, customer, department, _ = shape
    kinds: dict[str, dict[str, Any]] = {
        "a": {"basket": "a" + str(OWNERS[customer]), "product_name": f"ABC {minutes}"},
        "b": {"basket": "b" + str(OWNERS[customer]), "paid": minutes, "currency": "USD"},
        "page": {"channel": "web", "kind": "page", "name": "Cabin"},
        "track": {"channel": "web", "kind": "track", "properties": '{"name": "aB"}'},
        "voice": {"channel": "web", "kind": "voice", "ref": key},
        "coupon": {"channel": "mail", "kind": "redemption", "ref": "18"},
    }
    return a_touch(key, minutes / 60, customer=customer, department=department, **kinds[what])


def told(touches: Sequence[Touch], only: Only = EVERYTHING) -> list[list[UUID]]:
    """The journey as `kfar.lake.occasions` says it is, by the book."""
    groups: dict[object, list[Touch]] = {}
    visits: dict[UUID, tuple[datetime, int]] = {}
    for touch in sorted(touches, key=lambda t: (t.at, t.id)):
        person = OWNERS[touch.customer]
        key: object
        if touch.channel == "web" and touch.kind in BROWSING:
            last, number = visits.get(person, (touch.at, 0))
            number += touch.at - last > timedelta(minutes=PAUSE)
            visits[person] = touch.at, number
            key = person, number
        elif touch.basket is None and touch.ref is not None:
            key = touch.customer, touch.kind, touch.ref, touch.at
        else:
            key = touch.occasion
        groups.setdefault(key, []).append(touch)
    shown = [group for group in groups.values() if asked(group, only)]
    return [sorted(touch.id for touch in group) for group in shown]


def asked(group: Sequence[Touch], only: Only) -> bool:
    began = min(touch.at for touch in group)
    return (
        began >= (only.since or began)
        and (only.until is None or began < only.until)
        and any(fits(touch, only) for touch in group)
    )


def fits(touch: Touch, only: Only) -> bool:
    sort = VISIT if touch.kind in BROWSING else touch.kind
    words = f"{touch.product_name} {touch.name} {touch.properties}".lower()
    return (
        touch.channel in (only.channels or [touch.channel])
        and sort in (only.kinds or [sort])
        and (not only.departments or touch.department in only.departments)
        and OWNERS[touch.customer] in (only.people or [OWNERS[touch.customer]])
        and only.text.lower() in words
    )


def keep(shapes: Sequence[Any]) -> list[Touch]:
    """Put these touches, and no others, into table and inbox."""
    empty()
    touches = [made(shape, str(n)) for n, shape in enumerate(shapes)]
    settle([t for t, shape in zip(touches, shapes, strict=True) if not shape[-1]], str(uuid4()))
    put([t for t, shape in zip(touches, shapes, strict=True) if shape[-1]])
    return touches


@given(shapes=st.lists(shapes, max_size=30), only=filters, most=st.integers(1, 4))
@slow
def test_every_touch_is_in_one_occasion_whatever_is_asked_for_and_fits_on_a_page(
    data_dir: Path, shapes: list[Any], only: Only, most: int
) -> None:
    touches = keep(shapes)
    pages = []
    page = timeline.timeline(list(OWNERS), owners=OWNERS, only=only, most=most)
    pages.append(page)
    while page.more:
        page = timeline.timeline(
            list(OWNERS), owners=OWNERS, only=only, most=most, before=page.more
        )
        pages.append(page)

    shown = [occasion for page in pages for occasion in page.occasions]
    assert all(len(page.occasions) == most for page in pages[:-1])
    assert shown == list(whole(list(OWNERS), owners=OWNERS, only=only))
    assert all(page.counts == pages[0].counts for page in pages)
    assert sorted(map(sorted, ids(shown))) == sorted(told(touches, only))
    assert [(o.began, o.id) for o in shown] == sorted((o.began, o.id) for o in shown)[::-1]
    by_id = {touch.id: touch for touch in touches}
    for occasion in shown:
        assert all(by_id[touch.id] == touch for touch in occasion.touches)
        assert {OWNERS[touch.customer] for touch in occasion.touches} == {occasion.person}
        assert occasion.fits == {t.id for t in occasion.touches if fits(t, only)}
    firsts = [occasion for occasion in shown if occasion.first]
    assert len(firsts) <= 1
    assert not firsts or min(t.at for t in touches) == firsts[0].began


@given(
    shapes=st.lists(shapes, max_size=20),
    meanwhile=st.lists(st.lists(shapes, max_size=4), max_size=12),
    only=filters,
    most=st.integers(1, 3),
)
@slow
def test_what_was_there_is_shown_once_whatever_comes_in_meanwhile(
    data_dir: Path, shapes: list[Any], meanwhile: list[list[Any]], only: Only, most: int
) -> None:
    touches = keep(shapes)
    expected = sorted(touch for group in told(touches, only) for touch in group)
    first = {t.basket: min(o.at for o in touches if o.basket == t.basket) for t in touches}
    arriving = iter(meanwhile)
    seen: list[UUID] = []
    cursor: Cursor | None = None
    while True:
        page = timeline.timeline(list(OWNERS), owners=OWNERS, only=only, most=most, before=cursor)
        seen += [touch for group in ids(page.occasions) for touch in group]
        cursor = page.more
        if cursor is None:
            break
        for n, shape in enumerate(next(arriving, [])):
            late = made(shape, f"late {len(seen)} {n}")
            if late.basket and late.at <= first.get(late.basket, late.at):
                late = replace(late, basket=late.basket + str(late.id))
            put([late])
    assert len(seen) == len(set(seen))
    assert set(expected) <= set(seen)


@given(shapes=st.lists(shapes, max_size=25), only=filters)
@slow
def test_beside_each_value_stands_how_many_occasions_it_would_show(
    data_dir: Path, shapes: list[Any], only: Only
) -> None:
    touches = keep(shapes)
    found = counts(list(OWNERS), owners=OWNERS, only=only)
    for field, values in found.values.items():
        read: Any = UUID if field == "people" else str
        alone: list[Any] = [{field: (read(value),)} for value in values]
        shown = [len(told(touches, replace(only, **one))) for one in alone]
        assert list(values.values()) == shown, field
    all_of_them = whole(list(OWNERS), owners=OWNERS, only=only)
    assert sum(sum(c.occasions.values()) for c in found.chapters) == len(all_of_them)
    paid = [t.paid for o in all_of_them for t in o.touches if t.id in o.fits and t.paid is not None]
    assert sum(m.minor for c in found.chapters for m in c.paid) == sum(paid)


# --- counts ------------------------------------------------------------------------------------


def test_chapters_are_the_company_s_months_and_count_what_is_shown(data_dir: Path) -> None:
    settle(
        [
            a_touch("1", at=datetime(2026, 1, 31, 21, tzinfo=UTC), basket="a", paid=100,
                    currency="USD", department="DAIRY"),
            a_touch("2", at=datetime(2026, 1, 31, 21, tzinfo=UTC), basket="a", paid=50,
                    currency="USD", department="BREAD"),
            a_touch("3", at=datetime(2026, 1, 31, 22, tzinfo=UTC), basket="b", paid=7,
                    currency="EUR", department="BREAD", category="RYE"),
            browsed("4", 0, at=datetime(2026, 2, 3, tzinfo=UTC)),
        ]
    )  # fmt: skip
    found = counts([ANNA])
    january, february = datetime(2026, 1, 1).date(), datetime(2026, 2, 1).date()  # noqa: DTZ001
    assert found.months == {february: 2, january: 1}
    assert [(c.month, c.occasions, c.paid) for c in found.chapters] == [
        (february, {"purchase": 1, VISIT: 1}, (Money(7, "EUR"),)),
        (january, {"purchase": 1}, (Money(150, "USD"),)),
    ]
    assert found.values == {
        "channels": {"store": 2, "web": 1},
        "kinds": {"purchase": 2, VISIT: 1},
        "departments": {"BREAD": 2, "DAIRY": 1},
        "categories": {"RYE": 1},
        "people": {str(ANNA): 3},
    }
    some = counts([ANNA], only=Only(departments=["DAIRY"]))
    assert [(c.month, c.occasions, c.paid) for c in some.chapters] == [
        (january, {"purchase": 1}, (Money(100, "USD"),))
    ]
    assert some.months == {january: 1}
    assert some.values["departments"] == {"BREAD": 2, "DAIRY": 1}
    assert some.values["channels"] == {"store": 1}


def test_nobody_has_no_occasions(data_dir: Path) -> None:
    settle([a_touch()])
    for nobody in ([], [BORYS]):
        assert whole(nobody) == ()
        assert counts(nobody).chapters == ()
