"""Keys to the gate: made once, known by their sums, revoked for good."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfar import loop
from kfar.lake.intake.notice import Board, Key, notice_file
from kfar.rooms.touchpoints import keys
from tests.people import refuses

pytestmark = pytest.mark.django_db


def test_a_key_opens_the_gate_until_it_is_revoked(data_dir: Path) -> None:
    key = keys.make(source="shop", scope="server", rate=50)
    other = keys.make(source="site")
    loop.post_notice()
    board = Board(notice_file(data_dir))
    assert board.opens(key) == Key(source="shop", scope="server", rate=50)
    assert board.opens(other) == Key(source="site", scope="web", rate=0)
    assert board.opens(key + "x") is None

    assert (keys.revoke(hint=key[:6]), keys.revoke(hint=key[:6])) == (1, 0)
    loop.post_notice()
    board.look()
    assert (board.opens(key), board.opens(other)) == (None, Key("site"))


def test_only_how_it_begins_is_kept(data_dir: Path) -> None:
    key = keys.make(source="shop")
    loop.post_notice()
    [line] = keys.everyone()
    assert (line.hint, line.source, line.scope, line.revoked_at) == (key[:6], "shop", "web", None)
    assert key not in notice_file(data_dir).read_text()


def test_a_new_key_opens_at_once(data_dir: Path) -> None:
    loop.post_notice()
    board = Board(notice_file(data_dir))
    board.looked = 0.0
    key = keys.make(source="shop")
    loop.post_notice()
    assert board.opens(key) == Key("shop")


def test_what_cannot_be_is_refused() -> None:
    with refuses("touchpoints.bad_scope", scope="all"):
        keys.make(source="shop", scope="all")
    with refuses("touchpoints.bad_source", source="A shop"):
        keys.make(source="A shop")
    with refuses("touchpoints.no_such_key", hint="abcdef"):
        keys.revoke(hint="abcdef")
