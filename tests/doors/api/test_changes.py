"""The API answers what it is described to answer, to whom has a key to it."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
import yaml
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.live_server_helper import LiveServer
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import kfar
from kfar.doors.api.door import STATUS
from kfar.rooms.decisions import changes
from kfar.rooms.decisions.proving.shipping import Why
from kfar.rooms.touchpoints import keys
from tests.changes import a_manager, an_account, announce
from tests.clock import Clock
from tests.people import a_customer

FILE = Path(kfar.__file__).parents[2] / "docs" / "reference" / "api.openapi.yaml"
DESCRIBED: dict[str, Any] = yaml.safe_load(FILE.read_text())
PATH = "/api/v1/changes/{change}/may-ship"
METHODS = DESCRIBED["paths"][PATH]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def ask(change: object, key: str, account: object = None, **headers: str) -> Any:
    query = {"account": str(account)} if account else {}
    headers = {"Authorization": f"Bearer {key}"} | headers
    return Client().get(f"/api/v1/changes/{change}/may-ship", query, headers=headers)


@pytest.fixture
def key(db: None) -> str:
    return keys.make(source="release", scope="api")


class TestMayShip:
    def test_it_answers_for_one_account_and_for_all(self, key: str, clock: Clock) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        acme, bolt = an_account("Acme", anna), an_account("Bolt", borys)
        change = announce(acme, bolt)
        changes.answer(by=anna, change_id=change, account_id=acme, answer="approve")
        clock.forward(days=10)
        found = ask(change, key)
        assert (found.status_code, found["Cache-Control"]) == (200, "no-store")
        assert found.json() == {
            "may_ship": False,
            "until": None,
            "why": "unanswered",
            "message": "No: nothing was said, and silence is no yes.",
            "change": str(change),
            "account": None,
            "asked": 2,
            "answered": 1,
            "holds": [{"account": str(bolt), "why": "unanswered"}],
        }
        approved = ask(change, key, acme, **{"Accept-Language": "pl"}).json()
        assert (approved["may_ship"], approved["why"], approved["holds"]) == (True, "approved", [])
        assert approved["account"] == str(acme)
        other = an_account("Cog")
        assert ask(change, key, other).json()["why"] == "not_asked"
        changes.withdraw(by=a_manager(), change_id=change, reason={"en": "No steel"})
        assert ask(change, key, acme).json()["why"] == "withdrawn"

    def test_a_no_says_until_when(self, key: str, clock: Clock) -> None:
        anna = a_customer()
        acme = an_account("Acme", anna)
        starts = clock.today.replace(day=20)
        change = announce(acme, starts=starts)
        changes.answer(by=anna, change_id=change, account_id=acme, answer="approve")
        said = ask(change, key).json()
        assert (said["may_ship"], said["why"]) == (False, "not_yet")
        assert said["until"] == f"{starts}T00:00:00+00:00"
        clock.forward(days=18)
        assert ask(change, key).json()["why"] == "all_clear"

    def test_who_has_no_key_learns_nothing(self, key: str) -> None:
        anna = a_customer()
        change = announce(an_account("Acme", anna))
        server = keys.make(source="shop", scope="server")
        for wrong, error in (
            ({}, "api.no_key"),
            ({"Authorization": "Bearer "}, "api.no_key"),
            ({"Authorization": "Basic é"}, "api.no_key"),
            ({"Authorization": f"Bearer {key}x"}, "api.unknown_key"),
            ({"Authorization": f"Bearer {server}"}, "api.unknown_key"),
        ):
            found = Client().get(f"/api/v1/changes/{change}/may-ship", headers=wrong)
            assert (found.status_code, found.json()["error"]) == (401, error)
            assert found["WWW-Authenticate"].startswith("Bearer")
        basic = b64encode(f"{key}:".encode()).decode()
        assert ask(change, key, Authorization=f"Basic {basic}").status_code == 200
        keys.revoke(hint=key[:6])
        assert ask(change, key).status_code == 401

    def test_what_is_not_there_is_said(self, key: str) -> None:
        change = announce(an_account("Acme", a_customer()))
        for found, status, error in (
            (ask("x", key), 400, "api.bad_id"),
            (ask(change, key, "x"), 400, "api.bad_id"),
            (ask(uuid4(), key), 404, "decisions.no_such_change"),
            (ask(change, key, uuid4()), 404, "customers.account_not_found"),
            (Client().get("/api/v1/"), 404, "api.unknown_path"),
            (Client().post(f"/api/v1/changes/{change}/may-ship"), 405, "api.wrong_method"),
        ):
            assert (found.status_code, found.json()["error"]) == (status, error)

    def test_its_keys_open_nothing_at_the_gate(self, key: str) -> None:
        keys.make(source="shop", scope="server")
        assert {found.source for found in keys.for_notice().values()} == {"shop"}


def test_what_is_described_is_what_there_is() -> None:
    schemas = DESCRIBED["components"]["schemas"]
    assert schemas["Why"]["enum"] == list(Why)
    assert schemas["Refused"]["properties"]["error"]["enum"] == sorted(STATUS)
    statuses = {int(status) for status in METHODS["get"]["responses"]}
    assert statuses == {200, *STATUS.values()}


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=str)
@pytest.mark.django_db(transaction=True)
def test_every_answer_is_one_of_those_described(
    mode: schemathesis.GenerationMode, live_server: LiveServer
) -> None:
    acme = an_account("Acme", a_customer())
    change, key = announce(acme), keys.make(source="release", scope="api")
    schema = schemathesis.openapi.from_dict(DESCRIBED)
    schema.config.update(base_url=live_server.url)

    @settings(max_examples=30, suppress_health_check=list(HealthCheck))
    @given(schema[PATH]["GET"].as_strategy(generation_mode=mode), st.booleans())
    def ask(case: Any, ours: bool) -> None:
        if ours:
            case.path_parameters = {"change": str(change)}
        case.call_and_validate(
            checks=CHECKS, headers={"Authorization": f"Bearer {key}"}, timeout=20
        )

    ask()
