"""A first guess at what the columns of somebody's file say; a person decides.

It goes by the columns' names and by what stands in the first rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Table
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from babel.numbers import list_currencies

from kfar.ground.errors import Refused
from kfar.rooms.touchpoints.imports.exports import EACH, EXPORTS, TIMES, WORDS, Export
from kfar.rooms.touchpoints.imports.mapping import Mapping
from kfar.rooms.touchpoints.imports.sieve import TIME
from kfar.rooms.touchpoints.rules import EMAIL, instant

#: Of ten values nine have to fit a column.
MOSTLY = 0.9
AMOUNT = re.compile(r"-?\s*\S{0,3}?\s*[0-9]([0-9.,'\s]*[0-9])?\s*\S{0,3}")
CURRENCIES = frozenset(list_currencies())
Values = Table[str, list[str]]


@dataclass(frozen=True)
class Proposal:
    """A mapping that may be right, and how its file was recognised ("" where it was not).

    `either_way` says that in the times seen day and month could be swapped.
    """

    mapping: Mapping
    title: str = ""
    either_way: bool = False


def propose(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Proposal:
    """Propose a mapping for a file with these columns and, as a sample, these rows.

    What it lacks (`Mapping.lacking`) has to be given by a person.
    """
    values = {
        name: [row[i].strip() for row in rows if row[i].strip()] for i, name in enumerate(names)
    }
    export = _known(names)
    columns = _of_export(export, names) if export else _of_words(values)
    if not export:
        _by_values(columns, values)
    constants = {"channel": "web", "kind": "purchase" if _sells(columns) else "contact"}
    constants.update(export.constants if export else {})
    row, order = _rows(export, columns, names)
    paid = (export.paid if export else _paid(columns)) if "paid" in columns else "line"
    if "discount" not in columns:
        paid = paid.removesuffix(" - discount")
    times, either_way = _times(values.get(columns.get("at", ""), []))
    money = [v for t in ("paid", "discount") if t in columns for v in values[columns[t]]]
    mapping = Mapping(
        columns=columns,
        constants={name: text for name, text in constants.items() if name not in columns},
        amounts=_mark(money),
        paid=paid,
        times=times,
        zone="UTC" if times.endswith(" UTC") else "",
        order=order,
        row=row,
    )
    used = mapping.named()
    left = tuple(name for name in names if name.lower() not in used)
    title = export.title if export else ""
    return Proposal(replace(mapping, left_out=left), title, either_way)


def _known(names: Sequence[str]) -> Export | None:
    there = {name.lower() for name in names}
    return next((export for export in EXPORTS if export.sure <= there), None)


def _of_export(export: Export, names: Sequence[str]) -> dict[str, str]:
    there = {name.lower(): name for name in names}
    found = {}
    for target, candidates in export.columns.items():
        name = next((there[one] for one in candidates if one in there), None)
        if name is not None:
            found[target] = name
    return found


def _of_words(values: Values) -> dict[str, str]:
    """Give each of Kfar's columns the file's with the surest name, if its values fit."""
    found: dict[str, str] = {}
    by_words = {_words(name): name for name in values}
    for target, words in WORDS.items():
        for word in words:
            name = by_words.get(word)
            if name and name not in found.values() and _fits(target, values[name]):
                found[target] = name
                break
    return found


def _by_values(columns: dict[str, str], values: Values) -> None:
    """Find by their values what no name told: addresses, times, currencies."""
    for target in ("email", "at", "currency"):
        if target not in columns:
            free = (name for name in values if name not in columns.values() and values[name])
            name = next((name for name in free if _shows(target, values[name])), None)
            if name is not None:
                columns[target] = name


def _shows(target: str, values: list[str]) -> bool:
    """Return whether values are those of a column beyond doubt: digits alone are no time."""
    digits = target == "at" and all(value.isdecimal() for value in values)
    return not digits and _fits(target, values)


def _words(name: str) -> str:
    """Return a name as its words: "orderId", "order_id" and "Order ID" are "order id"."""
    apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).replace("_", " ")
    return " ".join(re.findall(r"\w+", apart.lower()))


def _fits(target: str, values: list[str]) -> bool:
    """Return whether values can be those of a column; none at all can be anything."""
    test = FITS.get(target)
    if target == "id" and len(set(values)) < len(values):
        return False
    return test is None or not values or sum(map(test, values)) >= MOSTLY * len(values)


def _is_time(value: str) -> bool:
    return _iso(value) or _unix(value) != "" or any(_written(value, form) for form in TIMES)


FITS: dict[str, Callable[[str], bool]] = {
    "email": lambda value: EMAIL.fullmatch(value) is not None,
    "at": _is_time,
    "currency": lambda value: value.upper() in CURRENCIES,
    "units": lambda value: re.fullmatch(r"-?[0-9]{1,9}([.,]0+)?", value) is not None,
    "paid": lambda value: AMOUNT.fullmatch(value) is not None,
    "discount": lambda value: AMOUNT.fullmatch(value) is not None,
    "measure": lambda value: re.fullmatch(r"-?[0-9]+([.,][0-9]+)?", value) is not None,
}


def _times(values: list[str]) -> tuple[str, bool]:
    """Return how times are written ("": ISO), and whether day and month could be swapped."""
    if values and (unix := _unix(values[0])) and all(_unix(value) == unix for value in values):
        return unix, False
    if all(map(_iso, values)):
        return "", False
    fit = [form for form in TIMES if all(_written(value, form) for value in values)]
    if not fit:
        return "", False
    swapped = fit[0].replace("%d/%m", "%m/%d")
    return fit[0], swapped != fit[0] and swapped in fit


def _iso(value: str) -> bool:
    """Return whether a time is written as most programs do, so that it is read at once."""
    with suppress(Refused):
        return re.fullmatch(TIME, value) is not None and instant(value, UTC).year > 0
    return False


def _unix(value: str) -> str:
    found = re.fullmatch(r"[012][0-9]{9}([0-9]{3})?", value)
    return "" if found is None else "unix ms" if found[1] else "unix"


def _written(value: str, form: str) -> bool:
    with suppress(ValueError):
        datetime.strptime(value, form)  # noqa: DTZ007 - whether, not when
        return True
    return False


def _mark(values: list[str]) -> str:
    """Return the decimal mark: the last mark of an amount, before one or two digits."""
    commas = sum(re.search(r",[0-9]{1,2}\D*$", value) is not None for value in values)
    points = sum(re.search(r"\.[0-9]{1,2}\D*$", value) is not None for value in values)
    return "," if commas > points else "."


def _sells(columns: Table[str, str]) -> bool:
    return not {"product", "product_name", "paid"}.isdisjoint(columns)


def _paid(columns: Table[str, str]) -> str:
    return "each" if "units" in columns and _words(columns["paid"]) in EACH else "line"


def _rows(
    export: Export | None, columns: Table[str, str], names: Sequence[str]
) -> tuple[tuple[str, ...], str]:
    """Return what names a row, and the column of the order."""
    there = {name.lower(): name for name in names}
    if export:
        row = tuple(there[name] for name in export.row if name in there)
        return row, there.get(export.order, "")
    if "id" in columns or "basket" not in columns:
        return (), ""
    line = [columns[name] for name in ("product", "product_name") if name in columns]
    return (columns["basket"], *line), columns["basket"] if line else ""
