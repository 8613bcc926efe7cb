"""What columns are called: in the exports of well-known shops, and in three languages.

Nothing here is certain. It makes the first proposal of a mapping, which a person looks at.
"""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Export:
    """A file that a known system writes.

    It is known by the columns `sure`. `columns` gives each of Kfar's columns the names that may
    stand for it, the best first; `row` those that name a row, where they are there. The other
    fields are those of a `Mapping`.
    """

    title: str
    sure: frozenset[str]
    columns: Table[str, tuple[str, ...]]
    constants: Table[str, str] = field(
        default_factory=lambda: {"channel": "web", "kind": "purchase"}
    )
    paid: str = "line"
    order: str = ""
    row: tuple[str, ...] = ()


EXPORTS = (
    Export(
        title="Shopify orders",
        sure=frozenset({"name", "created at", "lineitem name", "lineitem price"}),
        columns={
            "email": ("email",),
            "at": ("created at",),
            "basket": ("name",),
            "product": ("lineitem sku",),
            "product_name": ("lineitem name",),
            "units": ("lineitem quantity",),
            "paid": ("lineitem price",),
            "discount": ("lineitem discount",),
            "currency": ("currency",),
        },
        paid="each - discount",
        order="name",
        row=("name", "lineitem sku", "lineitem name"),
    ),
    Export(
        title="WooCommerce orders (Advanced Order Export)",
        sure=frozenset({"order number", "order date", "email (billing)", "item name"}),
        columns={
            "email": ("email (billing)",),
            "at": ("order date",),
            "basket": ("order number",),
            "product": ("sku",),
            "product_name": ("item name",),
            "category": ("category",),
            "units": ("quantity (- refund)", "quantity"),
            "paid": ("item cost",),
            "currency": ("order currency", "currency"),
        },
        paid="each",
        order="order number",
        row=("order number", "item #", "sku", "item name"),
    ),
    Export(
        title="WooCommerce orders (one row per item)",
        sure=frozenset({"order_number", "billing_email", "item_name", "item_total"}),
        columns={
            "email": ("billing_email",),
            "at": ("order_date", "date"),
            "basket": ("order_number",),
            "product": ("item_sku", "item_product_id"),
            "product_name": ("item_name",),
            "units": ("item_quantity",),
            "paid": ("item_total",),
            "currency": ("order_currency",),
        },
        order="order_number",
        row=("order_number", "item_id", "item_sku", "item_name"),
    ),
    Export(
        title="PrestaShop orders",
        sure=frozenset({"id_order", "date_add"}),
        columns={
            "customer": ("id_customer",),
            "email": ("email", "customer_email"),
            "at": ("date_add",),
            "basket": ("reference", "id_order"),
            "product": ("product_reference", "product_id"),
            "product_name": ("product_name",),
            "units": ("product_quantity",),
            "paid": ("total_price_tax_incl", "total_paid_tax_incl", "total_paid"),
            "currency": ("iso_code", "currency"),
        },
        row=("id_order", "id_order_detail", "product_id", "product_reference"),
    ),
    Export(
        title="Magento orders",
        sure=frozenset({"purchase date", "customer email", "grand total (purchased)"}),
        columns={
            "email": ("customer email",),
            "at": ("purchase date",),
            "basket": ("id",),
            "paid": ("grand total (purchased)",),
        },
        row=("id",),
    ),
    Export(
        title="Segment events",
        sure=frozenset({"messageid", "anonymousid", "timestamp"}),
        columns={
            "id": ("messageid",),
            "customer": ("userid",),
            "email": ("traits.email", "context.traits.email", "properties.email"),
            "at": ("timestamp",),
            "kind": ("type",),
            "name": ("event", "name"),
            "url": ("context.page.url",),
        },
        constants={"channel": "web", "kind": "track"},
    ),
    Export(
        title="Segment events (warehouse)",
        sure=frozenset({"anonymous_id", "user_id", "event", "received_at"}),
        columns={
            "id": ("id",),
            "customer": ("user_id",),
            "at": ("timestamp", "received_at"),
            "name": ("event_text", "event"),
            "url": ("context_page_url",),
        },
        constants={"channel": "web", "kind": "track"},
    ),
)

#: Names that stand for a column of Kfar's, in English, Polish and Hebrew; the surest first.
WORDS: dict[str, tuple[str, ...]] = {
    "email": (
        "email", "e mail", "email address", "customer email", "billing email", "buyer email",
        "adres e mail", "adres email", "e mail kupującego", "email kupującego", "e mail klienta",
        "אימייל", "דואל", "דוא ל", "מייל", "כתובת מייל", "כתובת אימייל", "דואר אלקטרוני",
    ),
    "customer": (
        "customer", "customer id", "customer number", "client id", "contact id", "user id",
        "member id", "profile id", "buyer login", "loyalty card", "klient", "id klienta",
        "numer klienta", "nr klienta", "kod klienta", "login kupującego", "kupujący",
        "לקוח", "מספר לקוח", "מזהה לקוח", "קוד לקוח",
    ),
    "at": (
        "at", "created at", "order date", "purchase date", "date created", "transaction date",
        "event time", "timestamp", "datetime", "date", "time", "data zamówienia", "data zakupu",
        "data transakcji", "data utworzenia", "data sprzedaży", "data i godzina", "data",
        "תאריך הזמנה", "תאריך רכישה", "תאריך עסקה", "תאריך", "מועד", "זמן",
    ),
    "basket": (
        "basket", "order id", "order number", "order no", "order", "transaction id", "basket id",
        "receipt number", "invoice number", "numer zamówienia", "nr zamówienia", "id zamówienia",
        "zamówienie", "numer paragonu", "numer faktury", "nr paragonu", "koszyk",
        "מספר הזמנה", "הזמנה", "מספר עסקה", "מספר חשבונית", "מספר קבלה",
    ),
    "product": (
        "product", "sku", "product code", "product id", "item code", "item id", "item sku", "ean",
        "barcode", "offer id", "kod produktu", "id produktu", "indeks", "symbol", "kod ean",
        "numer oferty", "sygnatura", "מקט", "מק ט", "קוד מוצר", "קוד פריט", "ברקוד",
    ),
    "product_name": (
        "product name", "item name", "item", "product title", "offer name", "nazwa produktu",
        "nazwa towaru", "nazwa oferty", "tytuł oferty", "produkt", "towar",
        "שם מוצר", "שם המוצר", "שם פריט", "מוצר", "פריט",
    ),
    "units": (
        "units", "quantity", "qty", "item quantity", "ilość", "liczba sztuk", "sztuk", "sztuki",
        "liczba", "כמות", "יחידות",
    ),
    "paid": (
        "paid", "line total", "total paid", "total price", "grand total", "order total", "total",
        "amount", "amount paid", "value", "revenue", "price", "unit price", "item price",
        "wartość", "kwota", "suma", "razem", "do zapłaty", "zapłacono", "cena", "cena jednostkowa",
        "סהכ", "סה כ", "סכום", "שולם", "לתשלום", "מחיר", "מחיר ליחידה",
    ),
    "discount": (
        "discount", "discount amount", "rabat", "zniżka", "kwota rabatu", "הנחה", "סכום הנחה",
    ),
    "currency": ("currency", "currency code", "order currency", "waluta", "מטבע"),
    "category": ("category", "product category", "kategoria", "קטגוריה"),
    "department": ("department", "dział", "מחלקה"),
    "place": (
        "place", "store", "store id", "store name", "shop", "location", "branch", "sklep",
        "placówka", "oddział", "punkt sprzedaży", "חנות", "סניף",
    ),
    "channel": ("channel", "sales channel", "kanał", "kanał sprzedaży", "ערוץ"),
    "kind": (
        "kind", "type", "event type", "activity type", "typ", "rodzaj", "typ zdarzenia",
        "סוג", "סוג פעולה", "סוג אירוע",
    ),
    "name": (
        "event", "event name", "metric", "page title", "subject", "zdarzenie", "nazwa zdarzenia",
        "temat", "אירוע", "שם אירוע", "נושא",
    ),
    "url": ("url", "page url", "link", "adres strony", "כתובת אתר", "קישור"),
    "measure": ("measure", "weight", "volume", "waga", "משקל"),
    "measure_unit": (
        "measure unit", "unit of measure", "jednostka", "jednostka miary", "יחידת מידה",
    ),
    "id": ("id", "event id", "message id", "line id", "row id", "identyfikator", "מזהה"),
}  # fmt: skip

#: Amounts that are those of one unit, where units are counted.
EACH = {
    "price", "unit price", "item price", "cena", "cena jednostkowa", "מחיר", "מחיר ליחידה",
}  # fmt: skip

#: How people write times, beside ISO; where days and months could be either, days come first.
TIMES = (
    "%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%dT%H:%M:%S%z",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M", "%d.%m.%Y",
    "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y",
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y",
    "%b %d, %Y %I:%M:%S %p", "%b %d, %Y %I:%M %p", "%b %d, %Y, %I:%M %p", "%b %d, %Y",
    "%d %b %Y %H:%M", "%d %b %Y", "%a, %d %b %Y %H:%M:%S %z",
)  # fmt: skip
