"""JSON and CSV in an archive, for people and for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from zipfile import ZipFile

from django.utils import timezone

from kfar.ground.text import cell


def as_json(archive: ZipFile, name: str, value: object) -> None:
    with opened(archive, name) as file:
        json.dump(value, file, ensure_ascii=False, indent=2, default=plain)
        file.write("\n")


def as_csv(
    archive: ZipFile, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    with opened(archive, name) as file:
        file.write("\ufeff")
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in rows)


@contextmanager
def opened(archive: ZipFile, name: str) -> Iterator[io.TextIOWrapper]:
    with archive.open(name, "w") as raw, io.TextIOWrapper(raw, "utf-8", newline="") as file:
        yield file


def _cell(value: object) -> object:
    """Return a cell; what a spreadsheet would take for a formula is text."""
    if isinstance(value, str):
        return cell(value)
    return "" if value is None else value if isinstance(value, int | float) else plain(value)


def plain(value: object) -> object:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
