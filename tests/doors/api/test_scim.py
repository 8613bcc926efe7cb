"""A directory of people keeps who works here, in SCIM's words and with its errors."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.live_server_helper import LiveServer

from kfar.doors.api import scim
from kfar.doors.api.urls import urlpatterns
from kfar.rooms.touchpoints import keys
from kfar.rooms.village import defaults
from kfar.rooms.village import queries as village
from kfar.rooms.village.departments import commands as departments
from kfar.rooms.village.models import Login
from tests.doors.api.test_changes import CHECKS
from tests.doors.api.test_prominence import DESCRIBED
from tests.people import an_employee, email

pytestmark = pytest.mark.django_db

USERS, GROUPS = "/api/v1/scim/v2/Users", "/api/v1/scim/v2/Groups"


@pytest.fixture
def key(db: None) -> str:
    defaults.begin()
    return keys.make(source="directory", scope="directory")


def ask(key: str, method: str, address: str, said: object = None, **query: object) -> Any:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return Client().generic(
        method,
        address,
        body if said is not None else b"",
        content_type="application/scim+json",
        headers={"Authorization": f"Bearer {key}"},
        query_params=query,
    )


def noa(**said: object) -> dict[str, object]:
    return {
        "schemas": [scim.USER],
        "userName": "Noa@Village.example",
        "name": {"givenName": "Noa", "familyName": "Levi"},
        "roles": [{"value": "service"}],
        "active": True,
    } | said


class TestUsers:
    def test_made_found_replaced_and_let_go(self, key: str) -> None:
        made = ask(key, "POST", USERS, noa())
        assert (made.status_code, made["Content-Type"]) == (201, "application/scim+json")
        one = made.json()
        assert (one["userName"], one["displayName"], one["active"]) == (
            *("noa@village.example", "Noa Levi", True),
        )
        found = ask(key, "GET", USERS, filter='userName eq "NOA@village.example"').json()
        assert (found["totalResults"], found["startIndex"], found["Resources"]) == (1, 1, [one])
        assert ask(key, "POST", USERS, noa()).status_code == 409
        address = f"{USERS}/{one['id']}"
        changed = ask(key, "PUT", address, noa(displayName="Noa K", roles=[{"value": "lead"}]))
        assert (changed.json()["displayName"], changed.json()["roles"][0]["value"]) == (
            *("Noa K", "lead"),
        )
        assert ask(key, "PUT", address, noa(userName="x@y.example")).json()["scimType"] == (
            "mutability"
        )
        hashed = Login.objects.get().password
        gone = {"schemas": [scim.PATCH], "Operations": [{"op": "Replace", "path": "active",
                "value": "False"}]}  # fmt: skip
        for _twice in range(2):
            assert ask(key, "PATCH", address, gone).json()["active"] is False
        assert village.everyone() == []
        assert Login.objects.get().password != hashed  # signed out everywhere
        assert ask(key, "GET", address).json()["active"] is False
        again = {"op": "replace", "value": {"active": True}}
        back = {"schemas": [scim.PATCH], "Operations": [again]}
        assert ask(key, "PATCH", address, back).json()["active"] is True
        assert [person.name for person in village.everyone()] == ["Noa K"]
        assert ask(key, "DELETE", address).status_code == 204
        assert ask(key, "POST", USERS, noa()).json()["id"] == one["id"]  # who comes back

    def test_page_by_page(self, key: str) -> None:
        for name in ("Anat", "Borys", "Celina"):
            an_employee(name)
        pages = [
            ask(key, "GET", USERS, startIndex=start, count=2).json() for start in (-3, 1, 3, 9)
        ]
        assert [(p["totalResults"], p["startIndex"], p["itemsPerPage"]) for p in pages] == [
            *((3, 1, 2), (3, 1, 2), (3, 3, 1), (3, 9, 0)),
        ]

    @pytest.mark.parametrize(
        ("said", "kind"),
        [
            (b"{", "invalidSyntax"),
            (b"[]", "invalidSyntax"),
            (b"\xff", "invalidSyntax"),
            (json.dumps(noa(displayName="Noa \ud83d")).encode(), "invalidSyntax"),
            (b"[" * 60_000, "invalidSyntax"),
            (b" " * 100_001, "invalidSyntax"),
            ({}, "invalidSyntax"),
            (noa(userName=7), "invalidSyntax"),
            (noa(roles=[]), "invalidValue"),
            (noa(roles=[{"value": "king"}]), "invalidValue"),
            (noa(userName="noa"), "invalidValue"),
        ],
    )
    def test_what_is_not_understood_is_refused_in_its_form(
        self, key: str, said: object, kind: str
    ) -> None:
        found = ask(key, "POST", USERS, said)
        assert found.status_code == 400
        assert (found.json()["schemas"], found.json()["status"], found.json()["scimType"]) == (
            *([scim.ERROR], "400", kind),
        )
        assert village.everyone() == []

    def test_other_filters_and_patches_are_refused(self, key: str) -> None:
        own = an_employee()
        for wanted in ("active eq true", 'userName co "n"', 'userName eq "a" or x'):
            found = ask(key, "GET", USERS, filter=wanted)
            assert (found.status_code, found.json()["scimType"]) == (400, "invalidFilter")
        for path, kind in (("displayName", "mutability"), ("active", "invalidSyntax")):
            patch = {"schemas": [scim.PATCH],
                     "Operations": [{"op": "replace", "path": path, "value": 7}]}  # fmt: skip
            assert ask(key, "PATCH", f"{USERS}/{own}", patch).json()["scimType"] == kind
        assert ask(key, "GET", f"{USERS}/{uuid4()}").status_code == 404
        assert ask(key, "GET", f"{USERS}/x").status_code == 404
        assert ask(key, "GET", "/api/v1/scim/v2/Schemas").status_code == 404
        assert ask(key, "PUT", USERS, {}).status_code == 405


class TestGroups:
    def test_departments_and_who_is_in_them(self, key: str) -> None:
        own, dana = an_employee(), an_employee("Dana", "lead")
        for code in ("care", "social"):
            departments.set_department(code=code, name={"en": code.capitalize()})
        departments.belong(email=email("Noa"), departments=["care", "social"])
        found = ask(key, "GET", GROUPS).json()
        assert [(one["id"], len(one["members"])) for one in found["Resources"]] == [
            *(("care", 1), ("social", 1)),
        ]
        said = {"displayName": "Care", "members": [{"value": str(dana)}]}
        for _twice in range(2):
            now = ask(key, "PUT", f"{GROUPS}/care", said).json()
            assert [member["value"] for member in now["members"]] == [str(dana)]
        person = village.staff(own)
        assert person is not None
        assert person.departments == ("social",)
        assert ask(key, "PUT", f"{GROUPS}/care", {"members": "x"}).status_code == 400
        assert ask(key, "PUT", f"{GROUPS}/care", {"members": [{"value": "x"}]}).status_code == 404
        assert ask(key, "GET", f"{GROUPS}/attic").status_code == 404
        assert ask(key, "DELETE", f"{GROUPS}/care").status_code == 405


def test_another_key_opens_nothing_and_this_one_nothing_else(key: str) -> None:
    for scope in ("api", "server", "web"):
        other = keys.make(source="other", scope=scope)
        assert ask(other, "GET", USERS).status_code == 401
    none = Client().get(USERS)
    assert (none.status_code, none["WWW-Authenticate"].startswith("Bearer")) == (401, True)
    assert not keys.opens_api(key)
    assert "directory" not in {found.source for found in keys.for_notice().values()}
    keys.revoke(hint=key[:6])
    assert ask(key, "GET", USERS).status_code == 401


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=str)
@pytest.mark.django_db(transaction=True)
def test_every_answer_is_one_of_those_described(
    mode: schemathesis.GenerationMode, live_server: LiveServer
) -> None:
    defaults.begin()
    departments.set_department(code="support", name={"en": "Support"})
    ours = {"user": str(an_employee("Noa")), "code": "support"}
    key = keys.make(source="directory", scope="directory")
    schema = schemathesis.openapi.from_dict(DESCRIBED)
    schema.config.update(base_url=live_server.url)
    described = [
        schema[path][method.upper()].as_strategy(generation_mode=mode)
        for path, found in DESCRIBED["paths"].items()
        for method in found
        if "/scim/" in path
    ]
    assert len(described) == 9

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(st.one_of(described), st.booleans())
    def ask(case: Any, known: bool) -> None:
        if known and case.path_parameters:
            case.path_parameters = {name: ours[name] for name in case.path_parameters}
        case.call_and_validate(
            checks=CHECKS, headers={"Authorization": f"Bearer {key}"}, timeout=20
        )

    ask()


def test_every_address_is_described() -> None:
    named = re.compile(r"<str:(\w+?)(?:_id)?>")
    ours = {str(one.pattern) for one in urlpatterns if str(one.pattern).startswith("scim/")}
    assert {path for path in DESCRIBED["paths"] if "/scim/" in path} == {
        "/api/v1/" + named.sub(r"{\1}", path) for path in ours
    }
