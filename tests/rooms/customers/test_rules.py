"""Who is it, on sets in memory: every rule by example, and what holds for any claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.customers.rules import Book, Claim, Known, Pair, leads

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_book() -> Book:
    """A book in which newcomers have the ids 1, 2, 3 …"""
    number = count(1)
    return Book(country="PL", new=lambda: UUID(int=next(number)))


def claim(minute: float = 0, **said: Any) -> Claim:
    """What a page says at some minute, unless `trusted`."""
    return Claim(**{"source": "web", "at": NOON + timedelta(minutes=minute), **said})


def sure(minute: float = 0, **said: Any) -> Claim:
    """What a system of the company says."""
    return claim(minute, trusted=True, **said)


def take(book: Book, *claims: Claim) -> list[int]:
    """Return the ids as small numbers."""
    return [found.int if found else 0 for found in book.take(claims)]


def merged(book: Book) -> list[tuple[int, int, str]]:
    return [(pair.one.int, pair.other.int, pair.ground) for pair in book.merges]


def proposed(book: Book) -> list[tuple[int, int, str]]:
    return [(pair.one.int, pair.other.int, pair.ground) for pair in book.proposals]


def person(book: Book, number: int) -> int:
    return book.person(UUID(int=number)).int


class TestUsersAndVisitors:
    def test_an_id_of_a_source_is_one_person(self) -> None:
        book = a_book()
        claims = [claim(user_id="u"), claim(1, user_id=" u "), claim(2, user_id="U")]
        assert take(book, *claims, claim(3, user_id="u", source="shop")) == [1, 1, 2, 3]
        assert (merged(book), proposed(book)) == ([], [])

    def test_who_names_nobody_is_nobody(self) -> None:
        assert take(a_book(), claim(), claim(email="anna@"), claim(phone="12")) == [0, 0, 0]

    def test_a_visitor_is_a_person_until_known_and_then_that_person(self) -> None:
        book = a_book()
        first = [claim(anonymous_id="a"), claim(1, anonymous_id="a", user_id="u")]
        assert take(book, *first, claim(2, anonymous_id="a")) == [1, 2, 1]
        assert merged(book) == [(1, 2, "device")]
        assert person(book, 1) == 2

    def test_two_devices_of_one_user_are_one_person(self) -> None:
        book = a_book()
        claims = [claim(n, anonymous_id=a, user_id="u") for n, a in enumerate("ab")]
        assert take(book, *claims, claim(3, anonymous_id="b")) == [1, 1, 3]
        assert merged(book) == [(2, 1, "device"), (3, 1, "device")]

    def test_a_second_user_on_a_device_stays_another_person(self) -> None:
        book = a_book()
        found = take(
            book,
            claim(0, anonymous_id="a"),
            claim(1, anonymous_id="a", user_id="u"),
            claim(2, anonymous_id="a"),
            claim(3, anonymous_id="a", user_id="v"),
            claim(4, anonymous_id="a"),
            claim(5, anonymous_id="a", user_id="u"),
            claim(6, anonymous_id="a"),
        )
        assert found == [1, 2, 1, 3, 4, 2, 4]
        assert merged(book) == [(1, 2, "device")]  # that of before stays …
        assert proposed(book) == [(1, 2, "device")]  # … and is looked at
        assert [person(book, n) for n in (1, 2, 3, 4)] == [2, 2, 3, 4]
        # What comes late belongs to the time it happened in.
        assert take(book, claim(3, anonymous_id="a"), claim(3.5, anonymous_id="a")) == [1, 4]

    def test_what_is_sent_in_any_order_is_judged_in_the_order_it_happened(self) -> None:
        claims = [
            claim(3, anonymous_id="a", user_id="v"),
            claim(2, anonymous_id="a"),
            claim(1, anonymous_id="a", user_id="u"),
        ]
        book = a_book()
        assert take(book, *claims) == [3, 2, 1]
        assert merged(book) == [(2, 1, "device")]

    def test_an_alias_joins_a_visitor(self) -> None:
        book = a_book()
        assert take(book, claim(anonymous_id="a"), claim(1, user_id="u", previous_id="a")) == [1, 2]
        assert merged(book) == [(1, 2, "device")]

    def test_an_alias_joins_two_ids_where_their_source_is_trusted(self) -> None:
        for said, joined, asked in [
            (sure, [(2, 1, "alias")], []),
            (claim, [], [(2, 1, "alias")]),
        ]:
            book = a_book()
            ids = take(book, claim(user_id="old"), said(1, user_id="new", previous_id="old"))
            assert ids == [1, 2]
            assert (merged(book), proposed(book)) == (joined, asked)


class TestAddresses:
    def test_met_on_the_web_then_by_mail_then_in_the_store(self) -> None:
        book = a_book()
        found = take(
            book,
            claim(0, anonymous_id="a"),
            claim(1, anonymous_id="a", email="anna@x.example"),
            sure(2, source="mail", email="Anna@X.example"),
            sure(3, source="shop", user_id="7", email="anna@x.example"),
        )
        assert found == [1, 1, 2, 3]
        assert merged(book) == [(1, 2, "email"), (3, 2, "email")]
        assert {person(book, n) for n in (1, 2, 3)} == {2}

    def test_an_address_nobody_has_is_given(self) -> None:
        book = a_book()
        claims = [
            sure(user_id="u", phone="22 123 45 67"),
            sure(1, phone="+48221234567"),
            sure(2, email="a@x.example", others=(("instagram", "@Anna"),)),
            sure(3, others=(("instagram", "instagram.com/anna"),)),
        ]
        assert take(book, *claims) == [1, 1, 2, 2]
        assert merged(book) == []

    def test_two_sources_that_agree_on_an_address_know_one_person(self) -> None:
        book = a_book()
        claims = [
            sure(source="shop", user_id="7", email="a@x.example"),
            sure(1, source="club", user_id="x"),
            sure(2, source="club", user_id="x", email="a@x.example"),
        ]
        assert take(book, *claims) == [1, 2, 2]
        assert merged(book) == [(2, 1, "email")]

    def test_two_ids_of_one_source_are_for_a_human_to_join(self) -> None:
        book = a_book()
        claims = [sure(user_id="7", email="a@x.example"), sure(1, user_id="8", email="a@x.example")]
        assert take(book, *claims, sure(2, user_id="8", email="a@x.example")) == [1, 2, 2]
        assert (merged(book), proposed(book)) == ([], [(2, 1, "email")])

    def test_two_logins_are_for_a_human_to_join(self) -> None:
        book = a_book()
        take(book, sure(email="a@x.example"), sure(phone="+48221234567"))
        for known in book.people.values():
            known.proven = True
        take(book, sure(email="a@x.example", phone="+48221234567"))
        assert (merged(book), proposed(book)) == ([], [(1, 2, "phone")])

    def test_a_page_never_joins_two_known_people(self) -> None:
        book = a_book()
        take(book, sure(source="shop", user_id="7", email="a@x.example"), claim(user_id="u"))
        assert take(book, claim(1, user_id="u", email="a@x.example")) == [2]
        assert (merged(book), proposed(book)) == ([], [(2, 1, "email")])
        take(book, sure(2, user_id="u", email="a@x.example"))
        assert merged(book) == [(2, 1, "email")]

    def test_what_a_page_tells_is_no_address_of_theirs(self) -> None:
        book = a_book()
        take(book, sure(user_id="7"), claim(1, user_id="7", email="thief@x.example"))
        assert book.names == {
            ("web", "7"): UUID(int=1),
            ("told-email", "thief@x.example"): UUID(int=1),
        }
        take(book, sure(2, source="shop", user_id="9", email="thief@x.example"))
        assert proposed(book) == [(2, 1, "email")]

    def test_a_page_gives_no_address_to_who_has_proven_another(self) -> None:
        book = a_book()
        take(
            book,
            sure(user_id="7", email="a@x.example"),
            claim(anonymous_id="b", email="b@x.example"),
        )
        book.people[UUID(int=1)].proven = True
        assert take(book, claim(1, user_id="7", email="c@x.example")) == [1]
        assert proposed(book) == [(1, 3, "email")]
        assert take(book, claim(2, user_id="7", anonymous_id="b")) == [1]
        assert proposed(book) == [(1, 3, "email"), (2, 1, "device")]
        assert merged(book) == []

    def test_an_address_typed_on_a_shared_device_is_its_owners(self) -> None:
        book = a_book()
        take(book, *(claim(n, anonymous_id="a", user_id=u) for n, u in enumerate("uv")))
        take(book, sure(2, source="shop", user_id="7", email="a@x.example"))
        found = take(
            book,
            claim(3, anonymous_id="a", email="a@x.example"),
            claim(4, anonymous_id="a", email="new@x.example"),
            claim(5, anonymous_id="a"),
        )
        shared = book.names["shared", "a"].int
        assert found == [
            book.names["shop", "7"].int,
            book.names["told-email", "new@x.example"].int,
            shared,
        ]
        assert len({*found}) == 3


class TestHumans:
    def test_what_a_human_parted_is_not_joined_again(self) -> None:
        book = a_book()
        take(book, claim(anonymous_id="a"), sure(user_id="u"), sure(source="shop", user_id="7"))
        a, u, seven = (
            book.names[name] for name in [("anonymous", "a"), ("web", "u"), ("shop", "7")]
        )
        book.part(a, u)
        book.part(u, seven)
        take(book, claim(1, anonymous_id="a", user_id="u"))
        take(book, sure(2, user_id="u", email="x@x.example"))
        take(book, sure(3, source="shop", user_id="7", email="x@x.example"))
        assert (merged(book), proposed(book)) == ([], [])


def test_who_has_signed_in_leads_then_who_is_known_then_who_came_first() -> None:
    one, other = UUID(int=1), UUID(int=2)
    early, late = Known(NOON), Known(NOON + timedelta(1))
    assert leads((other, early), (one, late))
    assert leads((one, early), (other, early))
    assert leads((other, Known(late.met_at, systems={"shop"})), (one, early))
    assert leads((other, Known(late.met_at, proven=True)), (one, Known(NOON, systems={"shop"})))


# --- any claims ----------------------------------------------------------------------------

SOME = st.sampled_from
CLAIMS = st.lists(
    st.builds(
        claim,
        SOME([0.0, 1.0, 2.0, 3.0, 4.0]),
        source=SOME(["web", "shop"]),
        trusted=st.booleans(),
        user_id=SOME(["", "", "u", "v"]),
        anonymous_id=SOME(["", "a", "b"]),
        email=SOME(["", "", "1@x.example", "2@x.example"]),
        phone=SOME(["", "", "+48221234567"]),
        previous_id=SOME(["", "", "", "a", "v"]),
    ),
    max_size=12,
)


def written(book: Book) -> tuple[list[Any], ...]:
    return list(book.newcomers), list(book.given), list(book.merges), list(book.proposals)


@given(CLAIMS)
def test_the_same_claims_again_change_nothing(claims: list[Claim]) -> None:
    book = a_book()
    first = book.take(claims)
    before = written(book)
    assert book.take(claims) == first
    aliases = any(one.previous_id for one in claims)
    assert aliases or written(book) == before


@given(CLAIMS)
def test_everybody_is_one_person_and_keeps_their_ids(claims: list[Claim]) -> None:
    book = a_book()
    found = book.take(claims)
    for one, own in zip(claims, found, strict=True):
        assert (own is None) == (not any(one.names("PL")) or one.said[2:7] == ("", "", "", "", ()))
    ends = {own: book.person(own) for own in book.newcomers}
    assert set(ends.values()) == set(book.people)
    for root, known in book.people.items():
        assert {own for own, end in ends.items() if end == root} == {root, *known.selves}
    assert {pair.one for pair in book.merges} == book.newcomers.keys() - book.people.keys()


def systems(book: Book) -> dict[UUID, list[tuple[str, str]]]:
    """The ids that sources have, by person."""
    found: dict[UUID, list[tuple[str, str]]] = {}
    for name, own in book.names.items():
        if name[0] in {"web", "shop"}:
            found.setdefault(book.person(own), []).append(name)
    return found


@given(CLAIMS)
def test_two_ids_of_a_source_are_never_joined_but_by_its_own_word(claims: list[Claim]) -> None:
    book = a_book()
    book.take([one for one in claims if not one.previous_id])
    for ids in systems(book).values():
        assert len({source for source, _id in ids}) == len(ids)


@given(CLAIMS)
def test_pages_alone_never_join_two_known_people(claims: Sequence[Claim]) -> None:
    book = a_book()
    book.take([one for one in claims if not one.trusted])
    assert [ids for ids in systems(book).values() if len(ids) > 1] == []
    assert [pair for pair in book.merges if pair.news] == []


@given(CLAIMS, st.integers(0, 4))
def test_what_comes_in_two_parts_is_what_comes_at_once(claims: list[Claim], minute: int) -> None:
    """… where the parts are in the order of time."""
    whole, parts = a_book(), a_book()
    early = [one for one in claims if one.at < NOON + timedelta(minutes=minute)]
    late = [one for one in claims if one.at >= NOON + timedelta(minutes=minute)]
    whole.take([*early, *late])
    parts.take(early)
    parts.take(late)
    assert written(whole) == written(parts)


def test_a_pair_says_whether_it_is_news() -> None:
    assert Pair(UUID(int=1), UUID(int=2), "device", "web", NOON).news is False
