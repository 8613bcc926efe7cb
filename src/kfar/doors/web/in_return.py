"""What is filled in where customers promise something in return, or are asked to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from kfar.doors import words
from kfar.doors.labels import IN_RETURN
from kfar.doors.web.forms import Once
from kfar.ground.errors import Refused
from kfar.loop import in_return
from kfar.rooms.promises.commands import PROMISE
from kfar.rooms.promises.in_return import queries
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice.queries import Said

#: The field that a refusal is about.
FIELDS = {
    "promises.about_too_long": "about",
    "promises.due_in_past": "due",
    "promises.due_too_late": "due",
    "promises.nothing_promised": "words",
    "promises.too_long": "words",
    "promises.unknown_kind": "kind",
}


class ReturnForm(Once):
    """What it is, of which product, in words, and by when."""

    kind = forms.CharField(required=False)
    about = forms.CharField(required=False)
    words = forms.CharField(required=False)
    due = forms.DateField(error_messages={"required": gettext_lazy("Say by when.")})

    def __init__(self, *args: Any, about: str = "", **kwargs: Any) -> None:
        start = {"due": timezone.localdate() + timedelta(days=30), "once": uuid4(), "about": about}
        super().__init__(*args, initial=start, **kwargs)
        self.kinds = IN_RETURN

    def refuse(self, refused: Refused) -> None:
        """Say a refusal where it belongs."""
        field = FIELDS.get(refused.code)
        if field is None:
            super().refuse(refused)
        else:
            self.add_error(field, words.sentence(refused))


def on_voice(staff: Staff, said: Said) -> dict[str, Any]:
    """Return what a voice's page shows of what its customer is asked for in return."""
    given = queries.for_voices([said.id]) if "promises" in staff.sees else []
    may = PROMISE in staff.acts
    return {
        "in_return": given,
        "may_mark": may,
        "may_ask_back": may and not given and in_return.may_ask(said.id),
        "return_form": ReturnForm(about=said.about_name),
    }
