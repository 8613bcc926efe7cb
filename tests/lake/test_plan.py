"""The plan of compaction: steps stay small, end, and leave one file a place."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from kfar.lake.table.plan import (
    LARGEST,
    Piece,
    Step,
    bounds,
    places,
    small_step,
    whole_step,
    worth_a_whole,
)
from kfar.lake.table.tiers import FAN, SMALLEST, tier

K = SMALLEST


def test_sizes() -> None:
    sizes = [0, 4 * K - 1, 4 * K, 16 * K - 1, 16 * K, 64 * K]
    assert [tier(rows) for rows in sizes] == [0, 0, 1, 1, 2, 3]


def test_four_of_a_size_are_joined_the_small_ones_first() -> None:
    small = [Piece(f"s{n}", K) for n in range(4)]
    large = [Piece(f"l{n}", 20 * K) for n in range(4)]
    assert small_step(small[:3]) is None
    assert small_step([*small[:3], *large[:3]]) is None
    assert small_step([*large, *small]) == Step(tuple(small), 0)
    assert small_step(large) == Step(tuple(large), 2)  # 800,000 rows: four quarters


def test_only_files_of_one_place_are_joined() -> None:
    left = [Piece(f"l{n}", K, depth=1, place=0) for n in range(3)]
    right = [Piece(f"r{n}", K, depth=1, place=1) for n in range(3)]
    assert small_step([*left, *right, Piece("top", K)]) is None


def test_a_file_out_of_order_waits_unless_it_is_late() -> None:
    loose = Piece("loose", LARGEST * 3, ordered=False)
    assert small_step([loose]) is None
    assert small_step([loose], late=True) == Step((loose,), 2)
    assert small_step([Piece("done", LARGEST * 3)], late=True) is None


def test_a_third_on_top_is_worth_a_whole() -> None:
    base = Piece("base", 150_000)
    assert not worth_a_whole([])
    assert not worth_a_whole([base])
    assert not worth_a_whole([base, Piece("new", 49_999)])
    assert worth_a_whole([base, Piece("new", 50_000)])


@given(depth=st.integers(0, 128), data=st.data())
def test_places_cover_all_ids_once(depth: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 2**depth - 1))
    low, high = bounds(depth, place)
    assert (high.int - low.int + 1) * 2**depth == 2**128
    assert low.int >> (128 - depth) == high.int >> (128 - depth) == place
    if place:
        assert bounds(depth, place - 1)[1].int + 1 == low.int
    assert bounds(0, 0) == (UUID(int=0), UUID(int=2**128 - 1))


def do(step: Step, pieces: list[Piece], number: int) -> list[Piece]:
    """Return the files after a step, as if ids were spread evenly."""
    rows = sum(piece.rows for piece in step.pieces)
    into = places(step)
    made = [
        Piece(f"{number}/{place}", share, step.depth, place)
        for n, place in enumerate(into)
        if (share := rows // len(into) + (n < rows % len(into)))
    ]
    return [piece for piece in pieces if piece not in step.pieces] + made


appended = st.lists(
    st.one_of(st.integers(1, 3 * K), st.integers(K, 3 * LARGEST)), min_size=1, max_size=60
)


@given(appended)
def test_steps_are_bounded_and_end_and_keep_the_rows(batches: list[int]) -> None:
    pieces: list[Piece] = []
    written = number = 0
    for n, rows in enumerate(batches):
        pieces.append(Piece(f"new {n}", rows, ordered=rows <= 200_000))
        while step := small_step(pieces):
            number += 1
            taken = sum(piece.rows for piece in step.pieces)
            assert taken <= FAN * LARGEST or len(step.pieces) == 1
            assert len({piece.spot for piece in step.pieces}) == 1
            pieces = do(step, pieces, number)
            written += taken
    total = sum(batches)
    assert sum(piece.rows for piece in pieces) == total
    # Each row rises a size with each writing: 10,000 · 4^k; divided, it goes down two places.
    assert written <= total * (4 + tier(total) + 4)
    crowded = Counter((tier(piece.rows), *piece.spot) for piece in pieces if piece.rows <= LARGEST)
    assert all(count < FAN for count in crowded.values())

    steps = 0
    while step := whole_step(pieces):
        number, steps = number + 1, steps + 1
        assert steps <= 1_000
        pieces = do(step, pieces, number)
    assert sum(piece.rows for piece in pieces) == total
    assert max(Counter(piece.spot for piece in pieces).values()) == 1
    assert all(piece.rows <= LARGEST for piece in pieces)
    assert not worth_a_whole(pieces) or len({p.depth for p in pieces}) > 1
