"""A plan as trackers read it, and what they say of it as Kfar reads it. Pure.

GitHub: `POST /repos/{owner}/{repo}/issues` and the webhook `issues`; Jira: `POST
/rest/api/2/issue` and the webhook `jira:issue_updated`; plain: JSON of our own. 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from kfar.rooms.promises.plans.rules import Shape, Stage

#: By this line a plan is known again in what it was copied to.
MARK = re.compile(r"\bkfar-plan:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b")
#: What Jira calls the three kinds of states every one of its states is of.
CATEGORIES = {"new": Stage.OPEN, "indeterminate": Stage.DOING, "done": Stage.DONE}
#: Resolutions in Jira that say it will not be done.
NOT_DONE = {"won't do", "won't fix", "declined", "duplicate", "cannot reproduce"}


@dataclass(frozen=True)
class Brief:
    """What the makers are told: the plan, what speaks for it in words, and where it stands."""

    plan_id: UUID
    title: str
    needs: str
    owner: str
    due: str
    about: str
    voices: int
    people: int
    link: str

    @property
    def text(self) -> str:
        """All of it, as people read it."""
        heard = f"{self.people} people, {self.voices} voices"
        lines = [
            self.needs,
            "",
            *([f"About: {self.about}"] if self.about else []),
            f"Heard from: {heard}",
            f"Owner: {self.owner}",
            f"By: {self.due}",
            self.link,
            "",
            f"kfar-plan:{self.plan_id}",
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Said:
    """What a tracker says of a plan; `state` is None where it says nothing of that."""

    plan_id: UUID | None
    ref: str
    state: Stage | None
    why: str
    at: datetime | None


def body(shape: Shape, brief: Brief) -> dict[str, Any]:
    """Return the JSON that a target of this shape takes."""
    if shape is Shape.GITHUB:
        return {"title": brief.title, "body": brief.text, "labels": ["kfar"]}
    if shape is Shape.JIRA:
        return {
            "fields": {
                "summary": brief.title,
                "description": brief.text,
                "duedate": brief.due,
                "issuetype": {"name": "Task"},
                "labels": ["kfar"],
            }
        }
    return {
        "type": "plan.handed_over",
        "plan": str(brief.plan_id),
        "title": brief.title,
        "needs": brief.needs,
        "owner": brief.owner,
        "due": brief.due,
        "about": brief.about,
        "voices": brief.voices,
        "people": brief.people,
        "link": brief.link,
    }


def answered(shape: Shape, text: bytes) -> tuple[str, str]:
    """Return what a target calls a plan it took, and where it stands there; ("", "") unsaid."""
    said = _object(text)
    if shape is Shape.GITHUB:
        return _text(said.get("number")), _link(said.get("html_url"))
    if shape is Shape.JIRA:
        return _text(said.get("key")), _link(said.get("self"))
    return _text(said.get("ref")), _link(said.get("link"))


def read(shape: Shape, text: bytes) -> Said | None:
    """Return what a target of this shape says, or None where it is of no plan."""
    said = _object(text)
    if shape is Shape.GITHUB:
        return _github(said)
    if shape is Shape.JIRA:
        return _jira(said)
    return _plain(said)


def _github(said: Mapping[str, Any]) -> Said | None:
    issue = _part(said, "issue")
    number = _text(issue.get("number"))
    if not number:
        return None
    action, reason = _text(said.get("action")), _text(issue.get("state_reason"))
    state = {"closed": Stage.DONE, "reopened": Stage.DOING, "assigned": Stage.DOING}.get(action)
    if state is Stage.DONE and reason in {"not_planned", "duplicate"}:
        state = Stage.DROPPED
    why = reason.replace("_", " ")
    return Said(_marked(issue.get("body")), number, state, why, _time(issue.get("updated_at")))


def _jira(said: Mapping[str, Any]) -> Said | None:
    issue = _part(said, "issue")
    key, fields = _text(issue.get("key")), _part(issue, "fields")
    if not key:
        return None
    category = _text(_part(_part(fields, "status"), "statusCategory").get("key"))
    resolution = _text(_part(fields, "resolution").get("name"))
    state = CATEGORIES.get(category)
    if state is Stage.DONE and resolution.lower() in NOT_DONE:
        state = Stage.DROPPED
    stamp = said.get("timestamp")
    at = _moment(stamp) if isinstance(stamp, int) else _time(fields.get("updated"))
    return Said(_marked(fields.get("description")), key, state, resolution, at)


def _plain(said: Mapping[str, Any]) -> Said | None:
    try:
        plan_id = UUID(_text(said.get("plan")))
    except ValueError:
        return None
    state = _text(said.get("state"))
    return Said(
        plan_id,
        _text(said.get("ref")),
        Stage(state) if state in {*Stage} else None,
        _text(said.get("why")),
        _time(said.get("at")),
    )


def _object(text: bytes) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _part(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    # What no database takes: NUL, and half signs, which JSON can write.
    said = str(value).replace("\x00", "").encode("utf-8", "replace").decode()
    return " ".join(said.split())[:200]


def _link(value: object) -> str:
    text = _text(value)
    return text if text.startswith(("https://", "http://")) else ""


def _marked(value: object) -> UUID | None:
    found = MARK.search(value) if isinstance(value, str) else None
    return UUID(found[1]) if found else None


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # no time, or none that there is here
        return None


def _moment(milliseconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
