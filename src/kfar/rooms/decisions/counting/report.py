"""What came out, round by round, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from kfar.rooms.decisions.counting.rules import Rule

#: Votes are whole, or exact fractions; never floats.
Votes = int | Fraction


class By(StrEnum):
    """What broke a tie."""

    LOT = "lot"
    EARLIER_ROUND = "earlier-round"
    HEAD_TO_HEAD = "head-to-head"
    SCORE = "score"
    TOP_SCORES = "top-scores"


@dataclass(frozen=True)
class Tie:
    """Options that stood equal, the one or more that won the tie, and what broke it.

    Both ascending. Who is not eliminated has won a tie of the last.
    """

    tied: tuple[int, ...]
    ahead: tuple[int, ...]
    by: By


@dataclass(frozen=True)
class Round:
    """One step of a count.

    `tally`: each option's votes by number, None once it is out of the count. For minimax it is
    the worst defeat; for ranked pairs and Schulze how many others the option stands ahead of;
    for budgets the support that decided in this step. `exhausted` are votes that go to nobody
    any more, `rounding` what was lost to the decimal places; under IRV and STV both and the
    tally add up to the votes of the first round. `surplus_of` is whose surplus was moved, after
    the round before, to make this one; where several moved together, those are who were elected
    in the round before. `threshold` elects whoever reaches it.
    """

    tally: tuple[Votes | None, ...]
    elected: tuple[int, ...] = ()
    eliminated: tuple[int, ...] = ()
    threshold: Votes | None = None
    exhausted: Votes = 0
    rounding: Votes = 0
    surplus_of: int | None = None
    ties: tuple[Tie, ...] = ()


@dataclass(frozen=True)
class Defeat:
    """Ranked pairs: one option's win over another, in the order considered; kept, or passed over.

    A win is passed over where those kept before say the opposite.
    """

    winner: int
    loser: int
    strength: int
    kept: bool


@dataclass(frozen=True)
class Pairs:
    """Two by two.

    `matrix[a][b]`: ballots that put a before b. `winner` wins against every other (Condorcet),
    if one does. `locked`: ranked pairs. `paths[a][b]`: the strength of the strongest path
    (Schulze).
    """

    matrix: tuple[tuple[int, ...], ...]
    winner: int | None
    locked: tuple[Defeat, ...] = ()
    paths: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Report:
    """What a rule makes of ballots.

    `winners`: option numbers in the order in which they won; none where no ballot says
    anything. `ballots`: all of them; `blank`: those that say nothing this method counts.
    """

    rule: Rule
    options: int
    ballots: int
    blank: int
    winners: tuple[int, ...]
    rounds: tuple[Round, ...]
    pairs: Pairs | None = None

    @property
    def by_lot(self) -> tuple[Tie, ...]:
        """The ties that nothing but the lot broke."""
        return tuple(tie for each in self.rounds for tie in each.ties if tie.by is By.LOT)

    def as_json(self, names: Sequence[str]) -> dict[str, object]:
        """Return the report for `json.dumps`, options by their names, votes as exact texts."""

        def told(options: Sequence[int]) -> list[str]:
            return [names[option] for option in options]

        def table(matrix: Sequence[Sequence[int]]) -> dict[str, dict[str, str]]:
            return {
                names[a]: {names[b]: str(n) for b, n in enumerate(row) if a != b}
                for a, row in enumerate(matrix)
            }

        rounds: list[dict[str, object]] = []
        for each in self.rounds:
            tally = {names[n]: exact(v) for n, v in enumerate(each.tally) if v is not None}
            told_round: dict[str, object] = {
                "tally": tally,
                "elected": told(each.elected),
                "eliminated": told(each.eliminated),
                "exhausted": exact(each.exhausted),
            }
            if each.threshold is not None:
                told_round["threshold"] = exact(each.threshold)
            if each.rounding:
                told_round["rounding"] = exact(each.rounding)
            if each.surplus_of is not None:
                told_round["surplus_of"] = names[each.surplus_of]
            if each.ties:
                told_round["ties"] = [
                    {"tied": told(tie.tied), "ahead": told(tie.ahead), "by": tie.by.value}
                    for tie in each.ties
                ]
            rounds.append(told_round)
        made: dict[str, object] = {
            "method": self.rule.method.value,
            "ballots": self.ballots,
            "blank": self.blank,
            "winners": told(self.winners),
            "rounds": rounds,
        }
        if self.pairs is not None:
            winner = self.pairs.winner
            made["condorcet_winner"] = None if winner is None else names[winner]
            made["pairwise"] = table(self.pairs.matrix)
            if self.pairs.locked:
                made["locked"] = [
                    {
                        "winner": names[defeat.winner],
                        "loser": names[defeat.loser],
                        "strength": str(defeat.strength),
                        "kept": defeat.kept,
                    }
                    for defeat in self.pairs.locked
                ]
            if self.pairs.paths:
                made["paths"] = table(self.pairs.paths)
        return made


def exact(votes: Votes) -> str:
    """Return votes as text: "12", "12.5" where decimals are exact, "7/3" where they are not."""
    number = Fraction(votes)
    rest, places = number.denominator, 0
    for prime in (2, 5):
        times = 0
        while rest % prime == 0:
            rest, times = rest // prime, times + 1
        places = max(places, times)
    if rest != 1:
        return str(number)
    digits = str(abs(number.numerator) * 10**places // number.denominator).zfill(places + 1)
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if number < 0 else text
