"""What was learned is kept as it was, and only what stands in this room is made again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kfar.rooms.insight import keeping
from kfar.rooms.insight.figures import Calibration, Withheld
from kfar.rooms.insight.models import Kind, Study
from kfar.rooms.insight.studies.leaving import Leaving
from kfar.rooms.insight.studies.value import Value

plain = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text() | st.floats()
values = st.recursive(
    plain | st.dates() | st.sampled_from(Kind),
    lambda inner: (
        st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(0, 2**60), inner)
    ),
)


@given(values)
def test_values_come_back(value: Any) -> None:
    back = keeping.unpack(keeping.pack(Withheld("code", {"value": value})))
    assert repr(back) == repr(Withheld("code", {"value": value}))


@given(
    arrays.arrays(
        st.sampled_from([np.dtype(kind) for kind in ("f8", "i8", "?", "<U5")]),
        arrays.array_shapes(max_dims=3, min_side=0),
    )
)
def test_arrays_come_back(array: Any) -> None:
    back = keeping.unpack(keeping.pack(Calibration(array, array.T, np.arange(2))))
    for kept, was in ((back.said, array), (back.came, array.T), (back.people, np.arange(2))):
        np.testing.assert_array_equal(kept, was)
        assert (kept.dtype, kept.shape) == (was.dtype, was.shape)


@dataclass(frozen=True)
class Elsewhere:
    """Of another module."""


@pytest.mark.parametrize("value", [Elsewhere(), uuid4(), {1, 2}, np.array([object()])])
def test_what_is_no_number_or_word_is_not_kept(value: object) -> None:
    with pytest.raises(TypeError):
        keeping.pack(Withheld("code", {"value": value}))


@pytest.mark.parametrize("name", ["os:system", "kfar.settings.env:Env", "builtins:eval"])
def test_nothing_of_another_place_is_made(name: str) -> None:
    with pytest.raises(ValueError, match="another room"):
        keeping.unpack(msgspec.msgpack.encode({"is": name, "of": {}}))


def test_only_dataclasses_are_made() -> None:
    name = "kfar.rooms.insight.keeping:unpack"
    with pytest.raises(TypeError):
        keeping.unpack(msgspec.msgpack.encode({"is": name, "of": {"packed": b""}}))


@pytest.mark.django_db
def test_the_latest_is_kept_and_what_cannot_be_read_is_none() -> None:
    first, second = Withheld("one"), Withheld("other")
    assert keeping.kept("some", Withheld) is None
    for content, day in ((first, 1), (second, 2)):
        keeping.keep("some", content, until=date(2026, 3, day), people=day)
        found = keeping.kept("some", Withheld)
        assert found is not None
        assert (found.content, found.until, found.people) == (content, date(2026, 3, day), day)
    assert keeping.kept("some", Leaving) is None
    for broken in (b"", b"\xc1", keeping.pack(first)[:-3]):
        keeping.keep("some", second, until=date(2026, 3, 3), people=3)
        Study.objects.update(content=broken)
        assert keeping.kept("some", Withheld) is None
    named = msgspec.msgpack.encode({"is": "kfar.rooms.insight.clv.nbd:Gone", "of": {}})
    keeping.keep("some", second, until=date(2026, 3, 4), people=4)
    Study.objects.update(content=named)
    assert keeping.kept("some", Value) is None
