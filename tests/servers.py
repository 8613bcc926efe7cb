"""Servers elsewhere, for tests: one that answers as it is told, and one that is Mastodon's kind.

`Mastodon` speaks as docs.joinmastodon.org says of the API (methods/accounts, instance,
notifications, timelines, statuses, as of 4.5); names and posts in it are those of its examples.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django.fixtures import Settings


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, list[str]]:
        """What a form says."""
        return parse_qs(self.body.decode())


Given = tuple[int, dict[str, str], bytes]


@contextmanager
def serving(answer: Callable[[Asked], Given]) -> Iterator[str]:
    """Serve on a port of this machine; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            at = urlsplit(self.path)
            asked = Asked(
                self.command,
                at.path,
                parse_qs(at.query),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )
            status, headers, body = answer(asked)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Script:
    """A server that answers as it is told, and what it was asked."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Given:
        """Answer a request."""
        self.asked.append(asked)
        etag = self.headers.get("ETag")
        if self.status == 200 and etag and asked.headers.get("if-none-match") == etag:
            return 304, {"ETag": etag}, b""
        return self.status, self.headers, self.body


TOKEN = "a-token-of-ours"


@dataclass
class Mastodon:
    """A server of Mastodon's kind, with our account `orchard` on it."""

    url: str = ""
    statuses: list[dict[str, Any]] = field(default_factory=list)
    notifications: list[dict[str, Any]] = field(default_factory=list)
    once: dict[str, dict[str, Any]] = field(default_factory=dict)
    longest: int = 500
    down: int = 0
    lock: Any = field(default_factory=threading.Lock)
    last: int = 103254962155278887

    def say(self, text: str, who: str = "zsc", **given: Any) -> dict[str, Any]:
        """Let somebody post, and tell us where it mentions us; return the status."""
        with self.lock:
            status = self._status(text, who, **given)
            if "orchard" in text and who != "orchard":
                self.last += 1
                self.notifications.append(
                    {
                        "id": str(self.last),
                        "type": "mention",
                        "created_at": status["created_at"],
                        "account": status["account"],
                        "status": status,
                    }
                )
            return status

    def ours(self) -> list[dict[str, Any]]:
        """What our account has posted."""
        return [one for one in self.statuses if one["account"]["username"] == "orchard"]

    def answer(self, asked: Asked) -> Given:
        """Answer a request."""
        if self.down:
            return self.down, {}, b"<h1>We are sorry</h1>"
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return _json({"error": "The access token is invalid"}, 401)
        with self.lock:
            return self._answer(asked)

    def _answer(self, asked: Asked) -> Given:
        name = asked.path.rpartition("/")[2]
        if asked.method == "POST" and asked.path == "/api/v1/statuses":
            return self._post(asked)
        if asked.path == "/api/v1/accounts/verify_credentials":
            return _json(_account("orchard"))
        if asked.path == "/api/v2/instance":
            return _json({"configuration": {"statuses": {"max_characters": self.longest}}})
        if asked.path == "/api/v1/notifications":
            kinds = asked.query.get("types[]", [])
            return _page([n for n in self.notifications if n["type"] in kinds], asked)
        if asked.path.startswith("/api/v1/timelines/tag/"):
            tagged = [s for s in self.statuses if name in [tag["name"] for tag in s["tags"]]]
            return _page([s for s in tagged if s["visibility"] == "public"], asked)
        if asked.path.startswith("/api/v1/statuses/"):
            found = [one for one in self.statuses if one["id"] == name]
            return _json(found[0]) if found else _json({"error": "Record not found"}, 404)
        return _json({"error": "Record not found"}, 404)

    def _post(self, asked: Asked) -> Given:
        key = asked.headers.get("idempotency-key", "")
        if key in self.once:
            return _json(self.once[key])
        said = {name: values[0] for name, values in asked.form.items()}
        if len(said["status"]) > self.longest:
            return _json({"error": "Validation failed: Text character limit exceeded"}, 422)
        above = said.get("in_reply_to_id")
        if above and above not in [one["id"] for one in self.statuses]:
            return _json({"error": "Record not found"}, 404)
        made = self._status(
            said["status"],
            "orchard",
            in_reply_to_id=above,
            visibility=said.get("visibility", "public"),
            language=said.get("language"),
        )
        if options := asked.form.get("poll[options][]"):
            given = [{"title": option, "votes_count": 0} for option in options]
            made["poll"] = {"id": made["id"], "expired": False, "options": given}
        self.once[key] = made
        return _json(made)

    def _status(self, text: str, who: str, **given: Any) -> dict[str, Any]:
        self.last += 1
        bot = given.pop("bot", False)
        words = [word for word in text.split() if word.startswith("#")]
        status = {
            "id": str(self.last),
            "created_at": "2019-11-23T07:49:01.940Z",
            "in_reply_to_id": None,
            "in_reply_to_account_id": None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": "public",
            "language": "en",
            "uri": f"{self.url}/users/{who}/statuses/{self.last}",
            "url": f"{self.url}/@{who}/{self.last}",
            "content": f"<p>{text}</p>",
            "reblog": None,
            "account": _account(who, bot=bot),
            "media_attachments": [],
            "mentions": [],
            "tags": [{"name": word[1:], "url": f"{self.url}/tags/{word[1:]}"} for word in words],
            "emojis": [],
            "card": None,
            "poll": None,
        }
        self.statuses.append(status | given)
        return self.statuses[-1]


def _account(acct: str, *, bot: bool = False) -> dict[str, Any]:
    name = acct.partition("@")[0]
    named = {"id": str(sum(map(ord, acct))), "username": name, "acct": acct}
    return {**named, "display_name": name.capitalize(), "bot": bot, "note": "<p>…</p>"}


def _page(found: list[dict[str, Any]], asked: Asked) -> Given:
    """A page of what is newer than `min_id`: the next ones, the newest first."""
    least = int(asked.query.get("min_id", ["-1"])[0])
    limit = int(asked.query.get("limit", ["20"])[0])
    newer = [one for one in found if int(one["id"]) > least]
    kept = newer[:limit] if least >= 0 else newer[-limit:]
    return _json(kept[::-1])


def _json(said: Any, status: int = 200) -> Given:
    return status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(said).encode()


@pytest.fixture
def elsewhere(settings: Settings) -> Iterator[Script]:
    """A server that answers as it is told, and may be asked."""
    found = Script()
    with serving(found.answer) as found.url:
        settings.KFAR_REACH = frozenset({urlsplit(found.url).netloc})
        yield found


@pytest.fixture
def mastodon(settings: Settings) -> Iterator[Mastodon]:
    """A server of Mastodon's kind, that may be asked."""
    found = Mastodon()
    with serving(found.answer) as found.url:
        settings.KFAR_REACH = frozenset({urlsplit(found.url).netloc})
        yield found
