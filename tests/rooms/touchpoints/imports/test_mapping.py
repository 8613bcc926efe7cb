"""A mapping as it stands in TOML, and the files it fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.rooms.touchpoints.imports.mapping import PAID, Mapping, from_toml, to_toml
from kfar.rooms.touchpoints.rules import COLUMNS

GOOD = Mapping(
    columns={"email": "Mail", "at": "When"},
    constants={"channel": "web", "kind": "visit"},
    left_out=("Notes",),
)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=10).filter(str.strip)


@given(
    st.builds(
        Mapping,
        columns=st.dictionaries(st.sampled_from(COLUMNS[:9]), names),
        constants=st.dictionaries(st.sampled_from(COLUMNS[9:]), names),
        amounts=st.sampled_from(["", ".", ",", "minor"]),
        paid=st.sampled_from(PAID),
        times=st.sampled_from(["", "unix", "unix ms", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S %z"]),
        zone=st.sampled_from(["", "UTC", "Asia/Jerusalem"]),
        order=names | st.just(""),
        row=st.lists(names, max_size=5).map(tuple),
        left_out=st.lists(names, max_size=5).map(tuple),
    )
)
def test_what_is_written_is_read_back(mapping: Mapping) -> None:
    assert from_toml(to_toml(mapping)) == mapping


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("columns = ?\n", "line 1"),
        ("[columns", "TOML"),
        ("[columns]\nwho = 'Mail'", "columns"),
        ("[columns]\nemail = ''", "columns"),
        ("[columns]\nemail = 'Mail'\n[constants]\nemail = 'a@b.pl'", "email"),
        ("colums = {}", "colums"),
        ("amounts = ';'", "amounts"),
        ("paid = 'twice'", "paid"),
        ("times = 'yesterday'", "times"),
        ("times = 7", "times"),
        ("zone = 'Europe/Atlantis'", "zone"),
        ("row = 'Name'", "row"),
        ("left_out = [1]", "left_out"),
    ],
)
def test_an_entry_that_is_not_right_is_named(text: str, entry: str) -> None:
    with pytest.raises(Refused) as refused:
        from_toml(text)
    assert (refused.value.code, refused.value.params) == (
        "touchpoints.bad_mapping",
        {"entry": entry},
    )


@pytest.mark.parametrize(
    ("mapping", "columns", "code", "named"),
    [
        (GOOD, ["Mail", "Notes"], "absent_columns", "when"),
        (GOOD, ["mail", "WHEN", "notes", "More", "Most"], "unmapped_columns", "More, Most"),
        (Mapping(columns={"at": "When"}), ["When"], "missing_columns", "channel, kind, customer"),
    ],
)
def test_a_file_must_fit(mapping: Mapping, columns: list[str], code: str, named: str) -> None:
    GOOD.check(["notes", "WHEN", "Mail"])
    with pytest.raises(Refused) as refused:
        mapping.check(columns)
    assert (refused.value.code, refused.value.params) == (f"touchpoints.{code}", {"columns": named})
