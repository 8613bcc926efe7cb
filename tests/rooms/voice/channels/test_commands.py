"""Channels are added, renewed and removed; their secrets are sealed; what fails waits longer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from kfar.rooms.voice.channels import commands, queries
from kfar.rooms.voice.models import Channel, Secret
from tests.clock import Clock
from tests.people import refuses
from tests.rooms.voice.channels.said import a_hook

pytestmark = pytest.mark.django_db


def test_a_secret_is_good_a_day_beside_the_next(clock: Clock) -> None:
    shop = a_hook()
    [first] = queries.secrets(shop)
    second = commands.renew(name="shop")
    assert queries.secrets(shop) == [second, first]
    clock.forward(hours=23)
    third = commands.renew(name="shop")
    assert queries.secrets(shop) == [third, second, first]
    clock.forward(hours=1, seconds=1)
    assert queries.secrets(shop) == [third, second]


def test_a_secret_stands_nowhere_as_it_is(settings: Settings) -> None:
    shop = a_hook()
    [secret] = queries.secrets(shop)
    assert secret.startswith("whsec_")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM voice_secret")
        [(kept,)] = cursor.fetchall()
    assert secret not in kept
    assert secret.removeprefix("whsec_") not in kept
    settings.SECRET_KEY = "another"
    with refuses("voice.channel_sealed"):
        queries.secrets(shop)


def test_channels_have_names_of_their_own() -> None:
    a_hook()
    with refuses("voice.channel_there", name="shop"):
        a_hook()
    with refuses("voice.bad_channel_name", name="Shop!"):
        a_hook("Shop!")
    with refuses("voice.bad_channel_kind", kinds="hook, rss, mastodon"):
        commands.add(kind="fax", name="fax")
    commands.remove(name="shop")
    a_hook()
    assert [line.name for line in queries.everyone()] == ["shop"]
    with refuses("voice.no_such_channel", name="other"):
        commands.remove(name="other")
    with refuses("voice.no_such_channel", name="other"):
        commands.renew(name="other")
    assert Secret.objects.count() == 1


def test_what_fails_is_asked_ever_more_rarely_and_says_since_when(clock: Clock) -> None:
    made = commands.add(kind="rss", name="forum", url="https://forum.example/rss")
    since, waits = clock.now, []
    for _try in range(11):
        commands.failed(channel_id=made, why="reach.away")
        row = Channel.objects.get()
        waits.append((row.due_at - clock.now) // timedelta(minutes=1))
        clock.forward(minutes=waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    [line] = queries.everyone()
    assert (line.failing, line.failed_at) == ("reach.away", since)
    commands.heard(channel_id=made, wait=timedelta(minutes=5))
    [line] = queries.everyone()
    assert (line.failing, line.failed_at, queries.due()) == ("", None, [])
    clock.forward(minutes=5)
    assert [one.name for one in queries.due()] == ["forum"]
    commands.failed(channel_id=made, why="channels.too_often", wait=timedelta(minutes=30))
    assert Channel.objects.get().due_at == clock.now + timedelta(minutes=30)


def test_of_two_workers_one_asks() -> None:
    made = commands.add(kind="rss", name="forum", url="https://forum.example/rss")
    [line] = queries.due()
    hold = timedelta(minutes=5)
    assert commands.claim(channel_id=made, due_at=line.due_at, hold=hold)
    assert not commands.claim(channel_id=made, due_at=line.due_at, hold=hold)
