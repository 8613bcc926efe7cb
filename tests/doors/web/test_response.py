"""How categories answer, on pages: what is found, what was tried beside it, what is not told."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse

from kfar.rooms.insight import promotions
from kfar.rooms.insight.models import Promoted, Study
from kfar.rooms.insight.response.respond import Effect, Response
from kfar.rooms.village import commands as village
from tests.doors.web.doors import enter, text
from tests.people import an_employee
from tests.rooms.insight.response.shop import learned, open_shop

pytestmark = pytest.mark.django_db

LRI, PDI = "\u2066", "\u2069"


def plain(page: str) -> str:
    return " ".join(page.replace(LRI, "").replace(PDI, "").split())


def get(address: str) -> str:
    return plain(text(enter("Tomasz").get(address)))


@pytest.fixture(autouse=True)
def _tomasz(data_dir: Path) -> None:
    an_employee("Tomasz", "brand")


def said(effect: object) -> str:
    """What an effect is on the page: "+50% (+43% to +57%)"."""
    assert isinstance(effect, Effect)

    def change(lift: float) -> str:
        share = round(100 * (lift - 1))
        return f"{'+' if share > 0 else '−' if share < 0 else ''}{abs(share)}%"

    return f"{change(effect.value)} ({change(effect.low)} to {change(effect.high)})"


def test_before_anything_is_known_it_says_what_to_do(data_dir: Path) -> None:
    assert "kfar promotions FILE --source NAME" in get(reverse("web:responses"))
    assert enter("Tomasz").get(reverse("web:response-of", args=["TEA"])).status_code == 404


def test_what_is_found_stands_beside_what_one_would_think(data_dir: Path) -> None:
    open_shop(data_dir)
    assert "is learned once a day" in get(reverse("web:responses"))
    study = learned()
    assert study is not None
    stores = study.categories[0].stores
    assert isinstance(stores, Response)
    page = get(reverse("web:responses"))
    link = reverse("web:response-of", args=["TEA/HERBS"])
    assert f'href="{link}"' in page
    assert "Purchases of fewer than 5 customers, who agreed to be understood." in page
    assert f">+{round(100 * (stores.naive - 1))}%<" in page
    assert "What is not told, and why" not in page

    page = get(link)
    assert f"{said(stores.display)}, compared with stores that do not show the product" in page
    assert "by chance, one in twenty does. Passed." in page
    assert f"{said(stores.beside['display'].before)}. Passed." in page
    assert "as much is sold a week as where it is not" in page
    assert "<bdi>7</bdi>" in page  # a code of the company's own
    assert 'role="img" aria-labelledby="curve-title"' in page
    assert ">75%<" in page


def test_the_codes_of_the_demo_have_words(data_dir: Path) -> None:
    file = open_shop(data_dir)
    Promoted.objects.all().delete()
    promotions.take(file=file, source="completejourney")
    learned()
    page = get(reverse("web:response-of", args=["TEA/HERBS"]))
    assert "<bdi>In the aisle</bdi>" in page
    assert "<bdi>Inside page</bdi>" in page


def test_what_cannot_be_told_says_why(data_dir: Path) -> None:
    open_shop(data_dir, everywhere=True)
    learned()
    why = "It was the same everywhere at once, or hardly ever changed."
    page = get(reverse("web:responses"))
    assert "What is not told, and why" in page
    assert why in page
    assert why in get(reverse("web:response-of", args=["TEA/HERBS"]))


def test_only_who_may_read_it_does(data_dir: Path) -> None:
    village.change_role(code="brand", may_not=["insight.read"])
    assert enter("Tomasz").get(reverse("web:responses")).status_code == 403
    assert not Study.objects.exists()
