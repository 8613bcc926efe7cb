"""What every store of the intake promises, whatever it is made of."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from kfar.lake.intake import Broken, Full, Reader
from tests.lake.intake.conftest import Intake


def record(number: int, size: int = 0) -> bytes:
    """A record: a line of JSON, in letters of every length."""
    return b'{"k":"t","n":%d,"w":"%b%b"}\n' % (number, "כפר ż".encode(), b"x" * size)


def steps(reader: Reader, after: int, most: int) -> Iterator[tuple[list[bytes], int]]:
    """Read on until there is nothing more; yield what each step took, and its position."""
    while True:
        taken = reader.read(after, most)
        if not taken.records:
            assert taken.position == after
            return
        assert taken.position > after
        after = taken.position
        yield taken.records, after


def everything(reader: Reader, after: int = 0) -> list[bytes]:
    return [one for records, _ in steps(reader, after, 1 << 20) for one in records]


def test_nothing_is_in_an_empty_store(intake: Intake) -> None:
    assert intake.reader().read(0, 1000).records == []
    with intake.writing():
        assert intake.reader().read(0, 1000).records == []
        assert intake.reader().waiting(0) == 0


def test_what_is_committed_is_read_in_its_order_and_byte_for_byte(intake: Intake) -> None:
    groups = [[record(n) for n in range(3)], [record(3, 300_000)], [record(4), record(5)]]
    with intake.writing() as writer:
        for group in groups:
            writer.commit(group)
        assert everything(intake.reader()) == [one for group in groups for one in group]
    assert everything(intake.reader()) == [one for group in groups for one in group]


def test_a_commit_of_nothing_changes_nothing(intake: Intake) -> None:
    with intake.writing() as writer:
        writer.commit([record(0)])
        before = intake.reader().read(0, 1000)
        writer.commit([])
        assert intake.reader().read(0, 1000) == before
        writer.commit([record(1)])
    assert everything(intake.reader()) == [record(0), record(1)]


@pytest.mark.parametrize("most", [0, 1, 100, 1000, 1 << 30])
def test_every_position_is_one_to_read_on_from(intake: Intake, most: int) -> None:
    """However little is taken at once, something is, and nothing twice."""
    records = [record(n, 7 * n) for n in range(40)]
    with intake.writing() as writer:
        for first in range(0, 40, 4):
            writer.commit(records[first : first + 4])
    seen: list[bytes] = []
    for taken, position in steps(intake.reader(), 0, most):
        seen += taken
        assert everything(intake.reader(), position) == records[len(seen) :]
    assert seen == records


def test_as_much_is_taken_at_once_as_asked_for(intake: Intake) -> None:
    with intake.writing() as writer:
        for n in range(20):
            writer.commit([record(n, 1000)])
    taken = intake.reader().read(0, 5000)
    assert 3 <= len(taken.records) <= 6


def test_what_waits_is_said(intake: Intake) -> None:
    with intake.writing() as writer:
        writer.commit([record(0, 1000)])
        position = intake.reader().read(0, 1).position
        assert intake.reader().waiting(0) >= 1000
        assert intake.reader().waiting(position) == 0
        writer.commit([record(1, 500)])
        assert 500 <= intake.reader().waiting(position) < 1000


def test_opened_again_it_goes_on_where_it_was(intake: Intake) -> None:
    position = 0
    for n in range(4):
        with intake.writing() as writer:
            writer.commit([record(2 * n), record(2 * n + 1)])
        taken = intake.reader().read(position, 1 << 20)
        assert taken.records == [record(2 * n), record(2 * n + 1)]
        position = taken.position
    assert everything(intake.reader()) == [record(n) for n in range(8)]


def test_what_is_not_yet_released_stays(intake: Intake) -> None:
    with intake.writing() as writer:
        for n in range(10):
            writer.commit([record(n)])
        first = intake.reader().read(0, 1).position
        reader = intake.reader()
        reader.release(first)
        assert everything(reader, first) == [record(n) for n in range(1, 10)]
        writer.commit([record(10)])
        assert everything(reader, first) == [record(n) for n in range(1, 11)]


def test_read_while_it_is_written_nothing_lacks_and_nothing_comes_twice(intake: Intake) -> None:
    records = [record(n, n % 500) for n in range(1200)]
    failed: list[BaseException] = []

    def write() -> None:
        try:
            with intake.writing() as writer:
                for first in range(0, len(records), 6):
                    writer.commit(records[first : first + 6])
        except (Broken, Full) as error:  # pragma: no cover
            failed.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    reader, position, seen = intake.reader(), 0, list[bytes]()
    while thread.is_alive():
        taken = reader.read(position, 2000)
        seen += taken.records
        position = taken.position
        reader.release(position)
    thread.join()
    assert failed == []
    assert seen + everything(reader, position) == records
