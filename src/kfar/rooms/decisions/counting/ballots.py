"""What counting reads from ballots; their forms stand in `kfar.ground.ballots`."""

from __future__ import annotations

from kfar.ground.ballots import SPOILED, Choices, Ranking
from kfar.rooms.decisions.counting.rules import Rule


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
