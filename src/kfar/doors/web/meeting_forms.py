"""What is filled in to meet customers, and to say what departments see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kfar.doors.labels import SEEN
from kfar.doors.web.forms import Once
from kfar.doors.words import sentence
from kfar.ground.errors import Refused
from kfar.ground.text import Texts
from kfar.rooms.village.meetings.rules import DRAWN, LONGEST, SHORTEST
from kfar.rooms.village.rules import PARTS

#: The field that a refusal is about; any other stands above the form.
FIELDS = {
    "village.asked_lately": "customers",
    "village.bad_draw": "n",
    "village.bad_minutes": "minutes",
    "village.meets_in_past": "at",
    "village.meets_too_late": "at",
    "village.no_place": "place",
    "village.no_reason": "why",
    "village.no_such_colleague": "employee",
    "village.nobody_came": "came",
    "village.nobody_invited": "customers",
    "village.not_agreed": "customers",
    "village.nothing_noted": "said",
    "village.too_many_invited": "customers",
}


class People(forms.MultipleChoiceField):
    """Ids of people, as many as were ticked; who may be ticked is the room's to say."""

    def to_python(self, value: Any) -> list[str]:
        """Return those that are ids."""
        return [str(UUID(one)) for one in super().to_python(value) if _is_id(one)]

    def valid_value(self, value: Any) -> bool:
        """Take every id."""
        return True


class _About(Once):
    """A form whose refusals stand at the field they are about."""

    def refuse(self, refused: Refused) -> None:
        """Say why not; raise what no field can mend."""
        field = FIELDS.get(refused.code)
        if field in self.fields:
            self.add_error(field, sentence(refused))
        elif refused.code.startswith(("village.no_such", "village.meeting_")):
            raise refused
        else:
            super().refuse(refused)


class DrawForm(_About):
    """How many are drawn."""

    n = forms.IntegerField(
        min_value=1,
        max_value=DRAWN,
        error_messages={
            "required": _("Say how many."),
            "invalid": _("Say how many."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"initial": {"n": 5, "once": uuid4()}} | kwargs))


class PlanForm(_About):
    """Who meets whom, when, for how long, where."""

    customers = People(required=False)
    employee = forms.UUIDField(error_messages={"required": _("Choose who meets them.")})
    at = forms.DateTimeField(error_messages={"required": _("Say when.")})
    minutes = forms.IntegerField(
        min_value=SHORTEST, max_value=LONGEST, error_messages={"required": _("Say how long.")}
    )
    place = forms.CharField(required=False)

    def __init__(self, *args: Any, by: UUID, **kwargs: Any) -> None:
        at = timezone.localtime() + timedelta(days=7)
        start = {
            "employee": by,
            "at": at.replace(hour=10, minute=0, second=0, microsecond=0),
            "minutes": 30,
            "once": uuid4(),
        }
        super().__init__(*args, **({"initial": start} | kwargs))


class HoldForm(_About):
    """Who came, how long it took, what was said."""

    came = People(required=False)
    minutes = forms.IntegerField(
        min_value=SHORTEST, max_value=LONGEST, error_messages={"required": _("Say how long.")}
    )
    said = forms.CharField(required=False, strip=False)


class CancelForm(_About):
    """Why a meeting does not take place."""

    why = forms.CharField(required=False)


class SeesForm(forms.Form):
    """What a department sees of a customer, and what for, in the reader's language."""

    limited = forms.BooleanField(required=False)

    def __init__(
        self, *args: Any, language: str, sees: Mapping[str, Texts] | None, **kwargs: Any
    ) -> None:
        self.language, self.before = language, sees or {}
        initial: dict[str, object] = {"limited": sees is not None}
        for part in PARTS:
            said = self.before.get(part, {})
            initial |= {f"sees-{part}": part in self.before, f"why-{part}": said.get(language, "")}
        super().__init__(*args, **({"initial": initial} | kwargs))
        for part in PARTS:
            self.fields[f"sees-{part}"] = forms.BooleanField(required=False)
            self.fields[f"why-{part}"] = forms.CharField(required=False)

    def sees(self) -> dict[str, dict[str, str]] | None:
        """Return what was said; purposes in other languages stay."""
        said = self.cleaned_data
        if not said["limited"]:
            return None
        return {
            part: {**self.before.get(part, {}), self.language: said[f"why-{part}"]}
            for part in PARTS
            if said[f"sees-{part}"]
        }

    @property
    def parts(self) -> list[tuple[str, object, forms.BoundField, forms.BoundField]]:
        """The parts, what each is, and its two fields."""
        return [
            (part, label, self[f"sees-{part}"], self[f"why-{part}"]) for part, label in SEEN.items()
        ]

    def refuse(self, refused: Refused) -> None:
        """Say why not, at the part it is about."""
        if refused.code == "village.may_not":
            raise refused
        field = f"why-{refused.params.get('part')}"
        self.add_error(field if field in self.fields else None, sentence(refused))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
