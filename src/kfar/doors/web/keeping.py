"""What is filled in where promises are kept: other days, reasons, plans, what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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
from kfar.loop.planning import Meant
from kfar.rooms.customers import queries as customers
from kfar.rooms.promises.plans.rules import Shape, Source, Stage
from kfar.rooms.promises.rules import Discipline
from kfar.rooms.village import queries as village
from kfar.rooms.voice.rules import GIVEN, Untold

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
    chosen = [one for one in map(_id, data.getlist("voice")) if one is not None]
    return Meant(
        Source(said),
        str(data.get("ref", "")).replace("\x00", "")[:200],
        " ".join(str(data.get("words", "")).replace("\x00", "").split())[:200],
        chosen[:1000] or None,
    )


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


def readers(spoke: Sequence[tuple[UUID, UUID]]) -> list[Missing]:
    """Return in which languages those who spoke read, and how many people each is for."""
    found = customers.people(own for _voice, own in spoke)
    persons = {one.id: one.language for one in found.values()}
    counted = {code: sum(one == code for one in persons.values()) for code in LANGUAGES}
    return [Missing(code, people) for code, people in counted.items() if people]


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
