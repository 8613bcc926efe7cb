"""A mapping at work: from the columns of a file to Kfar's, for a whole chunk at once."""

from __future__ import annotations

from collections.abc import Sequence

from kfar.lake.engines import Session
from kfar.rooms.touchpoints.imports.mapping import OF_ORDER, UNIX, Mapping
from kfar.rooms.touchpoints.imports.sieve import DIGITS_OF
from kfar.rooms.touchpoints.rules import COLUMNS

SPACE = r"[\s\x{a0}\x{202f}]"
SIGN = r"(\p{Sc}|[A-Z]{3}|zł)"
NUMBERS = ("units", "paid", "discount", "measure")
ISO = "%Y-%m-%dT%H:%M:%S.%f"


def order_column(mapping: Mapping, names: Sequence[str]) -> str:
    """Return the column of `raw` whose equal rows must be seen together, or ""."""
    name = mapping.order or (mapping.row[0] if mapping.row else "")
    return name and f"c{[one.lower() for one in names].index(name.lower())}"


def reshape(session: Session, mapping: Mapping, names: Sequence[str], *, currency: str) -> None:
    """Make the table `said`, which `sieve.sift` takes, of the table `raw`.

    `raw` holds `number` and the file's columns `names` as text, called c0, c1 …
    """
    place = {name.lower(): f"c{i}" for i, name in enumerate(names)}
    columns = {target: _column(mapping, place, target) for target in COLUMNS}
    if mapping.row and "id" not in mapping.columns:
        columns["id"] = _row(", ".join(place[name.lower()] for name in mapping.row))
    selected = ", ".join(f'{sql} AS "{target}"' for target, sql in columns.items())
    sql = f"SELECT number, {selected} FROM raw"  # noqa: S608 - ours, and literals are quoted
    if mapping.amounts:
        sql = _with(sql, {name: _amount(name, mapping.amounts) for name in NUMBERS})
        sql = _with(sql, {"discount": "ltrim(discount, '-')"})
    if mapping.amounts == "minor":
        sql = _with(sql, {name: _major(name) for name in ("paid", "discount")})
    if mapping.paid != "line":
        sql = _with(sql, {"paid": _whole_line(mapping.paid)})
    if mapping.times:
        sql = _with(sql, {"at": _time(mapping.times)})
    sql = sql.replace("$currency", _literal(currency))  # a view takes no parameters
    session.run(f"CREATE OR REPLACE TEMP VIEW said AS {sql}")


def _with(sql: str, columns: dict[str, str]) -> str:
    changed = ", ".join(f'{new} AS "{name}"' for name, new in columns.items())
    return f"SELECT * REPLACE ({changed}) FROM ({sql})"  # noqa: S608


def _row(parts: str) -> str:
    """Return SQL for the name of a row by what these columns say; the same twice is numbered."""
    return (
        f"CASE WHEN concat({parts}) = '' THEN '' ELSE md5(concat_ws(chr(31), {parts}))"
        f" || '/' || row_number() OVER (PARTITION BY {parts} ORDER BY number) END"
    )


def _column(mapping: Mapping, place: dict[str, str], target: str) -> str:
    """Return SQL for a column's text: from the file, from the order's first row, or constant."""
    source = mapping.columns.get(target)
    if source is None:
        return _literal(mapping.constants.get(target, ""))
    here = place[source.lower()]
    order = mapping.order and place[mapping.order.lower()]
    if not order or target not in OF_ORDER:
        return here
    return (
        f"CASE WHEN trim({here}) <> '' OR {order} = '' THEN {here} ELSE coalesce("
        f"first_value(nullif({here}, '') IGNORE NULLS) OVER (PARTITION BY {order} ORDER BY number"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), '') END"
    )


def _amount(text: str, mark: str) -> str:
    """Return SQL for an amount without currency, thousands and zeros that say nothing."""
    bare = (
        f"regexp_replace(regexp_replace(trim({text}), '^(-?){SPACE}*{SIGN}?{SPACE}*', '\\1'),"
        f" '{SPACE}*{SIGN}?{SPACE}*$', '')"
    )
    if mark in (".", ","):
        between = r"[\s\x{a0}\x{202f}''" + (".]" if mark == "," else ",]")
        groups = rf"-?[0-9]{{1,3}}({between}[0-9]{{3}})+(\{mark}[0-9]+)?"
        bare = (
            f"CASE WHEN regexp_full_match({bare}, '{groups}')"
            f" THEN regexp_replace({bare}, '{between}', '', 'g') ELSE {bare} END"
        )
    short = f"regexp_replace(regexp_replace({bare}, '[.,]0+$', ''), '([.,][0-9]*[1-9])0+$', '\\1')"
    return f"coalesce(nullif({short}, ''), {text})"


def _major(name: str) -> str:
    """Return SQL for an amount that is given in minor units: "599" is "5.99"."""
    value = f"{name}::DECIMAL(18, 0)"
    return (
        f"CASE WHEN NOT regexp_full_match({name}, '-?[0-9]{{1,15}}') THEN {name}"
        f" WHEN {DIGITS_OF} = 0 THEN {name}"
        f" WHEN {DIGITS_OF} = 3 THEN ({value} / 1000)::DECIMAL(18, 3)::VARCHAR"
        f" ELSE ({value} / 100)::DECIMAL(18, 2)::VARCHAR END"
    )


def _whole_line(paid: str) -> str:
    """Return SQL for what was paid for the whole line, where the file says something else."""
    each, _, less = paid.partition(" - ")
    whole = _number("paid")
    if each == "each":
        whole += f" * CASE WHEN units = '' THEN 1 ELSE {_number('units')} END"
    if less:
        whole += f" - CASE WHEN discount = '' THEN 0 ELSE {_number('discount')} END"
    rounded = " ".join(
        f"WHEN {n} THEN round({whole}, {n})::DECIMAL(24, {n})::VARCHAR" for n in (0, 2, 3)
    )
    return f"coalesce(CASE {DIGITS_OF} {rounded} END, paid)"


def _number(name: str) -> str:
    return f"TRY_CAST(replace({name}, ',', '.') AS DECIMAL(18, 4))"


def _time(form: str) -> str:
    """Return SQL for a time as the rules read it, or as it was where it is written otherwise."""
    here = 'trim("at")'
    if form in UNIX:
        scale = 1000 if form == "unix ms" else 1_000_000
        at = f"make_timestamp(TRY_CAST({here} AS BIGINT) * {scale})"
    else:
        at = f"try_strptime({here}, {_literal(form)})"
        at += " AT TIME ZONE 'UTC'" if "%z" in form else ""
    zone = "Z" if form in UNIX or "%z" in form else ""
    return f"coalesce(strftime({at}, '{ISO}{zone}'), \"at\")"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
