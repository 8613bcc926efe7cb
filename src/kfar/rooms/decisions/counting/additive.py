"""Methods that add up: plurality, approval, score, STAR, Borda, quadratic.

Plurality: the option named first by most. Approval: Brams and Fishburn, "Approval Voting",
American Political Science Review 72(3), 1978. Score: the highest sum of grades (Smith, "Range
voting", 2000); an option not graded has 0. Quadratic: the highest sum of votes, where v votes
for an option, for or against it, cost a ballot v² of its credits (Lalley and Weyl, "Quadratic
Voting", AEA Papers and Proceedings 108, 2018).

Borda: de Borda, "Mémoire sur les élections au scrutin", 1781, as the tournament that allows ties
(Black, "Partial justification of the Borda count", Public Choice 28, 1976): a ballot gives an
option one point for each option it puts behind it and half a point for each that stands equal,
so equal ranks share the points of their places. Options not named are equal, behind all named.
An empty rank changes nothing.

STAR: score, then automatic runoff of the two best, won by the one that more ballots grade
higher. Its ties are broken as the Equal Vote Coalition's official protocol says
(https://www.starvoting.org/ties). For a place in the runoff, those among the tied who lose most
head-to-head comparisons drop out, again and again, as long as enough remain; then whoever has
more of the best grade is ahead. In the runoff the higher sum wins, then the number of best
grades. The lot is last.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kfar.ground.ballots import Form
from kfar.rooms.decisions.counting.lots import lot_order
from kfar.rooms.decisions.counting.report import By, Report, Round, Tie, Votes
from kfar.rooms.decisions.counting.rules import Method, Rule
from kfar.rooms.decisions.counting.sums import Matrix, Sums


def add_up(rule: Rule, sums: Sums) -> Report:
    """Return the report of a method whose winners are the options with the highest sums."""
    votes: Sequence[Votes]
    if rule.method is Method.PLURALITY and sums.form is Form.RANKING:
        piles = sums.piles(rule, 1)
        blank, votes = piles.exhausted, piles.worth
    else:
        blank, votes = sums.blank, _votes(rule, sums)
    if blank == sums.ballots:
        return Report(rule, sums.options, sums.ballots, blank, (), ())
    winners, ties = best(votes, rule.seats, lot_order(rule.lot, sums.options))
    only = Round(tuple(votes), elected=winners, ties=ties)
    return Report(rule, sums.options, sums.ballots, blank, winners, (only,))


def _votes(rule: Rule, sums: Sums) -> Sequence[Votes]:
    match rule.method:
        case Method.PLURALITY | Method.APPROVAL:
            return sums.named()
        case Method.BORDA:
            return borda_points(sums.pairwise(), sums.ballots - sums.blank)
        case _:
            return sums.totals()


def borda_points(matrix: Matrix, ballots: int) -> list[Votes]:
    """Return each option's points: what it is put before, and half of what it equals."""
    points: list[Votes] = []
    for a, row in enumerate(matrix):
        twice = sum(ballots + row[b] - matrix[b][a] for b in range(len(row)) if b != a)
        points.append(twice // 2 if twice % 2 == 0 else Fraction(twice, 2))
    return points


def best(
    votes: Sequence[Votes], seats: int, order: Sequence[int]
) -> tuple[tuple[int, ...], tuple[Tie, ...]]:
    """Return the `seats` options with most votes, best first, and the ties the lot broke.

    A tie is told where the lot decided who is elected, or who is elected before whom.
    """
    ranked = sorted(order, key=lambda option: -votes[option])
    winners = tuple(ranked[:seats])
    ties = []
    for level in dict.fromkeys(votes[option] for option in winners):
        tied = [option for option in ranked if votes[option] == level]
        if len(tied) > 1:
            ahead = sorted(option for option in winners if option in tied)
            ties.append(Tie(tuple(sorted(tied)), tuple(ahead), By.LOT))
    return winners, tuple(ties)


def star(rule: Rule, sums: Sums) -> Report:
    """Return the report of STAR: a round of sums, and a runoff of two."""
    if sums.blank == sums.ballots:
        return Report(rule, sums.options, sums.ballots, sums.blank, (), ())
    totals, matrix = sums.totals(), sums.pairwise()
    top = sums.given(rule.max_score or 5)
    order = lot_order(rule.lot, sums.options)
    finalists: list[int] = []
    ties: list[Tie] = []
    for level in sorted(set(totals), reverse=True):
        places = min(2, sums.options) - len(finalists)
        tied = [option for option in range(sums.options) if totals[option] == level]
        if len(tied) > places > 0:
            tied, told = _advancing(tied, places, matrix, top, order)
            ties.append(told)
        finalists += tied if places > 0 else []
    out = tuple(option for option in range(sums.options) if option not in finalists)
    scoring = Round(tuple(totals), eliminated=out, ties=tuple(ties))
    tally = [
        sum(matrix[a][b] for b in finalists) if a in finalists else None
        for a in range(sums.options)
    ]
    keys: list[tuple[By | None, Sequence[int]]] = [
        (None, [votes or 0 for votes in tally]),
        (By.SCORE, totals),
        (By.TOP_SCORES, top),
        (By.LOT, [-order.index(option) for option in range(sums.options)]),
    ]
    [winner], told_by = _first_by(finalists, 1, keys)
    tie = (Tie(tuple(sorted(finalists)), (winner,), told_by),) if told_by else ()
    equal = sums.ballots - sum(votes or 0 for votes in tally)
    runoff = Round(tuple(tally), elected=(winner,), exhausted=equal, ties=tie)
    return Report(rule, sums.options, sums.ballots, sums.blank, (winner,), (scoring, runoff))


def _advancing(
    tied: list[int], places: int, matrix: Matrix, top: list[int], order: Sequence[int]
) -> tuple[list[int], Tie]:
    """Choose `places` of the options tied for the runoff."""
    left = list(tied)
    while len(left) > places:
        lost = {a: sum(matrix[a][b] < matrix[b][a] for b in left) for a in left}
        kept = [a for a in left if lost[a] < max(lost.values())]
        if len(kept) < places:
            break
        left = kept
    if len(left) == places:
        return left, Tie(tuple(tied), tuple(sorted(left)), By.HEAD_TO_HEAD)
    lots = [-order.index(option) for option in range(len(matrix))]
    chosen, by = _first_by(left, places, [(By.TOP_SCORES, top), (By.LOT, lots)])
    return chosen, Tie(tuple(tied), tuple(sorted(chosen)), by or By.TOP_SCORES)


def _first_by(
    options: Sequence[int], places: int, keys: Sequence[tuple[By | None, Sequence[int]]]
) -> tuple[list[int], By | None]:
    """Return the best `places` options by the first of `keys`, the next where equal, and so on.

    With it comes the key that drew the line between those who are in and those who are not.
    """
    ranked = sorted(options, key=lambda option: tuple(-values[option] for _, values in keys))
    for by, values in keys:
        if len(ranked) == places or values[ranked[places - 1]] != values[ranked[places]]:
            return ranked[:places], by
    return ranked[:places], keys[-1][0]
