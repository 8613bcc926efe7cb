"""Import of files: good rows once, bad rows named."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.rooms.customers.commands import Newcomer, meet_many
from kfar.rooms.customers.queries import by_handle, person
from kfar.rooms.touchpoints import chunks, imports, queries
from kfar.rooms.touchpoints.imports import Imported, import_file

pytestmark = pytest.mark.django_db

HEAD = "customer,email,at,channel,kind,place,basket,product_name,paid,discount\n"
MILK = "c1,anna@shop.pl,2026-01-02T10:00:00Z,store,purchase,7,b1,MILK,3.50,0.50\n"
BREAD = "c1,,2026-01-02T10:00:00Z,store,purchase,7,b1,BREAD,2,\n"
HELLO = ",borys@shop.pl,2026-01-01T10:00:00Z,web,visit,,,,,\n"


@pytest.fixture
def shop(data_dir: Path) -> Path:
    return data_dir / "shop.csv"


def take(file: Path, text: str | None = None) -> Imported:
    if text is not None:
        file.write_text(text)
    return import_file(file, source="shop")


def test_the_rows_stand_on_the_customers_journeys(shop: Path) -> None:
    assert take(shop, HEAD + MILK + BREAD + HELLO) == Imported(3, 0, 0)

    anna, borys = by_handle("shop", "c1"), by_handle("email", "borys@shop.pl")
    assert anna is not None
    assert borys is not None
    assert by_handle("email", "anna@shop.pl") == anna
    [visit] = queries.journey(anna).visits
    assert (visit.at, visit.place, visit.source) == (
        datetime(2026, 1, 2, 10, tzinfo=UTC),
        "7",
        "shop",
    )
    assert [line.product_name for line in visit.lines] == ["BREAD", "MILK"]
    assert (visit.paid, visit.discount) == (Money(550, "USD"), Money(50, "USD"))
    [hello] = queries.journey(borys).visits
    assert (hello.kind, hello.lines) == ("visit", ())


def test_a_newcomer_is_met_at_their_first_touch(shop: Path) -> None:
    take(shop, HEAD + MILK + MILK.replace("2026-01-02", "2025-12-31"))
    anna = by_handle("shop", "c1")
    assert anna is not None
    known = person(anna)
    assert known is not None
    assert known.met_at == datetime(2025, 12, 31, 10, tzinfo=UTC)


def test_an_address_we_know_is_the_same_person(shop: Path) -> None:
    known = meet_many(source="crm", newcomers=[Newcomer(key="9", email="anna@shop.pl")])
    take(shop, HEAD + MILK)
    assert by_handle("shop", "c1") == known["9"]


def test_the_same_rows_are_taken_once_in_whatever_files(shop: Path) -> None:
    assert take(shop, HEAD + MILK + BREAD) == Imported(2, 0, 0)
    assert take(shop) == Imported(0, 2, 0)
    assert take(shop.with_name("more.csv"), HEAD + HELLO + BREAD + BREAD) == Imported(1, 2, 0)
    assert take(shop.with_name("a.ndjson"), JSON) == Imported(0, 1, 0)
    assert queries.counts().touchpoints == 3


JSON = (
    '{"customer": "c1", "at": "2026-01-02T11:00:00+01:00", "channel": "store", "kind": "purchase",'
    ' "place": "7", "basket": "b1", "product_name": "BREAD", "paid": 2}\n'
)


def test_another_source_is_another_row(shop: Path) -> None:
    take(shop, HEAD + MILK)
    assert import_file(shop, source="other-shop") == Imported(1, 0, 0)


def test_an_id_tells_rows_apart_that_say_the_same(shop: Path) -> None:
    head = "id,customer,at,channel,kind\n"
    row = ",c1,2026-01-02,store,visit\n"
    assert take(shop, head + "1" + row + "2" + row + "2" + row) == Imported(2, 1, 0)
    assert take(shop, head + row + row) == Imported(1, 1, 0)


def test_bad_rows_are_named_and_the_good_ones_taken(shop: Path) -> None:
    bad_time = MILK.replace("2026-01-02", "2026-13-02")
    quote = '"c1,,2026-01-02,store,visit,,,,,\n'
    shop.write_text(HEAD + MILK + bad_time + quote + HELLO + "c1\n")
    rejects: list[imports.Reject] = []

    done = import_file(shop, source="shop", reject=rejects.append)

    assert done == Imported(2, 0, 3)
    assert [(r.line, r.refused.code, r.refused.params) for r in rejects] == [
        (3, "touchpoints.bad_time", {}),
        (4, "touchpoints.broken_quotes", {}),
        (6, "touchpoints.wrong_width", {"found": 1, "expected": 10}),
    ]


def test_chunks_make_no_difference(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 7)
    rows = "".join(f"c{n % 5},,2026-01-02,store,visit,{n % 20},,,,\n" for n in range(50))
    told: list[tuple[int, int]] = []
    shop.write_text(HEAD + rows)
    done = import_file(shop, source="shop", progress=lambda *step: told.append(step))
    assert done == Imported(20, 30, 0)
    assert queries.counts() == queries.Counts(20, 5, 20)
    size = shop.stat().st_size
    assert (told[0], told[-1]) == ((0, size), (size, size))
    assert told == sorted(told)


@pytest.mark.parametrize("source", ["", "email", "kfar", "Shop", "a b", "a/b", "x" * 51])
def test_a_source_needs_a_name_of_its_own(shop: Path, source: str) -> None:
    shop.write_text(HEAD)
    with pytest.raises(Refused, match=r"touchpoints\.bad_source"):
        import_file(shop, source=source)


def test_a_file_that_is_not_there_is_said(shop: Path) -> None:
    with pytest.raises(Refused, match=r"touchpoints\.no_file"):
        import_file(shop, source="shop")
