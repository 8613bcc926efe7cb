"""The journey on one line: an SVG path a kind of touch, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kfar.rooms.touchpoints.portrait import Day

#: The line runs from `START` to `END` of a 1000 units wide picture.
START, END = 5, 995
#: The drawings, the first at the bottom.
ORDER = ("visits", "letters", "promises", "votes", "voices")
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
    """Paths (`d` of an SVG path) by drawing, and how many visits or days with such a touch."""

    paths: dict[str, str]
    first: date
    last: date
    counts: dict[str, int]


def draw(touched: Sequence[Day], today: date) -> Strip | None:
    """Draw days in their order, from the first touch to today; None for nobody met yet.

    Visits are strokes, the taller the more baskets that day (at most 44 units); all else is
    a dot, a line of no length whose round cap is seen.
    """
    if not touched:
        return None
    first, last = touched[0].day, max(today, touched[-1].day)
    span = max((last - first).days, 1)
    paths: dict[str, list[str]] = {name: [] for name in ORDER}
    counts = dict.fromkeys(ORDER, 0)
    for day in touched:
        x = START + round((day.day - first).days * (END - START) / span)
        if day.visits:
            paths["visits"].append(f"M{x} 50v-{min(6 + 8 * day.visits, 44)}")
            counts["visits"] += day.visits
        for name in {DRAWN.get(kind, "letters") for kind in day.kinds} - {"visits"}:
            paths[name].append(f"M{x} 54h0")
            counts[name] += 1
    return Strip({name: "".join(d) for name, d in paths.items() if d}, first, last, counts)
