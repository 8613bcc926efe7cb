"""Text messages: signed as Twilio signs, sent as Twilio takes them, kept where nobody sends."""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings
from structlog.testing import capture_logs

from kfar.doors import texts
from kfar.doors.mail import maildir
from kfar.doors.texts import Kept, Twilio, signature, signed, texter, twiml
from kfar.ground.errors import Refused

#: The example of Twilio's documentation, "Validating Signatures from Twilio".
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FIELDS = {
    "CallSid": ["CA1234567890ABCDE"],
    "Caller": ["+14158675309"],
    "Digits": ["1234"],
    "From": ["+14158675309"],
    "To": ["+18005551212"],
}
SIGNED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_signature_is_the_one_twilio_publishes() -> None:
    assert signature("12345", URL, FIELDS) == SIGNED
    assert signed(SIGNED, "12345", URL, FIELDS)


@pytest.mark.parametrize(
    ("said", "token", "url", "fields"),
    [
        (SIGNED[:-2] + "9=", "12345", URL, FIELDS),
        ("", "12345", URL, FIELDS),
        ("שלום", "12345", URL, FIELDS),
        (SIGNED, "12346", URL, FIELDS),
        (SIGNED, "12345", URL.replace("https", "http"), FIELDS),
        (SIGNED, "12345", URL, FIELDS | {"Digits": ["1235"]}),
        (SIGNED, "12345", URL, FIELDS | {"More": [""]}),
    ],
    ids=["mark", "none", "letters", "token", "url", "field", "more"],
)
def test_what_is_changed_is_not_signed(
    said: str, token: str, url: str, fields: dict[str, list[str]]
) -> None:
    assert not signed(said, token, url, fields)


def test_without_a_token_nothing_is_signed() -> None:
    assert not signed(signature("", URL, FIELDS), "", URL, FIELDS)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_an_answer_says_what_is_to_be_said(text: str) -> None:
    told = ElementTree.fromstring(twiml(text).encode())
    assert [(one.tag, one.text) for one in told] == ([("Message", text)] if text else [])


@dataclass
class Api:
    """Something that speaks like Twilio."""

    server: HTTPServer
    status: int = 201
    asked: list[tuple[str, str, dict[str, list[str]]]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def api() -> Iterator[Api]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            proof = b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
            found.asked.append((self.path, proof, parse_qs(body)))
            self.send_response(found.status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            pass

    found = Api(HTTPServer(("127.0.0.1", 0), Handler))
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def test_twilio_is_asked_to_send(api: Api) -> None:
    Twilio("AC1", "secret", "+18005551212", api.address).send(to="+972502345678", text="קוד: 1")
    assert api.asked == [
        (
            "/Accounts/AC1/Messages.json",
            "AC1:secret",
            {"To": ["+972502345678"], "From": ["+18005551212"], "Body": ["קוד: 1"]},
        )
    ]


@pytest.mark.parametrize("status", [302, 400, 401, 429, 500])
def test_what_is_not_sent_is_said_and_the_log_names_nobody(api: Api, status: int) -> None:
    api.status = status
    with capture_logs() as logs, pytest.raises(Refused) as refused:
        Twilio("AC1", "secret", "+18005551212", api.address).send(to="+972502345678", text="x")
    assert refused.value.code == "texts.not_sent"
    assert logs == [{"event": "texts.not_sent", "log_level": "error", "status": status}]


def test_twilio_away() -> None:
    with capture_logs() as logs, pytest.raises(Refused):
        Twilio("AC1", "secret", "+18005551212", "http://127.0.0.1:1").send(to="+1", text="x")
    assert logs == [{"event": "texts.not_sent", "log_level": "error", "error": "URLError"}]


def test_without_an_account_messages_are_kept_and_removed_by_number(
    data_dir: Path, settings: Settings
) -> None:
    assert isinstance(texter(), Kept)
    texter().send(to="+972502345678", text="123456 is your code.\nMore")
    [kept] = maildir.box().values()
    assert (kept["To"], kept["Subject"]) == ("+972502345678", "123456 is your code.")
    assert maildir.remove(["+972502345678"]) == 1
    settings.KFAR_TWILIO = ("AC1", "secret", "+18005551212")
    found = texter()
    assert isinstance(found, Twilio)
    assert found.address == f"{texts.API}/Accounts/AC1/Messages.json"
