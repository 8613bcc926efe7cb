"""Logs name requests, never people: no address, name, word, token or path with one."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from structlog.stdlib import ProcessorFormatter

from kfar import loop
from kfar.doors import links
from kfar.lake import outbox
from kfar.rooms.promises import commands as promises
from kfar.rooms.service import commands as service
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import queries as voices
from tests.doors.web.doors import enter, path
from tests.people import a_customer, an_employee, ask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

WORDS = "Zsiadłe mleko od Zuzanny"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, as it is written."""
    root = logging.getLogger()
    [formatter] = {
        h.formatter for h in root.handlers if isinstance(h.formatter, ProcessorFormatter)
    }
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


def fail(*_: object, **__: object) -> None:
    raise RuntimeError(f"{WORDS}, zuzanna@village.example, {links.good(UUID(int=1), UUID(int=2))}")


def test_a_whole_story_leaves_nobody_in_the_log(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, _ = a_customer("Zuzanna"), an_employee("Radoslaw")
    question = ask(an_employee("Tomasz", "brand"))
    client = Client(raise_request_exception=False)
    asked = 0

    def visit(address: str, by: Client = client, **form: Any) -> int:
        nonlocal asked
        asked += 1
        done = by.post(address, form) if form else by.get(address)
        return int(done.status_code)

    sign_in, code_page = "/account/sign-in/", "/account/sign-in/code/"
    assert visit(sign_in, email="zuzanna@village.example") == 302
    code = str(mail.outbox[-1].body).split("\n")[0]
    assert visit(code_page, code="000000") == 200
    assert visit(code_page, code=code) == 302
    assert visit(reverse("web:say"), text=WORDS, once=uuid4()) == 302
    assert visit(reverse("web:say"), text=WORDS * 1000, once=uuid4()) == 422
    assert visit("/attic/?email=zuzanna@village.example") == 404
    asked -= 1  # no route, no line
    [said] = voices.of_customer(anna)
    outbox.deliver()

    noa = enter("Radoslaw")
    assert visit(reverse("web:voice", args=[said.id]), noa) == 200
    remedy = {"kind": "refund", "amount": "5.99", "words": WORDS, "once": uuid4()}
    assert visit(reverse("web:remedy", args=[said.id]), noa, **remedy) == 302
    with monkeypatch.context() as broken:
        broken.setattr(mail.EmailMultiAlternatives, "send", fail)
        loop.tick()
        broken.setattr(promises, "tell", fail)
        voice.say(by=anna, text=WORDS + "!", language="pl")
        with monkeypatch.context() as deaf:
            deaf.setattr(service, "open_case", fail)
            outbox.deliver()
        broken.setattr(voice, "say", fail)
        assert visit(reverse("web:say"), text=WORDS, once=uuid4()) == 500
        broken.setattr(voices, "voice", fail)
        assert visit(path(links.good(said.id, anna))) == 500
    good, ballot = path(links.good(said.id, anna)), path(links.ballot(question, anna))
    assert visit(good, good="yes") == 302
    assert visit(good) == 200
    assert visit(ballot, choices="1") == 302
    assert visit(ballot[:-2] + "/") == 404
    strict = Client(enforce_csrf_checks=True)
    assert visit(ballot, strict, choices="1") == 403
    assert visit(reverse("web:journey")) == 200
    assert visit(reverse("web:me")) == 200
    loop.tick()

    written = log.getvalue()
    lines = [json.loads(line) for line in written.splitlines()]
    events = [line["event"] for line in lines]
    assert events.count("request") == asked
    assert {e: events.count(e) for e in ("request.failed", "outbox.failed", "letter.failed")} == {
        "request.failed": 2,
        "outbox.failed": 1,
        "letter.failed": len([line for line in lines if line["event"] == "letter.failed"]),
    }
    assert events.count("letter.failed") == 2
    tokens = {part for link in (good, ballot) for part in link.split("/") if len(part) > 40}
    assert len(tokens) == 2
    secrets = {"@", "zuzann", "rados", "tomasz", "mleko", "zsiad", code, *tokens}
    found = {secret for secret in secrets if secret.lower() in written.lower()}
    assert found == set()
    assert re.findall(r"/(?:good|ballot)/[^<]", written) == []
