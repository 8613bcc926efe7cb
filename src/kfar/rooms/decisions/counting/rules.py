"""What is declared before the first ballot: the method, and everything the method leaves open.

Every choice that may change a winner is a field of `Rule`, so that a rule and the ballots are
all that a recount needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kfar.ground.ballots import Form


class Method(StrEnum):
    """How ballots are counted."""

    PLURALITY = "plurality"
    APPROVAL = "approval"
    SCORE = "score"
    STAR = "star"
    BORDA = "borda"
    IRV = "irv"
    STV = "stv"
    MINIMAX = "minimax"
    RANKED_PAIRS = "ranked-pairs"
    SCHULZE = "schulze"
    EQUAL_SHARES = "equal-shares"
    GREEDY = "greedy"
    QUADRATIC = "quadratic"


class Overvote(StrEnum):
    """What IRV and STV do at a rank with several options.

    End the ballot; go to the next rank; or end it only while several of them still stand: where
    one does, the ballot is that one's, and where none does, it goes to the next rank.
    """

    EXHAUST = "exhaust"
    SKIP = "skip"
    EXHAUST_IF_SEVERAL_STAND = "exhaust-if-several-stand"


class Threshold(StrEnum):
    """How many votes elect under STV, of v votes for s seats.

    Droop is the floor of v/(s+1), plus 1; Hare is v/s, rounded up. With decimals, both are
    rounded at the decimal places of a vote, and Droop has one of the last place more.
    """

    DROOP = "droop"
    HARE = "hare"
    DROOP_DECIMAL = "droop-decimal"
    HARE_DECIMAL = "hare-decimal"


class Surplus(StrEnum):
    """What STV does with the votes that are more than the threshold.

    As in Scotland: the largest is moved, one a round. As in the United States (RCTab): all that
    are elected in a round have theirs moved at once; or only the one with most votes is elected
    in a round. Or nothing is moved, and nobody elected until as many stand as seats.
    """

    LARGEST = "largest"
    TOGETHER = "together"
    ONE_WINNER = "one-winner"
    NONE = "none"


class Strength(StrEnum):
    """How strong one option's win over another is: its votes, or how many more they are."""

    WINNING_VOTES = "winning-votes"
    MARGINS = "margins"


class Completion(StrEnum):
    """What is done with the money that equal shares leave over.

    Nothing; the greedy rule with what is left; or every voter's share raised by one unit of
    money at a time for as long as the outcome stays within the budget, and then greedy.
    """

    NONE = "none"
    GREEDY = "greedy"
    ADD_ONE = "add1"


class Worth(StrEnum):
    """What the greedy rule for budgets looks at: votes, or votes for each unit of money."""

    VOTES = "votes"
    VOTES_PER_COST = "votes-per-cost"


#: The forms of ballot that a method counts, its own first.
FORMS: Mapping[Method, tuple[Form, ...]] = {
    Method.PLURALITY: (Form.CHOICES, Form.RANKING),
    Method.APPROVAL: (Form.CHOICES,),
    Method.SCORE: (Form.SCORES,),
    Method.STAR: (Form.SCORES,),
    Method.BORDA: (Form.RANKING, Form.SCORES),
    Method.IRV: (Form.RANKING,),
    Method.STV: (Form.RANKING,),
    Method.MINIMAX: (Form.RANKING, Form.SCORES),
    Method.RANKED_PAIRS: (Form.RANKING, Form.SCORES),
    Method.SCHULZE: (Form.RANKING, Form.SCORES),
    Method.EQUAL_SHARES: (Form.CHOICES, Form.SCORES, Form.POINTS),
    Method.GREEDY: (Form.CHOICES, Form.SCORES, Form.POINTS),
    Method.QUADRATIC: (Form.POINTS,),
}
BUDGETS = frozenset({Method.EQUAL_SHARES, Method.GREEDY})
#: These name one winner and no more.
SINGLE = frozenset(
    {Method.STAR, Method.IRV, Method.MINIMAX, Method.RANKED_PAIRS, Method.SCHULZE},
)


@dataclass(frozen=True)
class Rule:
    """A method with all it leaves open.

    `form`: the ballots' form, where it is not the method's own (`FORMS`). `lot` breaks ties:
    any text is a seed, and a text such as "2>0>1" is the order itself (`lots.py`). `overvote`
    and `max_skipped` say when IRV, STV and plurality end a ranking early: after more than so
    many skipped ranks one after another (None: never); `end_at_duplicate` ends it where it names
    an option again. `first_out` are options that IRV and STV count in the first round and then
    eliminate before anything else, as is done with write-ins nobody declared. `until_two` goes
    on with IRV after the winner is found, until two options stand. `digits` are the decimal
    places of STV, `threshold` and `surplus` how it elects. `strength` belongs to minimax,
    ranked pairs and Schulze. `budget` and `costs`, one for each option, in whole units of
    money, belong to equal shares and greedy, with `completion` and `worth`. `max_score` is the
    best grade of score and STAR, `credits` what a quadratic ballot may spend (None: anything).

    Raises `ValueError` where these do not go together.
    """

    method: Method
    seats: int = 1
    lot: str = ""
    form: Form | None = None
    overvote: Overvote = Overvote.EXHAUST
    max_skipped: int | None = None
    batch_elimination: bool = False
    first_out: tuple[int, ...] = ()
    digits: int = 5
    threshold: Threshold = Threshold.DROOP
    strength: Strength = Strength.WINNING_VOTES
    budget: int | None = None
    costs: tuple[int, ...] = ()
    completion: Completion = Completion.GREEDY
    worth: Worth = Worth.VOTES
    max_score: int | None = None
    credits: int | None = None
    end_at_duplicate: bool = False
    until_two: bool = False
    surplus: Surplus = Surplus.LARGEST

    def __post_init__(self) -> None:
        if self.takes not in FORMS[self.method]:
            raise ValueError(f"{self.method} does not count {self.takes}")
        if self.seats < 1 or (self.seats > 1 and self.method in SINGLE):
            raise ValueError(f"{self.method} does not fill {self.seats} seats")
        if self.digits < 0 or (self.max_skipped is not None and self.max_skipped < 0):
            raise ValueError("digits and skipped ranks are counted from 0")
        if self.method in BUDGETS and (self.budget is None or not self.costs):
            raise ValueError(f"{self.method} needs a budget and what each option costs")
        if any(cost < 1 for cost in self.costs):
            raise ValueError("what is decided about costs something")

    @property
    def takes(self) -> Form:
        """The form of its ballots."""
        return self.form or FORMS[self.method][0]
