"""RCTab's way of counting, done over in the plainest way: the oracle of our quicker one.

Every ballot is read again from its first rank in every round, and carries what it has given to
each winner, as `Tabulator.java` and `CastVoteRecord.java` of github.com/BrightSpots/rcv do it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from kfar.ground.ballots import SPOILED
from kfar.rooms.decisions.counting.lots import lot_order
from kfar.rooms.decisions.counting.rules import Method, Overvote, Rule, Surplus, Threshold
from tests.rooms.decisions.counting.profiles import Profile

#: A round: who has how many votes, who is elected and who eliminated.
Told = tuple[dict[int, Decimal], set[int], set[int]]


@dataclass
class Paper:
    slots: list[tuple[int, ...]]
    given: dict[int, Decimal] = field(default_factory=dict)
    holder: int | None = None
    exhausted: bool = False

    @property
    def value(self) -> Decimal:
        return 1 - sum(self.given.values(), Decimal(0))


def tabulate(rule: Rule, profile: Profile, options: int) -> list[Told]:
    """Return the rounds, for IRV or for STV whose surpluses move together."""
    papers = [
        Paper([slot for slot in ballot if isinstance(slot, tuple)])
        for ballot, times in profile.items()
        for _ in range(times)
    ]
    seats = 1 if rule.method is Method.IRV else min(rule.seats, options)
    digits = Decimal(1).scaleb(-rule.digits)
    order = lot_order(rule.lot, options)
    won: dict[int, int] = {}
    gone: dict[int, int] = {}
    kept: dict[int, Decimal] = {}
    rounds: list[Told] = []
    threshold = Decimal(0)
    last = False
    while not last:
        number = len(rounds)
        standing = {o for o in range(options) if o not in gone and (o not in won or _irv(rule))}
        for paper in papers:
            if not paper.exhausted and paper.holder not in standing:
                _read(rule, paper, standing)
        tally = {
            o: sum((p.value for p in papers if not p.exhausted and p.holder == o), Decimal(0))
            for o in standing
        }
        if not rounds and not any(tally.values()):
            return []
        if _irv(rule) or not rounds:
            threshold = _threshold(rule, sum(tally.values(), Decimal(0)), seats)
        undeclared = {o for o in rule.first_out if tally.get(o)}
        if undeclared == standing:
            undeclared = set()
        elected: set[int] = set()
        eliminated: set[int] = set()
        unfilled = seats - len(won)
        if not undeclared and unfilled:
            bottoms_up = not _irv(rule) and rule.surplus is Surplus.NONE
            elected = {o for o in tally if tally[o] >= threshold and not bottoms_up}
            if len(tally) <= unfilled or (_irv(rule) and len(tally) == 2):
                elected = set(tally)
            if elected and (_irv(rule) or rule.surplus is Surplus.ONE_WINNER):
                elected = {min(elected, key=lambda o: (-tally[o], order.index(o)))}
        more = len(won) < seats or (_irv(rule) and rule.until_two and len(standing) > 2)
        if not elected and more:
            eliminated = undeclared or _batch(rule, tally)
            if not eliminated:
                eliminated = {min(tally, key=lambda o: (tally[o], -order.index(o)))}
        rounds.append(({**tally, **kept}, elected, eliminated))
        for option in elected:
            won[option] = number
            _elect(rule, option, tally[option], threshold, papers, kept, digits)
        for option in eliminated:
            gone[option] = number
        if _irv(rule):
            last = bool(won) and not eliminated and (len(standing) < 3 or not rule.until_two)
        else:
            extra = rule.surplus is not Surplus.NONE
            last = len(won) == seats and not (extra and elected)
    return rounds


def _irv(rule: Rule) -> bool:
    return rule.method is Method.IRV


def _threshold(rule: Rule, votes: Decimal, seats: int) -> Decimal:
    if _irv(rule):
        return (votes / 2).quantize(Decimal(1), ROUND_DOWN) + 1
    seats = rule.seats
    whole = rule.threshold in {Threshold.DROOP, Threshold.HARE}
    step = Decimal(1) if whole else Decimal(1).scaleb(-rule.digits)
    if rule.threshold in {Threshold.HARE, Threshold.HARE_DECIMAL}:
        return (votes / seats).quantize(step, ROUND_UP)
    return (votes / (seats + 1)).quantize(step, ROUND_DOWN) + step


def _read(rule: Rule, paper: Paper, standing: set[int]) -> None:
    """Find whom the ballot counts for now, from its first rank; or it is exhausted."""
    seen: set[int] = set()
    before = 0
    for rank, slot in enumerate(paper.slots, 1):
        if not slot:
            continue
        if rule.max_skipped is not None and rank - before > rule.max_skipped + 1:
            break
        before = rank
        if slot == SPOILED:
            if rule.overvote is Overvote.SKIP:
                continue
            break
        if rule.end_at_duplicate and seen & set(slot):
            break
        seen |= set(slot)
        here = standing & set(slot)
        if len(slot) > 1:
            if rule.overvote is Overvote.SKIP:
                continue
            if rule.overvote is Overvote.EXHAUST or len(here) > 1:
                break
        if here:
            [paper.holder] = here
            return
    paper.exhausted, paper.holder = True, None


def _elect(
    rule: Rule,
    option: int,
    votes: Decimal,
    threshold: Decimal,
    papers: list[Paper],
    kept: dict[int, Decimal],
    digits: Decimal,
) -> None:
    if _irv(rule):
        return
    moves = votes > threshold and rule.surplus is not Surplus.NONE
    fraction = ((votes - threshold) / votes).quantize(digits, ROUND_DOWN) if moves else Decimal(0)
    for paper in papers:
        if paper.holder == option and not paper.exhausted:
            paper.given[option] = paper.value - (paper.value * fraction).quantize(
                digits, ROUND_DOWN
            )
    kept[option] = threshold if moves else votes


def _batch(rule: Rule, tally: dict[int, Decimal]) -> set[int]:
    if not rule.batch_elimination:
        return set()
    found: set[int] = set()
    for level in sorted(set(tally.values())):
        below = {o for o in tally if tally[o] < level}
        left = len(tally) - len(below)
        if sum(tally[o] for o in below) < level and left >= (2 if rule.until_two else 1):
            found = below
    return found if len(found) > 1 else set()
