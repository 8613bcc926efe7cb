"""Methods that compare two by two: minimax, ranked pairs, Schulze.

How strong a win of a over b is stands in `Rule.strength`: the ballots that put a before b
(winning votes, the default), or how many more they are than those that put b before a (margins).

Minimax: the option whose worst defeat is weakest (Simpson, "On defining areas of voter choice",
Quarterly Journal of Economics 83, 1969; Kramer 1977). Who is not defeated has 0.

Ranked pairs: Tideman, "Independence of clones as a criterion for voting rules", Social Choice
and Welfare 4, 1987. Wins are considered from the strongest down, and each is kept that does not
contradict those kept before. As Zavist and Tideman propose ("Complete independence of clones in
the ranked pairs rule", Social Choice and Welfare 6, 1989), a ranking drawn before, here the lot,
orders equally strong ones: first the win whose winner stands first in it, of the same winner the
one whose loser does. Where ballots are equally many both ways, who stands first in the lot has a
win of strength 0, considered last; so in the end all stand in one line.

Schulze: Schulze, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-
consistent single-winner election method", Social Choice and Welfare 36, 2011. The strength of a
path is that of its weakest win; a stands before b if the strongest path from a to b is stronger
than that from b to a. Of several whom nobody stands before, the lot chooses.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from kfar.rooms.decisions.counting.lots import lot_order
from kfar.rooms.decisions.counting.report import By, Defeat, Pairs, Report, Round, Tie, Votes
from kfar.rooms.decisions.counting.rules import Method, Rule, Strength
from kfar.rooms.decisions.counting.sums import Matrix, Sums


def two_by_two(rule: Rule, sums: Sums) -> Report:
    """Return the report of minimax, ranked pairs or Schulze."""
    if sums.blank == sums.ballots:
        return Report(rule, sums.options, sums.ballots, sums.blank, (), ())
    matrix = sums.pairwise()
    wins = win_strengths(matrix, rule.strength)
    order = lot_order(rule.lot, sums.options)
    ties: list[Tie] = []
    locked: tuple[Defeat, ...] = ()
    paths: Matrix = []
    tally: Sequence[Votes]
    match rule.method:
        case Method.MINIMAX:
            tally = [max(row[a] for row in wins) for a in range(sums.options)]
            first = [a for a in range(sums.options) if tally[a] == min(tally)]
        case Method.RANKED_PAIRS:
            locked, above, ties = lock(wins, order)
            tally = [sum(row) for row in above]
            first = list(unbeaten_in(above))
        case _:
            paths = strongest_paths(wins)
            tally = [
                sum(paths[a][b] > paths[b][a] for b in range(sums.options))
                for a in range(sums.options)
            ]
            first = [
                a
                for a in range(sums.options)
                if all(paths[a][b] >= paths[b][a] for b in range(sums.options))
            ]
    winner = min(first, key=order.index)
    if len(first) > 1:
        ties.append(Tie(tuple(first), (winner,), By.LOT))
    pairs = Pairs(frozen(matrix), condorcet_winner(matrix), locked, frozen(paths))
    only = Round(tuple(tally), elected=(winner,), ties=tuple(ties))
    return Report(rule, sums.options, sums.ballots, sums.blank, (winner,), (only,), pairs)


def frozen(matrix: Matrix) -> tuple[tuple[int, ...], ...]:
    """Return a matrix that nobody changes."""
    return tuple(tuple(row) for row in matrix)


def condorcet_winner(matrix: Matrix) -> int | None:
    """Return the option that more ballots put before each other one than behind it, or None."""
    for a, row in enumerate(matrix):
        if all(row[b] > matrix[b][a] for b in range(len(row)) if b != a):
            return a
    return None


def win_strengths(matrix: Matrix, strength: Strength) -> Matrix:
    """Return [a][b]: how strong a's win over b is, 0 where it is none."""
    margins = strength is Strength.MARGINS
    return [
        [
            max(votes - matrix[b][a], 0) if margins else votes * (votes > matrix[b][a])
            for b, votes in enumerate(row)
        ]
        for a, row in enumerate(matrix)
    ]


def lock(wins: Matrix, order: Sequence[int]) -> tuple[tuple[Defeat, ...], Matrix, list[Tie]]:
    """Lock the wins of ranked pairs.

    Returns each win in the order considered, [a][b]: 1 where a stands above b in the end, and
    the ties the lot broke: the winners of equally strong wins of which one fell to another, and
    those nobody stood above before the wins of strength 0.
    """
    found = [(a, b) for a in order for b in order if wins[a][b]]
    found.sort(key=lambda win: -wins[win[0]][win[1]])
    above: Matrix = [[0] * len(wins) for _ in wins]
    locked: list[Defeat] = []
    ties: list[Tie] = []
    for strength, equals in groupby(found, key=lambda win: wins[win[0]][win[1]]):
        level = list(equals)
        before = [list(row) for row in above]
        kept = [win for win in level if _keep(win, above)]
        locked += [Defeat(a, b, strength, (a, b) in kept) for a, b in level]
        # What fitted the stronger ones, but not its equals, fell to the lot.
        if any(_fits(win, before) and win not in kept for win in level):
            tied, ahead = ({a for a, _ in some} for some in (level, kept))
            ties.append(Tie(tuple(sorted(tied)), tuple(sorted(ahead)), By.LOT))
    unbeaten = unbeaten_in(above)
    for n, a in enumerate(order):
        for b in order[n + 1 :]:
            if not wins[a][b] and not wins[b][a]:
                locked.append(Defeat(a, b, 0, _keep((a, b), above)))
    if len(unbeaten) > 1:
        ties.append(Tie(unbeaten, unbeaten_in(above), By.LOT))
    return tuple(locked), above, ties


def unbeaten_in(above: Matrix) -> tuple[int, ...]:
    """Return the options above which nobody stands."""
    return tuple(a for a in range(len(above)) if not any(row[a] for row in above))


def _fits(win: tuple[int, int], above: Matrix) -> bool:
    return not above[win[1]][win[0]]


def _keep(win: tuple[int, int], above: Matrix) -> bool:
    """Put the winner, and all above it, above the loser and all below; False if that is wrong."""
    a, b = win
    if not _fits(win, above):
        return False
    for over in [a, *(n for n, row in enumerate(above) if row[a])]:
        for under in [b, *(n for n, below in enumerate(above[b]) if below)]:
            above[over][under] = 1
    return True


def strongest_paths(wins: Matrix) -> Matrix:
    """Return [a][b]: the strength of the strongest path from a to b, 0 where there is none."""
    paths = [list(row) for row in wins]
    for via, through in enumerate(paths):
        for a, row in enumerate(paths):
            if a != via:
                for b in range(len(row)):
                    if b not in (a, via):
                        row[b] = max(row[b], min(row[via], through[b]))
    return paths
