"""Words in several languages."""

from __future__ import annotations

from collections.abc import Mapping

#: The languages Kfar speaks. The first is the source of all translation.
LANGUAGES = ("en", "he", "pl")

#: One text by language code; at least one language is there.
Texts = Mapping[str, str]


def in_language(texts: Texts, language: str) -> str:
    """Return the text in `language`, or in English, or in the first language there is.

    An empty mapping gives an empty text.
    """
    return texts.get(language) or texts.get("en") or next((t for t in texts.values() if t), "")


def one_line(text: str, most: int = 80) -> str:
    """Return `text` on one line of at most `most` characters, cut between words with "…"."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    head = cut.rsplit(" ", 1)[0] if " " in cut else cut
    return head + "…"


def cell(text: str) -> str:
    """Return a text for a spreadsheet; what it would take for a formula is marked as text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
