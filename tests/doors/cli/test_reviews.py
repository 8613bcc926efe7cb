"""`kfar reviews`: schema.org and app stores' CSV, each review once, each bad line named."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kfar.doors.cli.commands import app
from kfar.doors.web import reviewing
from kfar.rooms.customers import queries as people
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.reviews import queries
from kfar.rooms.voice.reviews.models import Review, Shelf
from tests.people import a_customer, email
from tests.rooms.voice.reviews.reviewing import product, review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

#: As an app store names its columns.
HEAD = "Package Name,Reviewer Language,Review Submit Date and Time,Star Rating,Review Text\n"
ROWS = HEAD + (
    'org.kfar,pl,2026-01-02T10:00:00Z,4,"Działa,\ndobrze"\n'
    "org.kfar,he-IL,2026-01-03T10:00:00Z,1,לא נפתח\n"
    "org.kfar,en,2026-01-04T10:00:00Z,9,Nine stars\n"
    "org.kfar,en,yesterday,5,No day\n"
    ",en,2026-01-04T10:00:00Z,5,Of nothing\n"
)


def take(path: Path, *words: str, source: str = "play") -> Result:
    return CliRunner().invoke(app, ["reviews", str(path), "--source", source, *words])


def write(path: Path, text: str | dict[str, Any] | list[Any], encoding: str = "utf-8") -> Path:
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding=encoding)
    return path


def rejected(path: Path) -> list[tuple[str, str]]:
    with path.with_name(path.name + ".rejected.csv").open() as file:
        return [(row["line"], row["code"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_good_ones_are_taken_and_the_bad_ones_named(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "play.csv", ROWS, encoding)
    assert take(path, "--yes").exit_code == 1
    assert rejected(path) == [
        ("5", "reviews.no_stars"),
        ("6", "reviews.bad_time"),
        ("7", "reviews.no_product"),
    ]
    told = queries.reviews("org.kfar", sort=queries.Sort.NEWEST).reviews
    assert [(one.stars, one.text, one.language, one.source) for one in told] == [
        (1, "לא נפתח", "he", "play"),
        (4, "Działa,\ndobrze", "pl", "play"),
    ]
    assert Shelf.objects.count() == 1
    again = take(path)  # the columns are remembered
    assert "Columns as agreed before" in again.output
    assert Review.objects.count() == 2


def test_without_a_yes_nothing_is_taken(tmp_path: Path) -> None:
    path = write(tmp_path / "play.csv", ROWS)
    assert take(path).exit_code == 2
    mapping = tmp_path / "play.csv.mapping.toml"
    assert Review.objects.count() == 0
    mapping.write_text(mapping.read_text().replace("[constants]", '[constants]\ncategory = "APPS"'))
    assert take(path, "--mapping", str(mapping)).exit_code == 1
    assert queries.categories() == [("APPS", 1)]


def test_columns_nobody_knows_are_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", "a;b\n1;2\n")
    assert take(path, "--yes").exit_code == 2
    assert (tmp_path / "x.csv.mapping.toml").exists()


@pytest.mark.parametrize(
    "wrong", ['times = "%d"\n[columns]\nx = "y"\n', "columns = 3", "[columns", '[columns]\nat = ""']
)
def test_a_mapping_that_is_none_is_refused(tmp_path: Path, wrong: str) -> None:
    path, mapping = write(tmp_path / "p.csv", ROWS), write(tmp_path / "m.toml", wrong)
    assert take(path, "--mapping", str(mapping)).exit_code == 2
    assert Review.objects.count() == 0


def test_a_customer_who_is_named_is_one(tmp_path: Path) -> None:
    anna = a_customer()
    review(anna, 2)
    rows = [
        f"718,3,2026-01-02,{email('Anna')},Again",
        f"719,5,2026-01-02,{email('Anna')},",
        "719,1,2026-01-02,new@village.example,Bad",
        "719,2,2026-01-03,new@village.example,Bad again",
    ]
    path = write(tmp_path / "shop.csv", "\n".join(["sku,rating,date,email,body", *rows]) + "\n")
    assert take(path, "--yes", source="shop").exit_code == 1
    assert rejected(path) == [("2", "reviews.another"), ("5", "reviews.another")]
    assert [one.told.code for one in queries.mine(anna)] == ["718", "719"]
    new = people.by_handle("email", "new@village.example")
    assert new is not None
    assert voices.of_customer(new) == []  # what was said elsewhere opens no case


def test_schema_org_comes_in_however_it_stands(tmp_path: Path) -> None:
    def said(stars: object, body: str, **more: object) -> dict[str, object]:
        rating = {"@type": "Rating", "ratingValue": stars} | more.pop("rating", {})  # type: ignore[operator]
        return {
            "@type": "Review", "reviewRating": rating, "reviewBody": body,
            "datePublished": "2026-01-02", **more,
        }  # fmt: skip

    bread = {"@type": "Product", "sku": "718", "name": "RYE BREAD", "category": "BREAD"}
    graph = [
        bread | {"review": [said(5, "In <b>it</b>"), said("4,0", "In it too")]},
        said(9, "Of ten", rating={"bestRating": 10}, itemReviewed=bread),
        said(7, "Of five", itemReviewed=bread),
        said(3, "Of nothing"),
        said(2, "half \ud800 a sign\x00", itemReviewed={"name": "Just a name"}),
    ]
    path = write(tmp_path / "site.json", {"@context": "https://schema.org", "@graph": graph})
    assert take(path, source="site").exit_code == 1
    assert rejected(path) == [("4", "reviews.no_stars"), ("5", "reviews.no_product")]
    told = queries.reviews("718").reviews
    assert {(one.stars, one.text) for one in told} == {
        (5, "In it"), (4, "In it too"), (5, "Of ten"),
    }  # fmt: skip
    assert queries.reviews("Just a name").reviews[0].text == "half ? a sign"
    assert take(path, source="site").exit_code == 1
    assert Review.objects.count() == 4


def test_what_goes_out_comes_in(tmp_path: Path) -> None:
    review(a_customer(), 2, "Dry & <old>")
    out = json.loads(reviewing.json_ld(product(), queries.reviews("718").reviews))
    Review.objects.all().delete()
    assert take(write(tmp_path / "out.json", out), source="site").exit_code == 0
    [one] = queries.reviews("718").reviews
    assert (one.stars, one.language) == (2, "en")


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"@type": "Review"', "", "\n"])
def test_what_is_no_file_of_reviews_is_refused(tmp_path: Path, text: str) -> None:
    assert take(write(tmp_path / "x", text)).exit_code == 2


def test_what_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n\xff\xfe\x00")
    assert take(path).exit_code == 2
