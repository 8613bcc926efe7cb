"""BLT, as councils and OpaVote write it: what Hill, Wichmann and Woodall's program of 1987 reads.

`candidates seats`; `-2` where the second has withdrawn; `count first second … 0` for each kind of
ballot, `1=2` for equals and `-` for a skipped rank; `0`; then the names and the title, in quotes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from kfar.ground.ballots import Ballot, Form
from kfar.rooms.decisions.elections.election import Election, Reading, Unreadable

CAST = re.compile(r"(?:\([^)]*\)\s*)?(\d+)((?:\s+(?:\d+(?:=\d+)*|-))*)\s+0$")
QUOTED = re.compile(r'"([^"]*)"')


def read(lines: Iterator[tuple[int, str]], reading: Reading) -> Election:
    """Read BLT. Who has withdrawn is no option, and out of every ballot."""
    form = reading.choose(Form.RANKING)
    head: list[int] = []
    withdrawn: set[int] = set()
    cast: Counter[tuple[tuple[int, ...], ...]] = Counter()
    texts: list[str] = []
    ended = False
    for number, line in lines:
        text = line.strip() if '"' in line else line.split("#")[0].strip()
        if not text:
            continue
        if not head:
            head = [int(part) for part in text.split() if part.isdigit()]
            if len(head) != 2:
                raise Unreadable("the first line is how many candidates and seats", number)
        elif ended:
            texts += QUOTED.findall(text)
        elif text == "0":
            ended = True
        elif re.fullmatch(r"-\d+(?:\s+-\d+)*", text):
            withdrawn |= {-int(part) for part in text.split()}
        elif found := CAST.match(text):
            slots = tuple(
                tuple(int(option) for option in part.split("=") if option != "-")
                for part in found[2].split()
            )
            if any(not 1 <= option <= head[0] for slot in slots for option in slot):
                raise Unreadable(f"candidates are numbered from 1 to {head[0]}", number)
            cast[slots] += int(found[1])
        else:
            raise Unreadable("a ballot is `COUNT FIRST SECOND … 0`", number)
    if not head or len(texts) not in (head[0], head[0] + 1):
        raise Unreadable(f"{len(texts)} names stand at its end, and the first line says otherwise")
    stand = [place for place in range(1, head[0] + 1) if place not in withdrawn]
    option = {place: n for n, place in enumerate(stand)}
    ballots: Counter[Ballot] = Counter()
    for slots, times in cast.items():
        kept = [(slot, tuple(sorted(option[p] for p in slot if p in option))) for slot in slots]
        ballots[tuple(new for old, new in kept if new or not old)] += times
    names = tuple(texts[place - 1].strip() for place in stand)
    title = texts[head[0]].strip() if len(texts) > head[0] else ""
    return Election(title, names, form, ballots, seats=head[1])
