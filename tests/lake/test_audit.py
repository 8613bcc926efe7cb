"""The audit: a line for each act, newest first, of one customer."""

from __future__ import annotations

from uuid import uuid4

import pytest
import structlog

from kfar.lake import audit
from kfar.lake.audit import Line
from kfar.lake.models import AuditLine
from tests.clock import Clock

pytestmark = pytest.mark.django_db


def test_the_latest_lines_about_one_customer(clock: Clock) -> None:
    anna, borys, noa = uuid4(), uuid4(), uuid4()
    first = clock.now
    audit.note(act="voice.read", customer_id=anna, employee_id=noa)
    audit.note(act="voice.read", customer_id=borys, employee_id=noa)
    later = clock.forward(hours=1)
    audit.note(act="customers.consented", customer_id=anna)
    assert audit.lines([anna]) == [
        Line(later, "customers.consented", None),
        Line(first, "voice.read", noa),
    ]
    assert audit.lines([anna], most=1) == [Line(later, "customers.consented", None)]
    assert audit.lines([uuid4()]) == []


def test_a_line_knows_the_request_it_was_done_in() -> None:
    with structlog.contextvars.bound_contextvars(request_id="f" * 32):
        audit.note(act="voice.read", customer_id=uuid4())
    audit.note(act="voice.read", customer_id=uuid4())
    assert list(AuditLine.objects.order_by("pk").values_list("request_id", flat=True)) == [
        "f" * 32,
        "",
    ]
