"""Mastodon: mentions of us and a tag read, answers and polls posted; its API as of 4.0.

Plain HTTP, since whatever asks servers here goes through `reach`: an account's server is an
address that somebody wrote down.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from kfar.doors.channels.feeds import check
from kfar.doors.reaching import reach
from kfar.ground.errors import Refused
from kfar.rooms.voice.channels.rules import Message
from kfar.rooms.voice.mail import markup

#: How many posts are asked for at once, and how many times in one round.
PAGE, PAGES = 40, 5
#: How much of an answer is read, in bytes, and how long is waited for it, in seconds.
MOST, PATIENCE = 4_000_000, 15.0
#: How long a post may be where a server does not say.
SHORT = 500


class Server:
    """An account on a server. Refuses as `reach` and `feeds.check` do."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url.rstrip("/"), token

    def account(self) -> dict[str, str]:
        """Return who we are there: `id` and `acct`."""
        said = self._ask("GET", "/api/v1/accounts/verify_credentials")
        try:
            return {"id": str(said["id"]), "acct": str(said["acct"])}
        except (KeyError, TypeError) as error:
            raise Refused("channels.not_understood") from error

    def longest(self) -> int:
        """Return how long a post may be, in characters."""
        try:
            said = self._ask("GET", "/api/v2/instance")["configuration"]["statuses"]
            return max(100, int(said["max_characters"]))
        except (KeyError, TypeError, ValueError, Refused):
            return SHORT

    def mentions(self, since: str) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """Yield what mentions us since a notification, the oldest first: its id, its status."""
        query = [("types[]", "mention")]
        for one in self._since("/api/v1/notifications", since, query):
            status = one.get("status")
            yield str(one["id"]), status if isinstance(status, dict) else None

    def tagged(self, tag: str, since: str) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """Yield what carries a tag since a status, the oldest first: its id, the status."""
        for one in self._since(f"/api/v1/timelines/tag/{quote(tag, safe='')}", since, []):
            yield str(one["id"]), one

    def latest(self, tag: str = "") -> str:
        """Return the id from which on there is news: of mentions, or of a tag."""
        path = f"/api/v1/timelines/tag/{quote(tag, safe='')}" if tag else "/api/v1/notifications"
        query = [("limit", "1")] if tag else [("limit", "1"), ("types[]", "mention")]
        found = _listed(self._ask("GET", path, query))
        return str(found[0]["id"]) if found else "0"

    def post(
        self,
        text: str,
        *,
        once: str,
        answers: str = "",
        visibility: str = "public",
        language: str = "",
        options: Sequence[str] = (),
        seconds: int = 0,
    ) -> tuple[str, str]:
        """Post a text, or a poll with `options` that is open for `seconds`; return id and address.

        The same `once` within an hour posts once.
        """
        said = [("status", text), ("visibility", visibility)]
        said += [("in_reply_to_id", answers)] * bool(answers)
        said += [("language", language)] * bool(language)
        said += [("poll[options][]", option) for option in options]
        said += [("poll[expires_in]", str(seconds))] * bool(options)
        made = self._ask("POST", "/api/v1/statuses", said, {"Idempotency-Key": once})
        try:
            return str(made["id"]), str(made.get("url") or "")
        except (KeyError, TypeError, AttributeError) as error:
            raise Refused("channels.not_understood") from error

    def poll(self, status: str) -> list[tuple[str, int]]:
        """Return how a poll of ours stands: each option and its votes, as far as they are shown."""
        said = self._ask("GET", f"/api/v1/statuses/{quote(status, safe='')}")
        try:
            options = said["poll"]["options"]
            return [(str(one["title"]), int(one["votes_count"] or 0)) for one in options]
        except (KeyError, TypeError, ValueError) as error:
            raise Refused("channels.not_understood") from error

    def _since(
        self, path: str, since: str, query: list[tuple[str, str]]
    ) -> Iterator[dict[str, Any]]:
        """Yield what is newer than an id, page by page, the oldest first."""
        for _page in range(PAGES):
            asked = [*query, ("limit", str(PAGE)), ("min_id", since)]
            found = sorted(_listed(self._ask("GET", path, asked)), key=lambda one: order(one["id"]))
            news = [one for one in found if order(one["id"]) > order(since)]
            yield from news
            if not news or len(found) < PAGE:
                return
            since = str(news[-1]["id"])

    def _ask(
        self,
        method: str,
        path: str,
        said: Sequence[tuple[str, str]] = (),
        more: Mapping[str, str] | None = None,
    ) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "User-Agent": "Kfar", **(more or {})}
        url, body = self.url + path, None
        if method == "GET":
            url += f"?{urlencode(said)}" if said else ""
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(said).encode()
        answer = reach(method, url, headers=headers, body=body, most=MOST, seconds=PATIENCE)
        check(answer)
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise Refused("channels.not_understood") from error


def order(named: object) -> tuple[int, str]:
    """Return by what ids of posts stand in order: they are numbers that grow, as text."""
    return len(str(named)), str(named)


def message(status: Mapping[str, Any], *, url: str, account: Mapping[str, str]) -> Message | None:
    """Return what a status says; None where it is ours, or none that could be understood.

    `url` is where our account is: names without a host are of there.
    """
    try:
        author = status["account"]
        if str(author["id"]) == account.get("id"):
            return None
        acct = str(author["acct"])
        whole = acct if "@" in acct else f"{acct}@{urlsplit(url).hostname}"
        text = markup.words(str(status["content"]))
        warning = str(status.get("spoiler_text") or "")
        files = [str(one.get("url") or "") for one in status.get("media_attachments") or ()]
        said = "\n\n".join(part for part in (warning, _unaddressed(text, account), *files) if part)
        at = datetime.fromisoformat(str(status["created_at"]).replace("Z", "+00:00"))
        return Message(
            id=str(status["id"]),
            text=said,
            at=at if at.tzinfo else at.replace(tzinfo=UTC),
            author=f"@{whole.lower()}",
            name=str(author.get("display_name") or acct),
            address=f"@{acct}",
            answers=(str(status["in_reply_to_id"]),) if status.get("in_reply_to_id") else (),
            url=str(status.get("url") or ""),
            language=str(status.get("language") or ""),
            program=bool(author.get("bot")),
            private=status.get("visibility") in {"private", "direct"},
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _unaddressed(text: str, account: Mapping[str, str]) -> str:
    """Return a text without our own name before it."""
    ours = account.get("acct", "")
    first, _, rest = text.partition(" ")
    named = first.removeprefix("@").partition("@")[0].lower()
    return rest.strip() if rest and named == ours.partition("@")[0].lower() else text


def _listed(said: Any) -> list[dict[str, Any]]:
    """Return a list of what has an id; refuse what is none."""
    if not isinstance(said, list) or not all(isinstance(one, dict) and "id" in one for one in said):
        raise Refused("channels.not_understood")
    return said
