"""What people say of a reading, and of themes."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.lake import audit
from kfar.rooms.village import queries as village
from kfar.rooms.voice.models import Correction, Reading, Theme, Themed, Voice
from kfar.rooms.voice.reading.sentiment import NOTHING
from kfar.rooms.voice.understanding import later, rules
from kfar.rooms.voice.understanding.models import Further

#: What one has to be allowed to correct: to read voices.
READ = "voice.read"


@transaction.atomic
def correct(*, by: UUID, voice_id: UUID, sentiment: str) -> None:
    """Say what a voice says, as it was said last; it counts so from now on, and is learned from.

    The last word counts; the same word twice is one. Refuses with `village.may_not`,
    `voice.unknown_sentiment` and `voice.not_found`.
    """
    village.require(by, READ)
    said = rules.check_sentiment(sentiment)
    voice = Voice.objects.select_for_update().filter(pk=voice_id).first()
    if voice is None:
        raise Refused("voice.not_found")
    before = Correction.objects.filter(pk=voice_id).first()
    after = later.words([voice_id]).get(voice_id, [])
    same = before is not None and before.sentiment == said
    if before and same and later.meant(after, before.at) == len(after) - 1:
        return
    word = {"sentiment": said, "by_id": by, "at": timezone.now()}
    Correction.objects.update_or_create(voice=voice, defaults=word)
    if before:  # which may have been said of what was said before
        Voice.objects.filter(pk=voice_id).update(understood_at=None)
    fields = {"mark": rules.mark(NOTHING, said), "unhappy": rules.unhappy(NOTHING, said)}
    if after:
        Further.objects.filter(mail=after[-1].mail, post=after[-1].post).update(**fields)
    else:
        Reading.objects.filter(pk=voice_id).update(**fields)
    if voice.mark:
        Voice.objects.filter(pk=voice_id).update(mark=fields["mark"])
    audit.note(act="voice.corrected", customer_id=voice.customer_id, employee_id=by)


@transaction.atomic
def rename(*, by: UUID, theme_id: UUID, name: str) -> None:
    """Call a theme something; it is called so whatever is found later.

    Refuses with `village.may_not`, `themes.not_found`, `themes.no_name` and
    `themes.name_too_long`.
    """
    village.require(by, READ)
    theme = _held(theme_id)
    theme.name = rules.check_name(name)
    theme.save(update_fields=["name"])


@transaction.atomic
def merge(*, by: UUID, theme_id: UUID, into: UUID) -> None:
    """Hold two themes for one, that of `into`; they may be of two languages.

    Refuses with `village.may_not` and `themes.not_found`, and with `themes.itself` where both
    are one already.
    """
    village.require(by, READ)
    theme, other = _held(theme_id), _held(into)
    if other.into_id is not None:
        other = _held(other.into_id)
    if other.pk == theme.pk:
        raise Refused("themes.itself")
    Theme.objects.filter(into=theme).update(into=other)
    theme.into = other
    theme.save(update_fields=["into"])


@transaction.atomic
def part(*, by: UUID, theme_id: UUID) -> None:
    """Hold a theme for one of its own again. Refuses as `rename` does."""
    village.require(by, READ)
    theme = _held(theme_id)
    theme.into = None
    theme.save(update_fields=["into"])


@transaction.atomic
def drop(*, by: UUID, theme_id: UUID, back: bool = False) -> None:
    """Say that this is no theme, or (`back`) that it is one after all. Refuses as `rename`."""
    village.require(by, READ)
    theme = _held(theme_id)
    theme.dropped = not back
    theme.save(update_fields=["dropped"])


@transaction.atomic
def disown(*, by: UUID, voice_id: UUID, theme_id: UUID) -> None:
    """Say that a voice does not speak of a theme, nor of those held for one with it.

    Refuses with `village.may_not` and `voice.not_found`.
    """
    village.require(by, READ)
    customer = Voice.objects.filter(pk=voice_id).values_list("customer_id", flat=True).first()
    if customer is None:
        raise Refused("voice.not_found")
    of_it = Theme.objects.filter(pk=theme_id) | Theme.objects.filter(into=theme_id)
    Themed.objects.filter(voice=voice_id, theme__in=of_it).update(no=True)
    audit.note(act="voice.corrected", customer_id=customer, employee_id=by)


def _held(theme_id: UUID) -> Theme:
    theme = Theme.objects.select_for_update().filter(pk=theme_id).first()
    if theme is None:
        raise Refused("themes.not_found")
    return theme
