"""Who stands: names the law leaves out, and those written in that nobody declared."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from kfar.ground.ballots import Ballot, Form
from kfar.rooms.decisions.elections.election import WRITE_INS, Election, Reading, Unreadable


def settle(election: Election, reading: Reading) -> Election:
    """Return the election without those whom `reading` excludes, undeclared write-ins as one.

    Whom it excludes is taken out of every ballot, with a rank that named nobody else.
    """
    names = _distinct(election.options)
    folded = [name.casefold() for name in names]
    for name in (*reading.exclude, *filter(str.strip, reading.write_in)):
        if name.strip().casefold() not in folded:
            raise Unreadable(f"nobody is called “{name}”; there are: {', '.join(names)}")
    out = {name.strip().casefold() for name in reading.exclude}
    undeclared = {*WRITE_INS, *(name.strip().casefold() for name in reading.write_in)}
    #: The option that each option becomes; None for those who do not stand.
    becomes: list[int | None] = []
    kept: list[str] = []
    write_in: int | None = None
    for name, low in zip(names, folded, strict=True):
        if low in undeclared and write_in is not None:
            becomes.append(write_in)
            continue
        becomes.append(None if low in out else len(kept))
        if low in undeclared:
            write_in = len(kept)
        if low not in out:
            kept.append(name)
    if len(kept) == len(names) and write_in is None:
        return replace(election, options=names)
    ballots: Counter[Ballot] = Counter()
    for ballot, times in election.ballots.items():
        ballots[_renamed(election.form, ballot, becomes)] += times
    costs = tuple(
        cost for cost, new in zip(election.costs, becomes, strict=False) if new is not None
    )
    notes = [*election.notes]
    if write_in is not None:
        notes.append(
            f"{kept[write_in]}: names nobody declared."
            " IRV and STV count them once; then they are out."
        )
    return replace(
        election,
        options=tuple(kept),
        ballots=ballots,
        costs=costs,
        write_ins=() if write_in is None else (write_in,),
        notes=tuple(notes),
    )


def _renamed(form: Form, ballot: Ballot, becomes: list[int | None]) -> Ballot:
    if form is Form.RANKING:
        slots: list[tuple[int, ...]] = []
        for slot in _parts(ballot):
            new = [option if option < 0 else becomes[option] for option in slot]
            stand = tuple(sorted({option for option in new if option is not None}))
            if stand or not slot:
                slots.append(stand)
        return tuple(slots)
    if form is Form.CHOICES:
        chosen = {becomes[option] for option in ballot if isinstance(option, int)}
        return tuple(sorted(option for option in chosen if option is not None))
    numbers: dict[int, int] = {}
    for old, number in _parts(ballot):
        new_option = becomes[old]
        if new_option is not None:
            numbers[new_option] = max(number, numbers.get(new_option, 0))
    return tuple(sorted(numbers.items()))


def _parts(ballot: Ballot) -> tuple[tuple[int, ...], ...]:
    return tuple(part for part in ballot if isinstance(part, tuple))


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names, the second of two alike as "NAME (2)"."""
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(told)
