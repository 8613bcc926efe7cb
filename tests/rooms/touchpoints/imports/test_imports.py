"""Import of files: good rows once, bad rows named."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.lake import table
from kfar.lake.engines import engine
from kfar.rooms.customers.commands import Newcomer, meet_many
from kfar.rooms.customers.queries import by_handle, person
from kfar.rooms.touchpoints import imports, queries
from kfar.rooms.touchpoints.imports import Imported, chunks, import_file
from kfar.rooms.touchpoints.imports.mapping import Mapping
from kfar.rooms.touchpoints.imports.proposals import propose

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
    [visit] = queries.journey([anna]).episodes
    assert (visit.at, visit.place, visit.source) == (
        datetime(2026, 1, 2, 10, tzinfo=UTC),
        "7",
        "shop",
    )
    assert [line.product_name for line in visit.lines] == ["BREAD", "MILK"]
    assert (visit.paid, visit.discount) == (Money(550, "USD"), Money(50, "USD"))
    [hello] = queries.journey([borys]).episodes
    assert (hello.kind, hello.lines) == ("browsing", ())


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


def test_long_rows_make_small_chunks(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MOST_LETTERS", 100)
    told: list[tuple[int, int]] = []
    shop.write_text(HEAD + "".join(f"c{n},,2026-01-02,store,visit,,,,,\n" for n in range(10)))
    done = import_file(shop, source="shop", progress=lambda *step: told.append(step))
    assert done == Imported(10, 0, 0)
    assert [done for done, _ in told] == [0, 199, 327, 391, 391]


def test_an_import_goes_on_where_another_had_come(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 2)
    rows = [f"c{n},,2026-01-0{n},store,visit,,,,,\n" for n in range(1, 10)]
    rows[1] = "c2,,tomorrow,store,visit,,,,,\n"
    resumed: list[int] = []
    take(shop, HEAD + "".join(rows[:5]))
    assert resumed == []
    shop.write_text(HEAD + "".join(rows))
    assert import_file(shop, source="shop", resumed=resumed.append) == Imported(4, 4, 1)
    assert resumed == [4]
    told: list[int] = []
    assert import_file(
        shop,
        source="shop",
        resumed=resumed.append,
        progress=lambda done, total: told.append(done),
    ) == Imported(0, 8, 1)
    assert resumed == [4]
    assert len(set(told)) == 6  # the start, and five chunks


def test_parquet_says_the_same_with_types_of_its_own(shop: Path) -> None:
    file = shop.with_name("shop.parquet")
    with engine().session() as session:
        session.write(
            """SELECT * FROM (VALUES
            (7, NULL, TIMESTAMPTZ '2026-01-02 12:00+02', 'store', 'purchase', 1.50::DECIMAL(9, 3),
                2::DOUBLE, 0.1::DOUBLE + 0.2::DOUBLE, 'b1', DATE '2026-01-01'),
            (8, 'b@c.pl', TIMESTAMP '2026-01-02 10:00:00.5', 'web', 'visit', NULL, 'nan'::DOUBLE,
                NULL, NULL, NULL),
            (9, NULL, NULL, 'web', 'visit', 100, 1.5, NULL, '', NULL))
            AS t(customer, email, "At", channel, kind, paid, units, discount, basket, place)""",
            file,
        )
    rejects: list[imports.Reject] = []
    done = import_file(file, source="shop", reject=rejects.append)
    assert done == Imported(2, 0, 1)
    assert [(r.line, r.refused.code) for r in rejects] == [(3, "touchpoints.empty")]
    seven = by_handle("shop", "7")
    assert seven is not None
    [visit] = queries.journey([seven]).episodes
    [line] = visit.lines
    assert (visit.at, visit.place) == (datetime(2026, 1, 2, 10, tzinfo=UTC), "2026-01-01")
    assert (line.units, visit.paid, visit.discount) == (2, Money(150, "USD"), Money(30, "USD"))

    text = "customer,email,at,channel,kind,paid,units,discount,basket,place\n"
    text += "7,,2026-01-02T10:00:00Z,store,purchase,1.5,2,0.3,b1,2026-01-01\n"
    text += "8,b@c.pl,2026-01-02T10:00:00.5Z,web,visit,,,,,\n"
    assert take(shop, text) == Imported(0, 2, 0)


def test_chunks_of_parquet_make_no_difference(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 7)
    file = shop.with_name("shop.parquet")
    with engine().session() as session:
        session.write(
            """SELECT 'c' || n % 5 AS customer, TIMESTAMP '2026-01-01' + to_hours(n) AS "at",
            'web' AS channel, CASE n WHEN 20 THEN '' ELSE 'visit' END AS kind
            FROM (SELECT unnest(range(50))::INTEGER AS n) ORDER BY n""",
            file,
        )
    rejects: list[imports.Reject] = []
    told: list[tuple[int, int]] = []
    done = import_file(
        file, source="shop", reject=rejects.append, progress=lambda *step: told.append(step)
    )
    assert done == Imported(49, 0, 1)
    assert [reject.line for reject in rejects] == [21]
    size = file.stat().st_size
    assert (told[0], told[-1], told) == ((0, size), (size, size), sorted(told))


def test_broken_parquet_is_said(shop: Path) -> None:
    file = shop.with_name("shop.parquet")
    with engine().session() as session:
        session.write("SELECT 1 AS customer", file)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(Refused, match=r"touchpoints\.bad_parquet"):
        import_file(file, source="shop")


SHOPIFY = Path(__file__).parents[3] / "samples" / "shopify-orders.csv"


def test_an_export_of_orders_is_taken_line_by_line(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = imports.look(SHOPIFY)
    mapping = propose(seen.names, seen.rows).mapping
    rejects: list[imports.Reject] = []
    done = import_file(SHOPIFY, source="shop", mapping=mapping, reject=rejects.append)
    assert done == Imported(5, 0, 1)
    assert [(r.line, r.refused.code) for r in rejects] == [(6, "touchpoints.no_customer")]
    anna = by_handle("email", "anna@shop.example")
    assert anna is not None
    [visit] = queries.journey([anna]).episodes
    assert (visit.at, visit.channel) == (datetime(2026, 3, 11, 9, 22, 31, tzinfo=UTC), "web")
    assert [(line.product_name, line.units, line.paid) for line in visit.lines] == [
        ("Kubek gliniany - niebieski", 2, Money(7580, "PLN")),
        ('Talerz "Łąka", 21 cm', 1, Money(3000, "PLN")),
        ('Talerz "Łąka", 21 cm', 1, Money(3000, "PLN")),
    ]
    for rows in (1, 2, 3):  # however the chunks cut its orders
        monkeypatch.setattr(chunks, "CHUNK", rows)
        assert import_file(SHOPIFY, source="shop", mapping=mapping) == Imported(0, 5, 1)


def test_a_row_mended_in_an_order_is_taken_beside_the_others(shop: Path) -> None:
    text = SHOPIFY.read_text()
    seen = imports.look(SHOPIFY)
    mapping = propose(seen.names, seen.rows).mapping
    shop.write_text(
        text.replace('"Talerz ""Łąka"", 21 cm",30.00', '"Talerz ""Łąka"", 21 cm,30.00', 1)
    )
    assert import_file(shop, source="shop", mapping=mapping) == Imported(4, 0, 2)
    assert import_file(SHOPIFY, source="shop", mapping=mapping) == Imported(1, 4, 1)


def test_columns_nobody_spoke_of_end_an_import_before_it_begins(shop: Path) -> None:
    mapping = Mapping(columns={"customer": "who", "at": "when"}, constants=VISIT)
    shop.write_text("who,when,more\nc1,2026-01-01,x\n")
    with pytest.raises(Refused, match=r"touchpoints\.unmapped_columns"):
        import_file(shop, source="shop", mapping=mapping)
    with pytest.raises(Refused, match=r"touchpoints\.unknown_columns"):
        import_file(shop, source="shop")
    assert queries.counts().touchpoints == 0


VISIT = {"channel": "web", "kind": "visit"}


def test_a_mapping_has_a_zone_of_its_own(shop: Path) -> None:
    mapping = Mapping(
        columns={"customer": "who", "at": "when", "name": "page", "url": "address"},
        constants=VISIT,
        times="%d.%m.%Y %H:%M",
        zone="Asia/Jerusalem",
    )
    shop.write_text("WHO;When;page;address\nc1;1.7.2026 10:00;Mugs;https://a.pl/m?mail=a@b.pl\n")
    assert import_file(shop, source="shop", mapping=mapping) == Imported(1, 0, 0)
    with table.reading() as session:
        assert session.rows('SELECT "at", name, url FROM touches') == [
            (datetime(2026, 7, 1, 7, tzinfo=UTC), "Mugs", "https://a.pl/m")
        ]


def test_what_is_measured_is_taken_so(shop: Path) -> None:
    head = "customer,at,channel,kind,measure,measure_unit\n"
    take(shop, head + 'c1,2026-01-01,store,purchase,"10,603",gal\n')
    with table.reading() as session:
        assert session.rows("SELECT measure, measure_unit FROM touches") == [(10.603, "gal")]


@pytest.mark.parametrize("source", ["", "email", "kfar", "Shop", "a b", "a/b", "x" * 51])
def test_a_source_needs_a_name_of_its_own(shop: Path, source: str) -> None:
    shop.write_text(HEAD)
    with pytest.raises(Refused, match=r"touchpoints\.bad_source"):
        import_file(shop, source=source)


def test_a_file_that_is_not_there_is_said(shop: Path) -> None:
    with pytest.raises(Refused, match=r"touchpoints\.no_file"):
        import_file(shop, source="shop")
