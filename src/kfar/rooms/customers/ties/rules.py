"""Who may be invited, how often, and under which name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from kfar.ground.errors import Refused

#: For how long an invitation can be accepted, and for how long is known that there was one.
LASTS, KEPT = timedelta(days=14), timedelta(days=30)
#: So many invitations of one person wait at once, and so many they make in a day and a month.
MOST_OPEN, MOST_A_DAY, MOST_A_MONTH = 10, 5, 20
#: An address gets one letter in that time, whoever invites; and all together so many an hour.
QUIET, MOST_AN_HOUR = timedelta(days=30), 200
#: So many people one may know here.
MOST_TIES = 200
#: The longest name that stands in a letter to somebody who may not be a customer.
LONGEST = 60
#: What makes an address in the web, or a way to write to somebody, of a name.
_ADDRESS = re.compile(r"[@:/\\<>]|\w\.\w|\d{5}")


def check_called(name: str) -> str:
    """Return the name under which somebody invites.

    Refuses `customers.tie_no_name` where there is none, and `customers.tie_bad_name` where it is
    too long or holds an address: a name in a letter is no place for an advertisement.
    """
    if not name.strip():
        raise Refused("customers.tie_no_name")
    if not fits(name):
        raise Refused("customers.tie_bad_name", most=LONGEST)
    return name


def fits(name: str) -> bool:
    """Return whether a name may stand in a letter."""
    return bool(name.strip()) and len(name) <= LONGEST and not _ADDRESS.search(name)


def check_often(made: Iterable[tuple[datetime, bool]], now: datetime) -> None:
    """Refuse `customers.tie_enough` to who has invited enough: `made` are (when, still open)."""
    found = list(made)
    month = [at for at, _open in found if now - at < KEPT]
    day = [at for at in month if now - at < timedelta(days=1)]
    waiting = sum(still for _at, still in found)
    if waiting >= MOST_OPEN or len(day) >= MOST_A_DAY or len(month) >= MOST_A_MONTH:
        raise Refused("customers.tie_enough")


def may_write(last: datetime | None, stopped: bool, now: datetime) -> bool:
    """Return whether an address may be written to that was written to last then."""
    return not stopped and (last is None or now - last >= QUIET)
