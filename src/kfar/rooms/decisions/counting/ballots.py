"""Ballots: plain tuples, and the one text of each.

A *choice* names options by number from 0, ascending: `(0, 2)`, "0 2". A *ranking* has a slot
for each rank, `((2,), (0, 1), (), (3,))`: `()` is a rank that was skipped, several options at a
rank are equals or an overvote, and `SPOILED` is a mark of which nobody knows whom it names; its
text is "2>0=1>>3". *Scores* and *points* are pairs of option and number, by option,
`((0, 5), (2, 3))`, "0:5 2:3"; what is not named has nothing said about it.
"""

from __future__ import annotations

from kfar.rooms.decisions.counting.rules import Form, Method, Rule

Choices = tuple[int, ...]
Ranking = tuple[tuple[int, ...], ...]
Scores = tuple[tuple[int, int], ...]
Ballot = Choices | Ranking | Scores

#: A rank that was marked, but nobody knows for whom: an overvote whose options are not on file.
SPOILED = (-2,)


def ballot_text(form: Form, ballot: Ballot) -> str:
    """Return the text of a ballot; that of an empty one is empty."""
    match form:
        case Form.CHOICES:
            return " ".join(str(option) for option in ballot)
        case Form.RANKING:
            slots = ["*" if s == SPOILED else "=".join(map(str, s)) for s in _slots(ballot)]
            return ">".join(slots)
        case _:
            return " ".join(f"{option}:{number}" for option, number in _slots(ballot))


def read_ballot(form: Form, text: str) -> Ballot:
    """Return the ballot that `ballot_text` wrote; anything else raises `ValueError`."""
    ballot: Ballot
    match form:
        case Form.CHOICES:
            ballot = tuple(int(part) for part in text.split())
        case Form.RANKING:
            slots = text.split(">") if text else []
            ballot = tuple(SPOILED if s == "*" else _ints(s, "=") for s in slots)
        case _:
            pairs = [_ints(part, ":") for part in text.split()]
            ballot = tuple((option, number) for option, number in pairs)
    if ballot_text(form, ballot) != text:
        raise ValueError(f"not the text of a ballot: {text!r}")
    return ballot


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
            named = [option for slot in _slots(ballot) for option in slot]
            strict = rule.method in (Method.PLURALITY, Method.IRV, Method.STV)
            fits = not strict or all(len(slot) <= 1 for slot in _slots(ballot))
        case _:
            named = [option for option, _ in _slots(ballot)]
            fits = named == sorted(named) and fitting_numbers(
                rule, tuple(number for _, number in _slots(ballot))
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


def _slots(ballot: Ballot) -> tuple[tuple[int, ...], ...]:
    return tuple(part for part in ballot if isinstance(part, tuple))


def _ints(text: str, between: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(between)) if text else ()
