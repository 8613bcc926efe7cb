"""What is filled in for a survey, and what came out of one, drawn."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language_info, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from kfar.doors import links
from kfar.doors.web.charts import Bar, Bars, Curve, Line, Point, bars, curve
from kfar.doors.web.forms import Once
from kfar.doors.web.questionnaires import options
from kfar.doors.words import number, sentence, share
from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.rooms.voice.questionnaire import quotas
from kfar.rooms.voice.questionnaire.form import Form, Kind, Quota, Score
from kfar.rooms.voice.questionnaire.results import Answered
from kfar.rooms.voice.questionnaire.scores import Scored
from kfar.rooms.voice.questionnaire.templates import TEMPLATES
from kfar.rooms.voice.surveys import queries
from kfar.rooms.voice.surveys.queries import Results, Surveyed
from kfar.rooms.voice.surveys.rules import After

#: What there is to begin with; "json" is one's own.
OWN = "json"
BEGINNINGS = [
    ("nps", gettext_lazy("Would they recommend us?"), gettext_lazy("0 to 10 (NPS), and why.")),
    ("csat", gettext_lazy("Are they content?"), gettext_lazy("1 to 5 (CSAT), and why.")),
    ("ces", gettext_lazy("Was it easy?"), gettext_lazy("1 to 7 (CES), and why.")),
    (
        "short",
        gettext_lazy("A little of everything"),
        gettext_lazy("Content, recommend, why; what to do better, where they are not content."),
    ),
    (OWN, gettext_lazy("A survey of your own"), gettext_lazy("In SurveyJS’s JSON, below.")),
]
#: What a kind of question is called.
KINDS = {
    Kind.RATING: gettext_lazy("rating"),
    Kind.ONE: gettext_lazy("one of several"),
    Kind.SOME: gettext_lazy("some of several"),
    Kind.YES_NO: gettext_lazy("yes or no"),
    Kind.COMMENT: gettext_lazy("own words"),
    Kind.TEXT: gettext_lazy("one line"),
}

#: After which contact a survey invites by itself.
AFTERS = [
    (After.PURCHASE, gettext_lazy("after a purchase")),
    (After.VISIT, gettext_lazy("after a visit to the site")),
    (After.CASE, gettext_lazy("after a closed case")),
]


class SurveyForm(Once):
    """A survey to begin with, or one's own."""

    beginning = forms.ChoiceField(choices=[(code, label) for code, label, _how in BEGINNINGS])
    text = forms.CharField(required=False, strip=False)
    without_unknown = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"initial": {"beginning": "nps"}} | kwargs))

    def refuse(self, refused: Refused) -> None:
        """Say what is wrong with the JSON beside it."""
        own = refused.code.startswith("surveys.") and self.cleaned_data["beginning"] == OWN
        if own:
            self.add_error("text", sentence(refused))
        else:
            super().refuse(refused)

    def json(self) -> str:
        """Return the survey as JSON."""
        said = self.cleaned_data
        begun = TEMPLATES.get(said["beginning"])
        return str(said["text"]) if begun is None else json.dumps(begun)


class OpenForm(forms.Form):
    """Until when a survey takes answers, how many, from whom."""

    closes_at = forms.DateTimeField(
        error_messages={"required": gettext_lazy("Say when it closes.")}
    )
    quota = forms.IntegerField(required=False, min_value=1)
    by_link = forms.BooleanField(required=False)
    reminds = forms.BooleanField(required=False)
    after = forms.ChoiceField(required=False, choices=[("", ""), *((a, a) for a in After)])
    after_days = forms.IntegerField(required=False, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        closes = timezone.localtime() + timedelta(days=30)
        start: dict[str, datetime | bool | int] = {
            "closes_at": closes.replace(minute=0),
            "reminds": True,
            "after_days": 3,
        }
        super().__init__(*args, **({"initial": start} | kwargs))

    def refuse(self, refused: Refused) -> None:
        """Say a command's refusal at the field it is about."""
        if refused.code == "village.may_not" or refused.code.endswith(".not_found"):
            raise refused
        fields = {"surveys.bad_quota": "quota", "surveys.bad_after": "after_days"}
        self.add_error(fields.get(refused.code, "closes_at"), sentence(refused))


class InviteForm(forms.Form):
    """How many are invited at most, or, asked once more, `all` of them."""

    most = forms.IntegerField(required=False, min_value=1)
    all = forms.BooleanField(required=False)

    def sure(self, people: int) -> bool:
        """Return whether it is meant to be so many; a field left empty does not say so yet."""
        said = self.cleaned_data
        if people < 2 or said["most"] is not None or said["all"]:
            return True
        self.add_error(
            "most",
            ngettext(
                "Left empty, this invites %(n)s customer. Say how many, or that all are meant.",
                "Left empty, this invites %(n)s customers. Say how many, or that all are meant.",
                people,
            )
            % {"n": number(people)},
        )
        return False


@dataclass(frozen=True)
class Asked:
    """A question as the company sees it."""

    title: str
    kind: str
    condition: str


@dataclass(frozen=True)
class Shown:
    """What was answered to one question; "" and None where there is nothing to show."""

    id: str
    title: str
    kind: str
    people: int
    told: bool
    score: str
    value: str
    low: str
    high: str
    mean: str
    chart: Bars | None
    course: Curve | None
    words: Sequence[str]


def questions(form: Form, language: str) -> list[Asked]:
    """Return what a survey asks."""
    return [
        Asked(form.called(one, language), str(KINDS[one.kind]), one.visible_if)
        for one in form.elements
    ]


def shown(form: Form, found: Results, language: str) -> list[Shown]:
    """Lay out what came of a survey."""
    return [
        _shown(form, one, found, language, f"course-{n}")
        for n, one in enumerate(found.questions, 1)
    ]


def _shown(form: Form, one: Answered, found: Results, language: str, course: str) -> Shown:
    scored = one.scored
    return Shown(
        id=course,
        title=form.called(one.element, language),
        kind=str(KINDS[one.element.kind]),
        people=one.people,
        told=one.told,
        score=scored.score.value.upper() if scored else "",
        value=_value(scored, scored.value) if scored else "",
        low=_value(scored, scored.low) if scored else "",
        high=_value(scored, scored.high) if scored else "",
        mean=number(scored.mean, 2) if scored else "",
        chart=_chart(form, one, language),
        course=_course(one),
        words=found.words.get(one.element.name, ()),
    )


def _value(scored: Scored, value: float) -> str:
    """Return an NPS as it is written, from -100 to 100; the others are shares."""
    return number(100 * value) if scored.score is Score.NPS else share(value)


def _chart(form: Form, one: Answered, language: str) -> Bars | None:
    if not one.counts:
        return None
    labels = [label for _value, label in options(form, one.element, language)]
    rows = [
        Bar(label, times / one.people)
        for label, (_value, times) in zip(labels, one.counts, strict=True)
    ]
    return bars(rows, share, most=1)


def _course(one: Answered) -> Curve | None:
    """Draw a score month by month; a month of too few is a gap."""
    told = [scored for _month, scored in one.months if scored]
    if len(told) < 2:
        return None
    months = [month for month, _scored in one.months]
    # A month without any answer is a gap, too: time goes on evenly.
    places = [12 * m.year + m.month for m in months]
    points = [
        Point(place, s.value, s.low, s.high) if s else Point(place, None)
        for place, (_month, s) in zip(places, one.months, strict=True)
    ]
    line = Line(told[0].score.value.upper(), points)
    return curve([line], _month_at, lambda value: _value(told[0], value))


def _month_at(place: float) -> str:
    year, month = divmod(round(place) - 1, 12)
    return f"{month + 1}/{year}"


def cells(one: Surveyed, language: str) -> list[tuple[str, list[tuple[str, int, int]]]]:
    """Return by what answers are counted, and of each cell: whose, how many, how many at most."""
    filled = queries.fill(one.id, one.form)
    return [
        (
            _counted_by(one.form, quota, language),
            [
                (_cell(one.form, quota, value, language), *filled[quotas.cell(quota, value)])
                for value, _most in quota.cells
            ],
        )
        for quota in one.form.quotas
    ]


def _counted_by(form: Form, quota: Quota, language: str) -> str:
    if quota.trait:
        return _("By language") if quota.trait == quotas.LANGUAGE else _("By product bought")
    [element] = [one for one in form.elements if one.name == quota.question]
    return form.called(element, language)


def _cell(form: Form, quota: Quota, value: object, language: str) -> str:
    for element in form.elements:
        if quota.question == element.name:
            said = str(value).lower() if isinstance(value, bool) else str(value)
            return dict(options(form, element, language)).get(said, said)
    said = str(value)
    return language_name(said) if quota.trait == quotas.LANGUAGE else said


def language_name(code: str) -> str:
    """Return what a language is called by those who speak it."""
    return str(get_language_info(code)["name_local"]) if code in LANGUAGES else code


def tag(one: Surveyed) -> str:
    """Return the tag by which a survey stands on any page."""
    token = links.survey(one.id, at=one.opened_at).rstrip("/").rpartition("/")[2]
    return f'<script async src="{links.page("web:ask-js")}" data-survey="{token}"></script>'


def json_of(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield answers as a JSON list, one a line, without ever having all of them."""
    before = "["
    for row in rows:
        yield f"{before}\n{json.dumps(row, ensure_ascii=False, default=str)}"
        before = ","
    yield "\n]\n" if before == "," else "[]\n"


def stands(stage: str) -> str:
    """Return where a survey stands, in words."""
    return {"draft": _("being made"), "open": _("open"), "closed": _("closed")}[stage]
