"""Files of reviews, read: CSV by a mapping of its columns, and JSON-LD as schema.org has it.

Each review comes with where it stands: the line of a CSV, the number of a review in JSON.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.utils import timezone
from django.utils.html import strip_tags

from kfar.ground.errors import Refused
from kfar.rooms.voice.reviews.columns import TIMES, Columns

#: A file of JSON is held whole; a field of a CSV is no longer than that; nor nested deeper.
LARGEST, FIELD, DEEPEST = 64_000_000, 100_000, 20
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Given:
    """A review as a file says it, all of it text; `line` is where it stands."""

    line: int
    said: dict[str, str]
    times: str = ""


def is_json(path: Path) -> bool:
    """Return whether a file begins as JSON does."""
    with _opened(path) as file:
        return file.read(4096).lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def look(path: Path) -> tuple[list[str], str]:
    """Return the columns of a CSV, and how the times in it are written, where one can tell."""
    with _opened(path) as file:
        rows = _rows(file)
        names = list(next(rows, []))
        sample = [cell for row, _n in zip(rows, range(200), strict=False) for cell in row]
    if not names or len(names) != len(set(names)):
        raise Refused("reviews.no_columns")
    for how in ("", *TIMES):
        if any(_time(cell, how) for cell in sample if any(sign.isdigit() for sign in cell)):
            return names, how
    return names, ""


def rows_of(path: Path, columns: Columns, progress: Callable[[int], None]) -> Iterator[Given]:
    """Yield the reviews of a CSV; `progress` hears how many bytes were read."""
    with _opened(path) as file:
        rows = _rows(file)
        names = list(next(rows, []))
        for number, row in enumerate(rows, 1):
            if number % 500 == 0:
                progress(file.buffer.tell())  # type: ignore[attr-defined]
            if any(row):
                yield Given(
                    rows.line_num, columns.read(dict(zip(names, row, strict=False))), columns.times
                )


def graph_of(path: Path) -> Iterator[Given]:
    """Yield the reviews of JSON-LD: alone, in a list, in `@graph`, or within their product."""
    if path.stat().st_size > LARGEST:
        raise Refused("reviews.too_large", most=LARGEST // 1_000_000)
    try:
        with _opened(path) as file:
            found = json.load(file)
    except (ValueError, RecursionError):
        raise Refused("reviews.not_json") from None
    for number, (node, of) in enumerate(_found(found, {}, DEEPEST), 1):
        yield Given(number, _said(node, of))


def time_of(given: Given) -> datetime:
    """Return when a review was written; refuse `reviews.bad_time`."""
    at = _time(given.said.get("at", ""), given.times)
    if at is None or not EARLIEST <= at <= timezone.now():
        raise Refused("reviews.bad_time")
    return at


def stars_of(given: Given) -> int:
    """Return the stars, of another scale the nearest ones; refuse `reviews.no_stars`."""
    said = given.said
    with suppress(ValueError, ZeroDivisionError, OverflowError):
        value = float(said["stars"].replace(",", "."))
        best, worst = float(said.get("best") or 5), float(said.get("worst") or 1)
        stars = int(1 + (value - worst) / (best - worst) * 4 + 0.5)
        if worst <= value <= best and 1 <= stars <= 5:
            return stars
    raise Refused("reviews.no_stars")


def _time(text: str, how: str) -> datetime | None:
    with suppress(ValueError, OverflowError):
        at = datetime.strptime(text, how) if how else datetime.fromisoformat(text)  # noqa: DTZ007
        if at.tzinfo is None:
            at = at.replace(tzinfo=UTC) if how.endswith("UTC") else timezone.make_aware(at)
        return at
    return None


def _found(node: Any, of: dict[str, Any], deep: int) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield every review in a graph, with the product around it."""
    if deep == 0:
        return
    if isinstance(node, list):
        for one in node:
            yield from _found(one, of, deep - 1)
    elif isinstance(node, dict):
        kinds = node.get("@type")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if "Review" in kinds:
            yield node, node.get("itemReviewed") or of
            return
        around = node if node.get("review") or node.get("reviews") else of
        for value in node.values():
            if isinstance(value, dict | list):
                yield from _found(value, around, deep - 1)


def _said(node: dict[str, Any], of: Any) -> dict[str, str]:
    of = of if isinstance(of, dict) else {"name": of}
    rating = node.get("reviewRating")
    rating = rating if isinstance(rating, dict) else {"ratingValue": rating}
    codes = ("sku", "productID", "gtin13", "gtin", "@id", "url", "name")
    return {
        "id": _text(node.get("@id") or node.get("identifier") or node.get("url")),
        "product": next((_text(of.get(one)) for one in codes if _text(of.get(one))), ""),
        "name": _text(of.get("name")),
        "category": _text(of.get("category")),
        "stars": _text(rating.get("ratingValue")),
        "best": _text(rating.get("bestRating")),
        "worst": _text(rating.get("worstRating")),
        "title": _text(node.get("headline") or node.get("name")),
        "text": strip_tags(_text(node.get("reviewBody") or node.get("description"))),
        "language": _text(node.get("inLanguage")),
        "at": _text(node.get("datePublished") or node.get("dateCreated")),
    }


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("value", value.get("@value", value.get("name", "")))
    return str(value).strip() if isinstance(value, str | int | float) else ""


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """Open a file as text; refuse `reviews.not_utf8`, however far it has been read."""
    encoding = "utf-8-sig"
    with path.open("rb") as raw:
        if raw.read(2) in (b"\xff\xfe", b"\xfe\xff"):  # as an app store writes it
            encoding = "utf-16"
    try:
        with path.open(encoding=encoding, newline="") as file:
            yield file
    except UnicodeError:
        raise Refused("reviews.not_utf8") from None
    except csv.Error:
        raise Refused("reviews.broken_line") from None


def _rows(file: IO[str]) -> Any:
    csv.field_size_limit(FIELD)
    first = file.readline(FIELD)
    file.seek(0)
    mark = max(",;\t", key=first.count)
    return csv.reader(file, delimiter=mark)
