"""How the whole stands."""

from __future__ import annotations

from dataclasses import dataclass

from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import queries as polls
from kfar.rooms.promises import queries as record
from kfar.rooms.service import queries as cases
from kfar.rooms.service.clocks import queries as clocks
from kfar.rooms.touchpoints import queries as journeys
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.rules import Stands


@dataclass(frozen=True)
class Standing:
    """The loop at this moment. An open voice waits at one verb; one that is owed, as promises.

    - `hear`: voices nobody has read; and of those told, `word`: we wait for the customer's word
    - `know`: voices that have been read and wait for a decision, person in view
    - `decide`: questions, consultations and changes that wait for customers
    - `act`: cases handed to somebody with more authority
    - `keep`: promises to be kept, of which `late`
    """

    hear: int
    know: int
    decide: int
    act: int
    keep: int
    late: int
    word: int
    whole: voices.Figures
    cases: cases.Figures
    in_time: clocks.InTime
    customers: int
    touchpoints: int


def standing() -> Standing:
    """Return how the loop stands now; every number is counted."""
    open_ones = voices.counts((Stands.UNREAD, Stands.READ, Stands.TOLD))
    handed = voices.counts([Stands.READ], among=cases.handed_on())[Stands.READ]
    kept = record.record()
    return Standing(
        hear=open_ones[Stands.UNREAD],
        know=open_ones[Stands.READ] - handed,
        decide=polls.open_count(),
        act=handed,
        keep=kept.open + kept.late,
        late=kept.late,
        word=open_ones[Stands.TOLD],
        whole=voices.figures(),
        cases=cases.figures(),
        in_time=clocks.in_time(),
        customers=customers.count(),
        touchpoints=journeys.counts().touchpoints,
    )
