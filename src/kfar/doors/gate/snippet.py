"""The web snippet: one tag on any site, which tells the gate what happens there.

It is served as it is written, in `static/kfar.js`: small enough without being minified.
"""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path

from kfar.doors.gate.http import Request

#: Where it is served.
PATH = b"/kfar.js"
#: Any site may load it, check it (`integrity`) and keep it for an hour.
HEADERS = (
    b"Content-Type: text/javascript; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
    b"Cache-Control: public, max-age=3600\r\nVary: Accept-Encoding\r\n"
    b"Access-Control-Allow-Origin: *\r\nCross-Origin-Resource-Policy: cross-origin\r\n"
)


@cache
def source() -> bytes:
    """Return the snippet, UTF-8."""
    return Path(__file__).with_name("static").joinpath("kfar.js").read_bytes()


@cache
def compressed() -> bytes:
    """Return the snippet for `Content-Encoding: gzip`; the same bytes at every start."""
    return gzip.compress(source(), 9, mtime=0)


@cache
def etag() -> str:
    """Return the value of `ETag`: weak, as it stands for both forms."""
    return f'W/"{sha256(source()).hexdigest()[:20]}"'


def serve(request: Request) -> None:
    """Answer with the snippet, or say that the browser has it already."""
    headers = HEADERS + b"ETag: %b\r\n" % etag().encode()
    if request.header(b"if-none-match") == etag().encode():
        request.answer(b"304 Not Modified", b"", headers)
    elif b"gzip" in request.header(b"accept-encoding"):
        request.answer(b"200 OK", compressed(), headers + b"Content-Encoding: gzip\r\n")
    else:
        request.answer(b"200 OK", source(), headers)
