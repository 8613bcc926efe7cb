"""What counting reads from ballots; their forms stand in `kfar.ground.ballots`."""

from __future__ import annotations

from kfar.ground.ballots import SPOILED, Ranking
from kfar.rooms.decisions.counting.rules import Overvote, Rule

#: What is read from a ranking, best first: options, and several together where it depends on who
#: of them still stands.
File = tuple[int | tuple[int, ...], ...]


def single_file(ranking: Ranking, rule: Rule) -> File:
    """Return the options that IRV and STV read from a ranking, best first.

    They are read rank by rank. A rank with several options ends the ballot, is passed over or
    stands in the file as it is, as `rule.overvote` says; one that is spoiled is never passed over
    but where all are. More than `rule.max_skipped` empty ranks one after another end it too. An
    option named again counts where it was named first, or ends it (`rule.end_at_duplicate`). This
    is how RCTab reads a ballot (`computeTalliesForRound` in its `Tabulator.java`): nothing behind
    the option that a ballot counts for matters until that option is out.
    """
    read: list[int | tuple[int, ...]] = []
    seen: set[int] = set()
    skipped = 0
    for slot in ranking:
        if not slot:
            skipped += 1
            continue
        if rule.max_skipped is not None and skipped > rule.max_skipped:
            break
        skipped = 0
        if slot == SPOILED:
            if rule.overvote is not Overvote.SKIP:
                break
            continue
        if rule.end_at_duplicate:
            if not seen.isdisjoint(slot):
                break
            seen.update(slot)
        if len(slot) > 1:
            if rule.overvote is Overvote.EXHAUST:
                break
            if rule.overvote is Overvote.EXHAUST_IF_SEVERAL_STAND:
                read.append(slot)
        elif slot[0] not in read:
            read.append(slot[0])
    return tuple(read)
