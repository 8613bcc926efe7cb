"""What people correct is learned from at night, and how many stars they gave beside their words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.text import LANGUAGES
from kfar.lake.positions import mark, position
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.queries import UNDERSTAND
from kfar.rooms.voice.models import Correction, Voice
from kfar.rooms.voice.reading.language import language
from kfar.rooms.voice.reviews.models import Review
from kfar.rooms.voice.understanding import later, rules
from kfar.rooms.voice.understanding.models import Learned
from kfar.rooms.voice.understanding.readers import reader

#: Up to which day it was learned from, counted from 1970.
TAUGHT = "voice.taught"
#: So many of the latest reviews are looked at.
REVIEWS = 10_000


def teach_due() -> int:
    """Learn from what people said, once a day; return in how many languages it changed."""
    today = timezone.now().date().toordinal()
    if position(TAUGHT) >= today:
        return 0
    mark(TAUGHT, today)
    return sum(teach(tongue) for tongue in LANGUAGES)


def teach(tongue: str) -> bool:
    """Learn from what people said in one language; return whether it reads otherwise now.

    From employees' corrections, and from reviews with stars, which weigh less. Only from
    customers who agreed that what is known of them is counted with others', and from reviews
    that came from elsewhere without saying whose they are. Whoever was erased is not among them
    any more.
    """
    from kfar.rooms.voice.reading import correcting  # noqa: PLC0415 - brings the sciences

    plain = reader(tongue, own=False)
    if plain is None:
        return False
    said = sorted([*_corrected(tongue), *_starred(tongue)], key=lambda one: one[0])
    who = customers.person_of({one for *_, one in said if one})
    yes = customers.saying_yes(UNDERSTAND)
    number = {person: n for n, person in enumerate(dict.fromkeys(who.values()))}
    found = correcting.teach(
        plain.model,
        [
            # Of those nobody knows, each is one person.
            correcting.Corrected(text, label, number[who[own]] if own else len(number) + n, stars)
            for n, (_at, text, label, stars, own) in enumerate(said)
            if own is None or who[own] in yes
        ],
        plain.head,
    )
    packed = found.added.bytes() if found.added else b""
    with transaction.atomic():
        row = Learned.objects.select_for_update().filter(pk=tongue).first()
        if not (packed or found.corrections or found.stars or row):
            return False
        told = {
            "corrections": found.corrections,
            "stars": found.stars,
            "before": found.before,
            "after": found.after,
        }
        if row and bytes(row.model) == packed:
            Learned.objects.filter(pk=tongue).update(**told)
            return False
        Learned.objects.update_or_create(
            pk=tongue, defaults={"model": packed, "at": timezone.now(), **told}
        )
        if packed or row:
            Voice.objects.filter(reading__language=tongue).update(understood_at=None)
        return bool(packed or row)


#: When it was said, its words, what they say, whether stars say so, and by whom.
_One = tuple[datetime, str, str, bool, UUID | None]


def _corrected(tongue: str) -> Iterator[_One]:
    rows = list(
        Correction.objects.filter(voice__reading__language=tongue)
        .order_by("at", "pk")
        .values_list("voice", "voice__text", "sentiment", "at", "voice__customer")
    )
    after = later.words(row[0] for row in rows)
    for voice_id, text, sentiment, at, customer in rows:
        said = after.get(voice_id, [])
        of = later.meant(said, at)
        yield at, text if of < 0 else said[of].text, sentiment, False, customer


def _starred(tongue: str) -> Iterator[_One]:
    """Yield what reviews in a language say by their stars; an employee's word goes before."""
    rows = Review.objects.filter(taken_back_at=None).exclude(text="")
    rows = rows.exclude(voice__in=Correction.objects.values("voice"))
    latest = rows.order_by("-at", "pk")[:REVIEWS]
    for at, text, stars, hint, own in latest.values_list(
        "at", "text", "stars", "language", "customer"
    ):
        if language(text, hint) == tongue:
            yield at, text, rules.by_stars(stars), True, own
