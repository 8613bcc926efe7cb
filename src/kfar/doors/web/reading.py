"""What voices say, in words: marks, and which voices are looked for by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kfar.rooms.voice.reading.sentiment import Sentiment
from kfar.rooms.voice.understanding import queries
from kfar.rooms.voice.understanding.queries import Named
from kfar.rooms.voice.understanding.rules import UNSURE

#: What each mark is called.
MARKS = {
    str(Sentiment.NEGATIVE): _("unhappy"),
    str(Sentiment.NEUTRAL): _("neutral"),
    str(Sentiment.POSITIVE): _("happy"),
    str(Sentiment.MIXED): _("good and bad"),
    UNSURE: _("unsure"),
}
#: What an employee may say instead.
SENTIMENTS = [(code, label) for code, label in MARKS.items() if code != UNSURE]


@dataclass(frozen=True)
class Sought:
    """Which voices are looked for: those with a mark, of a theme, or all."""

    mark: str
    theme: Named | None

    @property
    def only(self) -> dict[str, Any]:
        """As queries ask for it."""
        return {"mark": self.mark, "theme": self.theme.id if self.theme else None}

    @property
    def asked(self) -> dict[str, str]:
        """As an address asks for it."""
        return self._asked(self.mark)

    @property
    def address(self) -> str:
        """The same, at the end of an address."""
        return self._address(self.mark)

    @property
    def marks(self) -> list[tuple[str, Any, bool]]:
        """Address, name and whether it is chosen, of every mark and of all."""
        choices = {"": _("all"), **MARKS}
        return [(self._address(code), label, code == self.mark) for code, label in choices.items()]

    @property
    def without_theme(self) -> str:
        """The address of the same without its theme."""
        return "?" + urlencode({"mark": self.mark} if self.mark else {})

    def _asked(self, mark: str) -> dict[str, str]:
        asked = {"mark": mark, "theme": str(self.theme.id) if self.theme else ""}
        return {name: value for name, value in asked.items() if value}

    def _address(self, mark: str) -> str:
        return "?" + urlencode(self._asked(mark))


def sought(asked: Mapping[str, Any]) -> Sought:
    """Return which voices an address asks for; what is no mark or theme is not looked for."""
    mark, theme = str(asked.get("mark", "")), id_of(asked.get("theme"))
    told = queries.themes([theme]) if theme else []
    return Sought(mark if mark in MARKS else "", told[0].theme if told else None)


def id_of(text: object) -> UUID | None:
    """Return the id that somebody sent, or None where it is none."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
