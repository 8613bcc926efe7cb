"""Finding voices by their words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models.expressions import RawSQL

from kfar.rooms.voice.searching.words import wanted

#: How each database is asked for the newest that have all the words, before an id.
SQLITE = """
    SELECT i.voice_id, i.id FROM voice_sought_words w JOIN voice_sought i ON i.id = w.rowid
    WHERE voice_sought_words MATCH %(query)s AND w.rowid < %(before)s
    ORDER BY w.rowid DESC LIMIT %(most)s"""
#: PostgreSQL's index knows no order, and of a frequent word it has too many to sort. So it is
#: asked for a short time, where the planner crosses it with the index of the ids, then for longer
#: ones, until so many are found; the first is as long as it takes for about 10,000 voices.
TIMES = """
    SELECT max(id), min(id), (SELECT min(id) FROM voice_sought) FROM (
        SELECT id FROM voice_sought WHERE id < %(before)s ORDER BY id DESC LIMIT %(latest)s
    ) AS newest"""
SINCE = """
    WITH those AS MATERIALIZED (
        SELECT voice_id, id FROM voice_sought
        WHERE found @@ to_tsquery('simple', %(query)s) AND id >= %(since)s AND id < %(before)s
    )
    SELECT voice_id, id FROM those ORDER BY id DESC LIMIT %(most)s"""
#: … and for all of them.
ALL = {
    "sqlite": "SELECT i.voice_id FROM voice_sought_words w JOIN voice_sought i ON i.id = w.rowid"
    " WHERE voice_sought_words MATCH %s",
    "postgresql": "SELECT voice_id FROM voice_sought WHERE found @@ to_tsquery('simple', %s)",
}
#: How many of the newest tell how long that is, and how many times as long the next time is.
LATEST, WIDER = 1_000, 10
#: Above every id there is.
LAST = 2**63 - 1


@dataclass(frozen=True)
class Found:
    """The voices found, newest first; `more` is where the next begin, None at the end."""

    voices: list[UUID]
    more: int | None


def having(text: str) -> RawSQL | None:
    """Return the ids of all voices in which every word of `text` stands, to filter rows by.

    None where `text` has no word in it.
    """
    query = _query(text)
    # Nothing of `text` stands in the statement itself.
    return RawSQL(ALL[connection.vendor], [query]) if query else None  # noqa: S611


def search(text: str, *, most: int = 25, before: int = LAST) -> Found:
    """Return the newest voices in which every word of `text` stands, in one form or another.

    Where `text` has no word in it nothing is found. `before` is the `more` of what was found
    before.
    """
    query = _query(text)
    if not query:
        return Found([], None)
    asked = {"query": query, "before": min(before, LAST), "most": most + 1}
    with connection.cursor() as cursor:
        rows = _newest(cursor, asked)
    ids = [row[0] if isinstance(row[0], UUID) else UUID(row[0]) for row in rows[:most]]
    return Found(ids, rows[most - 1][1] if len(rows) > most else None)


def _newest(cursor: CursorWrapper, asked: dict[str, Any]) -> list[tuple[UUID | str, int]]:
    """Return the newest rows of the index that have what is asked: whose they are, and their id."""
    if connection.vendor == "sqlite":
        cursor.execute(SQLITE, asked)
        return list(cursor.fetchall())
    cursor.execute(TIMES, {**asked, "latest": LATEST})
    newest, oldest, first = cursor.fetchone()
    rows: list[tuple[UUID | str, int]] = []
    if newest is not None:
        long, since = newest - oldest + 1, newest + 1
        while len(rows) < asked["most"] and since > first:
            long *= WIDER
            since = max(newest - long, first)
            cursor.execute(SINCE, {**asked, "since": since})
            rows = cursor.fetchall()
    return rows


def _query(text: str) -> str:
    """Return what this database is asked for the words of a text, "" where it has none."""
    either, both = (" OR ", " AND ") if connection.vendor == "sqlite" else (" | ", " & ")
    asked = wanted(text)
    return both.join("({})".format(either.join(f'"{s}"' for s in sorted(word))) for word in asked)
