"""Voices are read once heard, with what was said later on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.rooms.voice.models import Correction, Reading, Theme, Themed, Voice
from kfar.rooms.voice.reading import topics
from kfar.rooms.voice.reading.language import language
from kfar.rooms.voice.reading.sentiment import NOTHING, Read, Sentiment
from kfar.rooms.voice.understanding import later, rules
from kfar.rooms.voice.understanding.later import Word
from kfar.rooms.voice.understanding.models import Further, Learned
from kfar.rooms.voice.understanding.readers import reader, vectors

#: So many voices are read at once; where each needs a vector, fewer; and so long in one go.
BATCH, FEW, LONG = 500, 50, 5.0
#: A low score is no guess.
SCORE = Read(Sentiment.NEGATIVE, 1.0, "score")


@dataclass(frozen=True)
class Understood:
    """A text with its language, what it says, and how much it speaks of each theme."""

    language: str
    read: Read
    themes: dict[UUID, float]


#: What voices began with, and what came after.
_Found = Mapping[UUID, tuple[Understood, Sequence[tuple[Word, Understood]]]]


def understand(texts: Sequence[str], hints: Sequence[str], *, own: bool = True) -> list[Understood]:
    """Return what texts say; a hint is the language of a text that does not tell its own.

    Where not `own`, nothing that was learned here is asked for: no corrections, no themes.
    """
    spoken = [language(text, hint) for text, hint in zip(texts, hints, strict=True)]
    found: dict[int, Understood] = {}
    order = sorted(range(len(texts)), key=spoken.__getitem__)
    for tongue, members in groupby(order, key=spoken.__getitem__):
        places = list(members)
        said = [texts[n] for n in places]
        reads_it = reader(tongue, own=own)
        reads = list(reads_it.read(said)) if reads_it else [NOTHING] * len(said)
        rows = Theme.objects.filter(language=tongue) if own else ()
        about = topics.assign(said, {row.pk: row.weights for row in rows})
        for n, one, theme in zip(places, reads, about, strict=True):
            score = SCORE if rules.scored(texts[n]) else NOTHING if not texts[n].strip() else one
            found[n] = Understood(tongue, score, theme)
    return [found[n] for n in range(len(texts))]


def read_due() -> int:
    """Read the voices that were heard and not read yet, the newest first; return how many."""
    end, done = monotonic() + LONG, 0
    while some := read_some():
        done += some
        if monotonic() > end:
            break
    return done


def read_some() -> int:
    """Read some voices, with what was said later on them; return how many. Twice is once.

    They are read before anything is locked, which takes long with vectors; what was said, erased
    or learned meanwhile is read with the next ones.
    """
    waiting = Voice.objects.filter(understood_at=None).order_by("-heard_at")
    rows = list(waiting[: FEW if vectors() else BATCH])
    learned, after = _learned(), later.words(row.pk for row in rows)
    said = [(row, [row.text, *(word.text for word in after.get(row.pk, ()))]) for row in rows]
    texts = [text for _row, own in said for text in own]
    found = iter(understand(texts, [row.language for row, own in said for _text in own]))
    done = {
        row.pk: (next(found), [(word, next(found)) for word in after.get(row.pk, ())])
        for row in rows
    }
    return _keep_those(done, learned) if done else 0


@transaction.atomic
def _keep_those(found: _Found, learned: list[object]) -> int:
    waiting = Voice.objects.filter(pk__in=found, understood_at=None)
    rows = list(waiting.select_for_update(skip_locked=True, of=("self",)))
    if _learned() != learned:
        return 0
    after = later.words(row.pk for row in rows)
    rows = [
        row for row in rows if after.get(row.pk, []) == [word for word, _one in found[row.pk][1]]
    ]
    _keep({row.pk: found[row.pk] for row in rows})
    return len(rows)


def _learned() -> list[object]:
    """Return what stands for all that was learned."""
    return list(Learned.objects.order_by("pk").values_list("pk", "at"))


def _keep(found: _Found) -> None:
    spoken = Correction.objects.filter(voice__in=found).values_list("voice", "sentiment", "at")
    corrected = {voice_id: (sentiment, at) for voice_id, sentiment, at in spoken}
    readings: list[Reading] = []
    marks: dict[str, list[UUID]] = {}
    more: dict[str, list[Further]] = {"mail": [], "post": []}
    for voice_id, (first, after) in found.items():
        sentiment, at = corrected.get(voice_id, (None, None))
        of = later.meant([word for word, _one in after], at) if at else None
        began = _told(first, sentiment if of == -1 else None)
        now = began["mark"]
        for n, (word, one) in enumerate(after):
            told = _told(one, sentiment if of == n else None)
            row = Further(
                voice_id=voice_id, mail_id=word.mail, post_id=word.post, at=word.at, **told
            )
            more["mail" if word.mail else "post"].append(row)
            now = row.mark
        readings.append(Reading(voice_id=voice_id, **began))
        marks.setdefault(now, []).append(voice_id)
    fields = ["language", "sentiment", "probability", "mark", "unhappy", "version"]
    Reading.objects.bulk_create(
        readings,
        update_conflicts=True,
        unique_fields=["voice"],
        update_fields=fields,
    )
    for came, rows in more.items():
        Further.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=[came], update_fields=fields
        )
    keep_themes(
        {
            voice_id: list(
                dict.fromkeys(
                    theme for one in [first, *(one for _word, one in after)] for theme in one.themes
                )
            )
            for voice_id, (first, after) in found.items()
        }
    )
    for mark, ids in marks.items():
        Voice.objects.filter(pk__in=ids).update(mark=mark, understood_at=timezone.now())


def _told(found: Understood, corrected: str | None) -> dict[str, Any]:
    """Return the fields that tell how something was read."""
    return {
        "language": found.language,
        "sentiment": found.read.sentiment or "",
        "probability": found.read.probability,
        "mark": rules.mark(found.read, corrected),
        "unhappy": rules.unhappy(found.read, corrected),
        "version": found.read.version,
    }


def keep_themes(found: dict[UUID, list[UUID]]) -> None:
    """Keep which voices speak of which themes; where somebody said no it stays so."""
    Themed.objects.filter(voice__in=found, no=False).delete()
    Themed.objects.bulk_create(
        [Themed(voice_id=own, theme_id=theme) for own, all_ in found.items() for theme in all_],
        ignore_conflicts=True,
        batch_size=1000,
    )
