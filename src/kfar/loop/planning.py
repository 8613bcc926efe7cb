"""From what was heard to a plan, and to everyone who spoke of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kfar.ground.errors import Refused
from kfar.ground.text import Texts, in_language
from kfar.rooms.decisions import queries as polls
from kfar.rooms.promises.plans import commands as plans
from kfar.rooms.promises.plans import queries as planned
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.promises.telling import commands as telling
from kfar.rooms.promises.telling import queries as told
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.alarms import queries as alarms


@dataclass(frozen=True)
class Meant:
    """Which voices are meant: those of an alarm or a plan, about a product, or chosen ones.

    `words` narrows to those in which they stand; `chosen` to some of them.
    """

    source: Source
    ref: str = ""
    words: str = ""
    chosen: Collection[UUID] | None = None


@dataclass(frozen=True)
class Evidence:
    """What speaks for something: voices with whose they are, and what they are about."""

    spoke: list[tuple[UUID, UUID]]
    label: str
    people: int | None = None


def evidence(meant: Meant) -> Evidence:
    """Return the voices that are meant; refuse what there is not."""
    match meant.source:
        case Source.ALARM:
            alarm = alarms.alarm(_id(meant.ref, "alarms.not_found"))
            if alarm is None:
                raise Refused("alarms.not_found")
            return _narrowed(meant, Evidence(_pairs(alarms.spoke(alarm)), alarm.about))
        case Source.QUESTION:
            poll = polls.question(_id(meant.ref, "decisions.not_found"))
            if poll is None or poll.result is None:
                raise Refused("decisions.not_found")
            return Evidence([], in_language(poll.text, "en"), poll.answered or 0)
        case Source.PLAN:
            plan = planned.plan(_id(meant.ref, "plans.not_found"))
            if plan is None:
                raise Refused("plans.not_found")
            return _narrowed(meant, Evidence(planned.spoke(plan.id), plan.label))
        case Source.PRODUCT:
            if not meant.ref:
                raise Refused("plans.nothing_heard")
            return Evidence(
                _pairs(voices.spoke(product=meant.ref, words=meant.words, ids=meant.chosen)),
                meant.ref,
            )
        case Source.VOICES:
            if not meant.words and meant.chosen is None:
                raise Refused("plans.nothing_heard")
            return Evidence(_pairs(voices.spoke(words=meant.words, ids=meant.chosen)), "")


def make(
    *, by: UUID, meant: Meant, title: str, needs: str, owner: UUID, due: date, once: UUID
) -> UUID:
    """Make a plan of the voices that are meant, as `plans.commands.make`; refuses as that."""
    found = evidence(meant)
    return plans.make(
        by=by,
        title=title,
        needs=needs,
        owner=owner,
        due=due,
        source=meant.source,
        ref=meant.ref,
        label=found.label,
        spoke=found.spoke,
        people_behind=found.people,
        once=once,
    )


def tell_all(*, by: UUID, meant: Meant, did: Texts, once: UUID) -> int:
    """Tell everyone who is meant what was done, as `telling.commands.tell_all`."""
    found = evidence(meant)
    return telling.tell_all(
        by=by,
        did=did,
        source=meant.source,
        ref=meant.ref,
        label=found.label,
        spoke=found.spoke,
        plan_id=UUID(meant.ref) if meant.source is Source.PLAN else None,
        once=once,
    )


def still_untold(meant: Meant) -> list[tuple[UUID, UUID]]:
    """Return the voices that are meant and for which no change was told yet."""
    return told.untold(evidence(meant).spoke)


def _narrowed(meant: Meant, found: Evidence) -> Evidence:
    """Leave what was chosen, where something was, and no voice that was closed as spam."""
    ids = [voice_id for voice_id, _own in found.spoke]
    if meant.chosen is not None:
        chosen = set(meant.chosen)
        ids = [own for own in ids if own in chosen]
    return Evidence(_pairs(voices.spoke(ids=ids, words=meant.words)), found.label)


def _pairs(spoke: list[voices.Spoke]) -> list[tuple[UUID, UUID]]:
    return [(one.voice_id, one.customer_id) for one in spoke]


def _id(text: str, code: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused(code) from None
