"""Voices are read once heard; what people correct is learned from at night."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from time import monotonic
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from kfar.lake.positions import mark as stand_at
from kfar.lake.positions import position
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.queries import UNDERSTAND
from kfar.rooms.voice.models import Correction, Learned, Reading, Theme, Themed, Voice
from kfar.rooms.voice.reading import topics
from kfar.rooms.voice.reading.language import language
from kfar.rooms.voice.reading.sentiment import NOTHING, Read, Sentiment, read, shipped
from kfar.rooms.voice.reading.weights import Weights
from kfar.rooms.voice.understanding import rules

#: So many voices are read in one transaction; and for so many seconds in one go.
BATCH, LONG = 500, 5.0
#: A low score is no guess.
SCORE = Read(Sentiment.NEGATIVE, 1.0, "score")
#: Up to which day corrections were learned from, counted from 1970.
TAUGHT = "voice.taught"


@dataclass(frozen=True)
class Understood:
    """A text with its language, what it says, and how much it speaks of each theme."""

    language: str
    read: Read
    themes: dict[UUID, float]


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
        model = shipped(tongue)
        taught = added(tongue) if own else None
        reads = list(read(said, model, taught)) if model else [NOTHING] * len(said)
        rows = Theme.objects.filter(language=tongue) if own else ()
        about = topics.assign(said, {row.pk: row.weights for row in rows})
        for n, one, theme in zip(places, reads, about, strict=True):
            found[n] = Understood(tongue, SCORE if rules.scored(texts[n]) else one, theme)
    return [found[n] for n in range(len(texts))]


def read_due() -> int:
    """Read the voices that were heard and not read yet, the newest first; return how many."""
    end, done = monotonic() + LONG, 0
    while some := read_some():
        done += some
        if monotonic() > end:
            break
    return done


@transaction.atomic
def read_some() -> int:
    """Read some voices; return how many. Twice is once."""
    waiting = Voice.objects.filter(understood_at=None).order_by("-heard_at")
    rows = list(waiting.select_for_update(skip_locked=True, of=("self",))[:BATCH])
    if rows:
        _keep(rows, understand([row.text for row in rows], [row.language for row in rows]))
    return len(rows)


def _keep(rows: Sequence[Voice], found: Sequence[Understood]) -> None:
    ids = [row.pk for row in rows]
    words = dict(Correction.objects.filter(voice__in=ids).values_list("voice", "sentiment"))
    Reading.objects.bulk_create(
        [
            Reading(
                voice_id=row.pk,
                language=one.language,
                sentiment=one.read.sentiment or "",
                probability=one.read.probability,
                mark=rules.mark(one.read, words.get(row.pk)),
                unhappy=rules.unhappy(one.read, words.get(row.pk)),
                version=one.read.version,
            )
            for row, one in zip(rows, found, strict=True)
        ],
        update_conflicts=True,
        unique_fields=["voice"],
        update_fields=["language", "sentiment", "probability", "mark", "unhappy", "version"],
    )
    keep_themes({row.pk: list(one.themes) for row, one in zip(rows, found, strict=True)})
    Voice.objects.filter(pk__in=ids).update(understood_at=timezone.now())


def keep_themes(found: dict[UUID, list[UUID]]) -> None:
    """Keep which voices speak of which themes; where somebody said no it stays so."""
    Themed.objects.filter(voice__in=found, no=False).delete()
    Themed.objects.bulk_create(
        [Themed(voice_id=own, theme_id=theme) for own, all_ in found.items() for theme in all_],
        ignore_conflicts=True,
        batch_size=1000,
    )


def added(tongue: str) -> Weights | None:
    """Return what corrections taught in a language, or None."""
    row = Learned.objects.filter(pk=tongue).first()
    model = shipped(tongue)
    if row is None or model is None or not row.model:
        return None
    found = _opened(bytes(row.model))
    return found if found.made == model.version else None  # of another model: taught anew soon


@lru_cache(maxsize=8)
def _opened(model: bytes) -> Weights:
    return Weights.read(io.BytesIO(model))


def teach_due() -> int:
    """Learn from what people corrected, once a day; return in how many languages it changed."""
    today = timezone.now().date().toordinal()
    if position(TAUGHT) >= today:
        return 0
    stand_at(TAUGHT, today)
    tongues = Reading.objects.exclude(voice__correction=None).values_list("language", flat=True)
    old = Learned.objects.values_list("language", flat=True)
    return sum(teach(tongue) for tongue in sorted({*tongues.distinct(), *old}))


@transaction.atomic
def teach(tongue: str) -> bool:
    """Learn from what people corrected in one language; return whether it reads otherwise now.

    Only from customers who agreed that what is known of them is counted with others'. Whoever
    was erased is not among them any more.
    """
    from kfar.rooms.voice.reading import correcting  # noqa: PLC0415 - brings the sciences

    model = shipped(tongue)
    if model is None:
        return False
    rows = _corrected(tongue).values_list("voice__text", "sentiment", "voice__customer")
    who = customers.person_of({customer for _text, _word, customer in rows})
    yes = customers.saying_yes(UNDERSTAND)
    number = {person: n for n, person in enumerate(dict.fromkeys(who.values()))}
    found = correcting.teach(
        model,
        [
            correcting.Corrected(text, word, number[who[customer]])
            for text, word, customer in rows
            if who[customer] in yes
        ],
    )
    before = Learned.objects.filter(pk=tongue).values_list("model", flat=True).first()
    packed = found.added.bytes() if found.added else b""
    if bytes(before or b"") == packed and (before is not None or not packed):
        return False
    Learned.objects.update_or_create(
        pk=tongue,
        defaults={
            "model": packed,
            "corrections": found.corrections,
            "before": found.before,
            "after": found.after,
            "at": timezone.now(),
        },
    )
    Voice.objects.filter(reading__language=tongue).update(understood_at=None)
    return True


def _corrected(tongue: str) -> QuerySet[Correction]:
    rows = Correction.objects.filter(voice__reading__language=tongue)
    return rows.order_by("at", "pk")
