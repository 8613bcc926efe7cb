"""The gate's description is true: its paths, its refusals, and every answer it gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import kfar
from kfar.doors.gate import snippet
from kfar.doors.gate.app import CHATTER, GETS, POSTS, SOURCE, allow
from kfar.doors.gate.refusals import Refusal
from tests.doors.gate.gates import KEY, Gate

FILE = Path(kfar.__file__).parents[2] / "docs" / "reference" / "gate.openapi.yaml"
DESCRIBED: dict[str, Any] = yaml.safe_load(FILE.read_text())
OPERATIONS = [(path, method) for path, found in DESCRIBED["paths"].items() for method in found]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def test_every_path_is_described_with_its_method() -> None:
    settings_path = "/v1/projects/{key}/settings"
    ours = {(path.decode(), "post") for path in (*POSTS, *CHATTER)}
    ours |= {(path.decode(), "get") for path in (*GETS, SOURCE, snippet.PATH)}
    ours |= {(settings_path, "get"), ("/v1/live/{question}", "get")}
    assert set(OPERATIONS) == ours | {("/vote/{question}/ballot", "post")}
    for path, method in OPERATIONS:
        assert method.upper() in allow(path.encode()).decode().split(", ")


def test_every_refusal_is_described_with_its_status() -> None:
    assert DESCRIBED["components"]["schemas"]["Reason"]["enum"] == [str(why) for why in Refusal]
    statuses = {int(s) for found in DESCRIBED["paths"].values() for how in found.values()
                for s in how["responses"]}  # fmt: skip
    # No path of ours is unknown, and none is asked by another method here.
    others = {Refusal.UNKNOWN_PATH, Refusal.WRONG_METHOD}
    assert statuses - {200, 304} == {int(why.status) for why in Refusal if why not in others} | {
        404
    }


#: Paths that are described alike are tried once.
DIFFERENT = {id(found): path for path, found in DESCRIBED["paths"].items()}.values()


#: What is sent as described, and what is not, where anything is sent.
RIGHT, WRONG = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
TRIED = [(path, RIGHT) for path in DIFFERENT] + [
    (path, WRONG)
    for path in DIFFERENT
    for how in DESCRIBED["paths"][path].values()
    if {"parameters", "requestBody"} & set(how)
]


@pytest.fixture(scope="module")
def schema(module_gate: Gate) -> Any:
    found = schemathesis.openapi.from_dict(DESCRIBED)
    found.config.update(base_url=f"http://127.0.0.1:{module_gate.port}")
    return found


@pytest.mark.parametrize(("path", "mode"), TRIED, ids=str)
def test_every_answer_is_one_of_those_described(
    schema: Any, path: str, mode: schemathesis.GenerationMode
) -> None:
    [method] = DESCRIBED["paths"][path]

    @settings(max_examples=30, suppress_health_check=list(HealthCheck))
    @given(schema[path][method.upper()].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, headers={"X-Try": "1"}, auth=(KEY, ""), timeout=20)

    ask()
