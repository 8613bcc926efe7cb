"""Promotions, as files tell them: kept, told anew, and refused with the line that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kfar.ground.errors import Refused
from kfar.lake.engines import Engine
from kfar.rooms.insight import promotions
from kfar.rooms.insight.models import Promoted
from kfar.rooms.insight.promotions import Known, Taken
from tests.lake.engines.conftest import spoken
from tests.lake.touches import a_touch, settle

pytestmark = pytest.mark.django_db
__all__ = ["spoken"]

HEAD = "product,place,week,display,mailer\n"
FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 9)
COLUMNS = ("product", "place", "week", "display", "mailer")


@pytest.fixture
def file(data_dir: Path) -> Path:
    return data_dir / "promoted.csv"


def take(file: Path, text: str, source: str = "shop") -> Taken:
    file.write_text(text)
    return promotions.take(file=file, source=source)


def refused(file: Path, text: str) -> tuple[str, Mapping[str, Any]]:
    with pytest.raises(Refused) as caught:
        take(file, text)
    assert not Promoted.objects.exists()
    assert not list(promotions.folder().rglob("*.parquet"))
    return caught.value.code, caught.value.params


def told(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.session() as session:
        return sorted(session.ask(promotions.opened(session).select(*COLUMNS)), key=str)


def test_a_file_is_read_alike_by_every_engine(spoken: Engine, file: Path) -> None:
    assert promotions.known() is None
    assert told(spoken) == []
    found = take(
        file,
        "Mailer,PRODUCT,place,day,display,else\n"
        ",tea,1,2026-03-04,7,x\nA,tea,2,2026-03-09,,\n , tea ,1,2026-W11,3,\n",
    )
    assert found == Taken(
        rows=3, weeks=2, changed=2, first=FIRST, last=SECOND, products=1, unbought=1
    )
    assert told(spoken) == [
        ("tea", "1", FIRST, "7", None),
        ("tea", "1", SECOND, "3", None),
        ("tea", "2", SECOND, None, "A"),
    ]
    assert promotions.known() == Known(3, 2, FIRST, SECOND, ("shop",))


def test_products_that_nobody_ever_bought_are_counted(file: Path) -> None:
    settle([a_touch("1", product="tea"), a_touch("2", product="soap", kind="voice")])
    found = take(file, HEAD + "tea,1,2026-03-02,7,\nsoap,1,2026-03-02,7,\n")
    assert (found.products, found.unbought) == (2, 1)


def test_the_same_again_changes_nothing(spoken: Engine, file: Path) -> None:
    text = HEAD + "tea,1,2026-03-02,7,\n"
    first, before = take(file, text), promotions.state()
    again = take(file.with_name("other.csv"), text)
    assert (first.changed, again.changed) == (1, 0)
    assert promotions.state() == before
    assert len(list(promotions.folder().rglob("*.parquet"))) == 1
    assert len(told(spoken)) == 1


def test_a_week_told_again_replaces_what_was_told(spoken: Engine, file: Path) -> None:
    take(file, HEAD + "tea,1,2026-03-02,7,\ntea,1,2026-03-09,7,\n")
    before = promotions.state()
    assert take(file, HEAD + "tea,2,2026-03-10,,A\n").changed == 1
    assert promotions.state() != before
    assert told(spoken) == [("tea", "1", FIRST, "7", None), ("tea", "2", SECOND, None, "A")]
    # What another source tells stands beside it.
    take(file, HEAD + "tea,1,2026-03-09,3,\n", source="tills")
    assert len(told(spoken)) == 3
    # What no week stands in any more goes with the next that comes.
    take(file, HEAD + "tea,1,2026-03-02,,\n")
    take(file, HEAD + "tea,1,2026-03-16,,\n")
    assert len(list((promotions.folder() / "shop").glob("*.parquet"))) == 3
    assert [row[1:3] for row in told(spoken)] == [
        ("1", date(2026, 3, 16)), ("1", FIRST), ("1", SECOND), ("2", SECOND)
    ]  # fmt: skip


def test_parquet_says_the_same_in_types_of_its_own(spoken: Engine, data_dir: Path) -> None:
    file = data_dir / "promoted.parquet"
    with duckdb.connect() as duck:
        duck.execute(
            f"""COPY (SELECT 12::DOUBLE AS product, 3 AS place, DATE '2026-03-05' AS week,
            NULL::VARCHAR AS display, 'A' AS mailer) TO '{file}' (FORMAT parquet)"""
        )
    promotions.take(file=file, source="shop")
    assert told(spoken) == [("12", "3", FIRST, None, "A")]


@pytest.mark.parametrize(
    ("text", "code", "params"),
    [
        ("", "insight.bad_file", {"file": "promoted.csv"}),
        ("a,b\n1,2\n", "insight.lacks_columns",
         {"columns": "product, place, display, mailer, week / day"}),
        ("product,place,display,mailer\nt,1,,\n", "insight.lacks_columns",
         {"columns": "week / day"}),
        (HEAD, "insight.no_rows", {}),
        (HEAD + "t,1,2026-03-02,,\nt,1,2026-13-01,,\n", "insight.bad_week",
         {"week": "2026-13-01", "line": 3}),
        (HEAD + "t,1,7,,\n", "insight.bad_week", {"week": "7", "line": 2}),
        (HEAD + "t,1,0017-03-02,,\n", "insight.bad_week", {"week": "0017-03-02", "line": 2}),
        (HEAD + "t,1,,7,\n", "insight.bad_week", {"week": "", "line": 2}),
        (HEAD + "t,1,2026-03-02,,\n\"\",1,2026-03-02,,\n", "insight.empty_cell",
         {"column": "product", "line": 3}),
        (HEAD + "t, ,2026-03-02,,\n", "insight.empty_cell", {"column": "place", "line": 2}),
        (HEAD + "t,1,2026-03-02,,\n" * 3 + "t,1\n", "insight.bad_line",
         {"file": "promoted.csv", "line": 5}),
    ],
)  # fmt: skip
def test_a_file_is_refused_whole(file: Path, text: str, code: str, params: dict[str, Any]) -> None:
    assert refused(file, text) == (code, params)


def test_a_source_and_a_file_are_named(file: Path, data_dir: Path) -> None:
    file.write_text(HEAD + "t,1,2026-03-02,,\n")
    for source in ("", "../x", "Shop", "a" * 51):
        with pytest.raises(Refused, match=r"insight\.bad_source"):
            promotions.take(file=file, source=source)
    with pytest.raises(Refused, match=r"insight\.no_file"):
        promotions.take(file=data_dir / "none.csv", source="shop")


def test_what_was_killed_while_it_was_written_is_swept(file: Path) -> None:
    left = promotions.folder() / "shop" / "left.part"
    left.parent.mkdir(parents=True)
    left.write_text("half")
    take(file, HEAD + "tea,1,2026-03-02,7,\n")
    assert not left.exists()


def test_a_file_that_is_gone_is_named(spoken: Engine, file: Path) -> None:
    take(file, HEAD + "tea,1,2026-03-02,7,\n")
    [kept] = promotions.folder().rglob("*.parquet")
    kept.unlink()
    with pytest.raises(Refused) as caught:
        told(spoken)
    assert (caught.value.code, caught.value.params) == ("lake.damaged", {"file": kept.name})
