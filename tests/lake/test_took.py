"""How long things took: exact where moments are whole milliseconds, and read from an index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kfar.lake.took import Took, middle
from kfar.rooms.voice.models import Voice
from tests.people import a_customer

MILLISECOND = timedelta(milliseconds=1)
START = datetime(2024, 2, 29, tzinfo=UTC)
SPANS = st.integers(0, 10**11).map(lambda n: timedelta(milliseconds=n))


class TestMiddle(TestCase):
    """Of durations kept as two moments each."""

    @given(st.lists(SPANS, max_size=9))
    def test_it_is_the_median(self, spans: list[timedelta]) -> None:
        Voice.objects.all().delete()
        anna = a_customer("Anna")
        for span in spans:
            end = START + span
            Voice.objects.create(
                customer_id=anna, text="!", heard_at=START, answered_at=end, closed_at=end
            )
        rows = Voice.objects.exclude(closed_at=None)
        whole = (
            timedelta(milliseconds=median(n)) if (n := [s / MILLISECOND for s in spans]) else None
        )
        assert middle(rows, "heard_at", "closed_at", len(spans)) == whole


@pytest.mark.django_db
def test_an_index_has_them_in_order() -> None:
    rows = Voice.objects.exclude(closed_at=None).annotate(took=Took("heard_at", "closed_at"))
    if connection.vendor == "sqlite":
        plan = rows.order_by("took").values_list("took")[:2].explain()
        assert "voice_closed_after" in plan
        assert "TEMP B-TREE" not in plan
