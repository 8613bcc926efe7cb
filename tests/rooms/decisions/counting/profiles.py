"""Ballots for Hypothesis: few options and few votes, so that ties are common."""

from __future__ import annotations

from hypothesis import strategies as st

from kfar.ground.ballots import SPOILED, Ballot, Form
from kfar.rooms.decisions.counting.rules import (
    FORMS,
    Completion,
    Method,
    Overvote,
    Rule,
    Strength,
    Surplus,
    Threshold,
    Worth,
)

Profile = dict[Ballot, int]
OPTIONS = 4
RANKED = (Method.MINIMAX, Method.RANKED_PAIRS, Method.SCHULZE)


def strict() -> st.SearchStrategy[Ballot]:
    """A ranking as voters mean it: one option at each rank, none twice, as far as they like."""
    orders = st.permutations(range(OPTIONS))
    return st.tuples(orders, st.integers(1, OPTIONS)).map(
        lambda drawn: tuple((option,) for option in drawn[0][: drawn[1]])
    )


def weak() -> st.SearchStrategy[Ballot]:
    """A ranking with equal ranks."""
    levels = st.lists(st.integers(0, OPTIONS), min_size=OPTIONS, max_size=OPTIONS)
    return levels.map(
        lambda drawn: tuple(
            tuple(option for option in range(OPTIONS) if drawn[option] == level)
            for level in sorted({level for level in drawn if level < OPTIONS})
        )
    ).filter(bool)


def marked() -> st.SearchStrategy[Ballot]:
    """A ranking as paper has it: skipped, spoiled, the same option again; no equals."""
    option = st.integers(0, OPTIONS - 1).map(lambda drawn: (drawn,))
    slot = st.one_of(option, option, st.just(()), st.just(SPOILED))
    return st.lists(slot, min_size=5, max_size=5).map(tuple)


def overvoted() -> st.SearchStrategy[Ballot]:
    """A ranking as paper has it, with several options at a rank; it fits into no array."""
    slot = st.one_of(
        st.sets(st.integers(0, OPTIONS - 1), max_size=3).map(lambda drawn: tuple(sorted(drawn))),
        st.integers(0, OPTIONS - 1).map(lambda drawn: (drawn,)),
    )
    return st.lists(slot, min_size=4, max_size=4).map(tuple)


def ballots_of(form: Form) -> st.SearchStrategy[Ballot]:
    """A ballot of a form, as arrays can hold it."""
    number = {Form.SCORES: st.integers(0, 5), Form.POINTS: st.sampled_from([-2, -1, 1, 2, 3])}
    match form:
        case Form.CHOICES:
            return st.sets(st.integers(0, OPTIONS - 1)).map(lambda drawn: tuple(sorted(drawn)))
        case Form.RANKING:
            return st.one_of(marked(), strict())
        case _:
            pairs = st.dictionaries(st.integers(0, OPTIONS - 1), number[form])
            return pairs.map(lambda drawn: tuple(sorted(drawn.items())))


def cast(ballots: st.SearchStrategy[Ballot], least: int = 0) -> st.SearchStrategy[Profile]:
    """A mapping of ballots to how many times each was cast."""
    return st.dictionaries(ballots, st.integers(1, 4), min_size=least, max_size=7)


@st.composite
def rules(draw: st.DrawFn, methods: tuple[Method, ...] = tuple(Method)) -> Rule:
    """A rule with everything that may be declared, an order of lots among it."""
    method = draw(st.sampled_from(methods))
    declared: dict[str, st.SearchStrategy[object]] = {"form": st.sampled_from(FORMS[method])}
    if method in (Method.STV, Method.PLURALITY, Method.BORDA, Method.APPROVAL):
        declared["seats"] = st.integers(1, 3)
    if method in (Method.STV, Method.PLURALITY, Method.IRV):
        declared["overvote"] = st.sampled_from(Overvote)
        declared["max_skipped"] = st.sampled_from([None, 0, 1])
        declared["end_at_duplicate"] = st.booleans()
    match method:
        case Method.IRV:
            declared["batch_elimination"] = st.booleans()
            declared["until_two"] = st.booleans()
            declared["first_out"] = st.sampled_from([(), (2,)])
        case Method.STV:
            declared["surplus"] = st.sampled_from(Surplus)
            declared["first_out"] = st.sampled_from([(), (2,)])
            declared["digits"] = st.sampled_from([0, 2, 5])
            declared["threshold"] = st.sampled_from(Threshold)
        case Method.MINIMAX | Method.RANKED_PAIRS | Method.SCHULZE:
            declared["strength"] = st.sampled_from(Strength)
        case Method.EQUAL_SHARES | Method.GREEDY:
            declared["budget"] = st.integers(1, 30)
            declared["costs"] = st.tuples(*[st.integers(1, 15)] * OPTIONS)
            declared["completion"] = st.sampled_from(Completion)
            declared["worth"] = st.sampled_from(Worth)
    order = draw(st.permutations(range(OPTIONS)))
    rest = draw(st.fixed_dictionaries(declared))
    return Rule(method, lot=">".join(map(str, order)), **rest)  # type: ignore[arg-type]


@st.composite
def counts(draw: st.DrawFn, methods: tuple[Method, ...] = tuple(Method)) -> tuple[Rule, Profile]:
    """A rule, and ballots it counts."""
    rule = draw(rules(methods))
    return rule, draw(cast(ballots_of(rule.takes)))
