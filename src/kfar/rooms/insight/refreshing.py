"""Refreshing: everything is learned again, from all that is known until today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import structlog
from django.db.models import F, Q
from django.utils import timezone
from threadpoolctl import threadpool_limits

from kfar.ground.errors import Refused
from kfar.lake.engines import Session
from kfar.rooms.insight import keeping, reading
from kfar.rooms.insight.models import Refresh, Study
from kfar.rooms.insight.studies import (
    after,
    discipline,
    drivers,
    goods,
    habits,
    leaving,
    places,
    response,
    tastes,
    value,
    wants,
)

log = structlog.get_logger(__name__)

#: What a study learned, and of how many people.
Learned = tuple[object, int] | None
#: Told of every step: its name, how many are done, of how many.
Progress = Callable[[str, int, int], None]

STUDIES: Mapping[str, Callable[[Session, date], Learned]] = {
    module.KIND: module.learn
    for module in (
        *(value, leaving, habits, wants, tastes, drivers, after),
        *(goods, places, discipline, response),
    )
}

#: How often everything is learned again, how soon after one that failed, and after how long a
#: refresh that does not move is dead.
EVERY, AGAIN, DEAD = timedelta(days=1), timedelta(minutes=10), timedelta(hours=1)


def refresh_due() -> int:
    """Refresh where somebody asked for it, the last was a day ago, or failed; return how much."""
    now = timezone.now()
    rows = Refresh.objects.filter(pk=1)
    if not rows.exists():
        return _refresh()
    wanted = Q(asked_at__gt=F("began_at")) | Q(began_at=None) | Q(began_at__lt=now - EVERY)
    wanted |= Q(began_at__lt=now - AGAIN) & ~Q(failed="")
    at_rest = Q(ended_at__isnull=False) | Q(began_at=None) | Q(began_at__lt=now - DEAD)
    return _refresh() if rows.filter(wanted & at_rest).exists() else 0


def _refresh() -> int:
    try:
        return refresh()
    except Refused as refused:
        log.error("insight.failed", why=refused.code)
        return 0


def refresh(progress: Progress = lambda step, done, of: None) -> int:
    """Learn everything again; return how many studies there are now.

    Each is kept as soon as it is learned; one of which there is nothing to learn is removed.
    What fails is noted and raised: `Refused("lake.damaged")`, `Refused("lake.no_spark")`.
    """
    now, of = timezone.now(), len(STUDIES)
    began = {"began_at": now, "ended_at": None, "step": "read", "done": 0, "of": of, "failed": ""}
    Refresh.objects.update_or_create(pk=1, defaults=began)
    row = Refresh.objects.filter(pk=1)
    failed = "insight.failed"
    try:
        with reading.everybody() as session, threadpool_limits(1, "blas"):
            progress("read", 0, of)
            until = _until(session)
            for done, (kind, learn) in enumerate(STUDIES.items()):
                row.update(step=kind, done=done)
                progress(kind, done, of)
                learned = learn(session, until) if until else None
                if until is None or learned is None:
                    Study.objects.filter(pk=kind).delete()
                else:
                    keeping.keep(kind, learned[0], until=until, people=learned[1])
        failed = ""
    except Refused as refused:
        failed = refused.code
        raise
    finally:
        row.update(ended_at=timezone.now(), failed=failed, done=0 if failed else of)
    progress("", of, of)
    return Study.objects.count()


def _until(session: Session) -> date | None:
    """Return the last day on which anybody bought, up to which the known is whole."""
    [(until,)] = session.rows("SELECT max(day) FROM known WHERE kind = 'purchase'")
    return until if until is None else date.fromordinal(until.toordinal())
