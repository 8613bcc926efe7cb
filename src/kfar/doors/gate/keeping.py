"""Keeping: what is the same for every stranger is said again without asking the pages anew.

The smallest part of a shared cache (RFC 9111, 2022): an answer to GET that allows it
(`Cache-Control: s-maxage`), asked for without a cookie or a name, told apart by host, address
and language. Once its time is up, one reader asks anew and the others are told the old one.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass

from kfar.doors.gate.http import Request

#: Answers that are kept at once, and bytes of the longest.
MOST, LONGEST = 512, 256 * 1024
#: Seconds within which whoever asks anew has an answer.
SOON = 2.0
_LASTS = re.compile(rb"(?:^|[\s,])s-maxage=(\d{1,4})(?:$|[\s,])")
#: What an answer may differ by: readers without cookies have the second alike.
_VARIES = {b"accept-language", b"cookie"}
#: What is of one request alone.
_OWN = {b"x-request-id", b"content-length", b"date"}
Headers = list[tuple[bytes, bytes]]
Key = tuple[bytes, bytes, bytes]


@dataclass
class Kept:
    """An answer: its headers as lines, its body, and from when on it is asked for anew."""

    headers: bytes
    body: bytes
    until: float


class Shelf:
    """The answers that are kept, the latest asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def find(self, request: Request, now: float) -> Kept | None:
        """Return what may be answered without asking; None: ask."""
        key = _key(request)
        kept = self._kept.get(key) if key else None
        if key is None or kept is None:
            return None
        if kept.until <= now:
            kept.until = now + SOON  # the others need not ask, too
            return None
        self._kept.move_to_end(key)
        return kept

    def keep(self, request: Request, headers: Headers, body: bytes, now: float) -> None:
        """Keep an answer of 200 if it says for how long; what was kept before is forgotten."""
        self.forget(request)
        key, seconds = _key(request), _seconds(headers)
        if key is None or not seconds or request.method != b"GET" or len(body) > LONGEST:
            return
        said = [b"%b: %b\r\n" % pair for pair in headers if pair[0].lower() not in _OWN]
        self._kept[key] = Kept(b"".join(said), body, now + seconds)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def forget(self, request: Request) -> None:
        """Say no longer what the pages answer in another way now."""
        if key := _key(request):
            self._kept.pop(key, None)


def _key(request: Request) -> Key | None:
    """By what an answer is found; None where it is for this reader alone."""
    if request.method not in {b"GET", b"HEAD"}:
        return None
    found = {b"host": b"", b"accept-language": b""}
    for name, value in request.headers:
        lower = name.lower()
        if lower in {b"cookie", b"authorization", b"range"}:
            return None
        if lower in found:
            found[lower] = value
    return found[b"host"], request.url, found[b"accept-language"]


def _seconds(headers: Headers) -> int:
    """For how long an answer may be kept."""
    said: dict[bytes, bytes] = {}
    for name, value in headers:
        lower = name.lower()
        said[lower] = b"%b, %b" % (said[lower], value) if lower in said else value
    varies = {name.strip().lower() for name in said.get(b"vary", b"cookie").split(b",")}
    lasts = _LASTS.search(said.get(b"cache-control", b""))
    return int(lasts[1]) if lasts and varies <= _VARIES and b"set-cookie" not in said else 0
