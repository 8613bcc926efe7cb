"""What trackers say of plans: believed when signed, once, and of plans they were handed."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from kfar.ground import webhooks
from kfar.rooms.promises.plans.rules import Stage
from tests.doors.test_trackers import handed, own_secret, stage

pytestmark = pytest.mark.django_db


class TestComingBack:
    def post(self, body: bytes, **headers: str) -> Any:
        return Client().post(
            "/hooks/tracker/forge/", body, content_type="application/json", headers=headers
        )

    def github(self, made: UUID, action: str = "closed", at: str = "12:00") -> bytes:
        issue = {"number": 9, "body": f"kfar-plan:{made}", "updated_at": f"2026-03-02T{at}:00Z"}
        return json.dumps({"action": action, "issue": issue | {"state_reason": ""}}).encode()

    def test_github_closes_and_opens_it_again_replayed_or_not(self) -> None:
        made = handed("https://forge.example/x")
        closed, opened = self.github(made), self.github(made, "reopened", "12:05")
        answers = []
        for body in (closed, closed, opened, closed):
            signature = webhooks.hub_signature(own_secret(), body)
            answers.append(self.post(body, **{"X-Hub-Signature-256": signature}).json())
        assert [one["news"] for one in answers] == [True, False, True, False]
        assert stage(made) is Stage.DOING

    def test_forged_it_is_not_believed(self) -> None:
        made = handed("https://forge.example/x")
        body = self.github(made)
        for signature in ("", "sha256=00", webhooks.hub_signature("other", body)):
            found = self.post(body, **{"X-Hub-Signature-256": signature})
            assert (found.status_code, found.json()["error"]) == (401, "hooks.not_signed")
        assert Client().post("/hooks/tracker/nobody/", b"{}", "application/json").status_code == 401
        assert Client().get("/hooks/tracker/forge/").status_code == 405
        assert stage(made) is Stage.OPEN

    def test_plain_by_standard_webhooks_of_now(self) -> None:
        made = handed("https://forge.example/x", "plain")
        body = json.dumps({"plan": str(made), "state": "done"}).encode()

        def headers(at: int) -> dict[str, str]:
            signature = webhooks.sign(own_secret(), "m1", at, body)
            return {
                "webhook-id": "m1", "webhook-timestamp": str(at), "webhook-signature": signature,
            }  # fmt: skip

        now = int(time.time())
        assert self.post(body, **headers(now - 3600)).status_code == 401
        assert self.post(body, **headers(now)).json() == {"taken": True, "news": True}
        assert stage(made) is Stage.DONE

    def test_what_is_of_no_plan_or_too_large_changes_nothing(self) -> None:
        handed("https://forge.example/x")
        for body, status in (
            (b'{"zen": "x"}', 200),
            (self.github(UUID(int=7)), 404),
            (b"x" * 300_000, 413),
        ):
            signature = webhooks.hub_signature(own_secret(), body)
            found = self.post(body, **{"X-Hub-Signature-256": signature})
            assert found.status_code == status
