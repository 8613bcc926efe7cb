"""Words of a text as they are looked for: without marks, without what a language puts around them.

Both databases are given the same words and asked for them by their beginnings, so that both find
the same. There is no dictionary: a word is kept as it stands, in Hebrew also without the letters
that are written together with it (ו, ה, ב, ל, מ, ש, כ), and is looked for without its ending. So
"paczka" finds "paczkę", "deliveries" finds "delivered", and "חבילה" finds "ובחבילות"; at times
that finds more than was meant, and seldom less. This is light stemming as in Savoy, "Light
stemming approaches for the French, Portuguese, German and Hungarian languages" (2006).
"""

from __future__ import annotations

import re
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
#: The fewest letters that stay of a word, in Hebrew and in other scripts.
STAY_HEBREW, STAY = 3, 4
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
    """Return every word by which a text is found, folded; single signs are none."""
    found = {word[:LONGEST] for word in WORD.findall(fold(text)) if len(word) > 1}
    return found.union(*map(_apart, found))


def stems(text: str) -> list[str]:
    """Return the beginnings that a text must have to be what `text` asks for, at most `MOST`."""
    asked = (word[:LONGEST] for word in WORD.findall(fold(text)) if len(word) > 1)
    return list(dict.fromkeys(map(_stem, asked)))[:MOST]


def _apart(word: str) -> set[str]:
    """Return a Hebrew word without the letters written together with it, one after another."""
    found = set()
    if HEBREW.fullmatch(word):
        while word[0] in TOGETHER and len(word) > STAY_HEBREW:
            word = word[1:]
            found.add(word)
    return found


def _stem(word: str) -> str:
    """Return a word without its longest ending, where enough of it stays."""
    hebrew = HEBREW.fullmatch(word)
    endings, stay = (ENDINGS_HEBREW, STAY_HEBREW) if hebrew else (ENDINGS, STAY)
    fitting = [e for e in endings if word.endswith(e) and len(word) - len(e) >= stay]
    return word[: -len(max(fitting, key=len))] if fitting else word
