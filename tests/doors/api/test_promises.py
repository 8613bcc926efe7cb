"""Anybody reads the record; what one customer was promised and promised is for a key of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from pytest_django.live_server_helper import LiveServer

from kfar.rooms.promises import commands, ending
from kfar.rooms.promises.in_return import commands as in_return
from kfar.rooms.touchpoints import keys
from tests.clock import Clock
from tests.doors.api.test_changes import CHECKS
from tests.doors.api.test_prominence import DESCRIBED
from tests.people import a_customer, an_employee, noted
from tests.rooms.promises.test_commands import promise

PATH = "/api/v1/promises"


def ask(key: str = "", **query: Any) -> Any:
    return Client().get(PATH, query, headers={"Authorization": f"Bearer {key}"} if key else {})


@pytest.fixture
def key(db: None, data_dir: object) -> str:
    return keys.make(source="crm", scope="promises")


def to_all(ewa: UUID, text: str, clock: Clock, days: int = 1) -> UUID:
    once, due = uuid4(), clock.today + timedelta(days=days)
    return commands.promise_all(by=ewa, text={"en": text, "pl": ""}, owner=ewa, due=due, once=once)


class TestRecord:
    def test_everybody_reads_it_without_a_personal_word(self, key: str, clock: Clock) -> None:
        anna, ewa = a_customer(), an_employee("Ewa", "lead")
        promise(ewa, anna, text={"en": "Fresh milk for Anna"})
        rye, oats = to_all(ewa, "Rye", clock), to_all(ewa, "Oats", clock)
        due = clock.today + timedelta(days=1)
        ending.move(by=ewa, promise_id=rye, due=due + timedelta(days=3), why="The mill")
        clock.forward(days=2)
        ending.break_promise(by=ewa, promise_id=oats, why="No oats")
        in_return.offer(
            by=anna, kind="referral", words="", language="en", due=clock.today, once=uuid4()
        )
        found = ask()
        assert (found.status_code, found["Cache-Control"]) == (200, "private, max-age=60")
        said = found.json()
        assert "Anna" not in found.text
        assert said["record"] == {
            "open": 2, "late": 0, "kept": 0, "kept_in_time": 0, "broken": 1, "released": 0,
            "fell_due": 2, "share_kept": 0.0, "low": 0.0, "high": said["record"]["high"],
            "median_days_late": 1.0,
        }  # fmt: skip
        assert said["in_return"] == {"promised": 1, "kept": 0, "open": 1, "withdrawn": 0}
        assert (said["total"], said["next"]) == (2, None)
        first, second = said["promises"]
        assert (first["id"], first["state"], first["why"]) == (str(oats), "broken", "No oats")
        assert (second["id"], second["text"], second["to"]) == (str(rye), {"en": "Rye"}, "all")
        assert (second["first_due"], second["due"]) == (
            due.isoformat(),
            (due + timedelta(days=3)).isoformat(),
        )
        assert [(m["from"], m["why"]) for m in second["moved"]] == [(due.isoformat(), "The mill")]

    def test_it_comes_by_pages_and_is_kept_while_it_is_the_same(
        self, key: str, clock: Clock
    ) -> None:
        ewa = an_employee("Ewa", "lead")
        ids = set()
        for n in range(3):
            ids.add(str(to_all(ewa, f"Rye {n}", clock)))
        first = ask(limit=2).json()
        rest = ask(limit=2, offset=first["next"]).json()
        assert {one["id"] for one in (*first["promises"], *rest["promises"])} == ids
        assert (len(first["promises"]), first["total"], rest["next"]) == (2, 3, None)
        etag = ask()["ETag"]
        assert Client().get(PATH, headers={"If-None-Match": etag}).status_code == 304
        for wrong in ({"limit": 0}, {"limit": 101}, {"offset": "x"}):
            assert (ask(**wrong).status_code, ask(**wrong).json()["error"]) == (400, "api.bad_page")


class TestOfCustomer:
    def test_both_ways_and_they_see_that_it_was_read(self, key: str, clock: Clock) -> None:
        anna, ewa = a_customer(), an_employee("Ewa", "lead")
        made = promise(ewa, anna, text={"en": "Milk"})
        clock.forward(minutes=1)
        once = uuid4()
        in_return.offer(
            by=anna, kind="review", words="Of milk", language="en", due=clock.today, once=once
        )
        found = ask(key, customer=anna)
        assert (found.status_code, found["Cache-Control"]) == (200, "no-store")
        said = found.json()
        assert [(o["id"], o["by"], o["kind"], o["text"]) for o in said["promises"]] == [
            (str(once), "customer", "review", {"en": "Of milk"}),
            (str(made), "company", None, {"en": "Milk"}),
        ]
        assert noted(anna)[-1] == ("promises.read", None)
        assert ask(key, customer=a_customer("Borys")).json()["promises"] == []

    def test_no_other_key_opens_it(self, key: str) -> None:
        anna = a_customer()
        api = keys.make(source="shop-front", scope="api")
        assert ask(customer=anna).json()["error"] == "api.no_key"
        for wrong in (api, key + "x"):
            found = ask(wrong, customer=anna)
            assert (found.status_code, found.json()["error"]) == (401, "api.unknown_key")
        assert (ask(api).status_code, ask(key).status_code, ask("x").status_code) == (200, 200, 401)
        assert [
            (found.status_code, found.json()["error"])
            for found in (ask(key, customer="x"), ask(key, customer=uuid4()))
        ] == [(400, "api.bad_id"), (404, "customers.not_found")]
        assert Client().get("/api/v1/prominence", headers={"Authorization": f"Bearer {key}"}
                            ).status_code == 401  # fmt: skip
        assert noted(anna) == []


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=str)
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("data_dir")
def test_every_answer_is_one_of_those_described(
    mode: schemathesis.GenerationMode, live_server: LiveServer, clock: Clock
) -> None:
    anna, ewa = a_customer(), an_employee("Ewa", "lead")
    to_all(ewa, "Rye", clock)
    promise(ewa, anna)
    in_return.offer(
        by=anna, kind="referral", words="", language="en", due=clock.today, once=uuid4()
    )
    key = keys.make(source="crm", scope="promises")
    schema = schemathesis.openapi.from_dict(DESCRIBED)
    schema.config.update(base_url=live_server.url)

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(schema[PATH]["GET"].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if case.query and "customer" in case.query and mode.is_positive:
            case.query["customer"] = str(anna)
        case.call_and_validate(
            checks=CHECKS, headers={"Authorization": f"Bearer {key}"}, timeout=20
        )

    ask()
