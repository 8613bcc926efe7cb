"""Reviews at the door: read by everybody, written once, data that no words break out of."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from kfar.rooms.voice.reviews import commands, queries
from kfar.rooms.voice.reviews.commands import Ware
from tests.doors.web.doors import enter, text
from tests.lake.touches import a_touch, settle
from tests.people import a_customer, an_employee
from tests.rooms.voice.reviews.reviewing import BREAD, MILK, product, review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def url(name: str, *args: object) -> str:
    return reverse(f"web:{name}", args=args)


def data(response: Any) -> Any:
    """What the page tells programs."""
    [found] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text(response))
    return json.loads(found)


class TestReading:
    def test_everybody_reads_what_is_said_good_or_bad(self) -> None:
        review(a_customer(), 1, "Stale <b>bread</b>", named=True)
        review(a_customer("Borys"), 5)
        page = text(Client().get(url("reviews", BREAD.code)))
        assert "Stale &lt;b&gt;bread&lt;/b&gt;" in page
        assert (
            page.count('<span class="stars" role="img" aria-label="1 star of 5">★☆☆☆☆</span>') == 1
        )
        assert ("<bdi>Anna</bdi>" in page, "Borys" in page) == (True, False)
        shown = f"{product().mean:.2f}".rstrip("0").rstrip(".")
        assert f'<dd id="prominence"><bdi>{shown}</bdi>' in page

    def test_programs_read_it_as_schema_org_says(self) -> None:
        review(a_customer(), 2, "Dry")
        review(a_customer("Borys"), 5)
        found = data(Client().get(url("reviews", BREAD.code)))
        assert (found["@type"], found["name"], found["sku"]) == ("Product", "RYE BREAD", "718")
        assert found["aggregateRating"] == {
            "@type": "AggregateRating",
            "ratingValue": 3.5,
            "reviewCount": 2,
            "bestRating": 5,
            "worstRating": 1,
        }
        first = found["review"][0]
        assert (first["reviewBody"], first["inLanguage"]) == ("Dry", "en")
        assert first["reviewRating"]["ratingValue"] == 2
        assert first["author"] == {"@type": "Person", "name": "A customer"}

    @pytest.mark.parametrize(
        "words", ["</script><script>alert(1)</script>", "<!-- <script>", "a\u2028b & <c>", '"}\\']
    )
    def test_no_words_break_out_of_the_data(self, words: str) -> None:
        review(a_customer(), 2, words)
        response = Client().get(url("reviews", BREAD.code))
        assert data(response)["review"][0]["reviewBody"] == words
        head = text(response).split("</head>")[0]
        assert (head.count("<script>"), head.count("<!--"), "\u2028" in head) == (0, 0, False)
        assert "script-src 'self'" in response["Content-Security-Policy"]

    def test_a_product_nobody_knows_is_not_there(self) -> None:
        for name in ("reviews", "review-write"):
            a_customer()
            assert enter("Anna").get(url(name, "no-such")).status_code == 404

    def test_pages_and_languages_that_are_none_harm_nothing(self) -> None:
        review(a_customer(), 4, "Tak", language="pl")
        for query, shown in (
            ("?page=999999", True), ("?page=²", True), ("?in=pl", True), ("?in=he", False),
            ("?in='&sort=x", True), ("?sort=newest", True),
        ):  # fmt: skip
            response = Client().get(url("reviews", BREAD.code) + query)
            assert (response.status_code, ">Tak</p>" in text(response)) == (200, shown), query

    def test_products_of_a_category_stand_by_prominence(self) -> None:
        anna = a_customer()
        review(anna, 2)
        review(anna, 5, ware=Ware("719/a b", "WHITE BREAD", "BREAD"))
        review(anna, 4, ware=MILK)
        page = text(Client().get(url("prominence"), {"category": "BREAD"}))
        assert re.findall(r"<bdi>([A-Z 0-9]+)</bdi></a>", page) == ["WHITE BREAD", "RYE BREAD"]
        [linked] = re.findall(r'href="(/products/719[^"]*)"', page)
        assert Client().get(linked).status_code == 200
        for query in ({}, {"category": "none"}, {"page": "7"}):
            assert Client().get(url("prominence"), query).status_code == 200
        assert "730" in text(Client().get(url("prominence-how")))


class TestWriting:
    def test_from_the_journey_once_however_often_it_is_sent(self) -> None:
        anna = a_customer()
        a_customer("Borys")
        bread = a_touch(
            customer=anna, basket="b", product="718", product_name="RYE BREAD", category="BREAD",
            paid=420,
        )  # fmt: skip
        settle([bread])
        mine, address = enter("Anna"), url("review-bought", bread.id)
        assert address in text(mine.get(url("journey")))
        assert enter("Borys").get(address).status_code == 404
        said = {"stars": "4", "text": " Good\r\nrye ", "named": "on", "once": uuid4()}
        found = [mine.post(address, said) for _ in range(2)]
        assert [r["Location"] for r in found] == [url("reviews", "718")] * 2
        [one] = queries.mine(anna)
        assert (one.told.stars, one.told.text, one.named) == (4, "Good\nrye", True)
        assert ">Good\nrye</textarea>" in text(mine.get(address))

    def test_who_is_not_signed_in_is_asked_to(self) -> None:
        review(a_customer(), 4)
        response = Client().post(url("review-write", BREAD.code), {"stars": 1})
        assert response["Location"].startswith("/account/sign-in/?next=")

    @pytest.mark.parametrize("stars", ["", "0", "6", "x", "4.5"])
    def test_stars_that_are_none_are_asked_for_again(self, stars: str) -> None:
        review(a_customer(), 4)
        a_customer("Borys")
        said = {"stars": stars, "text": "My <words>", "once": uuid4()}
        response = enter("Borys").post(url("review-write", BREAD.code), said)
        assert response.status_code == 422
        assert "Choose one to five stars." in text(response)
        assert "My &lt;words&gt;</textarea>" in text(response)

    def test_one_sees_and_takes_back_ones_own_alone(self) -> None:
        own = review(a_customer(), 2, "Dry")
        review(a_customer("Borys"), 5)
        anna, borys = enter("Anna"), enter("Borys")
        assert borys.post(url("review-back", own)).status_code == 404
        assert "Dry" in text(anna.get(url("my-reviews")))
        assert "Dry" not in text(borys.get(url("my-reviews")))
        assert anna.post(url("review-back", own)).status_code == 302
        assert "Taken back" in text(anna.get(url("my-reviews")))
        assert product().stars == (0, 0, 0, 0, 1)


class TestAnswering:
    def answer(self, client: Client, review_id: UUID, said: str = "Sorry") -> Any:
        return client.post(url("review-answer", review_id), {"text": said, "once": uuid4()})

    def test_an_employee_answers_where_everybody_reads_it(self) -> None:
        own = review(a_customer(), 1, "Stale")
        an_employee()
        noa = enter("Noa")
        assert "Answer in public" in text(noa.get(url("reviews", BREAD.code)))
        assert self.answer(noa, own, " ").status_code == 422
        assert self.answer(noa, own)["Location"] == url("reviews", BREAD.code)
        page = text(Client().get(url("reviews", BREAD.code)))
        assert ("Sorry" in page, "Answer in public" in page) == (True, False)

    def test_customers_do_not(self) -> None:
        own = review(a_customer(), 1)
        assert self.answer(enter("Anna"), own).status_code == 403
        an_employee()
        commands.take_back(by=queries_customer(own), review_id=own)
        assert self.answer(enter("Noa"), own).status_code == 404


def queries_customer(review_id: UUID) -> UUID:
    """Who wrote it."""
    found = queries.to_look_up(review_id)
    assert found is not None
    return found[0]
