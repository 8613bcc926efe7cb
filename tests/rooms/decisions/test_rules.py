"""What a question must say before it is asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kfar.ground.errors import Refused
from kfar.rooms.decisions.rules import Draft, check_question, clean

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

GOOD: dict[str, Any] = {
    "text": {"en": "Which apples?", "he": "אילו תפוחים?"},
    "options": [{"en": "A", "he": "א"}, {"en": "B", "he": "ב"}],
    "method": "approval",
    "closes_at": NOW + timedelta(days=7),
    "pledge": {"en": "We grow them"},
    "pledge_due": date(2026, 3, 8),
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"text": {"en": "x" * 500}},
        {"options": [{"en": str(n)} for n in range(50)]},
        {"options": [{"en": "x" * 200}, {"en": "y"}]},
        {"closes_at": NOW + timedelta(microseconds=1), "pledge_due": date(2026, 3, 1)},
        {"closes_at": NOW + timedelta(days=366), "pledge_due": date(2027, 3, 2)},
    ],
)
def test_a_question_that_may_be_asked(change: dict[str, Any]) -> None:
    check_question(Draft(**(GOOD | change)), NOW)


@pytest.mark.parametrize(
    ("change", "code", "params"),
    [
        ({"text": {}}, "decisions.no_text", {}),
        ({"text": {"en": ""}}, "decisions.no_text", {}),
        ({"options": []}, "decisions.too_few_options", {}),
        ({"options": [{"en": "A"}]}, "decisions.too_few_options", {}),
        ({"options": [{}, {}]}, "decisions.too_few_options", {}),
        ({"options": [{"en": "A"}, {"en": ""}]}, "decisions.too_few_options", {}),
        (
            {"options": [{"en": str(n)} for n in range(51)]},
            "decisions.too_many_options",
            {"most": 50},
        ),
        ({"options": [{"en": "Ża"}, {"en": "ŻA"}]}, "decisions.option_twice", {}),
        (
            {"options": [{"en": "A", "he": "א"}, {"en": "B"}]},
            "decisions.options_differ",
            {"language": "he"},
        ),
        (
            {"options": [{"en": "A"}, {"en": "B"}, {}]},
            "decisions.options_differ",
            {"language": "en"},
        ),
        ({"text": {"en": "x" * 501}}, "decisions.too_long", {"most": 500, "length": 501}),
        ({"pledge": {"pl": "x" * 501}}, "decisions.too_long", {"most": 500, "length": 501}),
        (
            {"options": [{"en": "A"}, {"en": "x" * 201}]},
            "decisions.too_long",
            {"most": 200, "length": 201},
        ),
        ({"method": "dice"}, "decisions.unknown_method", {}),
        ({"closes_at": NOW}, "decisions.closes_in_past", {}),
        (
            {"closes_at": NOW + timedelta(days=366, microseconds=1)},
            "decisions.closes_too_late",
            {"days": 366},
        ),
        ({"pledge": {"en": ""}}, "decisions.no_pledge", {}),
        ({"pledge_due": date(2026, 3, 7)}, "decisions.pledge_before_close", {}),
        ({"opens_at": NOW + timedelta(days=7)}, "decisions.closes_in_past", {}),
        ({"audience": "all"}, "decisions.unknown_audience", {}),
        ({"audience": "account"}, "decisions.unknown_audience", {}),
        ({"method": "greedy"}, "decisions.budget_missing", {}),
        ({"method": "greedy", "budget": 5, "costs": [1]}, "decisions.budget_missing", {}),
        ({"method": "greedy", "budget": 5, "costs": [1, 0]}, "decisions.budget_missing", {}),
        (
            {"method": "irv", "seats": 2, "options": [{"en": t} for t in "ABC"]},
            "decisions.one_winner",
            {},
        ),
        (
            {"method": "stv", "seats": 2},
            "decisions.out_of_range",
            {"what": "seats", "least": 1, "most": 1},
        ),
        ({"answers": 0}, "decisions.out_of_range", {"what": "answers", "least": 1, "most": 20}),
        ({"overvote": "dice"}, "decisions.unknown_overvote", {}),
        ({"lot": "0>0"}, "decisions.not_an_order", {}),
    ],
)
def test_a_question_that_may_not(change: dict[str, Any], code: str, params: object) -> None:
    with pytest.raises(Refused) as refused:
        check_question(Draft(**(GOOD | change)), NOW)
    assert (refused.value.code, refused.value.params) == (code, params)


def test_what_says_nothing_is_left_out() -> None:
    assert clean({"en": " A\r\nB\x00 ", "he": "\x00 ", "pl": ""}) == {"en": "A\nB"}
