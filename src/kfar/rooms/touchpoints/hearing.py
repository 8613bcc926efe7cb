"""Hearing: what the gate has taken in becomes touches of the customers it tells of."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from math import isfinite

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F

from kfar.ground.errors import Refused
from kfar.lake import inbox, table
from kfar.lake.engines import Session, engine
from kfar.lake.settle import ENOUGH
from kfar.lake.touch import COLUMNS, NAMES
from kfar.rooms.customers import accounts
from kfar.rooms.customers.accounts import Belonging
from kfar.rooms.customers.resolving import resolve
from kfar.rooms.customers.rules import Claim
from kfar.rooms.touchpoints import events
from kfar.rooms.touchpoints.models import Rejected

log = structlog.get_logger(__name__)

#: Why an event was turned away after the gate: nobody could read it, or it named nobody.
UNREADABLE, NAMELESS = "unreadable", "nameless"
#: What a claim says, as columns.
SAID = (
    *("source", "at", "trusted", "user_id", "anonymous_id", "previous_id"),
    *("email", "phone", "name", "language"),
)
_SAID = ", ".join(f'"{name}"' for name in SAID)
_SCHEMA = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())


def hear(lines: Sequence[bytes], *, batch: str, along: Callable[[], object]) -> int:
    """Keep what the gate's records of events say; return how many touches that is.

    Who it was is found for all of them at once (`customers.resolve`). Few touches stand in
    the inbox from then on, many go to the table; `along` is called in the transaction that
    keeps them: all of it stays, or nothing does. The same records twice are one.
    Raises `Refused("lake.disk_full")`.
    """
    # Alone from here on: who is erased in between must not come back by what was found of them.
    with table.alone(), engine().session() as session:
        rejected = _read(session, lines)
        claims = _claims(session)
        found = resolve(claims=claims)
        people = [(number, who) for number, who in enumerate(found) if who is not None]
        session.load("people", {"claim": "BIGINT", "customer": "UUID"}, people)
        for claim, who in zip(claims, found, strict=True):
            if who is None:
                rejected[claim.at.date(), claim.source, NAMELESS] += 1

        groups = [Belonging(*row) for row in session.rows(events.GROUPS)]

        def keep() -> None:
            _count(rejected)
            if groups:
                accounts.join_many(claims=groups)
            along()

        [(heard,)] = session.rows("SELECT count(*) FROM heard")
        money = settings.KFAR_CURRENCY
        if heard >= ENOUGH:
            return table.append(
                session,
                batch=batch,
                select=events.TOUCHES,
                params={"currency": money},
                along=keep,
            )
        session.run(f"CREATE OR REPLACE TEMP TABLE few ({_SCHEMA})")
        session.run(f"INSERT INTO few BY NAME ({events.TOUCHES})", currency=money)
        rows = session.rows(f"SELECT {NAMES} FROM few")  # noqa: S608
        with transaction.atomic(durable=True):
            inbox.put_rows(rows)
            keep()
        return len(rows)


def _read(session: Session, lines: Sequence[bytes]) -> Counter[tuple[date, str, str]]:
    """Read the records; return what was rejected, by day, source and reason.

    A record the engine cannot read, though the gate could, is written anew by Python; one
    that even so cannot be read is counted and named in the log, and holds up no other.
    """
    rejected: Counter[tuple[date, str, str]] = Counter()
    try:
        events.read(session, lines)
    except Refused:
        raise
    except Exception:
        good = []
        for line in lines:
            try:
                said = json.dumps(_finite(json.loads(line)), ensure_ascii=False)
                mended = said.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
                events.read(session, [mended])
            except Exception as error:
                log.error("touchpoints.unreadable", error=type(error).__name__)
                rejected[datetime.now(UTC).date(), "", UNREADABLE] += 1
            else:
                good.append(mended)
        events.read(session, good)
    for day, source, reason, count in session.rows(events.REJECTED):
        rejected[day, source, reason] += count
    return rejected


def _finite(value: object) -> object:
    """Return JSON without the numbers that JSON does not have."""
    if isinstance(value, dict):
        return {key: _finite(v) for key, v in value.items()}
    if isinstance(value, list):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _claims(session: Session) -> list[Claim]:
    rows = session.rows(f"SELECT {_SAID}, consent FROM claims ORDER BY claim")  # noqa: S608
    return [
        Claim(**dict(zip(SAID, row[:-1], strict=True)), consents=_consents(row[-1])) for row in rows
    ]


def _consents(said: str) -> dict[str, bool]:
    """Return what was said of each purpose; nothing where nothing was said."""
    if not said:
        return {}
    return {purpose: purpose in said.split(",") for purpose in events.PURPOSES if purpose != "ask"}


def _count(rejected: Counter[tuple[date, str, str]]) -> None:
    for (day, source, reason), count in rejected.items():
        row, _ = Rejected.objects.get_or_create(day=day, source=source, reason=reason)
        Rejected.objects.filter(pk=row.pk).update(count=F("count") + count)
