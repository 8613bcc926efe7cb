"""Profiles as VoteKit writes them: `VoteKit RankProfile`, candidates by keys, sets at ranks."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from kfar.ground.ballots import Ballot, Form
from kfar.rooms.decisions.elections.election import Election, Reading, Unreadable

KEYED = re.compile(r"\((.*?):([^:()]*)\)(?:,|$)")
INSIDE = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|([^\s,{}'\"][^,{}]*)")


def read(lines: Iterator[tuple[int, str]], reading: Reading) -> Election:
    """Read a profile of rankings; `{}` is a skipped rank, `{'A', 'B'}` equals."""
    form = reading.choose(Form.RANKING)
    keys: dict[str, int] = {}
    names: list[str] = []
    ranks: list[int] = []
    weight = -1
    ballots: Counter[Ballot] = Counter()
    before = ""
    for number, line in lines:
        text = line.strip()
        if before == "Candidates":
            for name, key in KEYED.findall(text):
                keys[key] = len(names)
                names.append(" ".join(name.split()))
        elif not ranks and "Weight" in text.split(",") and keys:
            cells = [cell.strip() for cell in text.split(",")]
            ranks = [n for n, cell in enumerate(cells) if cell.startswith("Ranking_")]
            weight = cells.index("Weight")
            if not ranks:
                raise Unreadable("there are no rankings; profiles of scores are not read", number)
        elif ranks and text:
            cells = next(csv.reader([line]))
            if len(cells) <= weight:
                raise Unreadable("the line is shorter than the header", number)
            slots = [_slot(cells[rank], keys, number) for rank in ranks]
            while slots and not slots[-1]:
                slots.pop()
            ballots[tuple(slots)] += _whole(cells[weight], number)
        before = text
    return Election("", tuple(names), form, ballots)


def _slot(cell: str, keys: dict[str, int], line: int) -> tuple[int, ...]:
    inside = [a or b or c.strip() for a, b, c in INSIDE.findall(cell.replace("frozenset()", ""))]
    unknown = [key for key in inside if key not in keys and key != "~"]
    if unknown:
        raise Unreadable(f"no candidate has the key “{unknown[0]}”", line)
    return tuple(sorted(keys[key] for key in inside if key != "~"))


def _whole(text: str, line: int) -> int:
    try:
        times = Fraction(text.strip())
    except ValueError:
        raise Unreadable(f"“{text}” is no number of ballots", line) from None
    if times.denominator != 1 or times < 0:
        raise Unreadable(f"{text} ballots: only whole ballots can be counted", line)
    return int(times)
