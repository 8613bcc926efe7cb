"""What is filled in to open a consultation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from kfar.doors import words
from kfar.doors.web.forms import Once
from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.rooms.decisions.consultations.rules import Draft
from kfar.rooms.decisions.proving.consultation import Circle, Moderation, Words

#: The field that a refusal is about; any other stands above the form.
FIELDS = {
    "consultations.no_seeds": "seeds",
    "consultations.no_topic": "topic",
    "consultations.nothing_said": "seeds",
    "consultations.said_already": "seeds",
    "consultations.statement_too_long": "seeds",
    "consultations.too_many_seeds": "seeds",
    "decisions.closes_in_past": "closes_at",
    "decisions.closes_too_late": "closes_at",
    "decisions.no_pledge": "pledge",
    "decisions.pledge_before_close": "pledge_due",
}
AUDIENCES = [
    (
        Circle.CUSTOMERS,
        _("Customers"),
        _("Who signs in, or comes by the link in a letter. One person, one voice."),
    ),
    (
        Circle.LINK,
        _("Everybody who has the address"),
        _("Nobody has to say who they are, so nobody can say how many people they are."),
    ),
]
MODERATIONS = [
    (
        Moderation.BEFORE,
        _("Before others see them"),
        _("A statement waits until one of you lets it in."),
    ),
    (
        Moderation.AFTER,
        _("Afterwards"),
        _("A statement is seen at once, until one of you takes it out."),
    ),
]
TEXTS = ("topic", "about", "pledge", "seeds")


class ConsultationForm(Once):
    """A consultation in one language or several; the reader's language comes first.

    Statements to begin with stand one a line, each in the language of its field.
    """

    audience = forms.ChoiceField(choices=[(code, label) for code, label, _how in AUDIENCES])
    moderation = forms.ChoiceField(choices=[(code, label) for code, label, _how in MODERATIONS])
    closes_at = forms.DateTimeField(error_messages={"required": _("Say when it closes.")})
    pledge_due = forms.DateField(error_messages={"required": _("Say by when.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        closes = timezone.localtime() + timedelta(days=14)
        start = {
            "audience": Circle.CUSTOMERS,
            "moderation": Moderation.BEFORE,
            "closes_at": closes.replace(minute=0),
            "pledge_due": closes.date() + timedelta(days=30),
        }
        super().__init__(*args, initial=start, **kwargs)
        here = translation.get_language() or "en"
        self.ends = {here: ""} | {code: f"_{code}" for code in LANGUAGES if code != here}
        for end in self.ends.values():
            for name in TEXTS:
                self.fields[f"{name}{end}"] = forms.CharField(required=False)

    def refuse(self, refused: Refused) -> None:
        """Say a command's refusal at the field it is about."""
        if refused.code in FIELDS:
            self.add_error(FIELDS[refused.code], words.sentence(refused))
        else:
            super().refuse(refused)

    def draft(self) -> Draft:
        """Return the consultation as it was filled in."""
        said = self.cleaned_data
        return Draft(
            topic=self._texts("topic"),
            about=self._texts("about"),
            seeds=[
                Words(line.strip(), code)
                for code, text in self._texts("seeds").items()
                for line in text.splitlines()
                if line.strip()
            ],
            closes_at=said["closes_at"],
            pledge=self._texts("pledge"),
            pledge_due=said["pledge_due"],
            audience=said["audience"],
            moderation=said["moderation"],
        )

    def other_languages(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the fields of the languages beside the reader's, with what was written."""
        found = []
        for code, end in [*self.ends.items()][1:]:
            values = {name: self[f"{name}{end}"].value() for name in TEXTS}
            found.append((code, values | {"filled": any(values.values())}))
        return found

    def _texts(self, name: str) -> dict[str, str]:
        found = {code: self.cleaned_data[f"{name}{end}"] for code, end in self.ends.items()}
        return {code: text.strip() for code, text in found.items() if text.strip()}
