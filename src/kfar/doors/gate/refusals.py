"""Every reason for which the gate refuses: one closed set, counted and shown."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus

import msgspec


class Refusal(StrEnum):
    """Why a request, or one event of a batch, was not taken."""

    # The request: nothing of it was kept.
    MALFORMED = "malformed"
    HEADERS_TOO_LONG = "headers_too_long"
    TOO_SLOW = "too_slow"
    UNKNOWN_PATH = "unknown_path"
    WRONG_METHOD = "wrong_method"
    BODY_TOO_LARGE = "body_too_large"
    BAD_GZIP = "bad_gzip"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    NO_KEY = "no_key"
    UNKNOWN_KEY = "unknown_key"
    OVER_RATE = "over_rate"
    OVERLOADED = "overloaded"
    DISK_FULL = "disk_full"
    INTAKE_AWAY = "intake_away"
    PAGES_AWAY = "pages_away"

    # One event: the others of its batch are kept.
    NOT_AN_OBJECT = "not_an_object"
    EVENT_TOO_LARGE = "event_too_large"
    UNKNOWN_TYPE = "unknown_type"
    NOBODY = "nobody"
    BAD_ID = "bad_id"
    NO_EVENT_NAME = "no_event_name"
    NO_GROUP = "no_group"
    NO_PREVIOUS = "no_previous"

    # A ballot.
    UNKNOWN_QUESTION = "unknown_question"
    NOT_OPEN = "not_open"
    BAD_VOTER = "bad_voter"
    BAD_CHOICE = "bad_choice"
    NOT_BY_LINK = "not_by_link"
    OTHER_PAGE = "other_page"
    TOO_MANY_VOTERS = "too_many_voters"

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status where the whole request is refused."""
        return _STATUS.get(self, HTTPStatus.BAD_REQUEST)

    @property
    def passes(self) -> bool:
        """Whether trying again later can help."""
        return self.status in {429, 503}

    @property
    def message(self) -> str:
        """What it means, for whoever reads a client's log."""
        return _MESSAGES[self]

    @property
    def line(self) -> bytes:
        """The status as it stands in the answer: b"400 Bad Request"."""
        return _LINES[self]

    @property
    def answer(self) -> bytes:
        """The body of the answer. Some clients read `error`, others `code` and `message`."""
        return _ANSWERS[self]


#: 400, 401 and 413 make a client throw its batch away, 429 and 503 make it try again.
_STATUS = {
    Refusal.HEADERS_TOO_LONG: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    Refusal.TOO_SLOW: HTTPStatus.REQUEST_TIMEOUT,
    Refusal.UNKNOWN_PATH: HTTPStatus.NOT_FOUND,
    Refusal.WRONG_METHOD: HTTPStatus.METHOD_NOT_ALLOWED,
    Refusal.BODY_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Refusal.EVENT_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Refusal.NO_KEY: HTTPStatus.UNAUTHORIZED,
    Refusal.UNKNOWN_KEY: HTTPStatus.UNAUTHORIZED,
    Refusal.OVER_RATE: HTTPStatus.TOO_MANY_REQUESTS,
    Refusal.OVERLOADED: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.DISK_FULL: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.INTAKE_AWAY: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.PAGES_AWAY: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.UNKNOWN_QUESTION: HTTPStatus.NOT_FOUND,
    Refusal.NOT_OPEN: HTTPStatus.CONFLICT,
    Refusal.BAD_VOTER: HTTPStatus.FORBIDDEN,
    Refusal.NOT_BY_LINK: HTTPStatus.FORBIDDEN,
    Refusal.OTHER_PAGE: HTTPStatus.FORBIDDEN,
    Refusal.TOO_MANY_VOTERS: HTTPStatus.TOO_MANY_REQUESTS,
}
_MESSAGES = {
    Refusal.MALFORMED: "This is not HTTP/1.1 as it is written.",
    Refusal.HEADERS_TOO_LONG: "Request line and headers are longer than 32 KB.",
    Refusal.TOO_SLOW: "The request was not whole within its time.",
    Refusal.UNKNOWN_PATH: "There is nothing at this path.",
    Refusal.WRONG_METHOD: "This path is not asked so; Allow says how.",
    Refusal.BODY_TOO_LARGE: "The request is longer than 500 KB, unpacked.",
    Refusal.BAD_GZIP: "What is packed can't be unpacked.",
    Refusal.NOT_JSON: "The body is not what this path takes: an object in JSON.",
    Refusal.TOO_DEEP: "Objects and lists stand in one another more than 100 deep.",
    Refusal.NO_KEY: "There is no write key: send it by Basic authentication or in the body.",
    Refusal.UNKNOWN_KEY: "Invalid write key.",
    Refusal.OVER_RATE: "This key sends faster than it may. Try again.",
    Refusal.OVERLOADED: "We can't follow at the moment. Try again.",
    Refusal.DISK_FULL: "There is no room to keep it at the moment. Try again.",
    Refusal.INTAKE_AWAY: "The store does not answer at the moment. Try again.",
    Refusal.PAGES_AWAY: "The pages are being opened. Try again.",
    Refusal.NOT_AN_OBJECT: "An event is an object.",
    Refusal.EVENT_TOO_LARGE: "The event is longer than 32 KB.",
    Refusal.UNKNOWN_TYPE: "type is identify, track, page, screen, group or alias.",
    Refusal.NOBODY: "The event names nobody: userId or anonymousId is needed.",
    Refusal.BAD_ID: "An id is text of up to 254 letters, or a number.",
    Refusal.NO_EVENT_NAME: "A track needs its event's name (a CloudEvent 1.0: id, source, type).",
    Refusal.NO_GROUP: "A group needs a groupId.",
    Refusal.NO_PREVIOUS: "An alias needs a previousId.",
    Refusal.UNKNOWN_QUESTION: "There is no such question.",
    Refusal.NOT_OPEN: "This question is not open.",
    Refusal.BAD_VOTER: "The voter's token is not one of ours, or is for another question.",
    Refusal.BAD_CHOICE: "These are not options that may be chosen.",
    Refusal.NOT_BY_LINK: "This question asks who votes; a link is not enough.",
    Refusal.OTHER_PAGE: "Votes by link are sent by the question's own page.",
    Refusal.TOO_MANY_VOTERS: "Too many new voters from this address. Try again later.",
}
_LINES = {why: b"%d %b" % (why.status, why.status.phrase.encode()) for why in Refusal}
_ANSWERS = {
    why: msgspec.json.encode(
        {"success": False, "error": str(why), "code": str(why), "message": why.message}
    )
    for why in Refusal
}
