"""Charts: numbers as drawn geometry, and the same numbers as they are written.

Bars grow from the side where reading begins, as text does. Axes of curves run from left to right
in every language, as Hebrew statistics are printed, too. What is written stands beside the
drawing as text, never in it, so that it is as large on a phone as elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from numpy.typing import ArrayLike

#: The units of a picture; it is stretched to the room there is. Bars are 24 units high.
WIDTH, HEIGHT = 1000, 400
#: About so many lines across a picture.
TICKS = 4
#: What is closer together is drawn as one.
LEAST = 1e-9
#: What stands where there is no number.
NONE = "–"

#: How a number is written: as money, a share, a month.
Say = Callable[[float], str]


@dataclass(frozen=True)
class Bar:
    """A bar; `low` to `high` is its interval, `beside` the plain baseline, `link` leads on.

    Without a value there is a line without a bar.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    beside: float | None = None
    link: str = ""


@dataclass(frozen=True)
class DrawnBar:
    """A bar as it is written, and three paths (`d`), "" where there is no such thing."""

    label: str
    link: str
    value: str
    interval: str
    beside: str
    bar: str
    whisker: str
    mark: str


@dataclass(frozen=True)
class Bars:
    """Bars on one scale; at `zero` they begin. Whether any has an interval, a baseline."""

    rows: tuple[DrawnBar, ...]
    zero: str
    ranged: bool
    compared: bool


@dataclass(frozen=True)
class Point:
    """A point of a curve; without `y` the curve is broken there. `low` to `high` is its band."""

    x: float
    y: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Line:
    """A curve, its points ascending by `x`. Where it is `plain` it is a baseline to others."""

    label: str
    points: Sequence[Point]
    plain: bool = False


@dataclass(frozen=True)
class DrawnLine:
    """A curve as paths (`d`): its line, its points, its band; `look` tells it from the others."""

    label: str
    look: str
    line: str
    dots: str
    band: str


@dataclass(frozen=True)
class Curve:
    """Curves on one pair of axes.

    `xs` and `ys` are what is written along them, evenly, `ys` from the top; `grid` is a path.
    `rows` are the numbers: what `x` is, and each curve's there.
    """

    lines: tuple[DrawnLine, ...]
    xs: tuple[str, ...]
    ys: tuple[str, ...]
    grid: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    square: bool = False


def bars(rows: Sequence[Bar], say: Say, most: float | None = None) -> Bars:
    """Draw bars from zero, negative ones to the other side; the longest fills the width.

    `most` is what fills it instead: 1 for shares that are to be seen as parts of a whole.
    """
    numbers = [n for r in rows for n in (r.value, r.low, r.high, r.beside) if n is not None]
    low, high = min([0.0, *numbers]), max([0.0, *numbers] if most is None else [most, *numbers])
    scale = WIDTH / (high - low if high - low > LEAST else 1)

    def at(value: float) -> int:
        return round((value - low) * scale)

    drawn = []
    for row in rows:
        bar = whisker = mark = ""
        if row.value is not None:
            bar = f"M{at(0)} 5H{at(row.value)}V19H{at(0)}z"
        if row.low is not None and row.high is not None:
            start, end = at(row.low), at(row.high)
            whisker = f"M{start} 8v8M{start} 12H{end}M{end} 8v8"
        if row.beside is not None:
            mark = f"M{at(row.beside)} 1v22"
        drawn.append(
            DrawnBar(
                label=row.label,
                link=row.link,
                value=NONE if row.value is None else say(row.value),
                interval=_interval(row.low, row.high, say),
                beside="" if row.beside is None else say(row.beside),
                bar=bar,
                whisker=whisker,
                mark=mark,
            )
        )
    return Bars(
        rows=tuple(drawn),
        zero=f"M{at(0)} 0v24",
        ranged=any(row.whisker for row in drawn),
        compared=any(row.mark for row in drawn),
    )


def curve(lines: Sequence[Line], say_x: Say, say_y: Say, *, from_zero: bool = True) -> Curve | None:
    """Draw curves; None where there is no point. `from_zero`: the upright axis has 0 on it.

    Along `x` the axis ends where the points do; whole numbers are written at whole numbers.
    """
    xs = [point.x for line in lines for point in line.points]
    ys = [n for line in lines for p in line.points for n in (p.y, p.low, p.high) if n is not None]
    if not xs or not ys:
        return None
    along = _between(min(xs), max(xs))
    up = _ticks(min([0.0, *ys] if from_zero else ys), max([0.0, *ys] if from_zero else ys))
    return _drawn(lines, along, up, say_x, say_y)


def calibration(
    said: ArrayLike,
    came: ArrayLike,
    people: ArrayLike,
    say: Say,
    *,
    labels: tuple[str, str, str],
    say_people: Say,
) -> Curve | None:
    """Draw what came (groups,) over what was said (groups,), on equal axes; None without groups.

    `labels` name what came, the line on which both are the same, and how many `people` (groups,).
    """
    told, real, many = (_listed(of) for of in (said, came, people))
    if not told:
        return None
    ticks = _ticks(min(0.0, *told, *real), max(0.0, *told, *real))
    ends = [Point(ticks[0], ticks[0]), Point(ticks[-1], ticks[-1])]
    points = [Point(x, y) for x, y in zip(told, real, strict=True)]
    lines = [Line(labels[0], points), Line(labels[1], ends, plain=True)]
    drawn = _drawn(lines, ticks, ticks, say, say)
    rows = zip(told, real, many, strict=True)
    return Curve(
        lines=drawn.lines,
        xs=drawn.xs,
        ys=drawn.ys,
        grid=drawn.grid,
        heads=(labels[0], labels[2]),
        rows=tuple((say(x), (say(y), say_people(n))) for x, y, n in rows),
        square=True,
    )


def _drawn(
    lines: Sequence[Line], along: Sequence[float], up: Sequence[float], say_x: Say, say_y: Say
) -> Curve:
    def at(x: float, y: float) -> str:
        across = (x - along[0]) / ((along[-1] - along[0]) or 1)
        above = (y - up[0]) / ((up[-1] - up[0]) or 1)
        return f"{round(WIDTH * across)} {round(HEIGHT * (1 - above))}"

    drawn, own = [], 0
    for line in lines:
        own += not line.plain
        runs = [[(p.x, p.y) for p in run if p.y is not None] for run in _runs(line, _there)]
        paths = ["M" + "L".join(at(*point) for point in run) for run in runs]
        bands = []
        for run in _runs(line, _ranged):
            edge = [(p.x, p.high) for p in run] + [(p.x, p.low) for p in reversed(run)]
            bands.append("M" + "L".join(at(x, y) for x, y in edge if y is not None) + "z")
        dots = "" if line.plain else "".join(f"M{at(*p)}h0" for run in runs for p in run)
        look = "plain" if line.plain else str(own)
        drawn.append(DrawnLine(line.label, look, "".join(paths), dots, "".join(bands)))
    places = sorted({point.x for line in lines for point in line.points})
    found = [{point.x: point for point in line.points} for line in lines]
    return Curve(
        lines=tuple(drawn),
        xs=tuple(say_x(x) for x in along),
        ys=tuple(say_y(y) for y in reversed(up)),
        grid="".join(f"M{at(along[0], y)}h{WIDTH}" for y in up),
        heads=tuple(line.label for line in lines),
        rows=tuple((say_x(x), tuple(_cell(of.get(x), say_y) for of in found)) for x in places),
    )


def _there(point: Point) -> bool:
    return point.y is not None


def _ranged(point: Point) -> bool:
    return point.low is not None and point.high is not None


def _runs(line: Line, fits: Callable[[Point], bool]) -> Iterator[list[Point]]:
    """Yield the unbroken parts of a curve."""
    run: list[Point] = []
    for point in line.points:
        if fits(point):
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _cell(point: Point | None, say: Say) -> str:
    if point is None or point.y is None:
        return NONE
    interval = _interval(point.low, point.high, say)
    return f"{say(point.y)} ({interval})" if interval else say(point.y)


def _interval(low: float | None, high: float | None, say: Say) -> str:
    """Return "10–40", each end on its own: in Hebrew a sign would leave its number."""
    if low is None or high is None:
        return ""
    return NONE.join(
        f"\N{FIRST STRONG ISOLATE}{say(end)}\N{POP DIRECTIONAL ISOLATE}" for end in (low, high)
    )


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers at equal distances, from `low` or below to `high` or above."""
    if high - low <= LEAST * max(1, abs(high)):
        high = low + 1
    rough = (high - low) / TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= rough * (1 - 1e-9))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(n * step, 12) for n in range(first, last + 1)]


def _between(low: float, high: float) -> list[float]:
    """Return places at equal distances from `low` to `high`; whole ones where these are whole."""
    if low == high:
        return [low]
    parts = TICKS
    if float(low).is_integer() and float(high).is_integer():
        parts = next(n for n in range(TICKS, 0, -1) if (high - low) % n == 0)
    return [low + (high - low) * n / parts for n in range(parts + 1)]


def _listed(of: ArrayLike) -> list[float]:
    from numpy import asarray  # noqa: PLC0415 - pages without charts need none

    return [float(n) for n in asarray(of, float)]
