"""Every reason for which the gate refuses: one closed set, counted and shown."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus


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
    NO_KEY = "no_key"
    UNKNOWN_KEY = "unknown_key"
    WRONG_SCOPE = "wrong_scope"
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

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status where the whole request is refused."""
        return _STATUS.get(self, HTTPStatus.BAD_REQUEST)

    @property
    def passes(self) -> bool:
        """Whether trying again later can help."""
        return self.status in {429, 503}


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
    Refusal.WRONG_SCOPE: HTTPStatus.FORBIDDEN,
    Refusal.OVER_RATE: HTTPStatus.TOO_MANY_REQUESTS,
    Refusal.OVERLOADED: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.DISK_FULL: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.INTAKE_AWAY: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.PAGES_AWAY: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.UNKNOWN_QUESTION: HTTPStatus.NOT_FOUND,
    Refusal.NOT_OPEN: HTTPStatus.CONFLICT,
    Refusal.BAD_VOTER: HTTPStatus.FORBIDDEN,
}
