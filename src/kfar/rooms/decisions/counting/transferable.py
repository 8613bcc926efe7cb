"""Votes that move: instant runoff (IRV) and the single transferable vote (STV).

IRV is counted as jurisdictions in the United States count it with RCTab
(https://github.com/BrightSpots/rcv, `Tabulator.java`). Each round, whoever has more than half of
the votes that still count is elected; if nobody has, the option with the fewest is eliminated and
its ballots go to the next option they name. Of the last two the one with more votes is elected.
With batch elimination all those go at once whose votes together are fewer than the votes of the
next. Ties are broken by the lot.

STV is counted as in Scotland: the Scottish Local Government Elections Order 2007 (SSI 2007/42),
Schedule 1, rules 45 to 52, the weighted inclusive Gregory method. Whoever reaches the threshold
is elected. The largest surplus is moved first, one a round: all the ballots of the elected option
go on, each worth surplus × its value / votes of the option, cut after `digits` decimal places.
When there is no surplus, the option with the fewest votes is eliminated and its ballots go on
with the value they have. Equal surpluses, and equal fewest votes, are decided by the most recent
earlier round in which they differed, then by the lot. When as many options remain as seats, they
are elected. Counted in whole units of 10 to the power of minus `digits`, so that the votes of a
round, those exhausted and those lost to rounding are exactly the votes of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction

from kfar.rooms.decisions.counting.lots import lot_order
from kfar.rooms.decisions.counting.report import By, Report, Round, Tie, Votes
from kfar.rooms.decisions.counting.rules import Rule, Threshold
from kfar.rooms.decisions.counting.sums import Piles, Sums


def instant_runoff(rule: Rule, sums: Sums) -> Report:
    """Return the report of IRV.

    `exhausted` of a round counts the ballots that stopped counting since the first; those that
    never counted are `blank`.
    """
    piles = sums.piles(rule, 1)
    order = lot_order(rule.lot, sums.options)
    blank, open_to = piles.exhausted, set(range(sums.options))
    rounds: list[Round] = []
    winners: tuple[int, ...] = ()
    while blank < sums.ballots and not winners:
        votes = {option: piles.worth[option] for option in sorted(open_to)}
        threshold = sum(votes.values()) // 2 + 1
        undeclared = {option for option in rule.first_out if votes.get(option, 0)}
        ties: list[Tie] = []
        out: tuple[int, ...] = ()
        if undeclared and undeclared != open_to:
            out = tuple(sorted(undeclared))
        elif len(votes) < 3 or max(votes.values()) >= threshold:
            winners = (_most(votes, order, ties),)
        else:
            out = _batch(votes) if rule.batch_elimination else ()
            out = out if len(out) > 1 else (_fewest(votes, order, ties),)
        rounds.append(
            Round(
                tuple(votes.get(option) for option in range(sums.options)),
                elected=winners,
                eliminated=out,
                threshold=threshold,
                exhausted=piles.exhausted - blank,
                ties=tuple(ties),
            )
        )
        open_to.difference_update(out)
        for option in out:
            piles.transfer(option, open_to, 1, 1)
    return Report(rule, sums.options, sums.ballots, blank, winners, tuple(rounds))


def _batch(votes: dict[int, int]) -> tuple[int, ...]:
    """Return the longest run of lowest options with fewer votes together than the next has."""
    ranked = sorted(votes, key=votes.__getitem__)
    together, batch = 0, 0
    for place, option in enumerate(ranked):
        # Those with equally many votes stay or go together.
        if together < votes[option] and (place == 0 or votes[ranked[place - 1]] < votes[option]):
            batch = place
        together += votes[option]
    return tuple(sorted(ranked[:batch]))


def _most(votes: dict[int, int], order: Sequence[int], ties: list[Tie]) -> int:
    tied = [option for option in votes if votes[option] == max(votes.values())]
    return _drawn(tied, min, order, ties)


def _fewest(votes: dict[int, int], order: Sequence[int], ties: list[Tie]) -> int:
    tied = [option for option in votes if votes[option] == min(votes.values())]
    return _drawn(tied, max, order, ties)


def _drawn(
    tied: Sequence[int], pick: Callable[..., int], order: Sequence[int], ties: list[Tie]
) -> int:
    """Return one of `tied`, `pick` of their places in the lot order; note the tie, if it is one."""
    option: int = pick(tied, key=order.index)
    if len(tied) > 1:
        ahead = [option] if pick is min else [other for other in tied if other != option]
        ties.append(Tie(tuple(sorted(tied)), tuple(sorted(ahead)), By.LOT))
    return option


def single_transferable(rule: Rule, sums: Sums) -> Report:
    """Return the report of STV; tallies are exact, elected options keep the threshold."""
    unit = 10**rule.digits
    piles = sums.piles(rule, unit)
    blank = piles.exhausted // unit
    counted = sums.ballots - blank
    if not counted:
        return Report(rule, sums.options, sums.ballots, blank, (), ())
    if rule.threshold is Threshold.DROOP:
        threshold = (counted // (rule.seats + 1) + 1) * unit
    else:
        threshold = -(-counted // rule.seats) * unit
    count = _Count(rule, sums.options, piles, threshold, lot_order(rule.lot, sums.options))
    rounds: list[Round] = []
    while True:
        elected, eliminated = count.elect(), count.choose_next()
        rounds.append(
            Round(
                tuple(None if v is None else _votes_of(v, unit) for v in count.worth),
                elected=elected,
                eliminated=eliminated,
                threshold=threshold // unit,
                exhausted=_votes_of(piles.exhausted - blank * unit, unit),
                rounding=_votes_of(count.rounding, unit),
                surplus_of=count.moved,
                ties=tuple(count.ties),
            )
        )
        if count.done:
            winners = tuple(count.elected)
            return Report(rule, sums.options, sums.ballots, blank, winners, tuple(rounds))
        count.move()


def _votes_of(units: int, unit: int) -> Votes:
    return units // unit if units % unit == 0 else Fraction(units, unit)


class _Count:
    """Where a count of STV stands: who is in, elected or out, and what each had round by round."""

    def __init__(
        self, rule: Rule, options: int, piles: Piles, threshold: int, order: Sequence[int]
    ) -> None:
        self.piles, self.threshold, self.order = piles, threshold, order
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
        self._next: int | None = None

    def elect(self) -> tuple[int, ...]:
        """Elect whoever reaches the threshold, and the last when they fill the seats."""
        self.ties = []
        self.history.append(list(self.worth))
        reached = [o for o in self.open_to if (self.worth[o] or 0) >= self.threshold]
        last = len(self.open_to) == self.seats - len(self.elected)
        new = self._ranked(self.open_to if last else reached)
        self.elected += new
        self.open_to.difference_update(new)
        self.surpluses.update(o for o in new if (self.worth[o] or 0) > self.threshold)
        # Seats left after these may be just as many as options.
        if not last and new and 0 < len(self.open_to) == self.seats - len(self.elected):
            rest = self._ranked(self.open_to)
            self.elected += rest
            self.open_to.clear()
            new = [*new, *rest]
        self.done = len(self.elected) == self.seats
        return tuple(new)

    def choose_next(self) -> tuple[int, ...]:
        """Choose whose ballots move next; return who is eliminated for it, if anybody is."""
        self._next = None
        if self.done:
            return ()
        if self.surpluses:
            self._next = self._choose(self.surpluses, max)
            return ()
        self._next = self._choose(self.open_to, min)
        return (self._next,)

    def move(self) -> None:
        """Move the ballots that were chosen."""
        option = self._next
        assert option is not None  # noqa: S101 - there is a next one until it is done
        if option in self.surpluses:
            had = self.piles.worth[option]
            surplus = had - self.threshold
            self.surpluses.discard(option)
            self.settled.add(option)
            self.moved = option
            self.rounding += surplus - self.piles.transfer(option, self.open_to, surplus, had)
        else:
            self.open_to.discard(option)
            self.out.add(option)
            self.moved = None
            self.piles.transfer(option, self.open_to, 1, 1)
        self.worth = [
            None if o in self.out else self.threshold if o in self.settled else worth
            for o, worth in enumerate(self.piles.worth)
        ]

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
        return _drawn(tied, min if pick is max else max, self.order, self.ties)

    def _ranked(self, options: Collection[int]) -> list[int]:
        """Return options that are elected at once, most votes first."""
        left, ranked = set(options), []
        while left:
            ranked.append(self._choose(left, max))
            left.discard(ranked[-1])
        return ranked
