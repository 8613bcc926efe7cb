"""Themes are looked for at night, and stay what they are as long as people speak of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.text import LANGUAGES
from kfar.lake.positions import mark, position
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.queries import UNDERSTAND
from kfar.rooms.voice.models import Theme, Themed, Voice
from kfar.rooms.voice.reading import topics
from kfar.rooms.voice.understanding import later
from kfar.rooms.voice.understanding.refreshing import keep_themes

#: So many of the latest voices of each language are looked at, of so long.
MOST, BACK = 20_000, timedelta(days=365)
#: Up to which day themes were looked for, counted from 1970.
FOUND = "voice.themes"


def find_due() -> int:
    """Look for themes in every language, once a day; return how many there are."""
    today = timezone.now().date().toordinal()
    if position(FOUND) >= today:
        return 0
    mark(FOUND, today)
    return sum(find(tongue) for tongue in LANGUAGES)


@transaction.atomic
def find(tongue: str) -> int:
    """Look for themes in one language; return how many were found.

    In the words of customers who agreed that what is known of them is counted with others', of
    five people or more each. A theme found before keeps its id, its name, and what people said of
    it; one that is not found any more goes, unless people said something of it. Then what was
    heard is sorted under them.
    """
    rows = Voice.objects.filter(reading__language=tongue, heard_at__gt=timezone.now() - BACK)
    heard = list(rows.order_by("-heard_at").values_list("pk", "customer_id", "text")[:MOST])
    who = customers.person_of({customer for _pk, customer, _text in heard})
    number = {person: n for n, person in enumerate(dict.fromkeys(who.values()))}
    yes = customers.saying_yes(UNDERSTAND)
    whole = later.whole({pk: text for pk, _customer, text in heard})
    agreed = [(whole[pk], number[who[c]]) for pk, c, _text in heard if who[c] in yes]
    found = topics.find([text for text, _person in agreed], [person for _text, person in agreed])
    if agreed:
        _follow(tongue, found, [text for text, _person in agreed])
    weights = {row.pk: row.weights for row in Theme.objects.filter(language=tongue)}
    about = topics.assign(list(whole.values()), weights)
    keep_themes({pk: list(own) for pk, own in zip(whole, about, strict=True)})
    return len(found)


def _follow(tongue: str, found: Sequence[topics.Topic], texts: Sequence[str]) -> None:
    before = {row.pk: row for row in Theme.objects.filter(language=tongue).order_by("pk")}
    same = topics.follow({pk: row.weights for pk, row in before.items()}, found, texts)
    for topic, known in zip(found, same, strict=True):
        row = before[known] if known else Theme(language=tongue)
        row.words, row.weights = list(topic.words), topic.weights
        row.save()
    kept = {one for one in same if one}
    said_of = _said_of(before.values())
    Theme.objects.filter(pk__in=set(before) - kept - said_of).delete()


def _said_of(themes: Collection[Theme]) -> set[UUID]:
    """Return the themes of which people said something."""
    ids = [row.pk for row in themes]
    own = {row.pk for row in themes if row.name or row.dropped or row.into_id}
    merged = Theme.objects.filter(into__in=ids).values_list("into_id", flat=True)
    denied = Themed.objects.filter(theme__in=ids, no=True).values_list("theme_id", flat=True)
    return own | {one for one in merged if one} | set(denied)
