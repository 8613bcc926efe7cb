"""Finding voices by their words."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

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
#: Above every id there is.
LAST = 2**63 - 1


@dataclass(frozen=True)
class Found:
    """The voices found, newest first; `more` is where the next begin, None at the end."""

    voices: list[UUID]
    more: int | None


def search(text: str, *, most: int = 50, before: int = LAST) -> Found:
    """Return the newest voices in which every word of `text` stands, in one form or another.

    Where `text` has no word in it nothing is found. `before` is the `more` of what was found
    before.
    """
    asked = wanted(text)
    if not asked:
        return Found([], None)
    either, both = (" OR ", " AND ") if connection.vendor == "sqlite" else (" | ", " & ")
    query = both.join("({})".format(either.join(f'"{s}"' for s in sorted(word))) for word in asked)
    with connection.cursor() as cursor:
        cursor.execute(ASKED[connection.vendor], [query, min(before, LAST), most + 1])
        rows = cursor.fetchall()
    ids = [row[0] if isinstance(row[0], UUID) else UUID(row[0]) for row in rows[:most]]
    return Found(ids, rows[most - 1][1] if len(rows) > most else None)
