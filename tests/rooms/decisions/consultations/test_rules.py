"""What a consultation has to declare, and what may be said in one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.rooms.decisions.consultations.rules import (
    Draft,
    check_consultation,
    check_out,
    check_statement,
    same_as,
)
from kfar.rooms.decisions.proving.consultation import (
    Circle,
    Consultation,
    Moderation,
    Words,
    read_consultation,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "topic": {"en": "Bread", "he": "לחם"},
    "about": {},
    "seeds": [Words("Rye is best.", "en")],
    "closes_at": NOW + timedelta(days=7),
    "pledge": {"en": "We bake it"},
    "pledge_due": date(2026, 3, 8),
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"topic": {"pl": "x" * 200}},
        {"about": {"en": "x" * 2000}},
        {"seeds": [Words(f"{n}", "") for n in range(200)]},
        {"seeds": [Words("x" * 280, "en")]},
        {"closes_at": NOW + timedelta(days=366), "pledge_due": date(2027, 3, 2)},
        {"audience": "link", "moderation": "after"},
    ],
    ids=range(7),
)
def test_a_consultation_that_may_be_opened(change: dict[str, Any]) -> None:
    check_consultation(Draft(**(GOOD | change)), NOW)


@pytest.mark.parametrize(
    ("change", "code", "params"),
    [
        ({"topic": {}}, "consultations.no_topic", {}),
        ({"seeds": []}, "consultations.no_seeds", {}),
        (
            {"seeds": [Words(f"{n}", "") for n in range(201)]},
            "consultations.too_many_seeds",
            {"most": 200},
        ),
        ({"seeds": [Words("…", "en")]}, "consultations.nothing_said", {}),
        (
            {"seeds": [Words("Rye!", "en"), Words("rye", "pl")]},
            "consultations.said_already",
            {},
        ),
        ({"topic": {"en": "x" * 201}}, "decisions.too_long", {"most": 200, "length": 201}),
        ({"about": {"en": "x" * 2001}}, "decisions.too_long", {"most": 2000, "length": 2001}),
        ({"pledge": {"en": "x" * 501}}, "decisions.too_long", {"most": 500, "length": 501}),
        ({"audience": "all"}, "decisions.unknown_audience", {}),
        ({"moderation": "never"}, "consultations.unknown_moderation", {}),
        ({"closes_at": NOW}, "decisions.closes_in_past", {}),
        (
            {"opens_at": NOW + timedelta(days=8)},
            "decisions.closes_in_past",
            {},
        ),
        (
            {"closes_at": NOW + timedelta(days=367)},
            "decisions.closes_too_late",
            {"days": 366},
        ),
        ({"pledge": {}}, "decisions.no_pledge", {}),
        ({"pledge_due": None}, "decisions.no_pledge", {}),
        ({"pledge_due": date(2026, 3, 7)}, "decisions.pledge_before_close", {}),
    ],
    ids=range(16),
)
def test_what_may_not_be_opened(change: dict[str, Any], code: str, params: object) -> None:
    with pytest.raises(Refused) as refused:
        check_consultation(Draft(**(GOOD | change)), NOW)
    assert (refused.value.code, refused.value.params) == (code, params)


def test_a_statement_stands_on_one_line() -> None:
    assert check_statement("  Rye\r\n is\tbest.\x00 ") == "Rye is best."
    with pytest.raises(Refused, match="nothing_said"):
        check_statement(" ?! ")
    with pytest.raises(Refused) as refused:
        check_statement("x" * 283)
    assert refused.value.params == {"length": 283, "most": 280, "over": 3}


def test_why_it_is_taken_out_is_said() -> None:
    assert check_out(" It names\nsomebody. ") == "It names somebody."
    for wrong in (" ", "x" * 501):
        with pytest.raises(Refused):
            check_out(wrong)


@pytest.mark.parametrize(
    "other",
    ["rye is best", "RYE IS BEST!", "“Rye is  best…”", "Rye is best"],
)
def test_the_same_words_are_the_same_statement(other: str) -> None:
    assert same_as(other) == same_as("Rye is best.")


def test_other_words_are_another() -> None:
    texts = ["Rye is best.", "Rye is worst.", "שיפון", "שיפון?!", "黑麥", "1", "2"]
    assert len({same_as(text) for text in texts}) == 6


@given(st.text(), st.sampled_from(list(Circle)), st.sampled_from(list(Moderation)))
def test_a_manifest_is_read_as_it_was_written(
    text: str, audience: Circle, moderation: Moderation
) -> None:
    said = Consultation(
        log="kfar.example/log/1",
        key="k",
        company=text,
        consultation="1",
        topic={"en": text},
        about={},
        seeds=(Words(text, "en"),),
        audience=audience,
        moderation=moderation,
        opens="2026-03-01T12:00:00.000Z",
        closes="2026-03-08T12:00:00.000Z",
        pledge={"en": text},
        due="2026-03-08",
        credit=text,
    )
    assert read_consultation(said.line()) == said
    with pytest.raises(ValueError, match="not a manifest"):
        read_consultation('{"version":2}')
