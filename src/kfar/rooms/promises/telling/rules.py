"""What is told to those because of whom something changed."""

from __future__ import annotations

from collections.abc import Mapping

from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES, Texts

#: The longest account of what was done, in characters.
MOST = 1_000
#: Of what so few people said nothing is published: it might point at one of them.
FEWEST = 3


def check_did(did: Texts, speaks: Mapping[str, int]) -> dict[str, str]:
    """Return what was done, by language, without space around it.

    `speaks` says how many of those who are told read which language: each reads it in their own.
    Raises `Refused`: `tellings.nothing_done`, `tellings.too_long`, and
    `tellings.languages_missing`, which names the languages and how many people wait for them.
    """
    said = {
        language: text.replace("\r\n", "\n").replace("\x00", "").strip()
        for language, text in did.items()
        if language in LANGUAGES
    }
    said = {language: text for language, text in said.items() if text}
    if not said:
        raise Refused("tellings.nothing_done")
    for text in said.values():
        if len(text) > MOST:
            raise Refused("tellings.too_long", most=MOST, length=len(text))
    missing = [code for code in LANGUAGES if speaks.get(code) and code not in said]
    if missing:
        people = sum(speaks[code] for code in missing)
        raise Refused("tellings.languages_missing", languages=missing, people=people)
    return said
