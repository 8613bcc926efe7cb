"""How often somebody may do something: counted under keyed hashes, forgotten when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from kfar.ground import tokens
from kfar.ground.errors import Refused
from kfar.ground.limits import Window
from kfar.rooms.decisions import queries
from kfar.rooms.decisions.models import Code, Spent

#: Until when what is kept for good is kept.
FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)


class Spend(NamedTuple):
    """One more of something: `what`, by `whom` (an address, a network …), within `windows`."""

    what: str
    whom: str
    windows: tuple[Window, ...]


def sealed(*parts: str) -> str:
    """Return the keyed hash of these texts, 32 hexadecimal digits: by it nobody is found out."""
    return tokens.sealed(queries.ballot_key(), *parts)


@transaction.atomic
def spend(*, spends: Sequence[Spend]) -> None:
    """Count these, all of them or none; one write.

    Refuses `decisions.too_often` with `again`, when the last of the full windows is over.
    """
    now = timezone.now()
    keys = {
        sealed(one.what, one.whom, str(window.seconds), str(window.number(now))): window
        for one in spends
        for window in one.windows
    }
    if not keys:
        return
    times = _count({key: window.ends(now) for key, window in keys.items()})
    full = [window.ends(now) for key, window in keys.items() if times[key] > window.times]
    if full:
        raise Refused("decisions.too_often", again=max(full))


def first(*, what: str, whom: str, lasts: timedelta) -> bool:
    """Return whether this is the first time within `lasts`, and note that it was."""
    key = sealed(what, whom)
    return _count({key: timezone.now() + lasts})[key] == 1


def stop(*, number: str) -> None:
    """Note that a phone number wants no text messages from us."""
    Spent.objects.update_or_create(
        key=sealed("stop", number), defaults={"times": 1, "until": FOR_GOOD}
    )


def start(*, number: str) -> None:
    """Note that it wants them again."""
    Spent.objects.filter(key=sealed("stop", number)).delete()


def stopped(number: str) -> bool:
    """Return whether a phone number wants no text messages from us."""
    return Spent.objects.filter(key=sealed("stop", number)).exists()


def tidy() -> int:
    """Remove counts and codes whose time is over; return how many."""
    now = timezone.now()
    return sum(model.objects.filter(until__lt=now).delete()[0] for model in (Spent, Code))


def _count(keys: dict[str, datetime]) -> dict[str, int]:
    """One more for each key; return how many that is now. Always in the same order."""
    rows = [
        (key, connection.ops.adapt_datetimefield_value(until))
        for key, until in sorted(keys.items())
    ]
    table = connection.ops.quote_name(Spent._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS spent (key, times, until) "  # noqa: S608 - a table's name
            f"VALUES {', '.join(['(%s, 1, %s)'] * len(rows))} "
            "ON CONFLICT (key) DO UPDATE SET times = spent.times + 1 RETURNING key, times",
            [value for row in rows for value in row],
        )
        return dict(cursor.fetchall())
