"""What a consultation says, as it is drawn and told: the map, and votes as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin, sqrt

from django.utils.functional import Promise as StrPromise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kfar.rooms.decisions.consultations.queries import Place, Said
from kfar.rooms.decisions.consultations.telling import Dot, Kinds, Outcome

#: What groups are called, the largest first at the beginning.
NAMES = [
    pgettext_lazy("group", "A"),
    pgettext_lazy("group", "B"),
    pgettext_lazy("group", "C"),
    pgettext_lazy("group", "D"),
    pgettext_lazy("group", "E"),
]
#: The map's units: its width and height, the room at its edges, and the dots' smallest and
#: largest radius.
WIDTH, HEIGHT, EDGE, LEAST, MOST = 1000, 640, 60, 12, 34
#: The corners of each group's shape: a circle has none. Groups differ by more than colour.
CORNERS = (0, 4, 3, 6, 5)


@dataclass(frozen=True)
class Mark:
    """A shape on the map: what to draw (`d` of a path), and whose group it is (-1: none)."""

    d: str
    group: int


@dataclass(frozen=True)
class Name:
    """A group's name on the map."""

    text: StrPromise
    x: int
    y: int


@dataclass(frozen=True)
class Map:
    """The map of people: shapes, names, and where the reader stands, a ring around (x, y)."""

    marks: tuple[Mark, ...]
    names: tuple[Name, ...]
    own: tuple[int, int] | None


@dataclass(frozen=True)
class Bar:
    """Votes on a statement by some people: shares of 100, whom they are of (-1: everybody)."""

    group: int
    name: StrPromise
    seen: int
    agree: int
    disagree: int
    passed: int

    @property
    def disagree_from(self) -> int:
        """Where the bar of those who disagree begins: it ends at the end."""
        return 100 - self.disagree


@dataclass(frozen=True)
class Row:
    """A statement with its votes: of everybody, and of each group."""

    said: Said
    everybody: Bar
    groups: tuple[Bar, ...]
    own: int | None


@dataclass(frozen=True)
class Stance:
    """What a group stands for, or against: its bar, and that of all others together."""

    said: Said
    agree: bool
    own: Bar
    others: Bar


@dataclass(frozen=True)
class Group:
    """A group: its name, its shape as a drawing of its own, how many people, and its stances."""

    number: int
    name: StrPromise
    icon: str
    people: int
    share: int
    stances: tuple[Stance, ...]


def draw(dots: Sequence[Dot], own: Place | None) -> Map | None:
    """Draw people on the map; None where nobody is. As wide as they stand apart, both ways alike.

    A dot's area tells how many people it stands for.
    """
    if not dots:
        return None
    mine = [(own.x, own.y)] if own and own.votes else []
    xs = [dot.x for dot in dots] + [x for x, _y in mine]
    ys = [dot.y for dot in dots] + [y for _x, y in mine]
    spans = (max(xs) - min(xs), max(ys) - min(ys))
    scale = min(
        (WIDTH - 2 * EDGE) / (spans[0] or 1e9), (HEIGHT - 2 * EDGE) / (spans[1] or 1e9), 1e6
    )
    middle = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2

    def at(x: float, y: float) -> tuple[int, int]:
        return (
            round(WIDTH / 2 + (x - middle[0]) * scale),
            round(HEIGHT / 2 - (y - middle[1]) * scale),
        )

    largest = max(dot.people for dot in dots)
    marks = [
        Mark(shape(dot.group, *at(dot.x, dot.y), _radius(dot.people, largest)), dot.group)
        for dot in sorted(dots, key=lambda dot: (-dot.people, dot.x, dot.y))
    ]
    names = []
    for group in sorted({dot.group for dot in dots if dot.group >= 0}):
        theirs = [dot for dot in dots if dot.group == group]
        people = sum(dot.people for dot in theirs)
        x = sum(dot.x * dot.people for dot in theirs) / people
        y = sum(dot.y * dot.people for dot in theirs) / people
        names.append(Name(NAMES[group], *at(x, y)))
    return Map(tuple(marks), tuple(names), at(*mine[0]) if mine else None)


def shape(group: int, x: int, y: int, r: int) -> str:
    """Return the shape of a group around (x, y), as the `d` of an SVG path of whole numbers."""
    corners = CORNERS[group] if group >= 0 else 0
    if not corners:
        return f"M{x - r} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z"
    turn = pi / 4 if corners == 4 else 0.0
    reach = r * sqrt(2 * pi / (corners * sin(2 * pi / corners)))  # as large as the circle
    points = [
        (
            round(x + reach * sin(2 * pi * n / corners + turn)),
            round(y - reach * cos(2 * pi * n / corners + turn)),
        )
        for n in range(corners)
    ]
    return "M" + "L".join(f"{px} {py}" for px, py in points) + "z"


def groups(outcome: Outcome, said: Mapping[int, Said]) -> list[Group]:
    """Return the groups, each with what it stands for."""
    total = max(sum(outcome.sizes), 1)
    return [
        Group(
            number=n,
            name=NAMES[n],
            icon=shape(n, 12, 12, 8),
            people=people,
            share=round(100 * people / total),
            stances=tuple(
                Stance(
                    said[one.number],
                    one.agree,
                    _bar(n, outcome.counted[one.number].groups[n]),
                    _bar(-1, _others(outcome.counted[one.number].groups, n)),
                )
                for one in outcome.stands[n]
                if one.number in said
            ),
        )
        for n, people in enumerate(outcome.sizes)
    ]


def rows(
    outcome: Outcome, said: Mapping[int, Said], numbers: Sequence[int], own: Place | None
) -> list[Row]:
    """Return statements with their votes, in this order; those taken out since are left out."""
    found = [outcome.counted[n] for n in numbers if n in said and n in outcome.counted]
    return [
        Row(
            said[one.number],
            _bar(-1, one.everybody),
            tuple(_bar(n, kinds) for n, kinds in enumerate(one.groups)),
            own.votes.get(one.number) if own else None,
        )
        for one in found
    ]


def _bar(group: int, kinds: Kinds) -> Bar:
    disagree, _passed, agree = kinds
    seen = sum(kinds)
    share = [round(100 * votes / seen) if seen else 0 for votes in (agree, disagree)]
    name = NAMES[group] if group >= 0 else _("Everybody")
    rest = 100 - sum(share) if seen else 0
    # Two halves rounded up come to more than there is.
    return Bar(group, name, seen, share[0], share[1] + min(rest, 0), max(rest, 0))


def _others(kinds: Sequence[Kinds], group: int) -> Kinds:
    others = [votes for n, votes in enumerate(kinds) if n != group]
    disagree, passed, agree = (sum(column) for column in zip(*others, strict=True))
    return disagree, passed, agree


def _radius(people: int, largest: int) -> int:
    return round(LEAST + (MOST - LEAST) * sqrt((people - 1) / max(largest - 1, 1)))
