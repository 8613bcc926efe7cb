"""What counting reads from ballots; their forms stand in `kfar.ground.ballots`."""

from __future__ import annotations

from kfar.ground.ballots import SPOILED, Ballot, Choices, Form, Ranking, slots_of
from kfar.rooms.decisions.counting.rules import Method, Rule


def valid_ballot(rule: Rule, ballot: Ballot, options: int) -> bool:
    """Return whether `ballot` may be cast under `rule`.

    It names known options, none of them twice, and says something. Plurality takes one choice,
    IRV and STV one option at each rank, a quadratic ballot spends what it has at most, and a
    score is from 0 to the best.
    """
    match rule.takes:
        case Form.CHOICES:
            named = [option for option in ballot if isinstance(option, int)]
            fits = len(named) == 1 if rule.method is Method.PLURALITY else named == sorted(named)
        case Form.RANKING:
            named = [option for slot in slots_of(ballot) for option in slot]
            strict = rule.method in (Method.PLURALITY, Method.IRV, Method.STV)
            fits = not strict or all(len(slot) <= 1 for slot in slots_of(ballot))
        case _:
            named = [option for option, _ in slots_of(ballot)]
            fits = named == sorted(named) and fitting_numbers(
                rule, tuple(number for _, number in slots_of(ballot))
            )
    known = all(0 <= option < options for option in named) and len(set(named)) == len(named)
    return fits and known and bool(named)


def fitting_numbers(rule: Rule, numbers: tuple[int, ...]) -> bool:
    """Return whether the scores or points of one ballot are within what `rule` allows."""
    if rule.method is Method.QUADRATIC:
        spent = sum(number * number for number in numbers)
        return rule.credits is None or spent <= rule.credits
    best = rule.max_score
    return all(number >= 0 and (best is None or number <= best) for number in numbers)


def single_file(ranking: Ranking, rule: Rule) -> Choices:
    """Return the options that IRV and STV read from a ranking, best first.

    They are read rank by rank. A rank with several options, or a spoiled one, ends the ballot or
    is passed over, as `rule.overvote` says; more than `rule.max_skipped` empty ranks one after
    another end it too. An option named again counts where it was named first. This is how RCTab
    reads a ballot (`computeTalliesForRound` in its `Tabulator.java`): nothing behind the option
    that a ballot counts for matters until that option is out.
    """
    read: list[int] = []
    skipped = 0
    for slot in ranking:
        if not slot:
            skipped += 1
            continue
        if rule.max_skipped is not None and skipped > rule.max_skipped:
            break
        skipped = 0
        if len(slot) > 1 or slot == SPOILED:
            if rule.overvote == "exhaust":
                break
            continue
        if slot[0] not in read:
            read.append(slot[0])
    return tuple(read)
