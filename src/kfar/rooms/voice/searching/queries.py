"""Finding voices by their words."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL

from kfar.rooms.voice.searching.words import wanted

#: How each database is asked for the newest that have all the words, before an id.
ASKED = {
    "sqlite": "SELECT i.voice_id, i.id FROM voice_sought_words w JOIN voice_sought i ON"
    " i.id = w.rowid WHERE voice_sought_words MATCH %s AND w.rowid < %s"
    " ORDER BY w.rowid DESC LIMIT %s",
    "postgresql": "SELECT voice_id, id FROM voice_sought"
    " WHERE to_tsvector('simple', words) @@ to_tsquery('simple', %s) AND id < %s"
    " ORDER BY id DESC LIMIT %s",
}
#: … and for all of them.
ALL = {
    "sqlite": "SELECT i.voice_id FROM voice_sought_words w JOIN voice_sought i ON i.id = w.rowid"
    " WHERE voice_sought_words MATCH %s",
    "postgresql": "SELECT voice_id FROM voice_sought"
    " WHERE to_tsvector('simple', words) @@ to_tsquery('simple', %s)",
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
    with connection.cursor() as cursor:
        cursor.execute(ASKED[connection.vendor], [query, min(before, LAST), most + 1])
        rows = cursor.fetchall()
    ids = [row[0] if isinstance(row[0], UUID) else UUID(row[0]) for row in rows[:most]]
    return Found(ids, rows[most - 1][1] if len(rows) > most else None)


def _query(text: str) -> str:
    """Return what this database is asked for the words of a text, "" where it has none."""
    either, both = (" OR ", " AND ") if connection.vendor == "sqlite" else (" | ", " & ")
    asked = wanted(text)
    return both.join("({})".format(either.join(f'"{s}"' for s in sorted(word))) for word in asked)
