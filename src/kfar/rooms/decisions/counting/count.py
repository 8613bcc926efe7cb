"""Counting: a rule and ballots in, a report out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kfar.ground.ballots import Ballot
from kfar.rooms.decisions.counting.additive import add_up, star
from kfar.rooms.decisions.counting.budgets import equal_shares, greedy_budget
from kfar.rooms.decisions.counting.condorcet import two_by_two
from kfar.rooms.decisions.counting.report import Report
from kfar.rooms.decisions.counting.rules import Method, Rule
from kfar.rooms.decisions.counting.runoff import instant_runoff
from kfar.rooms.decisions.counting.sums import Counted, Sums
from kfar.rooms.decisions.counting.transferable import single_transferable

#: What counts each method.
COUNTING: Mapping[Method, Callable[[Rule, Sums], Report]] = {
    Method.PLURALITY: add_up,
    Method.APPROVAL: add_up,
    Method.SCORE: add_up,
    Method.STAR: star,
    Method.BORDA: add_up,
    Method.IRV: instant_runoff,
    Method.STV: single_transferable,
    Method.MINIMAX: two_by_two,
    Method.RANKED_PAIRS: two_by_two,
    Method.SCHULZE: two_by_two,
    Method.EQUAL_SHARES: equal_shares,
    Method.GREEDY: greedy_budget,
    Method.QUADRATIC: add_up,
}


def count(rule: Rule, ballots: Mapping[Ballot, int], options: int) -> Report:
    """Count `ballots`, {ballot: how many times it was cast}, over `options` options.

    The ballots are of the form `rule.takes` (`ballots.py`). Scores and points are summed as they
    stand: whether a ballot may be cast is asked before (`kfar.ground.ballots.Paper`). What names
    an option that does not exist raises `ValueError`.
    """
    return tabulate(rule, Counted(rule.takes, ballots, options))


def tabulate(rule: Rule, sums: Sums) -> Report:
    """Count what stands in `sums`, plain or of arrays, as `rule` says."""
    if sums.form is not rule.takes:
        raise ValueError(f"{sums.form} are not what the rule takes: {rule.takes}")
    return COUNTING[rule.method](rule, sums)
