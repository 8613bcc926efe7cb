"""How much a role may decide alone."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.village.rules import FAULTS, Authority, Held, Own, held, one_with

MONEY = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("worth", "fault", "limit"),
    [
        (None, 100, 2_000),
        (0, 100, 2_000),
        (100_000, 100, 2_000),  # 1 % is 10.00: below what everybody may have
        (400_000, 100, 4_000),
        (400_000, 60, 2_400),
        (400_000, 0, 2_000),
        (20_000_000, 100, 50_000),
        (299_999, 100, 2_999),  # never a cent more than the share
        (-5, 100, 2_000),
    ],
)
def test_a_part_of_what_they_are_worth_within_bounds(
    worth: int | None, fault: int, limit: int
) -> None:
    assert Authority(floor=2_000, cap=50_000, share=100).limit(worth, fault) == limit


@given(MONEY, MONEY, st.integers(0, 10_000), st.none() | MONEY, st.integers(0, 100))
def test_everybody_may_have_the_floor_and_nobody_more_than_the_cap(
    floor: int, more: int, share: int, worth: int | None, fault: int
) -> None:
    authority = Authority(floor, floor + more, share)
    assert floor <= authority.limit(worth, fault) <= floor + more
    assert authority.limit(worth, 0) == floor
    assert Authority.fixed(floor).limit(worth, fault) == floor


@given(MONEY, MONEY, MONEY, st.integers(0, 10_000))
def test_who_is_worth_more_is_never_offered_less(a: int, b: int, cap: int, share: int) -> None:
    authority = Authority(0, cap, share)
    assert authority.limit(min(a, b)) <= authority.limit(max(a, b))


THEMES = [UUID(int=n) for n in range(1, 6)]
themes = st.sampled_from(THEMES)


@st.composite
def authorities(draw: st.DrawFn) -> Authority:
    floor, more = draw(st.integers(0, 5_000)), draw(st.integers(0, 5_000))
    return Authority(floor, floor + more, draw(st.integers(0, 500)))


@st.composite
def owns(draw: st.DrawFn) -> list[Own]:
    made = draw(st.dictionaries(themes, authorities(), max_size=4))
    return [Own(one, limit, draw(st.frozensets(themes))) for one, limit in made.items()]


@st.composite
def abouts(draw: st.DrawFn) -> dict[UUID, UUID]:
    """Some themes, each with what it is held for one with: itself, or one that is its own root."""
    roots = draw(st.dictionaries(themes, themes, max_size=5))
    return {one: root if roots.get(root, root) == root else one for one, root in roots.items()}


worths, faults = st.none() | st.integers(0, 10**6), st.integers(0, FAULTS)


@given(authorities(), owns(), st.sets(themes), worths, faults)
def test_of_its_own_ones_the_narrowest_holds_and_else_the_general_one(
    general: Authority, own: list[Own], about: set[UUID], worth: int | None, fault: int
) -> None:
    found = held(general, own, {one: one for one in about}, worth=worth, fault=fault)
    limits = [one.limit.limit(worth, fault) for one in own if one.theme in about]
    assert found.most == min(limits, default=general.limit(worth, fault))
    assert (found.theme is not None) == bool(limits)


@given(authorities(), owns(), abouts(), worths, faults)
def test_it_is_always_one_of_those_there_are(
    general: Authority, own: list[Own], about: dict[UUID, UUID], worth: int | None, fault: int
) -> None:
    found = held(general, own, about, worth=worth, fault=fault)
    limits = {one.theme: one.limit for one in own}
    assert found.theme is None or found.theme in {*about, *about.values()}
    limit = limits[found.theme] if found.theme else general
    assert found.most == limit.limit(worth, fault)


@given(authorities(), owns(), abouts(), themes, worths, faults)
def test_what_else_it_is_about_never_widens_an_own_limit(
    general: Authority,
    own: list[Own],
    about: dict[UUID, UUID],
    more: UUID,
    worth: int | None,
    fault: int,
) -> None:
    before = held(general, own, about, worth=worth, fault=fault)
    after = held(general, own, {more: more} | about, worth=worth, fault=fault)
    if before.theme is not None:
        assert after.most <= before.most


@given(authorities(), owns(), themes, themes, worths, faults)
def test_putting_themes_together_widens_nothing(
    general: Authority, own: list[Own], one: UUID, root: UUID, worth: int | None, fault: int
) -> None:
    new = [Own(each.theme, each.limit) for each in own]
    before = held(general, new, {one: one}, worth=worth, fault=fault).most
    after = held(general, new, {one: root}, worth=worth, fault=fault).most
    assert after <= before
    assert after <= held(general, new, {root: root}, worth=worth, fault=fault).most


def test_it_is_also_for_what_was_one_with_it_when_it_was_set() -> None:
    general, wide, narrow = (Authority.fixed(n) for n in (20, 90, 5))
    late, sent, rude = THEMES[:3]
    own = [Own(late, wide, frozenset({sent}))]
    assert held(general, own, {sent: late}) == Held(90, late)
    assert held(general, own, {rude: late}) == Held(20)
    assert held(general, own, {sent: sent}) == Held(20)  # it is one of its own again
    assert held(general, [*own, Own(sent, narrow)], {sent: late}) == Held(5, sent)
    assert held(general, own, {}) == Held(20)
    assert one_with(late, {late: late, sent: late, rude: rude}) == [sent]
    assert one_with(None, {late: late}) == []
