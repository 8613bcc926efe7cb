"""The single transferable vote (STV): as in Scotland, or as `together.py` has it.

The Scottish Local Government Elections Order 2007 (SSI 2007/42), Schedule 1, rules 45 to 52, the
weighted inclusive Gregory method. Whoever reaches the threshold is elected. The largest surplus
is moved first, one a round: all the ballots of the elected option go on, each worth surplus × its
value / votes of the option, cut after `digits` decimal places. When there is no surplus, the
option with the fewest votes is eliminated and its ballots go on with the value they have. Equal
surpluses, and equal fewest votes, are decided by the most recent earlier round in which they
differed, then by the lot. When as many options remain as seats, they are elected. Write-ins
nobody declared (`first_out`), of which the Order knows nothing, are eliminated before anything
else. Counted in whole units of 10 to the power of minus `digits`, so that the votes of a round,
those exhausted and those lost to rounding are exactly the votes of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from kfar.rooms.decisions.counting.lots import lot_order
from kfar.rooms.decisions.counting.report import By, Report, Round, Tie
from kfar.rooms.decisions.counting.rules import Rule, Surplus
from kfar.rooms.decisions.counting.runoff import drawn
from kfar.rooms.decisions.counting.sums import Piles, Sums
from kfar.rooms.decisions.counting.together import threshold_of, together, votes_of


def single_transferable(rule: Rule, sums: Sums) -> Report:
    """Return the report of STV; tallies are exact, elected options keep the threshold."""
    if rule.surplus is not Surplus.LARGEST:
        return together(rule, sums)
    unit = 10**rule.digits
    piles = sums.piles(rule, unit)
    blank = piles.exhausted // unit
    counted = sums.ballots - blank
    if not counted:
        return Report(rule, sums.options, sums.ballots, blank, (), ())
    threshold = threshold_of(rule, counted)
    count = _Count(rule, sums.options, piles, threshold, lot_order(rule.lot, sums.options))
    rounds: list[Round] = []
    while True:
        elected, eliminated = count.elect(), count.choose_next()
        rounds.append(
            Round(
                tuple(None if v is None else votes_of(v, unit) for v in count.worth),
                elected=elected,
                eliminated=eliminated,
                threshold=votes_of(threshold, unit),
                exhausted=votes_of(piles.exhausted - blank * unit, unit),
                rounding=votes_of(count.rounding, unit),
                surplus_of=count.moved,
                ties=tuple(count.ties),
            )
        )
        if count.done:
            winners = tuple(count.elected)
            return Report(rule, sums.options, sums.ballots, blank, winners, tuple(rounds))
        count.move()


class _Count:
    """Where a count of STV stands: who is in, elected or out, and what each had round by round."""

    def __init__(
        self, rule: Rule, options: int, piles: Piles, threshold: int, order: Sequence[int]
    ) -> None:
        self.piles, self.threshold, self.order = piles, threshold, order
        self.first_out = frozenset(rule.first_out)
        self.seats = min(rule.seats, options)
        self.worth: list[int | None] = list(piles.worth)
        self.history: list[list[int | None]] = []
        self.open_to = set(range(options))
        self.elected: list[int] = []
        self.surpluses: set[int] = set()
        self.settled: set[int] = set()
        self.out: set[int] = set()
        self.ties: list[Tie] = []
        self.rounding = 0
        self.moved: int | None = None
        self.done = False
        self._next: tuple[int, ...] = ()

    def elect(self) -> tuple[int, ...]:
        """Elect whoever reaches the threshold, and the last when they fill the seats."""
        self.ties = []
        self.history.append(list(self.worth))
        if self._undeclared():
            return ()
        reached = [o for o in self.open_to if (self.worth[o] or 0) >= self.threshold]
        last = len(self.open_to) <= self.seats - len(self.elected)
        new = self._ranked(self.open_to if last else reached)
        self.elected += new
        self.open_to.difference_update(new)
        self.surpluses.update(o for o in new if (self.worth[o] or 0) > self.threshold)
        # Seats left after these may be just as many as options.
        if not last and new and 0 < len(self.open_to) <= self.seats - len(self.elected):
            rest = self._ranked(self.open_to)
            self.elected += rest
            self.open_to.clear()
            new = [*new, *rest]
        self.done = len(self.elected) == self.seats or not self.open_to
        return tuple(new)

    def choose_next(self) -> tuple[int, ...]:
        """Choose whose ballots move next; return who is eliminated for it, if anybody is."""
        self._next = ()
        if self.done:
            return ()
        if undeclared := self._undeclared():
            self._next = undeclared
        elif self.surpluses:
            self._next = (self._choose(self.surpluses, max),)
            return ()
        else:
            self._next = (self._choose(self.open_to, min),)
        return self._next

    def move(self) -> None:
        """Move the ballots that were chosen."""
        self.moved = None
        self.open_to.difference_update(self._next)
        for option in self._next:
            if option in self.surpluses:
                had = self.piles.worth[option]
                surplus = had - self.threshold
                self.surpluses.discard(option)
                self.settled.add(option)
                self.moved = option
                self.rounding += surplus - self.piles.transfer(option, self.open_to, surplus, had)
            else:
                self.out.add(option)
                self.piles.transfer(option, self.open_to, 1, 1)
        self.worth = [
            None if o in self.out else self.threshold if o in self.settled else worth
            for o, worth in enumerate(self.piles.worth)
        ]

    def _undeclared(self) -> tuple[int, ...]:
        """Return who goes out before anything else: with votes, and not alone."""
        live = {option for option in self.first_out & self.open_to if self.worth[option]}
        return tuple(sorted(live)) if live != self.open_to else ()

    def _choose(self, options: Collection[int], pick: Callable[..., int]) -> int:
        """Return the option with most votes, or fewest; of equals, as earlier rounds have it."""
        tied = sorted(options)
        for back, votes in enumerate(reversed(self.history)):
            had = {option: votes[option] or 0 for option in tied}
            left = [option for option in tied if had[option] == pick(had.values())]
            if back and len(left) < len(tied):
                ahead = left if pick is max else [o for o in tied if o not in left]
                self.ties.append(Tie(tuple(tied), tuple(ahead), By.EARLIER_ROUND))
            tied = left
        if len(tied) == 1:
            return tied[0]
        return drawn(tied, min if pick is max else max, self.order, self.ties)

    def _ranked(self, options: Collection[int]) -> list[int]:
        """Return options that are elected at once, most votes first."""
        left, ranked = set(options), []
        while left:
            ranked.append(self._choose(left, max))
            left.discard(ranked[-1])
        return ranked
