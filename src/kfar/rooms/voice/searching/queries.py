"""Finding voices by their words."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL

from kfar.rooms.voice.searching.words import wanted

#: How each database is asked for the newest that have all the words, before an id.
SQLITE = """
    SELECT i.voice_id, i.id FROM voice_sought_words w JOIN voice_sought i ON i.id = w.rowid
    WHERE voice_sought_words MATCH %(query)s AND w.rowid < %(before)s
    ORDER BY w.rowid DESC LIMIT %(most)s"""
#: PostgreSQL's index knows no order: what is frequent is found soonest by looking through the
#: newest, and what is not frequent enough for that, by the index, sorting what it has.
NEWEST = """
    SELECT voice_id, id FROM (
        SELECT voice_id, id, found FROM voice_sought
        WHERE id < %(before)s ORDER BY id DESC LIMIT 10000
    ) AS newest
    WHERE found @@ to_tsquery('simple', %(query)s) ORDER BY id DESC LIMIT %(most)s"""
RARE = """
    WITH those AS MATERIALIZED (
        SELECT voice_id, id FROM voice_sought WHERE found @@ to_tsquery('simple', %(query)s)
    )
    SELECT voice_id, id FROM those WHERE id < %(before)s ORDER BY id DESC LIMIT %(most)s"""
ASKED = {"sqlite": [SQLITE], "postgresql": [NEWEST, RARE]}
#: … and for all of them.
ALL = {
    "sqlite": "SELECT i.voice_id FROM voice_sought_words w JOIN voice_sought i ON i.id = w.rowid"
    " WHERE voice_sought_words MATCH %s",
    "postgresql": "SELECT voice_id FROM voice_sought WHERE found @@ to_tsquery('simple', %s)",
}
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


def search(text: str, *, most: int = 50, before: int = LAST) -> Found:
    """Return the newest voices in which every word of `text` stands, in one form or another.

    Where `text` has no word in it nothing is found. `before` is the `more` of what was found
    before.
    """
    query = _query(text)
    if not query:
        return Found([], None)
    asked: dict[str, str | int] = {"query": query, "before": min(before, LAST), "most": most + 1}
    rows: list[tuple[UUID | str, int]] = []
    with connection.cursor() as cursor:
        for way in ASKED[connection.vendor]:
            if len(rows) <= most:
                cursor.execute(way, asked)
                rows = cursor.fetchall()
    ids = [row[0] if isinstance(row[0], UUID) else UUID(row[0]) for row in rows[:most]]
    return Found(ids, rows[most - 1][1] if len(rows) > most else None)


def _query(text: str) -> str:
    """Return what this database is asked for the words of a text, "" where it has none."""
    either, both = (" OR ", " AND ") if connection.vendor == "sqlite" else (" | ", " & ")
    asked = wanted(text)
    return both.join("({})".format(either.join(f'"{s}"' for s in sorted(word))) for word in asked)
