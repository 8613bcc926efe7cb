"""Instant runoff (IRV): votes that move until somebody has more than half.

Counted as jurisdictions in the United States count it with RCTab
(https://github.com/BrightSpots/rcv, `Tabulator.java`). Each round, whoever has more than half of
the votes that still count is elected; if nobody has, the option with the fewest is eliminated and
its ballots go to the next option they name. Of the last two the one with more votes is elected.
With batch elimination all those go at once whose votes together are fewer than the votes of the
next. With `until_two` the round that elects eliminates nobody, and elimination goes on after it
until two options stand. Ties are broken by the lot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kfar.rooms.decisions.counting.lots import lot_order
from kfar.rooms.decisions.counting.report import By, Report, Round, Tie
from kfar.rooms.decisions.counting.rules import Rule
from kfar.rooms.decisions.counting.sums import Sums


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
    done = blank == sums.ballots
    while not done:
        votes = {option: piles.worth[option] for option in sorted(open_to)}
        threshold = sum(votes.values()) // 2 + 1
        undeclared = {option for option in rule.first_out if votes.get(option, 0)}
        ties: list[Tie] = []
        elected: tuple[int, ...] = ()
        out: tuple[int, ...] = ()
        if undeclared and undeclared != open_to:
            out = tuple(sorted(undeclared))
        elif not winners and (len(votes) < 3 or max(votes.values()) >= threshold):
            elected = winners = (most(votes, order, ties),)
        elif len(votes) > 2:
            out = _batch(votes, 2 if rule.until_two else 1) if rule.batch_elimination else ()
            out = out if len(out) > 1 else (fewest(votes, order, ties),)
        rounds.append(
            Round(
                tuple(votes.get(option) for option in range(sums.options)),
                elected=elected,
                eliminated=out,
                threshold=threshold,
                exhausted=piles.exhausted - blank,
                ties=tuple(ties),
            )
        )
        done = bool(winners) and (not rule.until_two or len(votes) < 3)
        open_to.difference_update(out)
        for option in out:
            piles.transfer(option, open_to, 1, 1)
    return Report(rule, sums.options, sums.ballots, blank, winners, tuple(rounds))


def _batch(votes: dict[int, int], left: int) -> tuple[int, ...]:
    """Return the longest run of lowest options with fewer votes together than the next has.

    At least so many as `left` stay.
    """
    ranked = sorted(votes, key=votes.__getitem__)
    together, batch = 0, 0
    for place, option in enumerate(ranked[: len(ranked) - left + 1]):
        # Those with equally many votes stay or go together.
        if together < votes[option] and (place == 0 or votes[ranked[place - 1]] < votes[option]):
            batch = place
        together += votes[option]
    return tuple(sorted(ranked[:batch]))


def most(votes: dict[int, int], order: Sequence[int], ties: list[Tie]) -> int:
    """Return the option with most votes; of equals the lot's, and note the tie."""
    tied = [option for option in votes if votes[option] == max(votes.values())]
    return drawn(tied, min, order, ties)


def fewest(votes: dict[int, int], order: Sequence[int], ties: list[Tie]) -> int:
    """Return the option with fewest votes; of equals the lot's, and note the tie."""
    tied = [option for option in votes if votes[option] == min(votes.values())]
    return drawn(tied, max, order, ties)


def drawn(
    tied: Sequence[int], pick: Callable[..., int], order: Sequence[int], ties: list[Tie]
) -> int:
    """Return one of `tied`, `pick` of their places in the lot order; note the tie, if it is one."""
    option: int = pick(tied, key=order.index)
    if len(tied) > 1:
        ahead = [option] if pick is min else [other for other in tied if other != option]
        ties.append(Tie(tuple(sorted(tied)), tuple(sorted(ahead)), By.LOT))
    return option
