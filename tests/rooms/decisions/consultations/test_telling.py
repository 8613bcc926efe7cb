"""What is told of an opinion: nothing of which too few have voted."""

from __future__ import annotations

from kfar.rooms.decisions.consultations.telling import Divide, Stand, tell
from kfar.rooms.decisions.consulting.opinion import refresh
from kfar.rooms.decisions.consulting.votes import gather


def two_groups(people: int) -> list[tuple[int, int, int]]:
    """Two groups of so many: they agree on 1, reject 2, and are divided on 3 to 8."""
    said = []
    for person in range(2 * people):
        side = 1 if person < people else -1
        said += [(person, 1, 1), (person, 2, -1)]
        said += [(person, n, side) for n in range(3, 9)]
    return said


def test_common_ground_is_what_every_group_shares() -> None:
    told = tell(refresh(gather(two_groups(10))))
    assert (told.people, told.votes, told.sizes) == (20, 160, (10, 10))
    assert (told.agreed, told.rejected) == ((1,), (2,))
    assert {divide.number for divide in told.divides} <= {3, 4, 5, 6, 7, 8}
    assert told.divides[0] == Divide(
        told.divides[0].number, told.divides[0].more, 1 - told.divides[0].more
    )
    assert told.counted[1].everybody == (0, 0, 20)
    assert sorted(told.counted[3].groups) == [(0, 0, 10), (10, 0, 0)]
    one, other = sorted(told.stands, key=lambda group: group[0].number)
    # who rejects all else agrees on what all agree on, and that is named first
    assert one[:2] == (Stand(1, True, 10, 10), Stand(3, False, 10, 10))
    assert {(stand.agree, stand.votes) for stand in other} == {(True, 10)}
    assert all(stand.number >= 3 for stand in other)


def test_of_what_four_people_of_a_group_say_nothing_is_called_anything() -> None:
    told = tell(refresh(gather(two_groups(4))))
    assert told.sizes == (4, 4)
    assert (told.agreed, told.rejected, told.divides, told.stands) == ((), (), (), ((), ()))


def test_a_majority_that_one_group_does_not_share_is_no_common_ground() -> None:
    said = two_groups(12)
    # on 9 all of one group agree and few of the other: most people, and not both groups
    said += [(person, 9, 1 if person < 14 else -1) for person in range(24)]
    told = tell(refresh(gather(said)))
    assert told.counted[9].everybody == (10, 0, 14)
    assert told.agreed == (1,)


def test_nothing_is_told_of_nobody() -> None:
    told = tell(refresh(gather([], [1, 2])))
    assert (told.people, told.votes, told.sizes, told.dots) == (0, 0, (), ())
    assert (told.agreed, told.rejected, told.stands) == ((), (), ())
