"""The timeline: newest first, whole occasions, nothing twice and nothing left out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kfar.lake import inbox, timeline
from kfar.lake.engines import engine
from kfar.lake.touch import OCCASION, Touch
from tests.lake.touches import ANNA, BORYS, NOON, a_touch, empty, settle

pytestmark = pytest.mark.django_db


def test_newest_first_with_the_lines_of_a_basket_together(data_dir: Path) -> None:
    milk = a_touch("milk", 1, basket="b", product_name="MILK")
    bread = a_touch("bread", 1, basket="b", product_name="BREAD")
    voice = a_touch("voice", 2, kind="voice", ref="7")
    settle([milk, bread, a_touch("other", 1, customer=BORYS, basket="b")])
    inbox.put(voice)
    assert timeline.timeline([ANNA], most=9) == [voice, bread, milk]
    assert timeline.timeline([ANNA], most=1) == [voice]
    assert timeline.timeline([ANNA], before=(voice.at, voice.occasion), most=1) == [bread, milk]
    assert timeline.timeline([ANNA], before=(bread.at, bread.occasion), most=1) == []


def test_baskets_of_two_sources_with_one_number_are_two(data_dir: Path) -> None:
    one, two = a_touch("1", 1, basket="b"), a_touch("2", 2, basket="b", source="other")
    settle([one, two])
    assert timeline.timeline([ANNA], most=1) == [two]


def test_one_touch_is_found_by_its_own_customer_alone(data_dir: Path) -> None:
    settle([a_touch("1", paid=5)])
    inbox.put(a_touch("2", kind="voice"))
    assert timeline.touch([ANNA], a_touch("1").id) == a_touch("1", paid=5)
    assert timeline.touch([ANNA], a_touch("2").id) == a_touch("2", kind="voice")
    assert timeline.touch([BORYS], a_touch("1").id) is None
    assert timeline.touch([ANNA], uuid4()) is None


@given(basket=st.none() | st.text(st.characters(exclude_characters="\x00", codec="utf-8")))
def test_an_occasion_is_the_same_in_python_and_in_sql(basket: str | None) -> None:
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


touches = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from([None, "a", "b", "c"]), st.booleans()),
    max_size=25,
)


@given(given=touches, most=st.integers(1, 4))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_together_are_the_whole_and_cut_no_basket(
    data_dir: Path, given: list[tuple[int, Any, bool]], most: int
) -> None:
    empty()
    all_of_them = [
        (a_touch(str(n), hours, basket=basket), fresh)
        for n, (hours, basket, fresh) in enumerate(given)
    ]
    settle([touch for touch, fresh in all_of_them if not fresh])
    for touch, fresh in all_of_them:
        if fresh:
            inbox.put(touch)

    pages: list[list[Touch]] = []
    before = None
    while page := timeline.timeline([ANNA], before=before, most=most):
        occasion = page[-1].occasion
        before = max(t.at for t in page if t.occasion == occasion), occasion
        pages.append(page)

    shown = [touch for page in pages for touch in page]
    assert shown == timeline.timeline([ANNA], most=100)
    assert {t.id for t in shown} == {t.id for t, _ in all_of_them}
    assert len(shown) == len(all_of_them)
    per_page = [{t.occasion for t in page} for page in pages]
    assert sum(map(len, per_page)) == len(set().union(*per_page))
    assert all(len(page) == most for page in per_page[:-1])
    latest: dict[object, Any] = {}
    for t in shown:
        latest[t.occasion] = max(latest.get(t.occasion, NOON - timedelta(1)), t.at)
    times = [latest[t.occasion] for t in shown]
    assert times == sorted(times, reverse=True)
