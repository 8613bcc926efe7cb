"""The rules of `touchpoints.rules` for a whole chunk of rows at once.

What the engine takes is exactly what `read_row` would make of it; every row it is not sure of
(a strange sign, a time written another way, anything broken) goes through `read_row` itself,
which also says why a row is refused. So there is one set of rules, and a fast way for most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from kfar.ground.errors import Refused
from kfar.ground.money import DIGITS
from kfar.lake.engines import Session
from kfar.rooms.touchpoints.rules import COLUMNS, LONGEST, MEASURED, Row, read_row

#: The fields of `Row` as columns.
TYPES = {
    **dict.fromkeys(Row._fields, "VARCHAR"),
    "at": "TIMESTAMPTZ",
    "units": "INTEGER",
    "paid": "BIGINT",
    "discount": "BIGINT",
    "measure": "BIGINT",
}
#: Signs that Python may take for space, or refuses.
ODD = (
    r"[\x00-\x1f\x7f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
)
CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
TIME = rf"\d{{4}}-\d\d-\d\d([T ]{CLOCK}(:[0-5]\d(\.\d{{1,6}})?)?(Z|[+-]{CLOCK})?)?"
EMAIL = r"[!#-+\-.\/-:=?A-Z\[-~]+@[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)+"


#: The currency of a row, in which it counts; and its digits after the point.
MONEY = "CASE WHEN trim(currency) = '' THEN $currency ELSE upper(trim(currency)) END"
DIGITS_OF = "CASE {} ELSE 2 END".format(
    " ".join(f"WHEN {MONEY} = '{code}' THEN {n}" for code, n in DIGITS.items() if n != 2)
)


def _is_amount(name: str, sign: str) -> str:
    cases = " ".join(
        f"WHEN {n} THEN regexp_full_match({name}, '{sign}[0-9]{{1,12}}{part}')"
        for n, part in {0: "", 2: "([.,][0-9]{1,2})?", 3: "([.,][0-9]{1,3})?"}.items()
    )
    return f"({name} = '' OR CASE digits {cases} END)"


def _minor(name: str) -> str:
    """Return SQL for an amount of a good row in minor units."""
    return (
        f"CASE WHEN good AND {name} <> '' THEN (replace({name}, ',', '.')::DECIMAL(18, 3) * "
        "CASE digits WHEN 0 THEN 1 WHEN 3 THEN 1000 ELSE 100 END)::BIGINT END"
    )


#: The texts of a row, trimmed, and what can be said of each alone.
NEAT = f"""
SELECT number, {", ".join(f'trim("{c}") AS "{c}"' for c in COLUMNS if c not in ("email", "url"))},
    lower(trim(email)) AS email, trim(regexp_extract(url, '^[^?#]*')) AS url,
    {MONEY} AS money, {DIGITS_OF} AS digits,
    trim(email) = '' OR regexp_full_match(trim(email), '{EMAIL}') AS addressed,
    concat({", ".join(f'"{c}"' for c in COLUMNS)}) AS everything,
    NOT regexp_matches(everything, '{ODD}') AND (strlen(everything) <= {LONGEST}
        OR greatest({", ".join(f'length("{c}")' for c in COLUMNS)}) <= {LONGEST}) AS plain,
    regexp_full_match(trim("at"), '{TIME}') AS written,
    CASE WHEN NOT written THEN NULL
        WHEN trim("at") LIKE '%Z' THEN left(trim("at"), -1)
        WHEN trim("at") LIKE '%:__' AND trim("at")[-6] IN ('+', '-') THEN left(trim("at"), -6)
        ELSE trim("at") END AS wall,
    CASE WHEN wall = trim("at") THEN NULL
        WHEN trim("at") LIKE '%Z' THEN 0
        ELSE (TRY_CAST(trim("at")[-5:-4] AS INTEGER) * 3600
            + TRY_CAST(trim("at")[-2:] AS INTEGER) * 60)
            * CASE trim("at")[-6] WHEN '-' THEN -1 ELSE 1 END END AS ahead,
    TRY_CAST(wall AS TIMESTAMP) AS local
FROM said
"""  # noqa: S608 - constants of ours

#: … with the instant, and whether it breaks no rule.
SIFTED = f"""
SELECT neat.*,
    local - to_seconds(coalesce(ahead, CASE WHEN local < turn THEN before ELSE after END)) AS utc,
    coalesce(plain AND written
        AND utc >= TIMESTAMP '1900-01-01' AND utc < TIMESTAMP '2201-01-01'
        AND channel <> '' AND kind <> '' AND (customer <> '' OR email <> '')
        AND addressed AND regexp_full_match(money, '[A-Z]{{3}}')
        AND (currency = '' OR regexp_full_match(currency, '[A-Za-z]{{3}}'))
        AND {_is_amount("paid", "-?")} AND {_is_amount("discount", "")}
        AND (units = '' OR regexp_full_match(units, '-?[0-9]{{1,9}}'))
        AND (measure = '' OR regexp_full_match(measure, '-?[0-9]{{1,9}}([.,][0-9]{{1,{MEASURED}}})?'))
    , false) AS good
FROM ({NEAT}) neat LEFT JOIN days ON CASE WHEN ahead IS NULL THEN local::DATE END = day
"""  # noqa: S608, E501 - constants of ours

#: What `rules._content` joins, and in its order.
LATER = Row._fields.index("measure")
CONTENT = "concat_ws(chr(31), '', {})".format(
    ", ".join(
        f"coalesce({'moment' if name == 'at' else name}::VARCHAR, '')"
        for name in Row._fields[1:LATER]
    )
) + "".join(
    f" || CASE WHEN {name} IS NULL THEN '' ELSE chr(31) || '{name}=' || {name} END"
    for name in Row._fields[LATER:]
)
ROWS = f"""
CREATE OR REPLACE TEMP TABLE rows AS
SELECT number, good,
    CASE WHEN id = '' THEN 'row/' || sha256({CONTENT}) ELSE 'id/' || id END AS key,
    * EXCLUDE (number, good, id, moment)
FROM (
    SELECT number, good, id, CASE WHEN customer = '' THEN email ELSE customer END AS customer_key,
        email, utc::TIMESTAMPTZ AS "at", channel, kind,
        {", ".join(f"nullif({c}, '') AS {c}" for c in COLUMNS[6:12])},
        CASE WHEN good AND units <> '' THEN units::INTEGER END AS units,
        {_minor("paid")} AS paid, {_minor("discount")} AS discount,
        CASE WHEN paid = '' AND discount = '' THEN NULL ELSE money END AS currency,
        CASE WHEN good AND measure <> '' THEN
            (replace(measure, ',', '.')::DECIMAL(38, {MEASURED}) * 1000000)::BIGINT END AS measure,
        {", ".join(f"nullif({c}, '') AS {c}" for c in ("measure_unit", "name", "url"))},
        CASE WHEN microsecond(utc) % 1000000 = 0 THEN utc::VARCHAR
            ELSE strftime(utc, '%Y-%m-%d %H:%M:%S.%f') END || '+00:00' AS moment
    FROM ({SIFTED})
)
"""  # noqa: S608 - constants of ours


def sift(
    session: Session, *, order: Sequence[str], zone: tzinfo, currency: str
) -> Iterator[tuple[int, Refused]]:
    """Make the table `rows` of what `said` holds; yield the rows refused, by number, and why.

    `said` holds `number` and every one of `COLUMNS` as text, '' for nothing; `rows` holds
    `number` and the fields of `Row`. `order` is that of the columns in the file. `zone` and
    `currency` are as for `read_row`.
    """
    _days(session, zone)
    session.run(ROWS, currency=currency)
    names = ", ".join(f'said."{name}"' for name in order)
    doubtful = session.rows(
        f"SELECT number, {names} FROM said SEMI JOIN (FROM rows WHERE NOT good) USING (number)"  # noqa: S608
        " ORDER BY number"
    )
    session.run("DELETE FROM rows WHERE NOT good")
    mended: list[tuple[object, ...]] = []
    for number, *texts in doubtful:
        try:
            row = read_row(dict(zip(order, texts, strict=True)), zone=zone, currency=currency)
            mended.append((number, *row))
        except Refused as refused:
            yield number, refused
    if mended:
        session.load("mended", {"number": "BIGINT", **TYPES}, mended)
        session.run("INSERT INTO rows BY NAME SELECT * FROM mended")


def _days(session: Session, zone: tzinfo) -> None:
    """Make the table `days`: how far the clocks of `zone` were ahead of UTC on each day said.

    Of a day on which they were turned, it is `before` up to the time of day `turn` and `after`
    from then on: of an hour that comes twice, the first; of one that is left out, as before.
    """
    found = session.rows(
        """SELECT DISTINCT TRY_CAST(left(trim("at"), 10) AS DATE) AS day FROM said
        WHERE NOT trim("at") LIKE '%Z' AND day BETWEEN DATE '1899-12-30' AND DATE '2201-01-02'"""
    )
    columns = {"day": "DATE", "before": "INTEGER", "turn": "TIMESTAMP", "after": "INTEGER"}
    session.load("days", columns, [_day(day, zone) for (day,) in found])


def _day(day: date, zone: tzinfo) -> tuple[date, int, datetime, int]:
    start = datetime.combine(day, time(), tzinfo=zone)

    def ahead(second: int) -> int:
        offset = (start + timedelta(seconds=second)).utcoffset()
        return int(offset.total_seconds()) if offset else 0

    last = 24 * 3600 - 1
    if ahead(0) == ahead(last):
        return day, ahead(0), start.replace(tzinfo=None), ahead(0)
    low, high = 0, last
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if ahead(middle) == ahead(0) else (low, middle)
    return day, ahead(0), start.replace(tzinfo=None) + timedelta(seconds=high), ahead(last)
