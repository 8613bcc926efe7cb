"""Trackers: a real server takes a plan once, and what it says back is believed when signed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from uuid import UUID

import pytest
from django.core import mail
from pytest_django import Settings

from kfar.doors import trackers
from kfar.ground import webhooks
from kfar.rooms.promises.plans import commands, queries
from kfar.rooms.promises.plans.rules import Stage
from tests.clock import Clock
from tests.people import a_customer, an_employee
from tests.rooms.promises.plans.planning import plan, say

pytestmark = pytest.mark.django_db


class Forge(BaseHTTPRequestHandler):
    """Takes issues, or does not."""

    heard: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    status: ClassVar[int] = 201

    def do_POST(self) -> None:
        """Take one."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
        said = json.dumps({"number": 17, "html_url": "https://forge.example/17"}).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def forge(settings: Settings) -> Iterator[str]:
    Forge.heard.clear()
    Forge.status = 201
    with ThreadingHTTPServer(("127.0.0.1", 0), Forge) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.KFAR_REACH = frozenset([f"127.0.0.1:{server.server_port}"])
        yield f"http://127.0.0.1:{server.server_port}/issues"
        server.shutdown()
        thread.join()


def handed(url: str, shape: str = "github") -> UUID:
    noa = an_employee()
    made = plan(noa, say(a_customer(), "Warm, says Anna Secret"))
    commands.add_target(name="forge", url=url, shape=shape)
    commands.hand_over(by=noa, plan_id=made, target="forge")
    return made


def own_secret() -> str:
    target = queries.target("forge")
    assert target is not None
    return trackers.secret(target.id)


def stage(made: UUID) -> Stage:
    found = queries.plan(made)
    assert found is not None
    return found.state


def test_a_plan_arrives_signed_once_and_without_customers_words(
    forge: str, settings: Settings
) -> None:
    settings.KFAR_TRACKER_TOKENS = {"forge": "Bearer abc"}
    made = handed(forge)
    assert [trackers.hand_over(), trackers.hand_over()] == [1, 0]
    [(headers, body)] = Forge.heard
    assert headers["authorization"] == "Bearer abc"
    assert webhooks.signed(
        own_secret(),
        headers["webhook-id"],
        headers["webhook-timestamp"],
        headers["webhook-signature"],
        body,
        now=time.time(),
    )
    said = json.loads(body)
    assert (said["title"], "Secret" in body.decode()) == ("Cold milk", False)
    assert f"kfar-plan:{made}" in said["body"]
    [one] = queries.handovers(made)
    assert (one.ref, one.link) == ("17", "https://forge.example/17")


def test_one_that_is_not_taken_comes_again_as_the_same_message(forge: str, clock: Clock) -> None:
    made = handed(forge)
    Forge.status = 503
    assert trackers.hand_over() == 0
    clock.forward(minutes=1)
    Forge.status = 201
    assert trackers.hand_over() == 1
    ids = {headers["webhook-id"] for headers, _body in Forge.heard}
    assert (len(Forge.heard), len(ids)) == (2, 1)
    [one] = queries.handovers(made)
    assert one.tries == 1


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/", "http://127.0.0.1:1/x", "http://localhost:8000/"]
)
def test_a_target_that_leads_inside_is_never_asked(url: str, settings: Settings) -> None:
    settings.KFAR_REACH = frozenset()
    made = handed(url)
    assert trackers.hand_over() == 0
    [one] = queries.handovers(made)
    assert (one.sent_at, one.tries) == (None, 1)


def test_to_a_mailbox_it_goes_by_mail() -> None:
    made = handed("mailto:makers@orchard.example", "mail")
    assert trackers.hand_over() == 1
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (["makers@orchard.example"], "Cold milk")
    assert f"kfar-plan:{made}" in str(letter.body)
