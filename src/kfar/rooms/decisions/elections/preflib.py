"""PrefLib: .soc, .soi, .toc, .toi and .cat, with the headers of today and of before 2021.

`3: 1,{2,3},4` is three ballots with the alternatives 2 and 3 equal; in .cat files each place is
a category, `{}` an empty one. See https://preflib.github.io/PrefLib-Jekyll/format and Mattei and
Walsh, "PrefLib: A Library for Preferences", ADT 2013.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from kfar.ground.ballots import Ballot, Form, Ranking
from kfar.rooms.decisions.elections.election import Election, Reading, Unreadable

GROUP = re.compile(r"\s*(?:\{([\d,\s]*)\}|(\d+))\s*(,|$)")


def read(lines: Iterator[tuple[int, str]], reading: Reading) -> Election:
    """Read a PrefLib file. In .cat the first category is what was chosen."""
    said: dict[str, str] = {}
    names: dict[int, str] = {}
    cast: list[tuple[int, int, Ranking]] = []
    old = -1  # alternatives still to come in the header of before
    for number, line in lines:
        text = line.strip()
        if text.startswith("#"):
            key, _, value = text.lstrip("# ").partition(":")
            if found := re.fullmatch(r"ALTERNATIVE NAME (\d+)", key.strip()):
                names[int(found[1])] = value.strip() or found[1]
            else:
                said[key.strip()] = value.strip()
        elif not text:
            continue
        elif not said and old == -1:
            old = _whole(text, number)
        elif old > 0:
            place, _, name = text.partition(",")
            names[_whole(place, number)] = name.strip().strip('"')
            old -= 1
        elif not said and old == 0:
            old = -2  # the line of sums
        else:
            count, _, order = text.partition("," if old == -2 else ":")
            cast.append((number, _whole(count, number), _groups(order, number)))
    for n in range(1, _number(said) + 1):
        names.setdefault(n, str(n))
    categories = said.get("DATA TYPE", "").lower() == "cat" or "NUMBER CATEGORIES" in said
    form = reading.choose(*([Form.CHOICES] if categories else []), Form.RANKING)
    option = {alternative: n for n, alternative in enumerate(sorted(names))}
    ballots: Counter[Ballot] = Counter()
    for number, times, groups in cast:
        if unknown := {a for group in groups for a in group} - option.keys():
            raise Unreadable(f"the header names no alternative {min(unknown)}", number)
        slots = tuple(tuple(sorted(option[a] for a in group)) for group in groups)
        full = tuple(slot for slot in slots if slot)
        ballots[full if form is Form.RANKING else (slots or ((),))[0]] += times
    options = tuple(names[number] for number in sorted(names))
    return Election(said.get("TITLE", ""), options, form, ballots)


def _number(said: dict[str, str]) -> int:
    text = said.get("NUMBER ALTERNATIVES", "0")
    return int(text) if text.isdigit() else 0


def _whole(text: str, line: int) -> int:
    if not text.strip().isdigit():
        raise Unreadable(f"“{text.strip()}” should be a whole number", line)
    return int(text)


def _groups(order: str, line: int) -> Ranking:
    groups: list[tuple[int, ...]] = []
    at, text = 0, order.strip()
    while at < len(text):
        found = GROUP.match(text, at)
        if found is None:
            raise Unreadable(f"“{text[at:]}” is no order such as 1,{{2,3}},4", line)
        inside = found[2] if found[1] is None else found[1]
        groups.append(tuple(int(part) for part in inside.split(",") if part.strip()))
        at = found.end()
    return tuple(groups)
