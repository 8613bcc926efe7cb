"""What the columns of a shop's or an app store's file of reviews say: proposed, then agreed to."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from kfar.ground.errors import Refused

#: What is read of a review, and what such a column is mostly called, the surest first.
WORDS = {
    "id": ("review id", "review_id", "id", "review link"),
    "product": (
        *("product_id", "product id", "sku", "product_handle", "product handle", "asin"),
        *("package name", "app id", "product code", "product"),
    ),
    "name": ("product_title", "product title", "product name", "product_name", "app name"),
    "category": ("category", "product_category", "product category"),
    "stars": ("stars", "star rating", "star_rating", "rating", "score", "overall"),
    "title": ("title", "review title", "review_title", "review headline", "headline", "summary"),
    "text": (
        *("text", "review text", "review_body", "review body", "body", "review", "content"),
        *("reviewtext", "comment"),
    ),
    "at": (
        *("at", "review submit date and time", "review_date", "review date", "date", "created_at"),
        *("created at", "submitted", "time"),
    ),
    "language": ("language", "reviewer language", "locale", "lang"),
    "customer": ("customer", "customer_id", "customer id", "user_id", "reviewer_id"),
    "email": ("email", "reviewer_email", "reviewer email", "e-mail"),
}
NEEDED = ("product", "stars", "at")
#: How days are written, beside ISO 8601 ("").
TIMES = ("%Y-%m-%d %H:%M:%S UTC", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%B %d, %Y", "%b %d, %Y")


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Kfar's column → the file's; texts for every row; how times are written ("" ISO 8601)."""

    columns: dict[str, str]
    constants: dict[str, str] = field(default_factory=dict)
    times: str = ""

    def lacking(self) -> list[str]:
        """Return what is needed and neither a column nor a constant."""
        return [name for name in NEEDED if name not in {**self.columns, **self.constants}]

    def check(self, names: Sequence[str]) -> None:
        """Refuse a file that has not the columns named here, or a mapping that lacks some."""
        absent = sorted(set(self.columns.values()) - set(names))
        if absent or self.lacking():
            raise Refused("reviews.mapping_lacks", columns=", ".join([*absent, *self.lacking()]))

    def read(self, row: Table[str, str]) -> dict[str, str]:
        """Return a row of the file by Kfar's names."""
        said = {name: (row.get(own) or "").strip() for name, own in self.columns.items()}
        return {**self.constants, **said}


def propose(names: Sequence[str], time: str) -> Columns:
    """Propose what the columns of a file say; `time` is where one is known, as it is written."""
    lower = {name.strip().lower(): name for name in names}
    found: dict[str, str] = {}
    for target, candidates in WORDS.items():
        name = next((lower[one] for one in candidates if one in lower), None)
        if name is not None and name not in found.values():
            found[target] = name
    return Columns(columns=found, times=time)


def to_toml(columns: Columns) -> str:
    """Return a mapping as TOML."""
    parts = ['# how times are written; "": ISO 8601', f"times = {_quoted(columns.times)}"]
    for title, table in (("columns", columns.columns), ("constants", columns.constants)):
        parts += [f"\n[{title}]", *(f"{name} = {_quoted(v)}" for name, v in table.items())]
    return "\n".join(parts) + "\n"


def from_toml(text: str) -> Columns:
    """Return the mapping that TOML holds; refuse `reviews.bad_mapping` by what is wrong."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line \d+", str(error))
        raise Refused("reviews.bad_mapping", entry=where[0] if where else "TOML") from None
    for name, value in said.items():
        right = isinstance(value, str) if name == "times" else _texts(value)
        if name not in ("times", "columns", "constants") or not right:
            raise Refused("reviews.bad_mapping", entry=name)
    return Columns(**({"columns": {}} | said))


def place(source: str, names: Sequence[str]) -> Path:
    """Return the file of what was agreed to for a source and these columns, in any order."""
    told = "\x1f".join(sorted(name.lower() for name in names))
    folder: Path = settings.KFAR_DATA_DIR / "mappings"
    return folder / f"reviews-{source}-{sha256(told.encode()).hexdigest()[:16]}.toml"


def recall(source: str, names: Sequence[str]) -> Columns | None:
    """Return what was agreed to for such a file, or None."""
    path = place(source, names)
    return from_toml(path.read_text(encoding="utf-8")) if path.exists() else None


def remember(source: str, names: Sequence[str], columns: Columns) -> None:
    """Keep what was agreed to for the next file of this source with these columns."""
    path = place(source, names)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(to_toml(columns), encoding="utf-8")
    os.replace(part, path)


def _texts(value: object) -> bool:
    return isinstance(value, dict) and all(
        key in WORDS and isinstance(text, str) and text for key, text in value.items()
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
