"""The map and the bars: what is drawn is what was counted, and fits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.doors.web import opinions
from kfar.doors.web.opinions import HEIGHT, WIDTH, Bar
from kfar.rooms.decisions.consultations.queries import Place
from kfar.rooms.decisions.consultations.telling import Dot

numbers = st.floats(-5, 5)
dots = st.lists(
    st.builds(Dot, x=numbers, y=numbers, people=st.integers(1, 999), group=st.integers(-1, 4)),
    min_size=1,
    max_size=20,
)


@given(dots, numbers, numbers)
def test_everybody_is_on_the_map(there: list[Dot], x: float, y: float) -> None:
    own = Place(x, y, None, 3, {1: 1}, ())
    drawn = opinions.draw(there, own)
    assert drawn is not None
    assert len(drawn.marks) == len(there)
    for mark in drawn.marks:
        assert re.fullmatch(r"M[-\d .LazM]+z", mark.d)
        px, py = map(int, re.findall(r"-?\d+", mark.d)[:2])
        assert -10 <= px <= WIDTH + 10
        assert -10 <= py <= HEIGHT + 10
    assert drawn.own is not None
    assert 0 <= drawn.own[0] <= WIDTH
    assert 0 <= drawn.own[1] <= HEIGHT


def test_what_stands_up_and_to_the_end_is_drawn_so() -> None:
    drawn = opinions.draw([Dot(-1, 0, 9, 0), Dot(1, 0.5, 1, 1)], None)
    assert drawn is not None
    (one, other), names = drawn.marks, drawn.names
    assert one.d == "M26 430a34 34 0 1 0 68 0a34 34 0 1 0 -68 0z"
    assert other.group == 1
    assert [(str(n.text), n.x, n.y) for n in names] == [("A", 60, 430), ("B", 940, 210)]
    assert drawn.own is None


def test_nobody_is_not_drawn_and_one_stands_in_the_middle() -> None:
    assert opinions.draw([], None) is None
    drawn = opinions.draw([Dot(3, 3, 1, -1)], None)
    assert drawn is not None
    assert drawn.marks[0].d.startswith("M488 320a12 12")


@pytest.mark.parametrize("group", [1, 2, 3, 4])
def test_shapes_are_as_large_as_a_circle(group: int) -> None:
    corners = [
        tuple(map(int, pair.split()))
        for pair in opinions.shape(group, 500, 500, 100)[1:-1].split("L")
    ]
    assert len(corners) == opinions.CORNERS[group]
    around = zip(corners, [*corners[1:], corners[0]], strict=True)
    area = abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in around)) / 2
    assert area == pytest.approx(31_416, rel=0.02)


@given(st.tuples(*[st.integers(0, 10_000)] * 3))
def test_the_shares_of_a_bar_fit_into_it(kinds: tuple[int, int, int]) -> None:
    bar = opinions._bar(0, kinds)
    assert bar.seen == sum(kinds)
    assert bar.agree + bar.disagree + bar.passed == (100 if bar.seen else 0)
    assert min(bar.agree, bar.disagree, bar.passed) >= 0


def test_halves_are_not_more_than_the_whole() -> None:
    bar = opinions._bar(-1, (1, 0, 7))
    assert (bar.agree, bar.disagree, bar.passed) == (88, 12, 0)
    assert isinstance(bar, Bar)
    assert bar.disagree_from == 88
