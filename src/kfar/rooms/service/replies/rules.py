"""What may stand in a saved reply, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kfar.ground.errors import Refused

#: The longest title, and the most replies there may be.
TITLE, MANY = 80, 500
#: What is filled in, and nothing else.
PLACES = ("name", "product", "amount")

_PLACE = re.compile(r"\{([^{}]*)\}")


def check_reply(title: str, text: str, most: int) -> tuple[str, str]:
    """Return title and text if a reply may be saved so.

    Raises `Refused`: `service.title_missing`, `service.title_too_long`, `service.words_missing`,
    `service.words_too_long`, `service.unknown_place` (braces around anything but `PLACES`).
    """
    title = " ".join(title.replace("\x00", "").split())
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not title:
        raise Refused("service.title_missing")
    if len(title) > TITLE:
        raise Refused("service.title_too_long", most=TITLE)
    if not text:
        raise Refused("service.words_missing")
    if len(text) > most:
        raise Refused("service.words_too_long", most=most, length=len(text))
    rest = text
    for place in PLACES:
        rest = rest.replace("{" + place + "}", "")
    if found := re.search(r"\{[^{}]*\}|[{}]", rest):
        places = ", ".join("{" + place + "}" for place in PLACES)
        raise Refused("service.unknown_place", place=found.group(), places=places)
    return title, text


def fill(text: str, said: Mapping[str, str]) -> str:
    """Return the words with what is known filled in; what is not stays to be seen and written."""
    return _PLACE.sub(lambda found: said.get(found[1], "") or found[0], text)
