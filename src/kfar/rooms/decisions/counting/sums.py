"""The few sums over ballots that every method is made of.

The methods are written once, on these; the sums are written twice: here in plain Python, over a
mapping of ballots to how many times each was cast, and in `arrays.py` over arrays of millions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol, cast

from kfar.ground.ballots import SPOILED, Ballot, Choices, Form, Ranking, Scores
from kfar.rooms.decisions.counting.ballots import File, single_file
from kfar.rooms.decisions.counting.rules import Rule

Matrix = list[list[int]]


class Piles(Protocol):
    """Ballots laid on piles, one for each option, each ballot worth a value in whole units.

    At first each lies with its first option and is worth `unit`. `worth` is what each option's
    pile is worth, `exhausted` what lies aside for want of a further option.
    """

    worth: list[int]
    exhausted: int

    def transfer(self, option: int, open_to: Collection[int], surplus: int, of: int) -> int:
        """Move the pile of `option` to the next options of its ballots that are in `open_to`.

        A ballot of value v goes on with v·surplus/of, the remainder ignored. Returns what all of
        them together are worth now; the pile is worth nothing any more.
        """


class Sums(Protocol):
    """Ballots of one form, as the methods ask about them."""

    form: Form
    options: int
    ballots: int
    #: Those that name no option at all.
    blank: int

    def piles(self, rule: Rule, unit: int) -> Piles:
        """Rankings, read in single file: lay them on piles, each worth `unit`."""

    def pairwise(self) -> Matrix:
        """Rankings, scores: [a][b] is how many ballots put a before b.

        What is named stands before what is not.
        """

    def named(self) -> list[int]:
        """Choices: how many ballots name each option."""

    def totals(self) -> list[int]:
        """Scores, points: each option's sum."""

    def given(self, score: int) -> list[int]:
        """Scores: how many ballots give each option just this score."""

    def grouped(self) -> Iterable[tuple[Ballot, int]]:
        """Every different ballot, with how many times it was cast."""


class Counted:
    """The sums in plain Python, over a mapping {ballot: how many times it was cast}.

    An option that does not exist, or is named twice among choices or scores, and times below
    zero raise `ValueError`.
    """

    def __init__(self, form: Form, ballots: Mapping[Ballot, int], options: int) -> None:
        self.form, self.options, self._ballots = form, options, ballots
        self.ballots = self.blank = 0
        known = set(range(options))
        for ballot, times in ballots.items():
            named = named_options(form, ballot)
            if times < 0 or not known.issuperset(named) or not _sound(form, ballot, named):
                raise ValueError(f"not {form} over {options} options: {ballot}, {times} times")
            self.ballots += times
            self.blank += 0 if named else times

    def piles(self, rule: Rule, unit: int) -> Piles:
        """See `Sums`."""
        return _CountedPiles(
            [(single_file(ranking, rule), times) for ranking, times in self._rankings().items()],
            self.options,
            unit,
        )

    def pairwise(self) -> Matrix:
        """See `Sums`."""
        if self.form is Form.RANKING:
            return self._before(self._rankings().items())
        return self._before((by_score(scores), times) for scores, times in self._scores().items())

    def named(self) -> list[int]:
        """See `Sums`."""
        votes = [0] * self.options
        for choices, times in self._ballots.items():
            for option in named_options(self.form, choices):
                votes[option] += times
        return votes

    def totals(self) -> list[int]:
        """See `Sums`."""
        votes = [0] * self.options
        for scores, times in self._scores().items():
            for option, score in scores:
                votes[option] += times * score
        return votes

    def given(self, score: int) -> list[int]:
        """See `Sums`."""
        votes = [0] * self.options
        for scores, times in self._scores().items():
            for option, given in scores:
                votes[option] += times * (given == score)
        return votes

    def grouped(self) -> Iterable[tuple[Ballot, int]]:
        """See `Sums`."""
        return self._ballots.items()

    def _rankings(self) -> Mapping[Ranking, int]:
        return cast("Mapping[Ranking, int]", self._ballots)

    def _scores(self) -> Mapping[Scores, int]:
        return cast("Mapping[Scores, int]", self._ballots)

    def _before(self, rankings: Iterable[tuple[Ranking, int]]) -> Matrix:
        matrix = [[0] * self.options for _ in range(self.options)]
        for ranking, times in rankings:
            rest = set(range(self.options))
            for slot in ranking:
                # Named again, an option stays where it was named first.
                named = [option for option in set(slot) if option in rest]
                rest.difference_update(named)
                for a in named:
                    for b in rest:
                        matrix[a][b] += times
        return matrix


def named_options(form: Form, ballot: Ballot) -> Choices:
    """Return the options of which a ballot says something, in its order; 0 points say nothing."""
    match form:
        case Form.CHOICES:
            return cast("Choices", ballot)
        case Form.RANKING:
            slots = cast("Ranking", ballot)
            return tuple([option for slot in slots for option in slot if slot != SPOILED])
        case _:
            pairs = cast("Scores", ballot)
            return tuple(option for option, number in pairs if number or form is Form.SCORES)


def _sound(form: Form, ballot: Ballot, named: Choices) -> bool:
    if form is Form.RANKING:
        return True
    low = form is Form.SCORES and any(score < 0 for _, score in cast("Scores", ballot))
    return not low and len(set(named)) == len(named)


def by_score(scores: Scores) -> Ranking:
    """Return scores as the ranking they make; what is not named stands with those of score 0."""
    grades = sorted({score for _, score in scores if score > 0}, reverse=True)
    return tuple(tuple(o for o, score in scores if score == grade) for grade in grades)


class _CountedPiles:
    def __init__(self, ballots: list[tuple[File, int]], options: int, unit: int) -> None:
        # On each pile: a ballot, the place at which it names this option, its times, its value.
        self._piles: list[list[tuple[File, int, int, int]]] = [[] for _ in range(options)]
        self.worth = [0] * options
        self.exhausted = 0
        for ballot, times in ballots:
            self._lay(ballot, 0, times, unit, range(options))

    def _lay(
        self, ballot: File, place: int, times: int, value: int, open_to: Collection[int]
    ) -> None:
        for at in range(place, len(ballot)):
            option = ballot[at]
            if isinstance(option, tuple):
                stand = [each for each in option if each in open_to]
                if len(stand) > 1:
                    break
                option = stand[0] if stand else -1
            if option in open_to:
                self._piles[option].append((ballot, at, times, value))
                self.worth[option] += times * value
                return
        self.exhausted += times * value

    def transfer(self, option: int, open_to: Collection[int], surplus: int, of: int) -> int:
        pile, self._piles[option] = self._piles[option], []
        self.worth[option] = moved = 0
        for ballot, place, times, value in pile:
            now = value * surplus // of
            moved += times * now
            self._lay(ballot, place + 1, times, now, open_to)
        return moved
