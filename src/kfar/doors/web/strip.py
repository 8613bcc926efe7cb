"""The journey on one line: an SVG path a kind of touch, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from kfar.lake.occasions import BROWSING
from kfar.rooms.touchpoints.portrait import Day

#: The line runs from `START` to `END` of a 1000 units wide picture.
START, END = 5, 995
#: A silence of more days than `SILENCE` is drawn as one of `FOLD` days.
SILENCE, FOLD = 120, 40
#: The drawings, the first at the bottom.
ORDER = ("visits", "looks", "letters", "promises", "votes", "voices", "silence")
#: Which drawing a kind of touch belongs to; a kind not named here is a letter.
DRAWN = {
    **dict.fromkeys(BROWSING, "looks"),
    "purchase": "visits",
    "voice": "voices",
    "good": "voices",
    "not-good": "voices",
    "said-more": "voices",
    "meeting": "voices",
    "remedy": "promises",
    "remedy-undone": "promises",
    "promise": "promises",
    "promise-kept": "promises",
    "in-return": "promises",
    "in-return-kept": "promises",
    "vote": "votes",
    "change": "votes",
    "consult": "votes",
    "review": "voices",
    "survey": "votes",
}


@dataclass(frozen=True)
class Strip:
    """Paths (`d` of an SVG path) by drawing, and how many visits or days with such a touch."""

    paths: dict[str, str]
    first: date
    counts: dict[str, int]


def draw(touched: Sequence[Day], today: date) -> Strip | None:
    """Draw days in their order, from the first touch to today; None for nobody met yet.

    Visits are strokes, the taller the more baskets that day (at most 44 units); all else is
    a dot, a line of no length whose round cap is seen. A silence of more than `SILENCE` days
    is folded to `FOLD` days, with a mark, so that years without a touch leave room for the
    days that had one.
    """
    if not touched:
        return None
    offsets, folds, span = _folded([*(day.day for day in touched), today])
    scale = (END - START) / max(span, 1)
    paths: dict[str, list[str]] = {name: [] for name in ORDER}
    counts = dict.fromkeys(ORDER, 0)
    for day, offset in zip(touched, offsets, strict=False):
        x = START + round(offset * scale)
        if day.visits:
            paths["visits"].append(f"M{x} 50v-{min(6 + 8 * day.visits, 44)}")
            counts["visits"] += day.visits
        for name in {DRAWN.get(kind, "letters") for kind in day.kinds} - {"visits"}:
            paths[name].append(f"M{x} 54h0")
            counts[name] += 1
    paths["silence"] = [f"M{START + round(fold * scale)} 44v20" for fold in folds]
    drawn = {name: "".join(d) for name, d in paths.items() if d}
    return Strip(drawn, touched[0].day, counts)


def _folded(days: Sequence[date]) -> tuple[list[int], list[float], int]:
    """Return each day's offset from the first, where silences were folded, and the whole span."""
    offsets, folds = [0], []
    for before, day in pairwise(days):
        gap = max((day - before).days, 0)
        if gap > SILENCE:
            folds.append(offsets[-1] + FOLD / 2)
            gap = FOLD
        offsets.append(offsets[-1] + gap)
    return offsets, folds, offsets[-1]
