"""The runs of ids: exact, few, and made anew where they are gone."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kfar.lake import table
from kfar.lake.engines import engine
from kfar.lake.models import IdRun, Segment
from kfar.lake.table import ids, tiers, writing
from kfar.lake.table.ids import Ids
from tests.lake.touches import a_touch, empty, settle

pytestmark = pytest.mark.django_db

#: Many that share a half, some that are the same.
halves = st.integers(0, 3) | st.sampled_from([2**63, 2**64 - 1])
some_ids = st.lists(st.builds(lambda h, low: UUID(int=h << 64 | low), halves, halves), max_size=40)


def of(given: list[UUID]) -> Ids:
    low = np.array([i.int % 2**64 for i in given], dtype=np.uint64)
    return Ids.of(low, np.array([i.int >> 64 for i in given], dtype=np.uint64))[0]


def back(given: Ids) -> list[UUID]:
    return [UUID(int=int(h) << 64 | int(low)) for low, h in zip(given.low, given.high, strict=True)]


def test_halves_are_the_same_in_python_and_in_sql() -> None:
    given = [UUID(int=0), UUID(int=2**128 - 1), UUID("11111111-2222-4333-8444-555555555555")]
    with engine().session() as session:
        session.load("given", {"id": "UUID"}, [(i,) for i in given])
        read = Ids.read(session, "SELECT id FROM given")
    assert sorted(back(read)) == sorted(given)
    assert back(read) == back(of(given))


@given(runs=st.lists(some_ids.filter(bool), max_size=4), asked=some_ids)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_exactly_what_was_written_is_known(
    data_dir: Path, runs: list[list[UUID]], asked: list[UUID]
) -> None:
    IdRun.objects.all().delete()
    with writing.writing(writing.APPENDING) as notes:
        for run in runs:
            ids.write(of(run), notes).save()
        there = {i for run in runs for i in run}
        question = of(asked)
        assert list(ids.known(question)) == [i in there for i in back(question)]
        merge = IdRun.objects.count() >= tiers.FAN
        ids.merge(notes)
        assert list(ids.known(question)) == [i in there for i in back(question)]
        if merge:
            assert IdRun.objects.count() == 1


def test_runs_are_merged_in_slices_and_old_files_go(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ids, "SLICE", 10)
    touches = [a_touch(f"{n}", n) for n in range(80)]
    for n in range(4):
        settle(touches[n * 20 : n * 20 + 20], f"{n}")
    run = IdRun.objects.get()
    assert run.rows == 80
    assert [path.name for path in (data_dir / "lake").glob("*.ids")] == [run.name]
    assert settle([*touches, a_touch("new")], "again") == 1


def test_what_was_mostly_taken_out_is_written_anew(data_dir: Path) -> None:
    settle([a_touch(f"{n}", n) for n in range(10)])
    table.forget(before=a_touch("6", 6).at)
    assert (IdRun.objects.get().rows, IdRun.objects.get().gone) == (10, 6)
    settle([a_touch("new", 20)], "next")
    # Four that stay, and one that stands for all that went.
    assert sorted(IdRun.objects.values_list("rows", "gone")) == [(1, 0), (5, 0)]


def _remove(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-16])


@pytest.mark.parametrize("damage", [_remove, _cut])
def test_a_run_that_is_gone_is_made_anew_from_the_table(data_dir: Path, damage: object) -> None:
    touches = [a_touch(f"{n}", n) for n in range(9)]
    settle(touches[:5], "one")
    settle(touches[5:], "two")
    assert callable(damage)
    damage(next((data_dir / "lake").glob("*.ids")))
    assert settle([*touches, a_touch("new")], "again") == 1
    assert len(list((data_dir / "lake").glob("*.ids"))) == IdRun.objects.count()


def test_files_from_before_there_were_runs_are_noted_first(data_dir: Path) -> None:
    settle([a_touch("1"), a_touch("2")])
    IdRun.objects.all().delete()
    Segment.objects.update(noted=False)
    assert settle([a_touch("2"), a_touch("3")], "next") == 1
    assert set(Segment.objects.values_list("noted", flat=True)) == {True}


def test_the_same_id_of_another_customer_is_the_same_touch(data_dir: Path) -> None:
    empty()
    settle([a_touch("1")])
    moved = a_touch("1", 500, customer=UUID(int=5))
    assert settle([moved, moved], "retry") == 0
