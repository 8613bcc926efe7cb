"""What came out of a question, laid out for pages and letters: who won, by what, round by round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise as StrPromise

from kfar.doors.methods import METHODS, VOTES
from kfar.ground.text import Texts
from kfar.rooms.decisions.counting.rules import BUDGETS, Method
from kfar.rooms.decisions.proving.manifest import Manifest, Tier
from kfar.rooms.decisions.queries import Result

#: Methods of one step: there are no rounds to tell.
ONE_STEP = frozenset(Method) - {Method.STAR, Method.IRV, Method.STV, Method.EQUAL_SHARES}


@dataclass(frozen=True)
class Row:
    """An option's line. `votes` is exact text, "" where it has none; `share` a bar, 0 to 100.

    `percent` of the ballots, where that says something; `cost` in whole units of money.
    """

    option: Texts
    votes: str
    share: int
    percent: int | None
    cost: int | None
    won: bool


@dataclass(frozen=True)
class Broken:
    """A tie: who stood equal, who came first, and what said so (`counting.report.By`)."""

    tied: list[Texts]
    ahead: list[Texts]
    by: str

    @property
    def all(self) -> bool:
        """Whether all of them came through, and nothing but their order was decided."""
        return self.tied == self.ahead


@dataclass(frozen=True)
class Stage:
    """A round: each option with its exact votes and what became of it. `tally`: what votes are."""

    number: int
    tally: StrPromise
    rows: list[tuple[Texts, str, str]]
    exhausted: str
    threshold: str
    rounding: str
    moved: Texts | None
    shown: bool


@dataclass(frozen=True)
class Duel:
    """Two by two: each option with its line of (votes over the other, whether that is a win)."""

    lines: list[tuple[Texts, list[tuple[str, bool] | None]]]
    condorcet: Texts | None
    locked: list[tuple[Texts, Texts, str, bool]]
    paths: list[tuple[Texts, list[tuple[str, bool] | None]]]


@dataclass(frozen=True)
class Outcome:
    """All of a result but the words around it. `others` names only who would have won."""

    winners: list[Texts]
    tally: StrPromise
    rows: list[Row]
    stages: list[Stage]
    ties: list[Broken]
    duel: Duel | None
    tiers: list[tuple[str, int, list[Texts]]]
    others: list[tuple[StrPromise, list[Texts], bool]]
    spent: int | None


def outcome(manifest: Manifest, result: Result) -> Outcome:
    """Lay out a result."""
    options, rule, report = manifest.options, manifest.rule, result.told["report"]

    def named(numbers: Any) -> list[Texts]:
        return [options[int(number)] for number in numbers]

    rounds = report["rounds"]
    costs = rule.costs if rule.method in BUDGETS else ()
    return Outcome(
        winners=named(result.winners),
        tally=METHODS[rule.method].tally,
        rows=_rows(manifest, result),
        stages=[] if rule.method in ONE_STEP else _stages(manifest, rounds),
        ties=[
            Broken(named(tie["tied"]), named(tie["ahead"]), tie["by"])
            for each in rounds
            for tie in each.get("ties", ())
        ],
        duel=_duel(options, report) if "pairwise" in report else None,
        tiers=[
            (tier, told["ballots"], named(told["winners"]))
            for tier in Tier
            if (told := result.told["tiers"].get(tier))
        ],
        others=[
            (METHODS[method].label, named(winners), set(winners) != set(report_winners(report)))
            for method, winners in result.others.items()
        ],
        spent=sum(costs[n] for n in result.winners) if costs else None,
    )


def report_winners(report: Mapping[str, Any]) -> list[int]:
    """Return whom a report names, also where too few answered for it to count."""
    return [int(number) for number in report["winners"]]


def _rows(manifest: Manifest, result: Result) -> list[Row]:
    rule, report = manifest.rule, result.told["report"]
    votes = _votes(rule.method, report["rounds"])
    numbers = {n: Fraction(text) for n, text in votes.items()}
    most = max(numbers.values(), default=Fraction(0))
    shares = rule.method in {Method.PLURALITY, Method.APPROVAL}
    sign = 1 if rule.method is Method.MINIMAX else -1
    place = {option: n for n, option in enumerate(result.winners)}
    ranked = sorted(
        range(len(manifest.options)),
        key=lambda n: (place.get(n, len(place)), n not in numbers, sign * numbers.get(n, 0), n),
    )
    return [
        Row(
            option=manifest.options[n],
            votes=votes.get(n, ""),
            share=_part(numbers.get(n), most) if rule.method is not Method.MINIMAX else 0,
            percent=_part(numbers.get(n), Fraction(result.ballots)) if shares else None,
            cost=rule.costs[n] if rule.costs else None,
            won=n in place,
        )
        for n in ranked
    ]


def _part(votes: Fraction | None, of: Fraction) -> int:
    return round(100 * max(votes, Fraction(0)) / of) if votes and of > 0 else 0


def _votes(method: Method, rounds: list[dict[str, Any]]) -> dict[int, str]:
    """Return what each option had in the end: when it won, went out, or was counted last.

    Under STAR these are the sums of scores, under equal shares the support of what was funded.
    """
    if method is Method.STAR:
        rounds = rounds[:1]
    elif method is Method.EQUAL_SHARES:
        rounds = [each for each in rounds if _shared(each)]
    found: dict[int, str] = {}
    done: set[str] = set()
    for each in rounds:
        found |= {int(n): votes for n, votes in each["tally"].items() if n not in done}
        done |= {*each["elected"], *each["eliminated"]}
    return found


def _shared(each: dict[str, Any]) -> bool:
    """Whether a round of equal shares is one in which supporters paid."""
    return bool(list(each["tally"]) == each["elected"])


def _stages(manifest: Manifest, rounds: list[dict[str, Any]]) -> list[Stage]:
    options, method = manifest.options, manifest.rule.method

    def counts(each: dict[str, Any]) -> StrPromise:
        # The runoff of STAR, and what equal shares leave over, are counted in votes.
        runoff = method is Method.STAR and each is not rounds[0]
        left = method is Method.EQUAL_SHARES and not _shared(each)
        return VOTES if runoff or left else METHODS[method].tally

    def became(number: str, each: dict[str, Any]) -> str:
        gone = "eliminated" if number in each["eliminated"] else ""
        return "elected" if number in each["elected"] else gone

    found = []
    for place, each in enumerate(rounds, 1):
        tally = {int(n): votes for n, votes in each["tally"].items()}
        ranked = [n for _, n in sorted((-Fraction(had), n) for n, had in tally.items())]
        moved = each.get("surplus_of")
        stage = Stage(
            number=place,
            tally=counts(each),
            rows=[(options[n], tally[n], became(str(n), each)) for n in ranked],
            exhausted="" if each["exhausted"] == "0" else each["exhausted"],
            threshold=each.get("threshold", ""),
            rounding=each.get("rounding", ""),
            moved=None if moved is None else options[int(moved)],
            shown=place in {1, len(rounds)},
        )
        found.append(stage)
    return found


def _duel(options: tuple[Texts, ...], report: Mapping[str, Any]) -> Duel:
    winner = report["condorcet_winner"]
    return Duel(
        lines=_lines(options, report["pairwise"]),
        condorcet=None if winner is None else options[int(winner)],
        locked=[
            (options[int(d["winner"])], options[int(d["loser"])], d["strength"], d["kept"])
            for d in report.get("locked", ())
        ],
        paths=_lines(options, report.get("paths", {})),
    )


def _lines(
    options: tuple[Texts, ...], table: Mapping[str, Mapping[str, str]]
) -> list[tuple[Texts, list[tuple[str, bool] | None]]]:
    every = [str(n) for n in range(len(options))]
    return [
        (
            options[int(a)],
            [
                None if a == b else (table[a][b], Fraction(table[a][b]) > Fraction(table[b][a]))
                for b in every
            ],
        )
        for a in every
        if a in table
    ]
