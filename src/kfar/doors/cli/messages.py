"""Words: catalogues of translations, compiled where that is needed."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import kfar

LOCALE = Path(kfar.__file__).parent / "locale"


def compile_catalogues(folder: Path = LOCALE) -> int:
    """Compile each `.po` that is newer than its `.mo`; return how many were.

    Done in Python, so that nobody needs GNU gettext. Where the folder cannot be written, as
    in an installed package, the `.mo` files came with it.
    """
    done = 0
    for po in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
            continue
        with po.open("rb") as source:
            catalogue = read_po(source)
        fresh = mo.with_suffix(".mo.new")
        with fresh.open("wb") as target:
            write_mo(target, catalogue)
        fresh.replace(mo)
        done += 1
    return done
