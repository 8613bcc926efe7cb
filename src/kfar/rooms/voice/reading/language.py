"""Which language a text is in, of those Kfar speaks. After Lui and Baldwin, "langid.py" (2012)."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from kfar.ground.text import LANGUAGES

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

#: So much of a text says enough, in characters; and from which probability on it is believed.
ENOUGH, SURE = 1_000, 0.8


def language(text: str, otherwise: str = "") -> str:
    """Return "en", "he" or "pl"; `otherwise` where a text does not say, "" where it is another.

    Letters decide where they can: most of them Hebrew, or of an alphabet that is neither. What is
    left is told apart by n-grams; a few words that may be either are `otherwise`.
    """
    letters = [letter for letter in text[:ENOUGH] if letter.isalpha()]
    if not letters:
        return otherwise
    hebrew = sum("א" <= letter <= "ת" for letter in letters)
    if 2 * hebrew > len(letters):
        return "he"
    latin = sum(letter.isascii() or _is_latin(letter) for letter in letters)
    if 2 * (latin + hebrew) <= len(letters):
        return ""
    found, chance = _identifier().classify(text[:ENOUGH])
    return str(found) if chance >= SURE or not otherwise else otherwise


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN")


@cache
def _identifier() -> LanguageIdentifier:
    """Return what tells languages apart; it takes a while to load, so only who asks loads it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([one for one in LANGUAGES if one != "he"])
    return identifier
