"""Words of a text as they are looked for: without marks, without what a language puts around them.

Both databases are given the same stems and asked for the same, so that both find the same. There
is no dictionary: of a word its ending is taken off, and in Hebrew the letters written together
with it (ו, ה, ב, ל, מ, ש, כ) are, too, one after another, as nobody but a reader knows whether
they belong to it. So "paczka" finds "paczkę", "deliveries" finds "delivered", and "חבילה" finds
"ובחבילות"; at times that finds more than was meant, and seldom less. This is light stemming, as in
Savoy, "Light stemming approaches for the French, Portuguese, German and Hungarian languages"
(2006).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import category, normalize

#: The longest word that is told apart from others, in letters; and how many are looked for.
LONGEST, MOST = 40, 8
#: Letters with a stroke are letters of their own for Unicode, and not for who types quickly.
STROKES = str.maketrans("łđøħ", "ldoh")
#: The five letters that look otherwise at the end of a word.
FINALS = str.maketrans("ךםןףץ", "כמנפצ")
WORD = re.compile(r"[^\W_]+")
#: Marks inside of a word: Hebrew's for acronyms, apostrophes of all kinds.
INSIDE = re.compile(r"(?<=\w)[\"'׳״’ʼ`](?=\w)")
HEBREW = re.compile("[א-ת]+")
TOGETHER = "ושהכלבמ"
#: The fewest letters that stay of a word.
STAY = 3
ENDINGS_HEBREW = ("יות", "ויות", "ות", "ימ", "ית", "ה", "ת", "י")
ENDINGS = (
    *("iami", "iach", "owie", "ach", "ami", "ego", "emu", "ymi", "imi", "ych", "ich", "owi"),
    *("om", "ow", "ej", "em", "ie", "ia", "iu", "a", "e", "i", "o", "u", "y"),  # Polish
    *("ing", "ies", "ed", "es", "s"),  # English, with some of those above
)


def fold(text: str) -> str:
    """Return a text in small letters without accents, points and strokes."""
    plain = normalize("NFKD", normalize("NFKD", text).casefold())
    kept = "".join(sign for sign in plain if category(sign) != "Mn")
    return INSIDE.sub("", kept.translate(STROKES)).translate(FINALS)


def words(text: str) -> set[str]:
    """Return the stems by which a text is found."""
    return set().union(*_asked(text))


def wanted(text: str) -> list[set[str]]:
    """Return the stems of each word of what is looked for: one of each must stand there.

    At most `MOST` words are looked for; single signs are none.
    """
    found = {frozenset(stems): stems for stems in _asked(text)}
    return list(found.values())[:MOST]


def _asked(text: str) -> Iterator[set[str]]:
    for word in WORD.findall(fold(text)):
        if len(word) > 1:
            yield {stem(form) for form in _forms(word[:LONGEST])}


def _forms(word: str) -> Iterator[str]:
    """Yield a word, and a Hebrew one also without the letters written together with it."""
    yield word
    if HEBREW.fullmatch(word):
        while word[0] in TOGETHER and len(word) > STAY:
            word = word[1:]
            yield word


def stem(word: str) -> str:
    """Return a word without its longest ending, where enough of it stays."""
    endings = ENDINGS_HEBREW if HEBREW.fullmatch(word) else ENDINGS
    fitting = [len(e) for e in endings if word.endswith(e) and len(word) - len(e) >= STAY]
    return word[: len(word) - max(fitting, default=0)]
