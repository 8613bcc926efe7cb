"""STV whose surpluses move together, as in cities of the United States.

Counted as RCTab counts contests with several winners (https://github.com/BrightSpots/rcv,
`Tabulator.java` and `CastVoteRecord.java`). All who reach the threshold are elected in the same
round, or only the one with most votes (`Rule.surplus`); a round that elects eliminates nobody.
Then the surpluses move at once, to those who still stand: surplus / votes, cut after `digits`
decimal places, is the part of its value with which each ballot goes on, and that is cut again.
Whoever has no surplus keeps the votes. After the last are elected comes one round more, which
shows where their surpluses went. Without surpluses (bottoms-up) nobody is elected before as many
stand as seats. Ties are broken by the lot. Votes, exhausted and lost add up in every round.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kfar.rooms.decisions.counting.lots import lot_order
from kfar.rooms.decisions.counting.report import Report, Round, Tie, Votes
from kfar.rooms.decisions.counting.rules import Rule, Surplus, Threshold
from kfar.rooms.decisions.counting.runoff import fewest, most
from kfar.rooms.decisions.counting.sums import Sums


def together(rule: Rule, sums: Sums) -> Report:
    """Return the report of STV by a rule whose `surplus` is none but the largest."""
    unit = 10**rule.digits
    piles, order = sums.piles(rule, unit), lot_order(rule.lot, sums.options)
    blank = piles.exhausted // unit
    if blank == sums.ballots:
        return Report(rule, sums.options, sums.ballots, blank, (), ())
    threshold = threshold_of(rule, sums.ballots - blank)
    seats = min(rule.seats, sums.options)
    open_to = set(range(sums.options))
    winners: tuple[int, ...] = ()
    #: Out of the count, and with the threshold for good.
    out: set[int] = set()
    settled: list[int] = []
    moved: list[int] = []
    rounding = 0
    bottoms_up = rule.surplus is Surplus.NONE
    rounds: list[Round] = []
    done = False
    while not done:
        # The round after the last are elected only shows what became of their surpluses.
        done = len(winners) == seats or not open_to
        votes = {option: piles.worth[option] for option in sorted(open_to)}
        undeclared = tuple(o for o in sorted(rule.first_out) if votes.get(o, 0))
        ties: list[Tie] = []
        elected: tuple[int, ...] = ()
        eliminated: tuple[int, ...] = ()
        if not done and undeclared and len(undeclared) < len(open_to):
            eliminated = undeclared
        elif not done:
            fill = len(votes) <= seats - len(winners)
            reached = {o for o in votes if fill or (votes[o] >= threshold and not bottoms_up)}
            elected = _elected(rule, {o: votes[o] for o in sorted(reached)}, order, ties)
            eliminated = () if elected else (fewest(votes, order, ties),)
        tally = [None if o in out else piles.worth[o] for o in range(sums.options)]
        for option in settled:
            tally[option] = threshold
        rounds.append(
            Round(
                tuple(None if worth is None else votes_of(worth, unit) for worth in tally),
                elected=elected,
                eliminated=eliminated,
                threshold=votes_of(threshold, unit),
                exhausted=votes_of(piles.exhausted - blank * unit, unit),
                rounding=votes_of(rounding, unit),
                surplus_of=moved[0] if len(moved) == 1 else None,
                ties=tuple(ties),
            )
        )
        winners += elected
        open_to.difference_update(elected, eliminated)
        out.update(eliminated)
        for option in eliminated:
            piles.transfer(option, open_to, 1, 1)
        done = done or (bottoms_up and len(winners) == seats)
        moved = [o for o in elected if piles.worth[o] > threshold and not bottoms_up]
        for option in moved:
            had = piles.worth[option]
            part = (had - threshold) * unit // had
            rounding += had - threshold - piles.transfer(option, open_to, part, unit)
            settled.append(option)
    return Report(rule, sums.options, sums.ballots, blank, winners, tuple(rounds))


def _elected(
    rule: Rule, reached: dict[int, int], order: Sequence[int], ties: list[Tie]
) -> tuple[int, ...]:
    """Return who of those with enough votes is elected in a round, most votes first."""
    ranked: list[int] = []
    while reached and not (ranked and rule.surplus is Surplus.ONE_WINNER):
        ranked.append(most(reached, order, ties))
        del reached[ranked[-1]]
    return tuple(ranked)


def threshold_of(rule: Rule, counted: int) -> int:
    """Return how many votes elect, in units of 10 to the power of minus `digits`."""
    unit: int = 10**rule.digits
    match rule.threshold:
        case Threshold.DROOP:
            return (counted // (rule.seats + 1) + 1) * unit
        case Threshold.HARE:
            return -(-counted // rule.seats) * unit
        case Threshold.DROOP_DECIMAL:
            return counted * unit // (rule.seats + 1) + 1
        case Threshold.HARE_DECIMAL:
            return -(-counted * unit // rule.seats)


def votes_of(units: int, unit: int) -> Votes:
    """Return units as votes: whole, or an exact fraction."""
    return units // unit if units % unit == 0 else Fraction(units, unit)
