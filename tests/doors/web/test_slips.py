"""Fields of a ballot paper as the text of a ballot."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from kfar.doors.web.slips import said
from kfar.ground.ballots import Form, Paper

ONE, SOME = Paper(Form.CHOICES, 3, 1), Paper(Form.CHOICES, 3, 3)
RANKED, LOOSE = Paper(Form.RANKING, 3, 3), Paper(Form.RANKING, 3, 3, equal=True, skips=True)
SCORED, POINTS = Paper(Form.SCORES, 3, 3, highest=5), Paper(Form.POINTS, 3, 3, credits=9)


@pytest.mark.parametrize(
    ("paper", "fields", "text"),
    [
        (ONE, "choices=2", "2"),
        (ONE, "choices=1&choices=2", ""),
        (ONE, "choices=3", ""),
        (ONE, "choices=x", ""),
        (ONE, "", ""),
        (SOME, "choices=2&choices=0", "0 2"),
        (SOME, "choices=2&choices=2", ""),
        (RANKED, "option_0=2&option_2=1", "2>0"),
        (RANKED, "option_0=3&option_2=1", "2>0"),
        (RANKED, "option_0=1&option_2=1", ""),
        (RANKED, "option_0=4", ""),
        (RANKED, "option_0=first", ""),
        (RANKED, "option_0=1&option_1=x", ""),
        (LOOSE, "option_0=1&option_1=1&option_2=3", "0=1>>2"),
        (SCORED, "option_0=5&option_1=+0+", "0:5 1:0"),
        (SCORED, "option_0=6", ""),
        (POINTS, "option_0=2&option_1=-1&option_2=0", "0:2 1:-1"),
        (POINTS, "option_0=4", ""),
    ],
)
def test_what_fields_say(paper: Paper, fields: str, text: str) -> None:
    assert said(paper, QueryDict(fields)) == text
