"""The address webhooks are sent to: each refused with its status, each heard once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from kfar import loop
from kfar.doors.channels import hooks
from kfar.rooms.voice.channels import commands, queries
from kfar.rooms.voice.models import Post, Seen, Voice
from tests.clock import Clock
from tests.rooms.voice.channels.said import a_hook

pytestmark = pytest.mark.django_db

SAID = {
    "id": "r1",
    "text": "The fridge is warm.",
    "author": {"id": "u7", "name": "Zosia"},
    "at": "2026-01-01T10:00:00Z",
}


@pytest.fixture(autouse=True)
def shop(clock: Clock) -> Any:
    """The channel `shop`."""
    return a_hook()


def post(
    clock: Clock, said: Any = None, *, delivery: str = "m1", to: str = "shop", **given: Any
) -> Any:
    """What a system sends, signed."""
    raw = given.pop("body", None)
    body = json.dumps(SAID | (said or {})).encode() if raw is None else raw
    channel = queries.named("shop", gone=True)
    assert channel is not None
    [secret, *_older] = [given.pop("secret", None), *queries.secrets(channel.id)]
    signed = hooks.sign(
        secret or (_older or ["whsec_aGVsbG8="])[0],
        delivery=delivery,
        at=given.pop("at", clock.now),
        body=given.pop("signs", body),
    )
    kind = given.pop("kind", "application/json")
    client = Client(enforce_csrf_checks=True, headers=signed | given.pop("headers", {}))
    return client.post(f"/hooks/{to}/", body, content_type=kind)


def heard() -> tuple[int, int]:
    """How many voices there are, and messages of channels."""
    return Voice.objects.count(), Post.objects.count()


def test_what_is_signed_is_heard_once(clock: Clock) -> None:
    first = post(clock)
    assert (first.status_code, first.json()) == (200, {"news": True})
    again = post(clock)
    assert (again.status_code, again.json()) == (200, {"news": False})
    clock.forward(days=1)
    assert post(clock, delivery="m2").json() == {"news": False}  # the same, sent anew
    assert post(clock, {"id": "r2"}).json() == {"news": False}  # a delivery is one message
    assert heard() == (1, 1)
    assert post(clock, {"id": "r2", "text": "More"}, delivery="m3").json() == {"news": True}
    loop.tick()
    assert {voice.text for voice in Voice.objects.all()} == {"The fridge is warm.", "More"}
    channel = queries.named("shop")
    assert channel is not None
    assert channel.heard_at == clock.now


def refusal(answer: Any) -> tuple[int, str]:
    """With which status and code it was refused; nothing of it is kept."""
    assert answer["Content-Type"] == "application/json"
    said = answer.json()
    assert set(said) == {"error", "message"}
    assert (heard(), Seen.objects.count()) == ((0, 0), 0)
    return answer.status_code, said["error"]


def test_each_that_is_wrong_is_refused_with_its_status(clock: Clock) -> None:
    other = "whsec_b3RoZXIgc2VjcmV0IG9mIG91cnM="
    assert refusal(post(clock, to="nobody")) == (404, "voice.no_such_channel")
    assert refusal(post(clock, secret=other)) == (401, "hooks.forged")
    assert refusal(post(clock, signs=b"{}")) == (401, "hooks.forged")
    assert refusal(post(clock, headers={"webhook-id": "m2"})) == (401, "hooks.forged")
    assert refusal(post(clock, headers={"webhook-signature": ""})) == (401, "hooks.unsigned")
    old = clock.now - timedelta(minutes=5, seconds=1)
    assert refusal(post(clock, at=old)) == (401, "hooks.too_old")
    assert refusal(post(clock, kind="text/plain")) == (415, "hooks.not_json")
    form = "application/x-www-form-urlencoded"
    assert refusal(post(clock, kind=form)) == (415, "hooks.not_json")
    large = b" " * (hooks.MOST + 1)
    assert refusal(post(clock, body=large)) == (413, "hooks.too_large")
    assert refusal(post(clock, body=b"{")) == (422, "hooks.not_understood")
    assert refusal(post(clock, {"text": " "})) == (422, "voice.nothing_said")
    assert Client().get("/hooks/shop/").status_code == 405


def test_what_was_refused_may_come_again_as_it_should(clock: Clock) -> None:
    assert post(clock, {"text": " "}).status_code == 422
    assert post(clock).json() == {"news": True}


def test_too_many_are_told_to_come_again(clock: Clock, settings: Settings) -> None:
    settings.KFAR_POSTS = 1
    post(clock)
    full = post(clock, {"id": "r2"}, delivery="m2")
    assert (full.status_code, full["Retry-After"]) == (429, "3600")
    clock.forward(days=1, seconds=1)
    assert post(clock, {"id": "r2"}, delivery="m2").json() == {"news": True}


def test_a_secret_that_is_replaced_is_good_for_a_day(clock: Clock) -> None:
    channel = queries.named("shop")
    assert channel is not None
    [old] = queries.secrets(channel.id)
    new = commands.renew(name="shop")
    assert post(clock, secret=old).json() == {"news": True}
    assert post(clock, {"id": "r2"}, delivery="m2", secret=new).json() == {"news": True}
    clock.forward(days=1, seconds=1)
    late = post(clock, {"id": "r3"}, delivery="m3", secret=old)
    assert (late.status_code, late.json()["error"]) == (401, "hooks.forged")


def test_a_channel_that_was_removed_says_so(clock: Clock) -> None:
    commands.remove(name="shop")
    assert refusal(post(clock)) == (410, "hooks.gone")


def test_a_secret_of_another_kfar_asks_to_come_again(clock: Clock, settings: Settings) -> None:
    settings.SECRET_KEY, before = "another", settings.SECRET_KEY
    body = json.dumps(SAID).encode()
    signed = hooks.sign("whsec_aGVsbG8=", delivery="m1", at=clock.now, body=body)
    answer = Client(headers=signed).post("/hooks/shop/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (503, "voice.channel_sealed")
    settings.SECRET_KEY = before
