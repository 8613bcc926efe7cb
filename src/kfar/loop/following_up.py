"""Following up: after a purchase, a visit, a closed case, who may be asked is asked how it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from kfar.lake.positions import mark, position
from kfar.loop import reaching
from kfar.rooms.customers import queries as people
from kfar.rooms.service.returns import queries as returns
from kfar.rooms.touchpoints import buying
from kfar.rooms.voice.follow_up import commands as asking
from kfar.rooms.voice.follow_up import queries as asked
from kfar.rooms.voice.follow_up import rules
from kfar.rooms.voice.follow_up.rules import Due, Kind
from kfar.rooms.voice.surveys import commands as surveys
from kfar.rooms.voice.surveys import queries as surveyed
from kfar.rooms.voice.surveys.rules import WINDOW, After

FOLLOWED = "followed-up"


def follow_up_due() -> int:
    """Once an hour, ask whose time has come: of cases, by surveys, of purchases, in this order.

    Whoever is asked by one is not by the next: they share one limit. What an hour misses, the
    next one finds, for a week. Returns how many were asked.
    """
    hour = int(timezone.now().timestamp()) // 3600
    if position(FOLLOWED) >= hour:
        return 0
    mark(FOLLOWED, hour)
    done = _ask(asked.closed_cases())
    done += sum(_invite(*one) for one in surveyed.inviting())
    return done + _ask(_purchases())


def _ask(due: list[Due]) -> int:
    """Ask by mail, or as a text message whoever chose that and has not said STOP."""
    return asking.ask(due=due, texted=_texted([one.customer_id for one in due]))


def _texted(customers: list[UUID]) -> set[UUID]:
    ways = people.ways(people.FOLLOWED, customers if reaching.texting() else [])
    chosen = [own for own, way in ways.items() if way == people.BY_TEXT]
    found = people.people(chosen)
    return {one.id for one in found.values() if reaching.texted(one)}


def _invite(survey_id: UUID, after: After, days: int) -> int:
    """Invite to one survey whoever had the contact it is about."""
    now = timezone.now()
    until = now - timedelta(days=days)
    met = _met(after, until - WINDOW, until)
    return surveys.invite_after(survey_id=survey_id, customers=met) if met else 0


def _met(after: After, since: datetime, until: datetime) -> list[UUID]:
    if after is After.CASE:
        return asked.closed_between(since, until)
    free = asked.free()
    if not free:
        return []
    between = buying.bought_between if after is After.PURCHASE else buying.came_between
    return list(dict.fromkeys(one.customer_id for one in between(since, until, among=free)))


def _purchases() -> list[Due]:
    """Return what was bought so long ago that it is time to ask, unless it went back."""
    now, terms = timezone.now(), asked.terms()
    span = rules.span(terms, now)
    free = asked.free(Kind.PURCHASE, texting=reaching.texting()) if span else []
    if span is None or not free:
        return []
    found = [
        one
        for one in buying.bought_between(*span, among=free)
        if rules.due(one.at, rules.days_after(terms, one.category), now)
    ]
    back = returns.returned([one.touch_id for one in found])
    whose = people.person_of(one.customer_id for one in found)
    return [
        Due(whose[one.customer_id], Kind.PURCHASE, one.touch_id, one.name, one.at)
        for one in found
        if one.touch_id not in back
    ]
