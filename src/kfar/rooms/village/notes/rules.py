"""Who is meant by "@name" in a note."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from kfar.ground.errors import Refused
from kfar.rooms.village.rules import LONGEST_NOTE

#: How many may be named in one note.
MOST = 20


def check_note(text: str) -> str:
    """Return a note without space around it; refuse `village.no_note`, `village.words_too_long`."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise Refused("village.no_note")
    if len(text) > LONGEST_NOTE:
        raise Refused("village.words_too_long", most=LONGEST_NOTE, length=len(text))
    return text


def mentioned(text: str, people: Mapping[UUID, tuple[str, str]]) -> list[UUID]:
    """Return who is named in a note, in the order of the names; `people` are name and address.

    "@" and the whole name, the address, or what stands of it before "@"; capitals do not matter.
    Of names that begin alike the longest counts. A first name is enough where one alone has it.
    Refuses with `village.two_meant` where two go by that name, and `village.too_many_named`.
    """
    called: dict[str, set[UUID]] = {}
    for own, (name, email) in people.items():
        plain = " ".join(name.split()).casefold()
        address = email.casefold()
        for word in {plain, plain.split(" ")[0], address, address.partition("@")[0]} - {""}:
            called.setdefault(word, set()).add(own)
    found: dict[UUID, None] = {}
    folded = " ".join(text.split()).casefold()
    for at in (match.end() for match in re.finditer(r"(?<![\w.])@", folded)):
        rest = folded[at:]
        fits = [word for word in called if re.match(re.escape(word) + r"(?!\w)", rest)]
        if not fits:
            continue
        meant = called[max(fits, key=len)]
        if len(meant) > 1:
            raise Refused("village.two_meant", name=max(fits, key=len))
        found[next(iter(meant))] = None
    if len(found) > MOST:
        raise Refused("village.too_many_named", most=MOST)
    return list(found)
