"""The snippet as it is served."""

from __future__ import annotations

import gzip
import re
from hashlib import sha256

import kfar
from kfar.doors.gate import snippet


def test_it_is_under_5_kb() -> None:
    assert gzip.decompress(snippet.compressed()) == snippet.source()
    assert len(snippet.compressed()) < 5000


def test_its_etag_is_that_of_its_words() -> None:
    assert snippet.etag() == f'W/"{sha256(snippet.source()).hexdigest()[:20]}"'


def test_it_says_which_version_it_is() -> None:
    said = re.findall(r'name: "kfar\.js", version: "([^"]+)"', snippet.source().decode())
    assert said == [kfar.__version__]


def test_it_makes_no_cookie_and_no_program() -> None:
    words = (
        "cookie",
        "eval",
        "Function(",
        "innerHTML",
        "createElement",
        "indexedDB",
        "sessionStorage",
    )
    assert [word for word in words if word in snippet.source().decode()] == []
