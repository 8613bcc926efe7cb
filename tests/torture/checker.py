"""The checker: all that was acknowledged is there, once, and nothing that was not sent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import md5
from itertools import pairwise
from pathlib import Path
from uuid import UUID

from tests.programs import Home
from tests.torture.load import Ledger, number

SOURCE = "torture"
#: Seconds in which everything has to settle, once Kfar is left in peace.
SETTLES = 120

#: Waits until nothing is under way, closes the question, verifies what is published of it as
#: anybody would, and writes down what there is.
READ = """
    import json, time
    from django.conf import settings
    from django.utils import timezone
    from kfar.lake import table
    from kfar.lake.intake import open_reader
    from kfar.lake.models import Announcement
    from kfar.lake.positions import position
    from kfar.loop import INTAKE
    from kfar.rooms.decisions import closing, ledger, queries, receipts
    from kfar.rooms.decisions.models import Ballot, Question
    from kfar.rooms.decisions.proving.checking import check

    end = time.monotonic() + {seconds}
    reader = open_reader(settings.KFAR_INTAKE_URL, settings.KFAR_DATA_DIR / "intake")
    def busy():
        waits = reader.waiting(position(INTAKE))
        return waits or Announcement.objects.filter(delivered_at=None).exists()
    while (left := busy()) and time.monotonic() < end:
        time.sleep(0.2)
    Question.objects.update(closes_at=timezone.now())
    closing.close_due()
    question = Question.objects.get()
    published = {{
        "log.txt": ledger.lines(question.pk),
        "heads.txt": [note for note in ledger.notes(question.pk)],
        "ballots.csv": receipts.rows(question.pk),
        "result.json": [json.dumps(queries.question(question.pk).result.told)],
    }}
    published = {{name: chr(10).join(lines).encode() for name, lines in published.items()}}
    with table.reading() as session:
        touches = session.rows("SELECT id::VARCHAR, source, kind FROM touches")
    found = {{
        "settled": not left,
        "touches": [id for id, source, _ in touches if source == {source!r}],
        "votes": sum(kind == "vote" for _, _, kind in touches),
        "ballots": dict(Ballot.objects.values_list("voter_id", "text")),
        "verified": [str(wrong) for wrong in check(published.__getitem__).wrong],
    }}
    with open({file!r}, "w") as file:
        json.dump(found, file)
"""


@dataclass
class Found:
    """What there is in the end.

    - `touches`: the ids of all that came from the load, as often as they stand there
    - `ballots`: by voter, the number of the ballot that counts
    - `votes`: touches that say that somebody voted; None: one for each ballot
    - `settled`: whether everything settled in time
    - `verified`: what is wrong with the question, its log and its count, as they are published
    """

    touches: list[UUID]
    ballots: dict[int, int]
    votes: int | None = None
    settled: bool = True
    verified: list[str] = field(default_factory=list)


@dataclass
class Report:
    """What is wrong; nothing, where all the lists are empty."""

    unsettled: bool = False
    #: Acknowledged, and not there.
    lost: list[str] = field(default_factory=list)
    #: There more than once.
    doubled: list[str] = field(default_factory=list)
    #: There, and never sent.
    invented: list[str] = field(default_factory=list)
    #: Voters whose ballot is another than the last one acknowledged, or sent after it.
    voters: list[int] = field(default_factory=list)
    #: How many touches too many say that somebody voted; below 0: too few.
    untold: int = 0
    #: Answers that nobody may give.
    wrong: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether the promise was kept."""
        return self == Report()


def read(home: Home, file: Path, *, seconds: float = SETTLES) -> Found:
    """Return what there is, once everything has settled."""
    home.run(READ.format(seconds=seconds, source=SOURCE, file=str(file)))
    said = json.loads(file.read_bytes())
    return Found(
        touches=[UUID(own) for own in said["touches"]],
        ballots={
            int(voter): number(int(option) for option in text.split())
            for voter, text in said["ballots"].items()
        },
        votes=said["votes"],
        settled=said["settled"],
        verified=said["verified"],
    )


def check(ledger: Ledger, found: Found) -> Report:
    """Compare what was said with what is there."""
    sent = {touch_id(message): message for message in ledger.events}
    touches = sorted(found.touches)
    there = set(touches)
    return Report(
        unsettled=not found.settled,
        lost=[m for own, m in sent.items() if ledger.events[m] and own not in there],
        doubled=sorted({sent.get(a, str(a)) for a, b in pairwise(touches) if a == b}),
        invented=[str(own) for own in sorted(there - sent.keys())],
        voters=sorted(_wronged(ledger, found)),
        untold=0 if found.votes is None else found.votes - len(found.ballots),
        wrong=[*ledger.wrong, *found.verified],
    )


def _wronged(ledger: Ledger, found: Found) -> Iterable[int]:
    for voter, cast in ledger.ballots.items():
        last = max((one.number for one in cast if one.acknowledged), default=0)
        # All sent after the last that was acknowledged are without an answer.
        if not last <= found.ballots.get(voter, 0) <= cast[-1].number:
            yield voter
    yield from found.ballots.keys() - ledger.ballots.keys()


def touch_id(message: str) -> UUID:
    """Return the id of the touch that a message becomes."""
    return UUID(md5(f"{SOURCE}\x1fevent/{message}".encode(), usedforsecurity=False).hexdigest())
