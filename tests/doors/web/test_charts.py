"""Charts: what is drawn is what was counted, and is written beside it."""

from __future__ import annotations

import re

from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from kfar.doors.web import charts
from kfar.doors.web.charts import HEIGHT, WIDTH, Bar, Line, Point

numbers = st.floats(-1e6, 1e6)


def whole(value: float) -> str:
    return f"{value:g}"


def test_bars_begin_at_zero_and_the_longest_fills_the_width() -> None:
    drawn = charts.bars([Bar("milk", 50), Bar("bread", 25, low=10, high=40, beside=30)], whole)
    milk, bread = drawn.rows
    assert milk.bar == "M0 5H1000V19H0z"
    assert (milk.whisker, milk.mark, milk.interval, milk.beside) == ("", "", "", "")
    assert bread.bar == "M0 5H500V19H0z"
    assert bread.whisker == "M200 8v8M200 12H800M800 8v8"
    assert bread.mark == "M600 1v22"
    assert (bread.value, bread.interval, bread.beside) == (
        "25",
        "\u206810\u2069–\u206840\u2069",
        "30",
    )
    assert drawn.zero == "M0 0v24"
    assert (drawn.ranged, drawn.compared) == (True, True)


def test_what_is_below_zero_is_drawn_to_the_other_side() -> None:
    drawn = charts.bars([Bar("more", 3), Bar("less", -1)], whole)
    assert drawn.zero == "M250 0v24"
    assert [row.bar for row in drawn.rows] == ["M250 5H1000V19H250z", "M250 5H0V19H250z"]
    assert (drawn.ranged, drawn.compared) == (False, False)


def test_a_share_is_drawn_as_a_part_of_the_whole() -> None:
    assert charts.bars([Bar("half", 0.5)], whole, most=1).rows[0].bar == "M0 5H500V19H0z"


def test_without_a_value_there_is_a_line_and_no_bar() -> None:
    [row] = charts.bars([Bar("few", None)], whole).rows
    assert (row.value, row.bar) == ("–", "")


def test_nothing_but_zeros_can_be_drawn() -> None:
    assert charts.bars([Bar("none", 0)], whole).rows[0].bar == "M0 5H0V19H0z"
    assert charts.bars([], whole).rows == ()


def test_a_curve_stands_on_round_numbers_and_has_its_band() -> None:
    points = [Point(0, 10, 5, 15), Point(1, 20, 15, 20), Point(2, None), Point(4, 5)]
    drawn = charts.curve([Line("milk", points)], whole, whole)
    assert drawn is not None
    [line] = drawn.lines
    assert drawn.ys == ("20", "15", "10", "5", "0")
    assert drawn.xs == ("0", "1", "2", "3", "4")
    assert drawn.grid == "M0 400h1000M0 300h1000M0 200h1000M0 100h1000M0 0h1000"
    assert line.line == "M0 200L250 0M1000 300"
    assert line.dots == "M0 200h0M250 0h0M1000 300h0"
    assert line.band == "M0 100L250 0L250 100L0 300z"
    assert drawn.heads == ("milk",)
    assert drawn.rows == (
        ("0", ("10 (\u20685\u2069–\u206815\u2069)",)),
        ("1", ("20 (\u206815\u2069–\u206820\u2069)",)),
        ("2", ("–",)),
        ("4", ("5",)),
    )


def test_curves_share_their_axes_and_a_baseline_looks_like_one() -> None:
    lines = [
        Line("usual", [Point(0, 1), Point(10, 1)], plain=True),
        Line("one", [Point(0, 0), Point(5, 2)]),
        Line("two", [Point(10, 1.5)]),
    ]
    drawn = charts.curve(lines, whole, whole)
    assert drawn is not None
    assert [line.look for line in drawn.lines] == ["plain", "1", "2"]
    assert [line.line for line in drawn.lines] == ["M0 200L1000 200", "M0 400L500 0", "M1000 100"]
    assert drawn.lines[0].dots == ""
    assert drawn.rows == (("0", ("1", "0", "–")), ("5", ("–", "2", "–")), ("10", ("1", "–", "1.5")))
    assert drawn.xs == ("0", "5", "10")


def test_far_from_zero_a_curve_may_leave_it_out() -> None:
    drawn = charts.curve([Line("a", [Point(0, 101), Point(1, 104)])], whole, whole, from_zero=False)
    assert drawn is not None
    assert drawn.ys == ("104", "103", "102", "101")
    assert drawn.lines[0].line == "M0 400L1000 0"


def test_without_points_there_is_no_curve() -> None:
    assert charts.curve([Line("a", [])], whole, whole) is None
    assert charts.curve([Line("a", [Point(0, None)])], whole, whole) is None
    one = charts.curve([Line("a", [Point(3, 7)])], whole, whole)
    assert one is not None
    assert one.xs == ("3",)


def test_calibration_has_equal_axes_and_the_line_of_being_right() -> None:
    drawn = charts.calibration(
        [0.1, 0.4],
        [0.2, 0.3],
        [50, 70],
        whole,
        labels=("came", "right", "people"),
        say_people=whole,
    )
    assert drawn is not None
    assert drawn.square
    assert drawn.xs == ("0", "0.1", "0.2", "0.3", "0.4")
    assert drawn.ys == drawn.xs[::-1]
    came, right = drawn.lines
    assert came.line == "M250 200L1000 100"
    assert (right.look, right.line) == ("plain", "M0 400L1000 0")
    assert drawn.heads == ("came", "people")
    assert drawn.rows == (("0.1", ("0.2", "50")), ("0.4", ("0.3", "70")))
    none = charts.calibration([], [], [], whole, labels=("", "", ""), say_people=whole)
    assert none is None


@given(st.lists(st.tuples(numbers, numbers), min_size=1))
def test_everything_is_within_the_picture(pairs: list[tuple[float, float]]) -> None:
    drawn = charts.curve([Line("a", [Point(x, y) for x, y in sorted(pairs)])], whole, whole)
    assert drawn is not None
    found = re.findall(r"(-?\d+) (-?\d+)", drawn.lines[0].line)
    assert len(found) == len(pairs)
    assert all(0 <= int(x) <= WIDTH and 0 <= int(y) <= HEIGHT for x, y in found)
    assert 2 <= len(drawn.ys) <= 7
    rows = charts.bars([Bar("", x, beside=y) for x, y in pairs], whole).rows
    places = re.findall(r"[MH](-?\d+)", "".join(row.bar + row.mark for row in rows))
    assert all(0 <= int(x) <= WIDTH for x in places)


def test_bars_are_a_table_that_says_all_of_it() -> None:
    drawn = charts.bars([Bar("a < b", 2, low=1, high=3, beside=4, link="/there/")], whole)
    says = {"chart": drawn, "title": "How much", "says": "Much.", "what": "Units", "beside": "All"}
    page = render_to_string("web/parts/chart_bars.html", says)
    assert "<caption><strong>How much</strong> Much.</caption>" in page
    assert '<a href="/there/"><bdi>a &lt; b</bdi></a>' in page
    assert "<td><bdi>2</bdi></td><td>\u20681\u2069–\u20683\u2069</td><td><bdi>4</bdi></td>" in page
    assert page.count("<svg") == page.count('aria-hidden="true"') == 2


def test_a_curve_is_a_picture_with_a_name_and_a_table() -> None:
    drawn = charts.curve([Line("milk", [Point(0, 1), Point(1, 2)])], whole, whole)
    says = {
        "chart": drawn,
        "id": "c",
        "title": "Milk",
        "says": "It grows.",
        "x": "Day",
        "y": "Units",
    }
    page = render_to_string("web/parts/chart_curve.html", says)
    assert 'role="img" aria-labelledby="c-title" aria-describedby="c-says"' in page
    assert '<span id="c-says">It grows.</span>' in page
    assert '<tr><th scope="row">1</th><td><bdi>2</bdi></td></tr>' in page
