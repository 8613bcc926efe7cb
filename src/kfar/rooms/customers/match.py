"""Which two people may be one: records in, pairs with a probability out.

The model of Fellegi and Sunter, "A Theory for Record Linkage", JASA 64 (1969), as splink
computes it (Linacre et al., "Splink: Free software for probabilistic record linkage at scale",
IJPDS 7(3), 2022). How often two strangers agree (u) is counted in the records themselves, so a
name that many have says little. How often one person agrees with themselves (m) and how many
are there twice is set here: too few doubles stand in one company's books to learn it from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from unicodedata import combining, normalize

from kfar.rooms.customers.names import EMAIL, PHONE, TOLD, mailbox

#: From which probability on a human is asked.
LIKELY = 0.9
#: Of how many people one is there twice, before anything of them is looked at.
ONE_IN = 20
#: How many random pairs tell how often strangers agree.
PAIRS, SEED = 1_000_000, 1


@dataclass(frozen=True)
class Record:
    """A person to compare. `names` are (kind, value), as `names.named` returns them."""

    id: str
    name: str = ""
    names: tuple[tuple[str, str], ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """Two records, the smaller id first; how likely they are one person; what agrees."""

    one: str
    other: str
    score: float
    evidence: tuple[str, ...]


def match(records: Sequence[Record], *, likely: float = LIKELY) -> list[Match]:
    """Return the pairs that are one person with a probability of at least `likely`, surest first.

    Compared are pairs that share a whole name, a phone number, a mailbox, or the part of an
    address before "@". Needs splink (`kfar[match]`).
    """
    if len(records) < 2:
        return []
    import duckdb  # noqa: PLC0415 - splink is there where people are compared
    import pyarrow as pa  # noqa: PLC0415
    from splink import DuckDBAPI, Linker  # noqa: PLC0415

    with duckdb.connect() as connection:
        api = DuckDBAPI(connection)
        table = api.register(pa.Table.from_pylist([_row(r) for r in records], schema=_schema()))
        linker = Linker(table, _settings(len(records)), log_level="ERROR")
        linker.training.estimate_u_using_random_sampling(
            max_pairs=PAIRS, seed=SEED, min_count_per_level=None
        )
        found = linker.inference.predict(threshold_match_probability=likely, warning_mode="never")
        rows = found.as_record_list()
    matches = [_match(row) for row in rows]
    return sorted(matches, key=lambda pair: (-pair.score, pair.one, pair.other))


def _row(record: Record) -> dict[str, Any]:
    """Return the columns that are compared; None where nothing is known."""
    plain = (c for c in normalize("NFKD", record.name.casefold()) if not combining(c))
    emails = _values(record, EMAIL)
    return {
        "unique_id": record.id,
        "name": " ".join(sorted("".join(plain).split())) or None,
        "mailbox": sorted({mailbox(email) for email in emails}) or None,
        "local": sorted({mailbox(email).partition("@")[0] for email in emails}) or None,
        "phone": sorted(_values(record, PHONE)) or None,
        "about": sorted(f"{key}={value}" for key, value in record.about.items()) or None,
    }


def _values(record: Record, kind: str) -> set[str]:
    return {value for found, value in record.names if found.removeprefix(TOLD) == kind}


def _schema() -> Any:
    import pyarrow as pa  # noqa: PLC0415

    text, texts = pa.string(), pa.list_(pa.string())
    return pa.schema(
        {
            "unique_id": text,
            "name": text,
            **dict.fromkeys(("mailbox", "local", "phone", "about"), texts),
        }
    )


def _settings(records: int) -> Any:
    import splink.comparison_level_library as levels  # noqa: PLC0415
    from splink import SettingsCreator, block_on  # noqa: PLC0415
    from splink.comparison_library import CustomComparison  # noqa: PLC0415

    def share(column: str, most: int = 1) -> Any:
        return levels.ArrayIntersectLevel(column, min_intersection=most)

    def comparison(name: str, column: str, *agree: tuple[Any, float]) -> Any:
        return CustomComparison(
            output_column_name=name,
            comparison_levels=[
                levels.NullLevel(column),
                *(level.configure(m_probability=m) for level, m in agree),
                levels.ElseLevel().configure(m_probability=1 - sum(m for _level, m in agree)),
            ],
        )

    return SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=2 / ONE_IN / max(records - 1, 1),
        comparisons=[
            comparison(
                "name",
                "name",
                (levels.ExactMatchLevel("name", term_frequency_adjustments=True), 0.75),
                (levels.JaroWinklerLevel("name", 0.92), 0.15),
            ),
            comparison("email", "mailbox", (share("mailbox"), 0.3), (share("local"), 0.3)),
            comparison("phone", "phone", (share("phone"), 0.6)),
            comparison("about", "about", (share("about", 2), 0.7), (share("about"), 0.2)),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("name"),
            *(block_on(c, arrays_to_explode=[c]) for c in ("phone", "mailbox", "local")),
        ],
    )


def _match(row: Mapping[str, Any]) -> Match:
    one, other = sorted((row["unique_id_l"], row["unique_id_r"]))
    columns = ("name", "email", "phone", "about")
    evidence = tuple(column for column in columns if row[f"gamma_{column}"] > 0)
    return Match(one, other, row["match_probability"], evidence)
