"""What holds whatever the ballots are."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import TypeVar

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kfar.ground.ballots import SPOILED, Ballot, Form
from kfar.rooms.decisions.counting.compare import compared, fitting_methods
from kfar.rooms.decisions.counting.count import count
from kfar.rooms.decisions.counting.report import By, Pairs, Report, Round, Tie, Votes
from kfar.rooms.decisions.counting.rules import BUDGETS, Completion, Method, Rule, Surplus
from kfar.rooms.decisions.counting.sums import Counted
from tests.rooms.decisions.counting.profiles import (
    OPTIONS,
    RANKED,
    Profile,
    cast,
    counts,
    rules,
    strict,
    weak,
)

#: Methods that elect whom more than half put first.
MAJORITY = (Method.PLURALITY, Method.IRV, Method.STV, *RANKED)
Names = tuple[int, ...]
T = TypeVar("T")


# --- ballots -----------------------------------------------------------------------------------


@given(counts(), st.integers(2, 5))
def test_a_ballot_adds_its_own_weight_and_nothing_else(
    counted: tuple[Rule, Profile], times: int
) -> None:
    rule, profile = replace(counted[0], first_out=()), counted[1]
    assume(profile)
    [chosen, *_] = profile
    before = {ballot: cast for ballot, cast in profile.items() if ballot != chosen}
    alone, rest, both = (
        count(rule, given, OPTIONS)
        for given in ({chosen: times}, before, {**before, chosen: times})
    )
    assert (both.ballots, both.blank) == (rest.ballots + times, rest.blank + alone.blank)
    if rule.method in RANKED:
        one, other, together = (_matrix(each) for each in (alone, rest, both))
    elif rule.method is not Method.EQUAL_SHARES:
        one, other, together = (_first(each) for each in (alone, rest, both))
    else:
        return
    assert [a + b for a, b in zip(one, other, strict=True)] == together


def _first(report: Report) -> list[Votes]:
    tally = report.rounds[0].tally if report.rounds else [0] * OPTIONS
    return [votes or 0 for votes in tally]


def _matrix(report: Report) -> list[Votes]:
    empty = [0] * OPTIONS**2
    return [votes for row in report.pairs.matrix for votes in row] if report.pairs else [*empty]


@given(counts(), st.integers(0, 2**32))
def test_the_order_of_arrival_changes_nothing(counted: tuple[Rule, Profile], luck: int) -> None:
    rule, profile = counted
    arrived = list(profile.items())
    Random(luck).shuffle(arrived)
    assert count(rule, dict(arrived), OPTIONS) == count(rule, profile, OPTIONS)


@given(counts())
def test_ballots_that_say_nothing_are_blank_and_change_no_winner(
    counted: tuple[Rule, Profile],
) -> None:
    rule, profile = counted
    before = count(rule, profile, OPTIONS)
    after = count(rule, {**profile, (): profile.get((), 0) + 3}, OPTIONS)
    assert (after.winners, after.blank) == (before.winners, before.blank + 3)


# --- options -----------------------------------------------------------------------------------


@settings(max_examples=200)
@given(counts(), st.permutations(range(OPTIONS)).map(tuple))
def test_other_names_for_the_options_rename_the_whole_report(
    counted: tuple[Rule, Profile], names: Names
) -> None:
    rule, profile = counted
    renamed_rule = replace(
        rule,
        lot=">".join(str(names[int(option)]) for option in rule.lot.split(">")),
        first_out=tuple(names[option] for option in rule.first_out),
        costs=tuple(_placed(rule.costs, names)) if rule.costs else (),
    )
    renamed = {_renamed(rule.takes, ballot, names): times for ballot, times in profile.items()}
    there = count(renamed_rule, renamed, OPTIONS)
    here = count(rule, profile, OPTIONS)
    assert there.winners == tuple(names[winner] for winner in here.winners)
    assert there.rounds == tuple(_renamed_round(each, names) for each in here.rounds)
    if here.pairs:
        assert there.pairs == _renamed_pairs(here.pairs, names)


def _placed(values: tuple[T, ...], names: Names) -> list[T]:
    return [values[names.index(n)] for n in range(OPTIONS)]


def _renamed(form: Form, ballot: Ballot, names: Names) -> Ballot:
    parts = [part for part in ballot if isinstance(part, tuple)]
    match form:
        case Form.CHOICES:
            return tuple(sorted(names[part] for part in ballot if isinstance(part, int)))
        case Form.RANKING:
            return tuple(p if p == SPOILED else tuple(names[o] for o in p) for p in parts)
        case _:
            return tuple(sorted((names[option], number) for option, number in parts))


def _renamed_round(each: Round, names: Names) -> Round:
    def all_of(options: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(names[option] for option in options)

    return replace(
        each,
        tally=tuple(_placed(each.tally, names)),
        elected=all_of(each.elected),
        eliminated=tuple(sorted(all_of(each.eliminated))),
        surplus_of=None if each.surplus_of is None else names[each.surplus_of],
        ties=tuple(
            Tie(tuple(sorted(all_of(tie.tied))), tuple(sorted(all_of(tie.ahead))), tie.by)
            for tie in each.ties
        ),
    )


def _renamed_pairs(pairs: Pairs, names: Names) -> Pairs:
    def table(matrix: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(_placed(row, names)) for row in _placed(matrix, names)) if matrix else ()

    return Pairs(
        table(pairs.matrix),
        None if pairs.winner is None else names[pairs.winner],
        tuple(replace(d, winner=names[d.winner], loser=names[d.loser]) for d in pairs.locked),
        table(pairs.paths),
    )


# --- criteria ----------------------------------------------------------------------------------


@given(rules(MAJORITY), cast(strict(), 1), st.integers(0, OPTIONS - 1))
def test_whom_more_than_half_put_first_is_elected(
    rule: Rule, profile: Profile, favourite: int
) -> None:
    rule = replace(rule, form=Form.RANKING, seats=1, first_out=())
    others = sum(times for ballot, times in profile.items() if ballot[0] != (favourite,))
    majority = {**profile, ((favourite,),): others + 1}
    assert count(rule, majority, OPTIONS).winners == (favourite,)


@given(rules(RANKED), cast(st.one_of(strict(), weak()), 1))
def test_who_beats_every_other_is_elected(rule: Rule, profile: Profile) -> None:
    report = count(replace(rule, form=Form.RANKING), profile, OPTIONS)
    assert report.pairs
    matrix = report.pairs.matrix
    champions: list[int | None] = [
        a
        for a in range(OPTIONS)
        if all(matrix[a][b] > matrix[b][a] for b in range(OPTIONS) if b != a)
    ]
    assert [report.pairs.winner] == (champions or [None])
    if champions:
        assert report.winners == tuple(champions)


# --- votes that move ---------------------------------------------------------------------------


@settings(max_examples=200)
@given(counts((Method.STV, Method.IRV)))
def test_every_round_has_the_votes_of_the_first(counted: tuple[Rule, Profile]) -> None:
    rule, profile = counted
    report = count(rule, profile, OPTIONS)
    for each in report.rounds:
        votes = sum(votes for votes in each.tally if votes is not None)
        assert votes + each.exhausted + each.rounding == report.ballots - report.blank
        assert min(each.rounding, each.exhausted) >= 0
        unit = 10**rule.digits
        assert all((votes or 0) * unit % 1 == 0 for votes in each.tally)


@given(counts((Method.STV,)))
def test_the_single_transferable_vote_fills_the_seats_and_says_who_and_when(
    counted: tuple[Rule, Profile],
) -> None:
    rule, profile = counted
    report = count(rule, profile, OPTIONS)
    told = [option for each in report.rounds for option in each.elected]
    assert list(report.winners) == told
    assert len(set(told)) == (min(rule.seats, OPTIONS) if report.rounds else 0)
    for each in report.rounds[:-1]:
        if rule.surplus is Surplus.LARGEST:
            assert len(each.eliminated) + bool(_moves(report, each)) == 1
        else:
            assert bool(each.eliminated) != bool(each.elected)


def _moves(report: Report, each: Round) -> bool:
    after = report.rounds[report.rounds.index(each) + 1]
    return after.surplus_of is not None


@given(counts((Method.IRV,)))
def test_batches_eliminate_faster_and_elect_the_same(counted: tuple[Rule, Profile]) -> None:
    rule, profile = counted
    one, many = (
        count(replace(rule, batch_elimination=batch), profile, OPTIONS) for batch in (False, True)
    )
    assert many.winners == one.winners
    assert len(many.rounds) <= len(one.rounds)


@given(cast(strict()), st.permutations(range(OPTIONS)))
def test_one_seat_of_the_single_transferable_vote_is_instant_runoff(
    profile: Profile, order: list[int]
) -> None:
    lot = ">".join(map(str, order))
    runoff = count(Rule(Method.IRV, lot=lot), profile, OPTIONS)
    seat = count(Rule(Method.STV, lot=lot), profile, OPTIONS)
    # Equal votes are decided by earlier rounds in the one and by lot in the other.
    if not any(tie.by is By.EARLIER_ROUND for each in seat.rounds for tie in each.ties):
        assert seat.winners == runoff.winners


# --- budgets -----------------------------------------------------------------------------------


@given(counts(tuple(BUDGETS)))
def test_no_more_is_spent_than_there_is(counted: tuple[Rule, Profile]) -> None:
    rule, profile = counted
    report = count(rule, profile, OPTIONS)
    assert rule.budget is not None
    left = rule.budget - sum(rule.costs[option] for option in report.winners)
    assert left >= 0
    assert len(set(report.winners)) == len(report.winners)
    if report.rounds and (rule.method is Method.GREEDY or rule.completion is not Completion.NONE):
        wanted = {
            option
            for option in range(OPTIONS)
            if _support(rule.takes, profile, option) > 0 and option not in report.winners
        }
        assert [option for option in wanted if rule.costs[option] <= left] == []


def _support(form: Form, profile: Profile, option: int) -> int:
    if form is Form.CHOICES:
        return sum(times for ballot, times in profile.items() if option in ballot)
    pairs = [(pair, t) for ballot, t in profile.items() for pair in ballot]
    return sum(t * p[1] for p, t in pairs if isinstance(p, tuple) and p[0] == option)


# --- reports -----------------------------------------------------------------------------------


@given(counts())
def test_a_number_in_a_report_is_whole_or_a_fraction(counted: tuple[Rule, Profile]) -> None:
    rule, profile = counted
    report = count(rule, profile, OPTIONS)
    for each in report.rounds:
        numbers = [*each.tally, each.threshold, each.exhausted, each.rounding]
        assert {type(number) for number in numbers} <= {int, Fraction, type(None)}


@given(counts())
def test_every_method_that_fits_counts_the_same_ballots(counted: tuple[Rule, Profile]) -> None:
    rule, profile = counted
    reports = compared(rule, Counted(rule.takes, profile, OPTIONS))
    assert tuple(reports) == fitting_methods(rule)
    assert reports[rule.method] == count(replace(rule, form=rule.takes), profile, OPTIONS)
