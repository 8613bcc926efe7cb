"""Budgets: what is funded with a sum of money, by equal shares or greedily.

Equal shares: Peters, Pierczyński and Skowron, "Proportional participatory budgeting with additive
utilities", NeurIPS 2021. Every voter has the same share of the budget. An option costs its
supporters rho for each unit of utility, a supporter with less than that all that is left of the
share; the option with the lowest rho is funded and paid, until no option's supporters can pay for
it. A choice has the option's cost as its utility, scores and points are utilities as they stand.
Equal rhos are decided by the lot. Voters are the ballots that name something.

What is left over (`Rule.completion`): nothing is done; the greedy rule; or, as in Wieliczka, every
share is raised by one unit of money and all counted anew, as long as something still fits and the
outcome stays within the budget, and then the greedy rule (https://equalshares.net).

Greedy: options in the order of their votes, or votes for each unit of money (`Rule.worth`); each
is funded that still fits. Votes are choices, or the sums of scores or points. What nobody supports
is not funded. Equals are decided by the lot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from kfar.ground.ballots import Form
from kfar.rooms.decisions.counting.lots import lot_order
from kfar.rooms.decisions.counting.report import By, Report, Round, Tie, Votes
from kfar.rooms.decisions.counting.rules import Completion, Rule, Worth
from kfar.rooms.decisions.counting.sums import Sums

#: For each option its supporters: number of a group of equal ballots, and the utility to each.
Supporters = list[list[tuple[int, int]]]


def equal_shares(rule: Rule, sums: Sums) -> Report:
    """Return the report of the Method of Equal Shares: a round for each option funded.

    The tally of a round has the funded option's support alone: 1/rho, with choices the number of
    full votes that pay for it.
    """
    budget, order = _money(rule, sums)
    times, supporters = _support(rule, sums)
    if sums.blank == sums.ballots:
        return Report(rule, sums.options, sums.ballots, sums.blank, (), ())
    share = Fraction(budget, sums.ballots - sums.blank)
    rounds = _shared(share, times, supporters, rule.costs, order)
    while rule.completion is Completion.ADD_ONE and _more_fits(rounds, supporters, rule, budget):
        share += 1
        raised = _shared(share, times, supporters, rule.costs, order)
        if _spent(raised, rule.costs) > budget:
            break
        rounds = raised
    winners = tuple(option for each in rounds for option in each.elected)
    if rule.completion is not Completion.NONE:
        left = budget - _spent(rounds, rule.costs)
        rest = _greedily(rule, _support_sums(sums), left, winners, order)
        if rest.elected:
            rounds = [*rounds, rest]
            winners += rest.elected
    return Report(rule, sums.options, sums.ballots, sums.blank, winners, tuple(rounds))


def greedy_budget(rule: Rule, sums: Sums) -> Report:
    """Return the report of the greedy rule: one round, the funded in the order in which they are.

    The tally has votes, also where votes for each unit of money decide.
    """
    budget, order = _money(rule, sums)
    if sums.blank == sums.ballots:
        return Report(rule, sums.options, sums.ballots, sums.blank, (), ())
    only = _greedily(rule, _support_sums(sums), budget, (), order)
    return Report(rule, sums.options, sums.ballots, sums.blank, only.elected, (only,))


def _money(rule: Rule, sums: Sums) -> tuple[int, tuple[int, ...]]:
    if len(rule.costs) != sums.options or rule.budget is None:
        raise ValueError(f"{len(rule.costs)} costs for {sums.options} options")
    return rule.budget, lot_order(rule.lot, sums.options)


def _support_sums(sums: Sums) -> Sequence[int]:
    return sums.named() if sums.form is Form.CHOICES else sums.totals()


def _support(rule: Rule, sums: Sums) -> tuple[list[int], Supporters]:
    """Return how many voters each group has, and the supporters of each option."""
    times: list[int] = []
    supporters: Supporters = [[] for _ in range(sums.options)]
    for group, (ballot, cast) in enumerate(sums.grouped()):
        times.append(cast)
        for part in ballot:
            option, utility = (part, rule.costs[part]) if isinstance(part, int) else part
            if utility > 0 and cast:
                supporters[option].append((group, utility))
    return times, supporters


def _spent(rounds: Iterable[Round], costs: Sequence[int]) -> int:
    return sum(costs[option] for each in rounds for option in each.elected)


def _more_fits(rounds: Sequence[Round], supporters: Supporters, rule: Rule, budget: int) -> bool:
    funded = {option for each in rounds for option in each.elected}
    left = budget - _spent(rounds, rule.costs)
    wanted = (option for option, them in enumerate(supporters) if them and option not in funded)
    return any(rule.costs[option] <= left for option in wanted)


def _shared(
    share: Fraction,
    times: Sequence[int],
    supporters: Supporters,
    costs: Sequence[int],
    order: Sequence[int],
) -> list[Round]:
    """Fund options with `share` for every voter, lowest rho first.

    Purses are counted in whole parts of a unit of money, more and smaller ones when a price asks
    for them: the same as fractions, and ten times as quick.
    """
    purse, parts = [share.numerator] * len(times), share.denominator
    # What supporters must pay only grows, so what it was last time is a bound from below.
    bound = {option: Fraction(0) for option, them in enumerate(supporters) if them}
    rounds: list[Round] = []
    while bound:
        lowest: Fraction | None = None
        tied: list[int] = []
        for option in sorted(bound, key=bound.__getitem__):
            if lowest is not None and bound[option] > lowest:
                break
            rho = _rho(costs[option] * parts, supporters[option], times, purse)
            if rho is None:
                del bound[option]
                continue
            bound[option] = rho / parts
            if lowest is None or bound[option] < lowest:
                lowest, tied = bound[option], []
            if bound[option] == lowest:
                tied.append(option)
        if lowest is None:
            break
        funded = min(tied, key=order.index)
        del bound[funded]
        price = lowest * parts
        if price.denominator > 1:
            purse = [left * price.denominator for left in purse]
            parts *= price.denominator
        for group, utility in supporters[funded]:
            purse[group] -= min(purse[group], price.numerator * utility)
        rounds.append(_funding(funded, 1 / lowest, tied, len(costs)))
    return rounds


def _funding(option: int, support: Fraction, tied: Sequence[int], options: int) -> Round:
    votes: Votes = support.numerator if support.denominator == 1 else support
    tie = (Tie(tuple(sorted(tied)), (option,), By.LOT),) if len(tied) > 1 else ()
    tally = tuple(votes if n == option else None for n in range(options))
    return Round(tally, elected=(option,), ties=tie)


def _rho(
    cost: int,
    supporters: Sequence[tuple[int, int]],
    times: Sequence[int],
    purse: Sequence[int],
) -> Fraction | None:
    """Return what each unit of utility costs the supporters, None where they cannot pay.

    Who cannot pay the common price pays all there is; that raises it for the others, until
    all of them can.
    """
    able = [(purse[group], utility, times[group]) for group, utility in supporters]
    to_pay = cost
    while able:
        utilities = sum(utility * voters for _, utility, voters in able)
        kept = [voter for voter in able if voter[0] * utilities >= to_pay * voter[1]]
        if len(kept) == len(able):
            return Fraction(to_pay, utilities)
        to_pay -= sum(
            left * voters for left, utility, voters in able if left * utilities < to_pay * utility
        )
        able = kept
    return None


def _greedily(
    rule: Rule, votes: Sequence[int], left: int, funded: Sequence[int], order: Sequence[int]
) -> Round:
    """Fund what fits into `left`, of what is not funded yet."""

    def worth(option: int) -> Fraction:
        per = rule.costs[option] if rule.worth is Worth.VOTES_PER_COST else 1
        return Fraction(votes[option], per)

    open_to = [option for option in order if option not in funded and votes[option] > 0]
    ranked = sorted(open_to, key=worth, reverse=True)
    chosen: list[int] = []
    ties: list[Tie] = []
    for place, option in enumerate(ranked):
        if rule.costs[option] > left:
            continue
        tied = [o for o in ranked[place:] if worth(o) == worth(option) and rule.costs[o] <= left]
        if len(tied) > 1:
            ties.append(Tie(tuple(sorted(tied)), (option,), By.LOT))
        chosen.append(option)
        left -= rule.costs[option]
    tally = tuple(None if n in funded else cast for n, cast in enumerate(votes))
    return Round(tally, elected=tuple(chosen), ties=tuple(ties))
