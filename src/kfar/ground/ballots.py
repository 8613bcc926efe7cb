"""Ballots: what may stand on one, and the one text in which it is kept and published.

| form | what it says | as a tuple | as text |
|---|---|---|---|
| choices | these options | `(0, 2)`, ascending | `0 2` |
| ranking | rank by rank; equals; `()`: left out | `((2,), (0, 1), (), (3,))` | `2>0=1>>3` |
| scores | so much for each option named | `((0, 5), (2, 3))` | `0:5 2:3` |
| points | so many of one's points, or against it | `((0, 3), (2, -1))` | `0:3 2:-1` |

Options are numbers from 0, in the order of the question. There is one text for one ballot, so
that the same words always have the same hash: a ballot is committed to before it is published,
by a SHA-256 over it and a nonce that the voter's browser made. So it tells nothing until both
are known, and cannot be another one then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

Choices = tuple[int, ...]
Ranking = tuple[tuple[int, ...], ...]
Scores = tuple[tuple[int, int], ...]
Ballot = Choices | Ranking | Scores

#: A rank that was marked, but nobody knows for whom: an overvote whose options are not on file.
SPOILED = (-2,)
#: What a nonce may be: 16 random bytes or more, as letters and digits.
NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}")


class Form(StrEnum):
    """What a ballot says."""

    CHOICES = "choices"
    RANKING = "ranking"
    SCORES = "scores"
    POINTS = "points"


def ballot_text(form: Form, ballot: Ballot) -> str:
    """Return the text of a ballot; that of an empty one is empty."""
    match form:
        case Form.CHOICES:
            return " ".join(map(str, ballot))
        case Form.RANKING:
            slots = ["*" if s == SPOILED else "=".join(map(str, s)) for s in slots_of(ballot)]
            return ">".join(slots)
        case _:
            return " ".join(f"{option}:{number}" for option, number in slots_of(ballot))


def read_ballot(form: Form, text: str) -> Ballot:
    """Return the ballot that `ballot_text` wrote; anything else raises `ValueError`."""
    if not text:
        return ()
    match form:
        case Form.CHOICES:
            return tuple([_part(part, "")[0] for part in text.split(" ")])
        case Form.RANKING:
            return tuple([_part(part, "=") for part in text.split(">")])
        case _:
            return tuple([(option, n) for option, n in [_part(p, ":") for p in text.split(" ")]])


def slots_of(ballot: Ballot) -> Ranking:
    """Return the parts of a ranking, or of scores."""
    return tuple(part for part in ballot if isinstance(part, tuple))


@lru_cache(maxsize=10_000)
def _part(text: str, between: str) -> tuple[int, ...]:
    """The numbers in a part of a ballot; the same few come again and again."""
    if between == "=" and text in {"", "*"}:
        return SPOILED if text else ()
    numbers = tuple(int(number) for number in (text.split(between) if between else [text]))
    if (between or " ").join(map(str, numbers)) != text:
        raise ValueError(f"not a part of a ballot: {text!r}")
    return numbers


def commitment(question: str, tracker: str, nonce: str, text: str) -> str:
    """Return what binds a voter to a ballot without telling it: 64 hexadecimal digits."""
    return sha256(f"{question}\n{tracker}\n{nonce}\n{text}".encode()).hexdigest()


@dataclass(frozen=True)
class Paper:
    """A ballot paper: what may stand on a ballot that is cast here.

    From 1 to `most` options are named (choices), ranks used (ranking) or options scored. A
    score is 0 to `highest`; the squares of all points add up to at most `credits` (Lalley and
    Weyl, "Quadratic Voting", AEA Papers and Proceedings 108, 2018). `equal` and `skips` say
    whether a ranking may name several at a rank, and leave ranks out.
    """

    form: Form
    options: int
    most: int
    highest: int = 0
    credits: int = 0
    equal: bool = False
    skips: bool = False

    def allows(self, text: str) -> bool:
        """Return whether `text` is a ballot on this paper, in its one form."""
        return self.read(text) is not None

    def read(self, text: str) -> Ballot | None:
        """Return the ballot that a text says, None where it says none on this paper."""
        if len(text) > 8 * self.options:  # nothing that long can be one; spare the reading
            return None
        try:
            ballot = read_ballot(self.form, text)
        except ValueError:
            return None
        return ballot if self.fits(ballot) else None

    def fits(self, ballot: Ballot) -> bool:
        """Return whether a ballot may be cast on this paper."""
        if not 1 <= len(ballot) <= self.most:
            return False
        if self.form is Form.CHOICES:
            options = [option for option in ballot if isinstance(option, int)]
            return len(options) == len(ballot) and self._known(options)
        parts = slots_of(ballot)
        match self.form:
            case Form.RANKING:
                longest = max(map(len, parts))
                return (
                    self._known(sorted([option for slot in parts for option in slot]))
                    and bool(parts[-1])
                    and (longest == 1 or all(list(slot) == sorted(slot) for slot in parts))
                    and (longest == 1 or self.equal)
                    and (self.skips or all(parts))
                )
            case Form.SCORES:
                numbers = [number for _, number in parts]
                return self._known([o for o, _ in parts]) and (
                    0 <= min(numbers) <= max(numbers) <= self.highest
                )
            case Form.POINTS:
                numbers = [number for _, number in parts]
                spent = sum(number * number for number in numbers)
                return self._known([o for o, _ in parts]) and all(numbers) and spent <= self.credits

    def _known(self, options: list[int]) -> bool:
        """Whether these are options, ascending, each once, and at least one."""
        return (
            bool(options)
            and options[0] >= 0
            and options[-1] < self.options
            and options == sorted(set(options))
        )
