"""What Kfar first makes of other people's columns."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kfar.rooms.touchpoints.imports.mapping import Mapping
from kfar.rooms.touchpoints.imports.proposals import Proposal, propose

SAMPLES = Path(__file__).parents[3] / "samples"
SHOP = {"channel": "web", "kind": "purchase"}


def of_text(head: str, *rows: str) -> Proposal:
    return propose(head.split(";"), [row.split(";") for row in rows])


def of_file(name: str) -> Proposal:
    with (SAMPLES / name).open(newline="", encoding="utf-8-sig") as file:
        head, *rows = csv.reader(file)
    return propose(head, rows)


def test_orders_of_shopify() -> None:
    proposal = of_file("shopify-orders.csv")
    mapping = proposal.mapping
    assert proposal == Proposal(
        Mapping(
            columns={
                "email": "Email",
                "at": "Created at",
                "basket": "Name",
                "product": "Lineitem sku",
                "product_name": "Lineitem name",
                "units": "Lineitem quantity",
                "paid": "Lineitem price",
                "discount": "Lineitem discount",
                "currency": "Currency",
            },
            constants=SHOP,
            amounts=".",
            paid="each - discount",
            times="%Y-%m-%d %H:%M:%S %z",
            order="Name",
            row=("Name", "Lineitem sku", "Lineitem name"),
            left_out=mapping.left_out,
        ),
        title="Shopify orders",
    )
    assert len(mapping.left_out) == 79 - 9
    assert {"Phone", "Billing Name", "Total"} <= set(mapping.left_out)


def test_orders_of_woocommerce() -> None:
    proposal = of_file("woocommerce-orders.csv")
    mapping = proposal.mapping
    assert proposal.title == "WooCommerce orders (Advanced Order Export)"
    assert mapping.columns == {
        "email": "Email (Billing)",
        "at": "Order Date",
        "basket": "Order Number",
        "product": "SKU",
        "product_name": "Item Name",
        "units": "Quantity (- Refund)",
        "paid": "Item Cost",
    }
    assert (mapping.paid, mapping.times, mapping.constants) == ("each", "", SHOP)
    assert mapping.row == ("Order Number", "Item #", "SKU", "Item Name")
    assert mapping.lacking() == []


@pytest.mark.parametrize(
    ("head", "row", "title", "columns"),
    [
        (
            "id_order;id_customer;date_add;email;product_reference;product_quantity;total_paid",
            "5;7;2026-03-11 10:22:33;a@b.pl;REF;2;79.800000",
            "PrestaShop orders",
            {
                "customer": "id_customer",
                "email": "email",
                "at": "date_add",
                "basket": "id_order",
                "product": "product_reference",
                "units": "product_quantity",
                "paid": "total_paid",
            },
        ),
        (
            "ID;Purchase Point;Purchase Date;Grand Total (Purchased);Status;Customer Email",
            "000000017;Main;Mar 11, 2026 10:22:33 AM;$1,079.80;complete;a@b.pl",
            "Magento orders",
            {
                "email": "Customer Email",
                "at": "Purchase Date",
                "basket": "ID",
                "paid": "Grand Total (Purchased)",
            },
        ),
        (
            "messageId;anonymousId;userId;type;event;timestamp;context.page.url",
            "m-1;x;7;track;Product Viewed;2026-03-11T10:22:33.123Z;https://a.pl/p?x=1",
            "Segment events",
            {
                "id": "messageId",
                "customer": "userId",
                "at": "timestamp",
                "kind": "type",
                "name": "event",
                "url": "context.page.url",
            },
        ),
    ],
)
def test_exports_that_are_known(head: str, row: str, title: str, columns: dict[str, str]) -> None:
    proposal = of_text(head, row)
    assert (proposal.title, proposal.mapping.columns) == (title, columns)
    assert proposal.mapping.lacking() == []


def test_columns_in_polish() -> None:
    proposal = of_text(
        "Numer zamówienia;Data zakupu;Login kupującego;E-mail kupującego;Nazwa oferty;"
        "Liczba sztuk;Cena;Waluta;Telefon",
        "A1;11.03.2026 10:22;anna_n;a@b.pl;Kubek;2;1 039,90 zł;PLN;600100200",
        "A1;11.03.2026 10:22;anna_n;a@b.pl;Talerz;1;30,00 zł;PLN;600100200",
    )
    assert proposal.mapping == Mapping(
        columns={
            "email": "E-mail kupującego",
            "customer": "Login kupującego",
            "at": "Data zakupu",
            "basket": "Numer zamówienia",
            "product_name": "Nazwa oferty",
            "units": "Liczba sztuk",
            "paid": "Cena",
            "currency": "Waluta",
        },
        constants=SHOP,
        amounts=",",
        paid="each",
        times="%d.%m.%Y %H:%M",
        order="Numer zamówienia",
        row=("Numer zamówienia", "Nazwa oferty"),
        left_out=("Telefon",),
    )


def test_columns_in_hebrew() -> None:
    proposal = of_text(
        'מספר לקוח;דוא"ל;תאריך הזמנה;מק"ט;שם המוצר;כמות;סה"כ;הנחה;סניף',
        "7;a@b.co.il;3/4/2026;M1;ספל;2;₪1,099.80;0;חיפה",
        "8;c@d.co.il;5/4/2026;M2;קנקן;1;₪5.00;0;חיפה",
    )
    assert proposal.mapping.columns == {
        "customer": "מספר לקוח",
        "email": 'דוא"ל',
        "at": "תאריך הזמנה",
        "product": 'מק"ט',
        "product_name": "שם המוצר",
        "units": "כמות",
        "paid": 'סה"כ',
        "discount": "הנחה",
        "place": "סניף",
    }
    assert (proposal.mapping.paid, proposal.mapping.amounts) == ("line", ".")
    assert (proposal.mapping.times, proposal.either_way) == ("%d/%m/%Y", True)


def test_values_tell_what_no_name_does() -> None:
    proposal = of_text("x;y;z;n;ean", "7;A@b.pl;31/01/2026;usd;5901234123457")
    assert proposal.mapping.columns == {
        "product": "ean",
        "email": "y",
        "at": "z",
        "currency": "n",
    }
    assert not proposal.either_way
    assert proposal.mapping.left_out == ("x",)


def test_values_that_do_not_fit_a_name_are_not_taken() -> None:
    proposal = of_text("email;date;price;id", "yes;soon;cheap;1", "no;late;dear;1")
    assert proposal.mapping.columns == {}
    assert proposal.mapping.lacking() == ["at", "customer"]
    assert proposal.mapping.left_out == ("email", "date", "price", "id")


def test_a_persons_name_is_not_the_name_of_a_touch() -> None:
    assert "name" not in of_text("name;email;date", "Anna;a@b.pl;2026-01-01").mapping.columns


def test_a_file_without_rows_goes_by_its_names() -> None:
    assert of_text("Customer Email;Order Date;Total").mapping.columns == {
        "email": "Customer Email",
        "at": "Order Date",
        "paid": "Total",
    }
