"""Surveys to begin with, in all our languages: they hold SurveyJS's JSON, as one from elsewhere.

The questions are those of Reichheld (2003) and of Dixon, Freeman and Toman (2010).
"""

from __future__ import annotations

from typing import Any

_WHY = {
    "type": "comment",
    "name": "why",
    "title": {
        "default": "What is the main reason?",
        "he": "מה הסיבה העיקרית?",
        "pl": "Jaki jest główny powód?",
    },
}
_NPS = {
    "type": "rating",
    "name": "recommend",
    "title": {
        "default": "How likely are you to recommend us to a friend?",
        "he": "באיזו מידה סביר שתמליצו עלינו לחברים?",
        "pl": "Jak prawdopodobne jest, że polecisz nas znajomym?",
    },
    "isRequired": True,
    "rateCount": 11,
    "rateMin": 0,
    "rateMax": 10,
    "minRateDescription": {
        "default": "not at all likely",
        "he": "בכלל לא סביר",
        "pl": "zupełnie nieprawdopodobne",
    },
    "maxRateDescription": {
        "default": "very likely",
        "he": "סביר מאוד",
        "pl": "bardzo prawdopodobne",
    },
    "kfarScore": "nps",
}
_CSAT = {
    "type": "rating",
    "name": "content",
    "title": {
        "default": "How content are you with what you bought?",
        "he": "מה מידת שביעות הרצון ממה שקניתם?",
        "pl": "Na ile podoba Ci się to, co udało się kupić?",
    },
    "isRequired": True,
    "minRateDescription": {
        "default": "not content at all",
        "he": "לא מרוצים בכלל",
        "pl": "wcale",
    },
    "maxRateDescription": {"default": "very content", "he": "מרוצים מאוד", "pl": "bardzo"},
    "kfarScore": "csat",
}
_CES = {
    "type": "rating",
    "name": "easy",
    "title": {
        "default": "How easy was it to get done what you came for?",
        "he": "כמה קל היה לסיים את מה שלשמו פניתם?",
        "pl": "Jak łatwo było załatwić swoją sprawę?",
    },
    "isRequired": True,
    "rateCount": 7,
    "rateMax": 7,
    "minRateDescription": {"default": "very hard", "he": "קשה מאוד", "pl": "bardzo trudno"},
    "maxRateDescription": {"default": "very easy", "he": "קל מאוד", "pl": "bardzo łatwo"},
    "kfarScore": "ces",
}
_GOOD = {
    "type": "comment",
    "name": "better",
    "title": {
        "default": "What should we do better?",
        "he": "מה כדאי לנו לשפר?",
        "pl": "Co możemy robić lepiej?",
    },
}


def _survey(english: str, hebrew: str, polish: str, *elements: dict[str, Any]) -> dict[str, Any]:
    title = {"default": english, "he": hebrew, "pl": polish}
    return {"title": title, "pages": [{"name": "page1", "elements": list(elements)}]}


#: By name: would you recommend us, are you content, was it easy, and a little of everything.
TEMPLATES: dict[str, dict[str, Any]] = {
    "nps": _survey("Would you recommend us?", "האם תמליצו עלינו?", "Czy nas polecisz?", _NPS, _WHY),
    "csat": _survey("Are you content?", "האם אתם מרוצים?", "Czy jest dobrze?", _CSAT, _WHY),
    "ces": _survey("Was it easy?", "האם היה קל?", "Czy było łatwo?", _CES, _WHY),
    "short": _survey(
        "How are we doing?",
        "איך אנחנו?",
        "Jak nam idzie?",
        _CSAT,
        {**_GOOD, "visibleIf": "{content} <= 3", "isRequired": True},
        _NPS,
        _WHY,
    ),
}
