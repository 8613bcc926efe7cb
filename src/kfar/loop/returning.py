"""Returns: what was bought is known to the journeys, what goes back to the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.rooms.customers import queries as people
from kfar.rooms.service.by_mail import commands as by_mail
from kfar.rooms.service.returns import commands, queries, rules
from kfar.rooms.service.returns.rules import Bought, Share
from kfar.rooms.touchpoints import buying
from kfar.rooms.touchpoints.buying import Purchase
from kfar.rooms.voice import commands as voice


@dataclass(frozen=True)
class Choice:
    """A line of a purchase, and how many of it may still go back."""

    line: Bought
    left: int


@dataclass(frozen=True)
class Pattern:
    """What a person may want to look at: a high share of returns, products again and again."""

    person: UUID
    share: Share | None
    repeated: tuple[tuple[str, int], ...]


def purchase(
    customer_id: UUID, *, occasion: UUID | None = None, reference: str = ""
) -> Purchase | None:
    """Return a purchase of that customer, as `touchpoints.buying.purchase` does."""
    return buying.purchase(customer_id, occasion=occasion, reference=reference)


def choices(found: Purchase) -> list[Choice]:
    """Return the lines of a purchase that were paid for, with how many are left to return."""
    lines = _lines(found)
    before = queries.returned([line.touch_id for line in lines])
    return [
        Choice(line, max(line.units - before.get(line.touch_id, 0), 0))
        for line in lines
        if line.paid > 0 and line.units > 0
    ]


@transaction.atomic
def start(
    *, by: UUID, found: Purchase, chosen: Mapping[UUID, int], words: str, language: str, once: UUID
) -> UUID:
    """Send lines of a purchase back, as `returns.commands.start` does; refuses as that.

    What somebody wants to say with it is a voice as any other; nobody has to.
    """
    made = commands.start(by=by, bought_at=found.at, lines=_lines(found), chosen=chosen, once=once)
    if words.strip():
        names = {line.id: line.product_name or "" for line in found.lines}
        first = next(touch for touch in chosen if chosen[touch])
        voice.say(
            by=by, text=words, language=language, about=first, about_name=names.get(first, "")
        )
    return made


@transaction.atomic
def start_by_mail(
    *, by: UUID, ask_id: UUID, chosen: Mapping[UUID, int], words: str, language: str, once: UUID
) -> UUID:
    """Start the return that a link in a mail is for, once; a second time it is the same one.

    Refuses as `start`, and as `by_mail.queries.opened`.
    """
    held = by_mail.hold(ask_id=ask_id, by=by)
    if held.return_id is not None:
        return held.return_id
    found = buying.purchase(by, occasion=held.purchase_id)
    if found is None:
        raise Refused("returns.not_found")
    made = start(by=by, found=found, chosen=chosen, words=words, language=language, once=once)
    by_mail.used(ask_id=ask_id, return_id=made)
    return made


def look_up_due() -> int:
    """Send links to those whose purchase is found; forget what leads nowhere any more."""

    def find(customer_id: UUID, number: str) -> UUID | None:
        found = buying.purchase(customer_id, reference=number)
        return found.id if found else None

    by_mail.tidy()
    return by_mail.look_up_due(find=find)


def patterns(*, of: UUID | None = None) -> list[Pattern]:
    """Return whose returns lie far above those of alike customers, or repeat; `of` one alone.

    Nothing follows from it by itself, and nothing of it is kept: a person looks at it. Raises
    `Refused("lake.damaged")`.
    """
    habits = queries.habits()
    marked = {person: habit.lines for person, habit in habits.items()}
    shown = {person: habit for person, habit in habits.items() if of in {None, person}}
    many = [person for person in shown if marked[person] >= rules.LEAST]
    since = timezone.now() - rules.LOOK
    beside = buying.alike(marked, among=many, since=since) if many else {}
    found = []
    for person, habit in shown.items():
        share = None
        if (alike := beside.get(person)) is not None:
            share = rules.striking(
                returned=habit.lines,
                bought=alike.bought,
                others=alike.others,
                others_returned=alike.others_marked,
                others_bought=alike.others_bought,
            )
        if share is not None or habit.products:
            found.append(Pattern(person, share, habit.products))
    return sorted(found, key=lambda one: (-(one.share.low if one.share else 0), str(one.person)))


def pattern(customer_id: UUID) -> Pattern | None:
    """Return the pattern of one person, where there is one: they may see it, too."""
    person = people.person_of([customer_id])[customer_id]
    return next(iter(patterns(of=person)), None)


def _lines(found: Purchase) -> list[Bought]:
    return [
        Bought(
            touch_id=touch.id,
            product=touch.product or "",
            name=touch.product_name or touch.product or "",
            category=touch.category or "",
            # What is measured goes back whole.
            units=touch.units if touch.measure is None and touch.units is not None else 1,
            paid=touch.paid or 0,
            currency=touch.currency or settings.KFAR_CURRENCY,
        )
        for touch in found.lines
    ]
