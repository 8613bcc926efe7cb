"""Plans as trackers read them, and what trackers say, as theirs do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.promises.plans.rules import Shape, Stage
from kfar.rooms.promises.plans.shapes import Brief, Said, answered, body, read

PLAN = UUID("01912d3a-0000-7000-8000-000000000001")
BRIEF = Brief(
    plan_id=PLAN, title="Cold milk", needs="The fridge fails.", owner="Noa", due="2026-04-01",
    about="MILK 1L", voices=9, people=7, link="https://orchard.example/plans/1/",
)  # fmt: skip
TEXT = (
    "The fridge fails.\n\nAbout: MILK 1L\nHeard from: 7 people, 9 voices\nOwner: Noa\n"
    f"By: 2026-04-01\nhttps://orchard.example/plans/1/\n\nkfar-plan:{PLAN}"
)
MARKED = f"Edited\n\nkfar-plan:{PLAN}\n"


def test_each_gets_it_in_its_own_form() -> None:
    assert body(Shape.GITHUB, BRIEF) == {"title": "Cold milk", "body": TEXT, "labels": ["kfar"]}
    fields = body(Shape.JIRA, BRIEF)["fields"]
    assert (fields["summary"], fields["description"], fields["duedate"]) == (
        *("Cold milk", TEXT, "2026-04-01"),
    )
    plain = body(Shape.PLAIN, BRIEF)
    assert (plain["type"], plain["plan"], plain["people"]) == ("plan.handed_over", str(PLAN), 7)


@pytest.mark.parametrize(
    ("shape", "said", "called"),
    [
        (Shape.GITHUB, {"number": 17, "html_url": "https://f.example/17"}, "17"),
        (Shape.JIRA, {"key": "MILK-4", "self": "https://f.example/17"}, "MILK-4"),
        (Shape.PLAIN, {"ref": "a", "link": "https://f.example/17"}, "a"),
    ],
)
def test_they_say_what_they_call_it(shape: Shape, said: dict[str, Any], called: str) -> None:
    assert answered(shape, json.dumps(said).encode()) == (called, "https://f.example/17")
    assert answered(shape, b"<html>") == answered(shape, b"[]") == ("", "")
    evil = dict.fromkeys(("html_url", "self", "link"), "javascript:alert(1)")
    assert answered(shape, json.dumps(evil).encode())[1] == ""


def github(action: str, **issue: Any) -> dict[str, Any]:
    """As GitHub posts `issues`."""
    given = {"number": 17, "body": MARKED, "updated_at": "2026-03-02T12:00:00Z"}
    return {"action": action, "issue": given | issue, "repository": {"full_name": "a/b"}}


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (github("closed", state_reason="completed"), Stage.DONE),
        (github("closed", state_reason="not_planned"), Stage.DROPPED),
        (github("reopened", state_reason="reopened"), Stage.DOING),
        (github("assigned"), Stage.DOING),
        (github("labeled"), None),
    ],
)
def test_what_github_says(said: dict[str, Any], state: Stage | None) -> None:
    found = read(Shape.GITHUB, json.dumps(said).encode())
    assert found is not None
    assert (found.plan_id, found.ref, found.state) == (PLAN, "17", state)
    assert found.at == datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("category", "resolution", "state"),
    [
        ("new", None, Stage.OPEN),
        ("indeterminate", None, Stage.DOING),
        ("done", {"name": "Done"}, Stage.DONE),
        ("done", {"name": "Won't Do"}, Stage.DROPPED),
        ("undefined", None, None),
    ],
)
def test_what_jira_says(
    category: str, resolution: dict[str, str] | None, state: Stage | None
) -> None:
    fields = {
        "description": MARKED,
        "status": {"name": "x", "statusCategory": {"key": category}},
        "resolution": resolution,
    }
    said = {
        "timestamp": 1_772_452_800_000,
        "webhookEvent": "jira:issue_updated",
        "issue": {"id": "1", "key": "MILK-4", "fields": fields},
    }
    found = read(Shape.JIRA, json.dumps(said).encode())
    why = resolution["name"] if resolution else ""
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert found == Said(PLAN, "MILK-4", state, why, at)


def test_what_plain_says_and_what_nobody_understands() -> None:
    said = {"plan": str(PLAN), "state": "done", "at": "2026-03-02T12:00:00"}
    found = read(Shape.PLAIN, json.dumps(said).encode())
    assert found == Said(PLAN, "", Stage.DONE, "", datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert read(Shape.PLAIN, b'{"plan": "x"}') is None
    assert read(Shape.GITHUB, b'{"zen": "Keep it logically awesome."}') is None
    assert read(Shape.JIRA, b'{"issue": []}') is None
    assert read(Shape.PLAIN, b"[" * 100_000) is None


def test_what_no_database_takes_is_left_out() -> None:
    said = {
        "plan": str(PLAN),
        "state": "done",
        "ref": "4\ud83d\x00",
        "at": "0001-01-01T00:00+14:00",
    }
    found = read(Shape.PLAIN, json.dumps(said).encode())
    assert found == Said(PLAN, "4?", Stage.DONE, "", None)
    assert answered(Shape.PLAIN, json.dumps(said).encode()) == ("4?", "")
    issue = {"issue": {"key": "MILK-4", "fields": {}}, "timestamp": 10**400}
    assert read(Shape.JIRA, json.dumps(issue).encode()) == Said(None, "MILK-4", None, "", None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["issue", "action", "number", "key", "fields", "status", "plan", "at",
                         "timestamp", "body", "updated_at", "state", "resolution"]), inner
    ),
)  # fmt: skip


@given(st.sampled_from(Shape), JSON)
def test_whatever_is_posted_nothing_breaks(shape: Shape, said: object) -> None:
    text = json.dumps(said).encode(errors="surrogatepass")
    found = read(shape, text)
    assert found is None or isinstance(found, Said)
    assert all(isinstance(one, str) for one in answered(shape, text))
