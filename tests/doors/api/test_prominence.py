"""A shop asks what stands first, and keeps the answer while it is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import schemathesis
import yaml
from django.test import Client
from hypothesis import HealthCheck, given, settings
from pytest_django.live_server_helper import LiveServer

import kfar
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.touchpoints import keys
from kfar.rooms.voice.reviews.commands import Ware
from tests.doors.api.test_changes import CHECKS
from tests.people import a_customer
from tests.rooms.customers.ties.knowing import agree, be_named, tie
from tests.rooms.voice.reviews.reviewing import BREAD, MILK, product, review

FILE = Path(kfar.__file__).parents[2] / "docs" / "reference" / "api.openapi.yaml"
DESCRIBED: dict[str, Any] = yaml.safe_load(FILE.read_text())
PATH = "/api/v1/prominence"


def ask(key: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
    return Client().get(PATH, query or {}, headers={"Authorization": f"Bearer {key}"} | headers)


@pytest.fixture
def key(db: None, data_dir: object) -> str:
    return keys.make(source="shop-front", scope="api")


class TestForACustomer:
    """A shop asks for a customer, as it calls them under the name of its key."""

    @pytest.fixture
    def anna(self, key: str) -> UUID:
        """Somebody the shop knows as 718, who knows one who reviewed bread."""
        [anna] = customers.meet_many(
            source="shop-front", newcomers=[Newcomer(key="718", name="Anna")]
        ).values()
        customers.meet_many(source="elsewhere", newcomers=[Newcomer(key="719", name="Anna")])
        borys = a_customer("Borys")
        review(a_customer("Celina"), 5)
        review(a_customer("Celina"), 4, ware=MILK)
        tie(anna, borys)
        be_named(borys)
        review(borys, 1)
        return anna

    def test_who_agreed_that_what_is_shown_follows_from_them_has_figures_of_their_own(
        self, key: str, anna: UUID
    ) -> None:
        public = ask(key).json()
        before = ask(key, {"customer": "718"}).json()
        assert (before, before["personal"]) == (public, False)
        agree(anna, purpose="personalise")
        found = ask(key, {"customer": "718"}).json()
        assert found["personal"] is True
        own = {one["code"]: one for one in found["products"]}
        mean = round(product().mean, 4)
        assert own[BREAD.code]["everybody"] == mean
        assert own[BREAD.code]["prominence"] < mean
        assert own[MILK.code]["prominence"] == own[MILK.code]["everybody"]
        assert "Borys" not in str(found)
        agree(anna, purpose="personalise", given=False)
        assert ask(key, {"customer": "718"}).json() == public

    @pytest.mark.parametrize("named", ["719", "nobody", "", "\x00", "7" * 500])
    def test_who_is_not_known_under_its_name_is_everybody(
        self, key: str, anna: UUID, named: str
    ) -> None:
        agree(anna, purpose="personalise")
        assert ask(key, {"customer": named}).json() == ask(key).json()


def test_the_products_of_a_category_by_their_prominence(key: str) -> None:
    anna = a_customer()
    review(anna, 2)
    review(anna, 5, ware=Ware("719", "WHITE BREAD", "BREAD"))
    review(anna, 4, ware=MILK)
    found = ask(key, {"category": "BREAD"}).json()
    assert [one["code"] for one in found["products"]] == ["719", "718"]
    bread = product()
    assert found["products"][1] == {
        "code": "718",
        "name": "RYE BREAD",
        "category": "BREAD",
        "prominence": round(bread.mean, 4),
        "low": round(bread.low, 4),
        "high": round(bread.high, 4),
        "reviews": 1,
        "verified": 0,
        "stars": [0, 1, 0, 0, 0],
        "changed_on": None,
    }
    assert (found["category"], found["total"], found["next"]) == ("BREAD", 2, None)
    first = ask(key, {"limit": 2}).json()
    rest = ask(key, {"limit": 2, "offset": first["next"]}).json()
    assert ([one["code"] for one in first["products"]], first["total"]) == (["719", "33"], 3)
    assert ([one["code"] for one in rest["products"]], rest["next"]) == (["718"], None)
    assert ask(key, {"category": "x\x00"}).json()["products"] == []


def test_the_answer_is_kept_while_it_is_the_same(key: str) -> None:
    review(a_customer(), 5)
    found = ask(key)
    assert found["Cache-Control"] == "private, max-age=60"
    again = ask(key, **{"If-None-Match": found["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    review(a_customer("Borys"), 1)
    assert ask(key, **{"If-None-Match": found["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"offset": -1}, {"offset": "²"}]
)
def test_a_page_that_is_none_is_refused(query: dict[str, Any], key: str) -> None:
    found = ask(key, query)
    assert (found.status_code, found.json()["error"]) == (400, "api.bad_page")
    assert found["Cache-Control"] == "no-store"


def test_who_has_no_key_learns_nothing(key: str) -> None:
    assert (Client().get(PATH).status_code, ask(key + "x").status_code) == (401, 401)
    assert ask(key, Authorization="").json()["error"] == "api.no_key"


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=str)
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("data_dir")
def test_every_answer_is_one_of_those_described(
    mode: schemathesis.GenerationMode, live_server: LiveServer
) -> None:
    review(a_customer(), 5, ware=BREAD)
    key = keys.make(source="shop-front", scope="api")
    schema = schemathesis.openapi.from_dict(DESCRIBED)
    schema.config.update(base_url=live_server.url)

    @settings(max_examples=30, suppress_health_check=list(HealthCheck))
    @given(schema[PATH]["GET"].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.call_and_validate(
            checks=CHECKS, headers={"Authorization": f"Bearer {key}"}, timeout=20
        )

    ask()
