"""Words: sentences found in the source, and catalogues of their translations.

All in Python, so that nobody needs GNU gettext.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

import kfar

SOURCE = Path(kfar.__file__).parent
LOCALE = SOURCE / "locale"

#: What calls a sentence by its name, as Babel says it: gettext and its lazy twins.
KEYWORDS = DEFAULT_KEYWORDS | {
    f"{name}_lazy": DEFAULT_KEYWORDS[name]
    for name in ("gettext", "ngettext", "pgettext", "npgettext")
}

#: The languages sentences are translated to, and which form each number takes.
PLURALS = {
    "he": "nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);",
    "pl": (
        "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
    ),
}

#: Sentences that Django or allauth say here and do not translate to each of our languages.
BORROWED: list[tuple[str, ...]] = [
    (
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
]


def compile_catalogues(folder: Path = LOCALE) -> int:
    """Compile each `.po` that is newer than its `.mo`; return how many were.

    Where the folder cannot be written, as in an installed package, the `.mo` files came with it.
    """
    done = 0
    for po in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
            continue
        fresh = mo.with_suffix(".mo.new")
        with fresh.open("wb") as target:
            write_mo(target, read(po))
        fresh.replace(mo)
        done += 1
    return done


def find(source: Path = SOURCE) -> Catalog:
    """Return every sentence in the source, with the files it stands in, and the borrowed."""
    found = Catalog()
    for file in sorted(source.rglob("*")):
        for readable in _as_python(file):
            place = (file.relative_to(source).as_posix(), 0)
            for _line, message, _comments, context in extract("python", readable, KEYWORDS):
                found.add(message, locations=[place], context=context)
    for borrowed in BORROWED:
        found.add(borrowed if len(borrowed) > 1 else borrowed[0])
    return found


def read(po: Path) -> Catalog:
    """Return a catalogue; an empty one where there is no file."""
    if not po.exists():
        return Catalog()
    with po.open("rb") as source:
        return read_po(source)


def update(folder: Path = LOCALE, source: Path = SOURCE) -> dict[str, int]:
    """Bring each `.po` to what stands in the source; return how many sentences lack a translation.

    Translations are kept, sentences that have gone are dropped, nothing is guessed. Done twice
    it changes nothing.
    """
    lacking = {}
    found = find(source)
    for language, plurals in PLURALS.items():
        po = folder / language / "LC_MESSAGES" / "django.po"
        known = read(po)
        fresh = read_po(BytesIO(_header(language, plurals)))
        for message in found:
            if not message.id:
                continue
            old = known.get(message.id, message.context)
            kept = old.string if old and old.id == message.id else None
            fresh.add(message.id, kept, message.locations, context=message.context)
        po.parent.mkdir(parents=True, exist_ok=True)
        with po.open("wb") as target:
            target.write(_header(language, plurals))
            write_po(
                target, fresh, width=0, omit_header=True, sort_by_file=True, include_lineno=False
            )
        lacking[language] = sum(not _whole(message.string) for message in read(po) if message.id)
    return lacking


def _as_python(file: Path) -> Iterator[IO[bytes]]:
    """Yield what Babel's Python extractor can read of a file: the file, or a template's calls."""
    if file.suffix == ".py":
        with file.open("rb") as code:
            yield code
    elif file.suffix in {".html", ".txt"} and "templates" in file.parts:
        calls = templatize(file.read_text(encoding="utf-8"), origin=str(file))
        # Without indents: a template's are none to Python.
        yield BytesIO("\n".join(line.lstrip() for line in calls.split("\n")).encode())


def _header(language: str, plurals: str) -> bytes:
    """Return the head of a `.po` without what changes each time it is written."""
    lines = (
        'msgid ""',
        'msgstr ""',
        r'"Content-Type: text/plain; charset=utf-8\n"',
        rf'"Language: {language}\n"',
        rf'"Plural-Forms: {plurals}\n"',
    )
    return ("\n".join(lines) + "\n\n").encode()


def _whole(translation: str | tuple[str, ...] | list[str] | None) -> bool:
    forms = translation if isinstance(translation, tuple | list) else [translation]
    return all(forms)
