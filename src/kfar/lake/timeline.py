"""The timeline: what customers and the company had to do with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from kfar.lake.counts import Counts, count
from kfar.lake.engines import Session
from kfar.lake.occasions import EVERYTHING, Only, tell
from kfar.lake.table import reading
from kfar.lake.touch import COLUMNS, NAMES, Touch

TOUCHED = ", ".join(f'mine."{name}"' for name in COLUMNS)


@dataclass(frozen=True)
class Link:
    """Another occasion that tells of the same thing (`ref`): when, of what kind, how often."""

    at: datetime
    kind: str
    touches: int


@dataclass(frozen=True)
class Occasion:
    """Touches that are told in one breath (`kfar.lake.occasions`), of one person.

    `kind` is that of the first touch, or `VISIT`. `fits` holds the ids of the touches that
    were asked for. `first` is said of the very first occasion of all, `unknown` of a visit
    that began before we knew who it was. `links` are in order of time.
    """

    id: UUID
    person: UUID
    kind: str
    began: datetime
    ended: datetime
    first: bool
    unknown: bool
    touches: tuple[Touch, ...]
    fits: frozenset[UUID]
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Cursor:
    """Where a reader who goes back stands: the last occasion shown, and when it began.

    `under_way` has whose visit had begun earlier and went on at that instant, and until when.
    """

    at: datetime
    occasion: UUID
    under_way: Mapping[UUID, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """Occasions, the latest first, and the cursor for those before; None at the first one.

    `counts` are over all that was asked for, whatever fits on the page.
    """

    occasions: tuple[Occasion, ...]
    more: Cursor | None
    counts: Counts


def timeline(
    customers: Sequence[UUID],
    *,
    owners: Mapping[UUID, UUID] | None = None,
    before: Cursor | None = None,
    most: int,
    only: Only = EVERYTHING,
    zone: str = "UTC",
) -> Page:
    """Return the `most` latest occasions that were asked for, the latest first.

    `customers` are one person's ids, the person's own first; of several people, `owners` says
    whose each of the ids is. Occasions are the same whatever is asked for and however many
    fit on a page; they stand by when they began, and are counted by months of `zone`. Give
    `more` of a page as `before` for those that follow: a touch that was there when the first
    page was read is shown once, whatever comes in meanwhile. (But a line that comes late and
    stands before the first of its basket brings that basket again.)
    Raises `Refused("lake.damaged")`.
    """
    with reading(customers) as session:
        session.run("CREATE OR REPLACE TEMP TABLE mine AS FROM touches")
        tell(session, customers, owners, only)
        counts = count(session, zone)
        if before:
            tell(
                session,
                customers,
                owners,
                only,
                before=before.at,
                under_way=before.under_way,
            )
        session.run(
            """CREATE OR REPLACE TEMP TABLE shown AS
            SELECT occasion, any_value(began) AS start FROM told WHERE hit GROUP BY occasion
            HAVING $at IS NULL OR (start, occasion) < ($at::TIMESTAMPTZ, $occasion::UUID)
            ORDER BY start DESC, occasion DESC LIMIT $most""",
            at=before and before.at,
            occasion=before and before.occasion,
            most=most + 1,
        )
        links = _links(session)
        rows = session.rows(
            f"""SELECT occasion, person, told_as, began, ended, unknown, hit, {TOUCHED},
                (began, occasion) = (SELECT min((began, occasion)) FROM told) AS first
            FROM told JOIN shown USING (occasion) JOIN mine USING (id)
            ORDER BY began DESC, occasion DESC, told."at", told.product_name, id"""  # noqa: S608
        )
        found = [
            _occasion(list(group), links) for _, group in groupby(rows, key=lambda row: row[0])
        ]
        page = tuple(found[:most])
        return Page(page, _cursor(session, page[-1]) if len(found) > most else None, counts)


def touch(customers: Sequence[UUID], touch_id: UUID) -> Touch | None:
    """Return one touch of these customers; None where it is not there, or not theirs."""
    with reading(customers) as session:
        rows = session.rows(f"SELECT {NAMES} FROM touches WHERE id = $id", id=touch_id)  # noqa: S608
    return _touch(rows[0]) if rows else None


def _links(session: Session) -> dict[UUID, tuple[Link, ...]]:
    rows = session.rows(
        """WITH threads AS (
            SELECT DISTINCT person, source, ref, occasion FROM told JOIN shown USING (occasion)
            WHERE basket IS NULL AND ref IS NOT NULL
        )
        SELECT threads.occasion, any_value(began) AS start, any_value(told_as), count(*)
        FROM threads JOIN told USING (person, source, ref)
        WHERE told.occasion <> threads.occasion
        GROUP BY threads.occasion, told.occasion ORDER BY threads.occasion, start, told.occasion"""
    )
    return {
        occasion: tuple(Link(at, kind, touches) for _, at, kind, touches in group)
        for occasion, group in groupby(rows, key=lambda row: row[0])
    }


def _occasion(rows: list[tuple[Any, ...]], links: Mapping[UUID, tuple[Link, ...]]) -> Occasion:
    occasion, person, kind, began, ended, unknown = rows[0][:6]
    touches = tuple(_touch(row[7:-1]) for row in rows)
    return Occasion(
        id=occasion,
        person=person,
        kind=kind,
        began=began,
        ended=ended,
        first=rows[0][-1],
        unknown=unknown,
        touches=touches,
        fits=frozenset(touch.id for touch, row in zip(touches, rows, strict=True) if row[6]),
        links=links.get(occasion, ()),
    )


def _cursor(session: Session, last: Occasion) -> Cursor:
    under_way = session.rows(
        """SELECT person, max(ended) FROM told
        WHERE browsing AND ended >= $at::TIMESTAMPTZ
            AND (began, occasion) < ($at::TIMESTAMPTZ, $occasion::UUID)
        GROUP BY person ORDER BY person""",
        at=last.began,
        occasion=last.id,
    )
    return Cursor(last.began, last.id, dict(under_way))


def _touch(row: tuple[Any, ...]) -> Touch:
    return Touch(**dict(zip(COLUMNS, row, strict=True)))
