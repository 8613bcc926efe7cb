"""The inbox: live touches, once, with the act they tell of."""

from __future__ import annotations

import pytest
from django.db import transaction

from kfar.lake import inbox
from kfar.lake.models import Touchpoint
from kfar.lake.touch import COLUMNS
from tests.lake.touches import ANNA, BORYS, a_touch

pytestmark = pytest.mark.django_db


def test_the_same_id_twice_is_one_touch_and_the_first_stays() -> None:
    inbox.put(a_touch("1", kind="voice"))
    inbox.put(a_touch("1", kind="vote"))
    assert Touchpoint.objects.get().kind == "voice"


def test_it_is_kept_with_the_act_or_not_at_all() -> None:
    with transaction.atomic():
        inbox.put(a_touch())
        transaction.set_rollback(True)
    assert Touchpoint.objects.count() == 0


def test_rows_come_as_the_columns_of_the_table_with_none_for_empty() -> None:
    touch = a_touch(place="7", paid=0, units=0)
    inbox.put(touch)
    inbox.put(a_touch("2", customer=BORYS))
    [row] = inbox.fresh([ANNA])
    assert dict(zip(COLUMNS, row, strict=True)) == vars(touch)
    assert len(inbox.fresh()) == 2
