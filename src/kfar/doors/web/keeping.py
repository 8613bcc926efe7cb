"""What is filled in where promises are kept: other days, reasons, plans, what was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.forms import BoundField
from django.utils import timezone, translation
from django.utils.functional import Promise as StrPromise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kfar.doors import words
from kfar.doors.web.charts import Bar, Bars, bars
from kfar.doors.web.forms import Once
from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.loop import planning
from kfar.loop.planning import Meant
from kfar.rooms.customers import queries as customers
from kfar.rooms.promises.plans.rules import Shape, Source, Stage
from kfar.rooms.promises.rules import Discipline
from kfar.rooms.village import queries as village
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.queries import Said
from kfar.rooms.voice.rules import GIVEN, Untold
from kfar.rooms.voice.searching import queries as searching

#: Why a voice was closed though nobody was told, to everybody.
WHY: dict[str, StrPromise] = {
    Untold.UNREACHABLE: gettext_lazy("could not be reached"),
    Untold.UNWANTED: gettext_lazy("asked not to be told"),
    Untold.SPAM: gettext_lazy("spam"),
    Untold.ELSEWHERE: gettext_lazy("not meant for us"),
    Untold.TWICE: gettext_lazy("said twice, told once"),
    Untold.RELEASED: gettext_lazy("no longer needed, by their own word"),
}
#: Where a plan stands.
STAGES: dict[str, StrPromise] = {
    Stage.OPEN: gettext_lazy("to be done"),
    Stage.DOING: gettext_lazy("being done"),
    Stage.DONE: gettext_lazy("done"),
    Stage.DROPPED: gettext_lazy("dropped"),
}
SHAPES: dict[str, str] = {
    Shape.GITHUB: "GitHub",
    Shape.JIRA: "Jira",
    Shape.PLAIN: "JSON",
    Shape.MAIL: "E-mail",
}
#: How one may want to hear of something.
WAYS = [
    (customers.BY_EMAIL, gettext_lazy("By e-mail")),
    (customers.BY_TEXT, gettext_lazy("By text message")),
    (customers.NO_WAY, gettext_lazy("Not at all")),
]
HEARING = [
    (customers.OUTCOMES, gettext_lazy("When something changed because of what you said")),
    (customers.PROMISED, gettext_lazy("Promises to you: made, moved, kept or broken")),
    (customers.FOLLOWED, gettext_lazy("When we ask you how something was")),
]
#: What is looked for among all voices, and may be looked for otherwise.
SOUGHT = (Source.VOICES, Source.PRODUCT, Source.THEME)
#: Where nothing is said by which voices could be found.
NOTHING_SOUGHT = gettext_lazy("Choose a theme, a product or words to look for.")
#: So many voices are shown to be taken out, and so many found are to be put in.
SHOWN, FOUND = 100, 20
#: The field that a refusal is about.
FIELDS = {
    "plans.no_needs": "needs",
    "plans.no_title": "title",
    "plans.why_missing": "why",
    "promises.due_in_past": "due",
    "promises.no_such_owner": "owner",
    "promises.why_missing": "why",
    "voice.unknown_why": "reason",
    "voice.why_missing": "words",
}
#: What is refused where nothing is written in any language.
NOTHING = ("promises.nothing_promised", "tellings.nothing_done")


class Kept(Once):
    """A form of this page: a refusal stands at its field, and what is missing is named."""

    def refuse(self, refused: Refused) -> None:
        """Say a refusal where it belongs."""
        if refused.code == "tellings.languages_missing":
            codes = list(refused.params["languages"])  # type: ignore[call-overload]
            for code in codes:
                self.add_error(f"text_{code}", _("Those who are told read this language, too."))
            return
        field = FIELDS.get(refused.code)
        if field in self.fields:
            self.add_error(field, words.sentence(refused))
            return
        super().refuse(refused)


class MoveForm(Kept):
    """Another day for a promise, and why."""

    due = forms.DateField(error_messages={"required": gettext_lazy("Say by when.")})
    why = forms.CharField(required=False)


class BreakForm(Kept):
    """Why a promise is not kept."""

    why = forms.CharField(required=False)


class CloseForm(Kept):
    """Why a voice is closed without telling its customer."""

    reason = forms.CharField(required=False)
    words = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reasons = [(why, WHY[why]) for why in GIVEN]


class InLanguages(Kept):
    """A text in the languages customers read; the reader's language comes first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = translation.get_language() or "en"
        self.codes = sorted(LANGUAGES, key=lambda code: code != own)
        for code in self.codes:
            self.fields[f"text_{code}"] = forms.CharField(required=False)

    def refuse(self, refused: Refused) -> None:
        """Say that nothing is written at the first field, and what is too long where it is."""
        at = self.codes[:1] if refused.code in NOTHING else []
        if refused.code.endswith(".too_long"):
            length = refused.params["length"]
            at = [code for code, text in self.texts.items() if len(text) == length]
        for code in at:
            self.add_error(f"text_{code}", words.sentence(refused))
        if not at:
            super().refuse(refused)

    @property
    def texts(self) -> dict[str, str]:
        """What was written, by language."""
        said = {code: self.cleaned_data[f"text_{code}"].strip() for code in self.codes}
        return {code: text for code, text in said.items() if text}

    @property
    def fields_in_languages(self) -> list[tuple[str, BoundField]]:
        """The fields, with the code of each language."""
        return [(code, self[f"text_{code}"]) for code in self.codes]


class AllForm(InLanguages):
    """A promise to everybody, or to all who spoke for a plan."""

    owner = forms.UUIDField(required=False)
    due = forms.DateField(error_messages={"required": gettext_lazy("Say by when.")})
    to_all = forms.BooleanField(required=False)

    def __init__(self, *args: Any, by: UUID, due: date | None = None, **kwargs: Any) -> None:
        day = due or timezone.localdate() + timedelta(days=30)
        start = {"owner": by, "due": day, "once": uuid4(), "to_all": True}
        super().__init__(*args, initial=start, **kwargs)
        self.owners = village.everyone()


class PlanForm(Kept):
    """What is to be done about what was heard."""

    title = forms.CharField(required=False)
    needs = forms.CharField(required=False)
    owner = forms.UUIDField(error_messages={"required": gettext_lazy("Choose who sees to it.")})
    due = forms.DateField(error_messages={"required": gettext_lazy("Say by when.")})

    def __init__(self, *args: Any, by: UUID, **kwargs: Any) -> None:
        start = {"owner": by, "due": timezone.localdate() + timedelta(days=14), "once": uuid4()}
        super().__init__(*args, initial=start | kwargs.pop("initial", {}), **kwargs)
        self.owners = village.everyone()


class StateForm(Kept):
    """Where a plan stands, and why it was dropped."""

    state = forms.CharField(required=False)
    why = forms.CharField(required=False)


class TellForm(InLanguages):
    """What was done, in the languages of those who are told."""


def meant(data: Any) -> Meant:
    """Return which voices an address or a form means; refuse what it does not say."""
    said = str(data.get("source", ""))
    if said not in {*Source}:
        raise Refused("plans.nothing_heard")
    source, ref, product = Source(said), _text(data, "ref"), _text(data, "product")
    if source is Source.VOICES and (theme := _text(data, "theme")):
        source, ref = Source.THEME, theme
    elif source is Source.VOICES and product:
        source, ref, product = Source.PRODUCT, product, ""
    shown, taken = _ids(data, "shown"), _ids(data, "take")
    return Meant(
        source,
        ref,
        " ".join(_text(data, "words").split()),
        _ids(data, "voice") or None,
        product=product,
        until=_moment(_text(data, "until")),
        out=frozenset(shown).difference(taken),
        also=tuple(taken),
    )


def _text(data: Any, name: str) -> str:
    return str(data.get(name, "")).replace("\x00", "")[:200]


def _ids(data: Any, name: str) -> list[UUID]:
    return [one for one in map(_id, data.getlist(name)[:1000]) if one is not None]


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return at if at and at.tzinfo else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Missing:
    """A language in which people wait, and how many they are."""

    code: str
    people: int


def readers(spoke: Iterable[UUID]) -> list[Missing]:
    """Return in which languages those who spoke read, and how many people each is for."""
    found = customers.people(spoke)
    persons = {one.id: one.language for one in found.values()}
    counted = {code: sum(one == code for one in persons.values()) for code in LANGUAGES}
    return [Missing(code, people) for code, people in counted.items() if people]


@dataclass(frozen=True)
class Picked:
    """The voices a change is told for, to be taken out and put in: each with whether it is in.

    `rest` are in, too, but more than are shown.
    """

    rows: list[tuple[Said, bool]]
    rest: int


def picked(meant: Meant, more: str = "") -> Picked:
    """Return what is meant, at most `SHOWN`, with what was put in and what has the words `more`."""
    base = [own for own, _whose in _untold(replace(meant, out=frozenset(), also=()))]
    ids = [*base[:SHOWN], *(own for own in meant.also if own not in base)]
    if more:
        # Of those told before none comes again, so more are looked for than are shown.
        sought = searching.search(more, most=5 * FOUND).voices
        known = {*base, *ids}
        ids += [own for own in sought if own not in known][:FOUND]
    allowed = dict(_untold(Meant(Source.VOICES, chosen=ids))) if ids else {}
    said, also = voices.by_id(ids), set(meant.also)
    inside = {*base, *also} - meant.out
    return Picked(
        [(said[own], own in inside) for own in ids if own in said and own in allowed],
        max(len(base) - SHOWN, 0),
    )


def _untold(meant: Meant) -> list[tuple[UUID, UUID]]:
    return planning.still_untold(meant).spoke


def months(found: Sequence[tuple[date, Discipline]]) -> Bars | None:
    """Return the share kept in time of each month, with its interval, as bars."""
    if not found:
        return None
    rows = [
        Bar(words.month(first), one.share, low=one.low, high=one.high)
        for first, one in found
        if one.share is not None
    ]
    return bars(rows, words.share) if rows else None
