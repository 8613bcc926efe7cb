"""The journey on one line: an SVG path a kind of touch, and the same in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

#: The line runs from `START` to `END` of a 1000 units wide picture.
START, END = 5, 995
#: Which drawing a kind of touch belongs to; a kind not named here is a letter.
DRAWN = {
    "purchase": "visits",
    "voice": "voices",
    "good": "voices",
    "not-good": "voices",
    "remedy": "promises",
    "remedy-undone": "promises",
    "promise": "promises",
    "promise-kept": "promises",
    "vote": "votes",
}


@dataclass(frozen=True)
class Strip:
    """Paths (`d` of an SVG path) by drawing, the first and the last day."""

    paths: dict[str, str]
    first: date
    last: date
    days: dict[str, int]


def draw(touches: Iterable[tuple[date, str, int]], today: date) -> Strip | None:
    """Draw `(day, kind, how many)` from the first touch to today; None for nobody met yet.

    Visits are strokes, the taller the more baskets that day (at most 44 units); all else is
    a dot, a line of no length whose round cap is seen.
    """
    found = sorted(touches)
    if not found:
        return None
    first, last = found[0][0], max(today, found[-1][0])
    span = max((last - first).days, 1)
    paths: dict[str, list[str]] = {}
    days: dict[str, int] = {}
    for day, kind, many in found:
        name = DRAWN.get(kind, "letters")
        x = START + round((day - first).days * (END - START) / span)
        stroke = f"M{x} 50v-{min(6 + 8 * many, 44)}" if name == "visits" else f"M{x} 54h0"
        paths.setdefault(name, []).append(stroke)
        days[name] = days.get(name, 0) + many
    order: Sequence[str] = ("visits", "letters", "promises", "votes", "voices")
    return Strip(
        paths={name: "".join(paths[name]) for name in order if name in paths},
        first=first,
        last=last,
        days=days,
    )
