"""What to say to a customer and what not to, from what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kfar.doors.web.profiles import Known
from kfar.doors.words import day, number, short, text_in
from kfar.rooms.customers.queries import ADVERTISE, PERSONALISE, UNDERSTAND, Person
from kfar.rooms.promises import queries as promises
from kfar.rooms.voice import queries as voices

#: How many wishes are worth a word.
MOST = 3


@dataclass(frozen=True)
class Saying:
    """Sentences: what to say, and what not to."""

    say: Sequence[str]
    leave: Sequence[str]


def saying(person: Person, known: Known, unused: int, *, heard: bool) -> Saying:
    """Return it; `unused` is how many categories they do not want used.

    `heard`: who reads it may read what customers said.
    """
    say, leave = [], []
    said_so = voices.of_customer(person.id) if heard else []
    waiting = [voice for voice in said_so if voice.closed_at is None]
    for voice in waiting[:MOST]:
        said = _("First of all: they wait for an answer to “%(text)s”.")
        say.append(said % {"text": short(voice.text)})
    for promise in promises.to_customer(person.id):
        if promise.kept_at is None:
            said = _("They were promised, by %(day)s: %(text)s")
            say.append(said % {"day": day(promise.due), "text": text_in(promise.text)})
    if PERSONALISE in person.consents:
        say += [
            f"{wish.category}: {' '.join(wish.shown.why)}"
            for wish in (*known.known[:MOST], *known.new[:1])
        ]
    else:
        leave.append(_("Suggest nothing: they have not agreed to it."))
    if UNDERSTAND not in person.consents:
        leave.append(_("Do not speak of their habits: they have not agreed to be understood."))
    if ADVERTISE not in person.consents:
        leave.append(_("Write nothing about offers: they have not agreed to it."))
    if unused:
        said = ngettext(
            "There is %(n)s kind of thing they do not want used; it is not on this page.",
            "There are %(n)s kinds of things they do not want used; they are not on this page.",
            unused,
        )
        leave.append(said % {"n": number(unused)})
    return Saying(say, leave)
