"""Wards of Scottish councils, as github.com/mggg/scot-elex has them.

`candidates,seats`; then `count,first,second,…` for each kind of ballot, by candidate numbers;
then `"Candidate 1","Name","Party"` for each; then the ward. The numbers come from the councils'
electronic counts under the Scottish Local Government Elections Order 2007 and 2011.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator

from kfar.ground.ballots import Ballot, Form
from kfar.rooms.decisions.elections.election import Election, Reading, Unreadable


def read(lines: Iterator[tuple[int, str]], reading: Reading) -> Election:
    """Read a ward. Candidates of one name are told apart by their party."""
    form = reading.choose(Form.RANKING)
    head: tuple[int, int] | None = None
    cast: Counter[tuple[int, ...]] = Counter()
    people: dict[int, tuple[str, str]] = {}
    title = ""
    for number, line in lines:
        cells = [cell.strip() for cell in next(csv.reader([line]), [])]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if all(cell.isdigit() for cell in cells) and not people:
            numbers = tuple(int(cell) for cell in cells)
            if head is None and len(numbers) != 2:
                raise Unreadable("the first line is how many candidates and seats", number)
            if head is None:
                head = numbers[0], numbers[1]
            else:
                if not all(1 <= candidate <= head[0] for candidate in numbers[1:]):
                    raise Unreadable(f"candidates are numbered from 1 to {head[0]}", number)
                cast[numbers[1:]] += numbers[0]
        elif cells[0].lower().startswith("candidate ") and len(cells) > 1:
            place = cells[0].split()[1]
            if not place.isdigit():
                raise Unreadable("a candidate is “Candidate NUMBER”, name, party", number)
            people[int(place)] = cells[1], cells[2] if len(cells) > 2 else ""
        else:
            title = cells[0]
    if head is None or set(people) != set(range(1, head[0] + 1)):
        raise Unreadable(f"{len(people)} candidates are named, and the first line says otherwise")
    often = Counter(name for name, _ in people.values())
    options = tuple(
        name if often[name] == 1 else f"{name}, {party}"
        for name, party in (people[place] for place in sorted(people))
    )
    ballots: dict[Ballot, int] = {
        tuple((candidate - 1,) for candidate in order): times for order, times in cast.items()
    }
    return Election(title, options, form, ballots, seats=head[1])
