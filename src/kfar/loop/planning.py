"""From what was heard to a plan, and to everyone who spoke of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from kfar.ground.errors import Refused
from kfar.ground.text import Texts, in_language
from kfar.rooms.decisions import queries as polls
from kfar.rooms.decisions.consultations import queries as consulted
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises.plans import commands as plans
from kfar.rooms.promises.plans import queries as planned
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.promises.telling import commands as telling
from kfar.rooms.promises.telling import queries as told
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.alarms import queries as alarms
from kfar.rooms.voice.understanding import queries as understanding

#: Between a consultation and the number of one of its statements.
IDEA = "#"


@dataclass(frozen=True)
class Meant:
    """Which voices are meant: of an alarm, a plan, a theme, about a product, or chosen ones.

    `product` and `words` narrow to those about it and in which these stand, `chosen` to some, and
    `until` to those heard before. Of them `out` are taken out and `also` others put in by hand.
    """

    source: Source
    ref: str = ""
    words: str = ""
    chosen: Collection[UUID] | None = None
    product: str = ""
    until: datetime | None = None
    out: frozenset[UUID] = frozenset()
    also: tuple[UUID, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether it says nothing by which voices could be found."""
        sought = self.source is Source.VOICES and self.chosen is None
        return sought and not self.words and not self.also


@dataclass(frozen=True)
class Evidence:
    """What speaks for something: voices with whose they are, and what they are about.

    `took_part` are customers who spoke for it without a voice, in a consultation or by a ballot.
    """

    spoke: list[tuple[UUID, UUID]]
    label: str
    people: int | None = None
    took_part: Sequence[UUID] = ()


def evidence(meant: Meant) -> Evidence:
    """Return the voices that are meant; refuse what there is not."""
    found = _found(meant)
    kept = {voice: own for voice, own in found.spoke if voice not in meant.out}
    if meant.also:
        kept |= dict(_pairs(voices.spoke(ids=meant.also)))
    return replace(found, spoke=list(kept.items()))


def _found(meant: Meant) -> Evidence:
    match meant.source:
        case Source.ALARM:
            alarm = alarms.alarm(_id(meant.ref, "alarms.not_found"))
            if alarm is None:
                raise Refused("alarms.not_found")
            return _narrowed(meant, _pairs(alarms.spoke(alarm)), alarm.about)
        case Source.QUESTION | Source.CONSULTATION:
            return _decided(meant)
        case Source.PLAN:
            plan = planned.plan(_id(meant.ref, "plans.not_found"))
            if plan is None:
                raise Refused("plans.not_found")
            found = _narrowed(meant, planned.spoke(plan.id), plan.label)
            return replace(found, took_part=took_part(plan.source, plan.ref))
        case Source.THEME:
            theme = understanding.theme(_id(meant.ref, "themes.not_found"))
            if theme is None:
                raise Refused("themes.not_found")
            label = " · ".join(filter(None, (theme.name, meant.product)))
            return _sought(meant, label, theme=theme.id, product=meant.product)
        case Source.PRODUCT:
            if not meant.ref:
                raise Refused("plans.nothing_heard")
            return _sought(meant, meant.ref, product=meant.ref)
        case Source.VOICES:
            if not meant.words and meant.chosen is None:
                raise Refused("plans.nothing_heard")
            return _sought(meant, "")


def consultation(source: Source, ref: str) -> consulted.Consulted | None:
    """Return the consultation that is meant, or None."""
    if source is not Source.CONSULTATION:
        return None
    return consulted.consultation(_id(ref.partition(IDEA)[0], "consultations.not_found"))


def question(source: Source, ref: str) -> polls.Poll | None:
    """Return the question that is meant, or None."""
    if source is not Source.QUESTION:
        return None
    return polls.question(_id(ref, "decisions.not_found"))


def took_part(source: Source, ref: str) -> list[UUID]:
    """Return the customers who spoke without a voice: in a consultation, or by a ballot.

    That they voted is all that is asked of a ballot; which one it was, nothing here can tell.
    """
    if (poll := question(source, ref)) is not None:
        return polls.voters(poll.id)
    one = consultation(source, ref)
    return consulted.took_part(one.id) if one else []


def idea(source: Source, ref: str) -> consulted.Said | None:
    """Return the one statement of a consultation that is meant, or None."""
    one, number = consultation(source, ref), ref.partition(IDEA)[2]
    said = consulted.statements(one.id) if one and number else []
    return next((idea for idea in said if str(idea.number) == number), None)


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


def promise(*, by: UUID, plan_id: UUID, text: Texts, due: date, to_all: bool, once: UUID) -> UUID:
    """Promise everyone who spoke for a plan, as `promises.commands.promise_many`."""
    plan = planned.plan(plan_id)
    if plan is None:
        raise Refused("plans.not_found")
    return promises.promise_many(
        by=by,
        text=text,
        due=due,
        plan_id=plan_id,
        to_all=to_all,
        took_part=took_part(plan.source, plan.ref),
        once=once,
    )


def tell_all(*, by: UUID, meant: Meant, did: Texts, once: UUID) -> int:
    """Tell everyone who is meant what was done, as `telling.commands.tell_all`."""
    found = still_untold(meant)
    return telling.tell_all(
        by=by,
        did=did,
        source=meant.source,
        ref=meant.ref,
        label=found.label,
        spoke=found.spoke,
        took_part=found.took_part,
        plan_id=UUID(meant.ref) if meant.source is Source.PLAN else None,
        once=once,
    )


def still_untold(meant: Meant) -> Evidence:
    """Return what is meant without the voices and people who were told of it before."""
    found = evidence(meant)
    before = bool(found.took_part) and (
        told.of_plan(UUID(meant.ref)) is not None
        if meant.source is Source.PLAN
        else told.told_of(meant.source, meant.ref)
    )
    people = () if before else found.took_part
    return replace(found, spoke=told.untold(found.spoke), took_part=people)


def _decided(meant: Meant) -> Evidence:
    """Return who decided a question; or who took part in a consultation that is closed.

    What it is about is said in the company's words: no customer's go to a tracker.
    """
    if meant.source is Source.QUESTION:
        poll = question(meant.source, meant.ref)
        if poll is None or poll.result is None:
            raise Refused("decisions.not_found")
        label, voters = in_language(poll.text, "en"), took_part(meant.source, meant.ref)
        return Evidence([], label, poll.answered or 0, voters)
    one = consultation(meant.source, meant.ref)
    if one is None or one.closed_at is None:
        raise Refused("consultations.not_found")
    if IDEA in meant.ref and idea(meant.source, meant.ref) is None:
        raise Refused("consultations.no_such_statement")
    return Evidence(
        [], in_language(one.topic, "en"), one.people, took_part(meant.source, meant.ref)
    )


def _sought(meant: Meant, label: str, *, theme: UUID | None = None, product: str = "") -> Evidence:
    found = voices.spoke(
        theme=theme, product=product, words=meant.words, ids=meant.chosen, until=meant.until
    )
    return Evidence(_pairs(found), label)


def _narrowed(meant: Meant, spoke: list[tuple[UUID, UUID]], label: str) -> Evidence:
    """Leave what was chosen, where something was, and no voice that was closed as spam."""
    ids = [voice_id for voice_id, _own in spoke]
    if meant.chosen is not None:
        chosen = set(meant.chosen)
        ids = [own for own in ids if own in chosen]
    found = voices.spoke(ids=ids, words=meant.words, product=meant.product, until=meant.until)
    return Evidence(_pairs(found), label)


def _pairs(spoke: list[voices.Spoke]) -> list[tuple[UUID, UUID]]:
    return [(one.voice_id, one.customer_id) for one in spoke]


def _id(text: str, code: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused(code) from None
