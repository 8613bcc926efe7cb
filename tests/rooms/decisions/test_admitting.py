"""Voters come in by the tiers that were declared, once each, and by no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from kfar.ground.errors import Refused
from kfar.ground.networks import NETWORK
from kfar.rooms.customers import queries as people
from kfar.rooms.decisions import admitting, closing, commands, queries, receipts, rules, taking
from kfar.rooms.decisions.facts import Asked, Voted
from kfar.rooms.decisions.models import Code, Mark, Minted, Spent, Voter
from kfar.rooms.decisions.proving.manifest import Tier
from kfar.rooms.decisions.taking import Sent
from tests.clock import Clock
from tests.people import NONCE, a_customer, announced, ask, email, outcome, refuses
from tests.rooms.decisions.doors import DOV, asker, open_to, votes

pytestmark = pytest.mark.django_db

HOME, NEXT_DOOR, AWAY = "198.51.100.7", "198.51.100.8", "203.0.113.9"


def code(question: UUID, to: str, tier: Tier = Tier.EMAIL, ip: str = HOME) -> str:
    return admitting.new_code(question_id=question, tier=tier, to=to, ip=ip).code


def prove(question: UUID, to: str, code: str, tier: Tier = Tier.EMAIL) -> UUID:
    return admitting.prove(question_id=question, tier=tier, to=to, code=code, language="pl")


class TestWhereFrom:
    """Two addresses of one country abroad, one of another, one at home, one of nowhere known."""

    FROM = ("198.51.100.7", "203.0.113.9", "2001:db8::1", "192.0.2.1", "10.0.0.1")

    @pytest.fixture(autouse=True)
    def _countries(self, settings: Settings, countries: Path) -> None:
        settings.KFAR_GEOIP, settings.KFAR_COUNTRY = str(countries), "IL"

    def refused(self, act: Callable[[str], object]) -> list[str]:
        """Which addresses come too often when each comes twice."""
        found = []
        for ip in self.FROM * 2:
            try:
                act(ip)
            except Refused as refused:
                found.append((ip, refused.code))
        assert {code for _, code in found} <= {"decisions.too_often"}
        return [ip for ip, _ in found]

    def test_new_voters_are_counted_by_country_but_not_at_home(self, settings: Settings) -> None:
        settings.KFAR_NEW_VOTERS_COUNTRY = "1/hour"
        question = open_to()
        abroad = ["203.0.113.9", "198.51.100.7", "203.0.113.9", "2001:db8::1"]
        assert self.refused(lambda ip: admitting.mint(question_id=question, ip=ip)) == abroad
        said = " ".join(map(str, Spent.objects.values_list("key", "times")))
        assert not [name for name in ("PL", "DE", *self.FROM) if name in said]

    def test_codes_that_are_asked_for_are_too(self, settings: Settings) -> None:
        settings.KFAR_CODES_COUNTRY = "1/hour"
        question, others = open_to(), iter(range(100))
        asked = self.refused(lambda ip: code(question, f"{next(others)}@village.example", ip=ip))
        assert asked == ["203.0.113.9", "198.51.100.7", "203.0.113.9", "2001:db8::1"]

    def test_without_a_database_nothing_changes(self, settings: Settings) -> None:
        settings.KFAR_GEOIP, settings.KFAR_NEW_VOTERS_COUNTRY = "", "1/hour"
        question = open_to()
        assert self.refused(lambda ip: admitting.mint(question_id=question, ip=ip)) == []


class TestTheDoor:
    def test_it_is_read_once_and_nobodys_ballot_is(
        self, clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        question = open_to(tiers=["sms", "link"])
        with django_assert_num_queries(1):
            first = admitting.door(question)
        with django_assert_num_queries(0):
            assert admitting.door(question) is first
        assert [first.lets(tier) for tier in Tier] == [False, False, True, True]
        assert first.manifest.tiers == (Tier.SMS, Tier.LINK)
        clock.forward(seconds=admitting.KEPT)
        commands.withdraw(by=asker(), question_id=question, reason={"en": "A mistake"})
        assert admitting.door(question).open is False

    def test_nobody_comes_in_where_people_were_asked(self) -> None:
        anna = a_customer()
        question = ask(asker())
        with refuses("decisions.tier_shut"):
            admitting.admit(question_id=question, customer_id=anna, tier=Tier.EMAIL)
        with refuses("decisions.tier_shut"):
            admitting.mint(question_id=question, ip=HOME)
        with refuses("decisions.not_found"):
            admitting.mint(question_id=uuid4(), ip=HOME)

    def test_nor_before_it_opens_nor_after_it_has_closed(self, clock: Clock) -> None:
        question = open_to(
            opens_at=clock.now + timedelta(hours=1), closes_at=clock.now + timedelta(hours=2)
        )
        with refuses("decisions.not_open"):
            admitting.mint(question_id=question, ip=HOME)
        clock.forward(hours=2)
        with refuses("decisions.closed"):
            admitting.mint(question_id=question, ip=HOME)
        with refuses("decisions.closed"):
            code(question, "anna@village.example")

    def test_doors_that_its_audience_does_not_have_are_not_declared(self) -> None:
        with refuses("decisions.unknown_tier"):
            open_to("phone", tiers=["link"])
        with refuses("decisions.unknown_tier"):  # who is asked by name came in as they were asked
            open_to("members", tiers=["account"])
        with refuses("decisions.bad_keyword"):
            open_to(keyword="vote")
        for audience, tiers in [("link", []), ("link", ["link"]), ("link", ["sms"]), ("phone", [])]:
            with refuses("decisions.one_ballot"):
                open_to(audience, tiers=tiers, answers=2)
        open_to(keyword=" Fruit! ")
        with refuses("decisions.keyword_taken"):
            open_to(keyword="fruit")


class TestByLink:
    def test_a_voter_is_a_number_until_the_ballot_comes(self, clock: Clock) -> None:
        question = open_to()
        number = admitting.mint(question_id=question, ip=HOME)
        assert number >= 1 << 63
        assert Voter.objects.count() == 0
        sent = Sent(question, number, "1", NONCE, clock.now)
        assert taking.take_ballots(ballots=[sent]) == 1
        assert votes(question) == [("link", "1")]
        assert announced() == [Asked(question_id=question, at=clock.now)]

    def test_the_same_number_votes_once_by_page_and_by_gate(self, clock: Clock) -> None:
        question = open_to()
        number = admitting.mint(question_id=question, ip=HOME)
        cast = admitting.vote(question_id=question, voter=number, text="0", nonce="", ip=HOME)
        assert cast.again is False
        clock.forward(seconds=1)
        taking.take_ballots(ballots=[Sent(question, number, "1", NONCE, clock.now)])
        assert votes(question) == [("link", "1")]
        held = receipts.of_voter(question, number)
        assert held is not None
        assert (held.tracker, held.nonce, held.ballot) == (cast.tracker, NONCE, "1")
        assert receipts.of_voter(question, number ^ 1) is None

    def test_a_number_of_another_question_or_of_a_row_that_is_not_there_is_nobody(self) -> None:
        question, other = open_to(), open_to()
        number = admitting.mint(question_id=question, ip=HOME)
        commands.vote(question_id=question, voter=number, text="0")
        for voter in (number, 5, None):
            with refuses("decisions.not_asked"):
                commands.vote(question_id=other, voter=voter, text="0")
        phone = open_to("phone")
        with refuses("decisions.not_asked"):
            commands.vote(question_id=phone, voter=1 << 63, text="0")

    def test_new_voters_are_limited_harder_than_votes(
        self, clock: Clock, settings: Settings
    ) -> None:
        settings.KFAR_NEW_VOTERS, settings.KFAR_VOTES = "2/minute", "3/minute"
        question, soon = open_to(), clock.now + timedelta(minutes=1)
        number = admitting.mint(question_id=question, ip=HOME)
        admitting.mint(question_id=question, ip=HOME)
        with refuses("decisions.too_often", again=soon):
            admitting.mint(question_id=question, ip=HOME)
        for _ in range(3):
            admitting.vote(question_id=question, voter=number, text="0", nonce="", ip=HOME)
        with refuses("decisions.too_often", again=soon):
            admitting.vote(question_id=question, voter=number, text="0", nonce="", ip=HOME)
        admitting.mint(question_id=question, ip=NEXT_DOOR)

    def test_a_network_is_limited_as_a_whole(self, clock: Clock, settings: Settings) -> None:
        settings.KFAR_NEW_VOTERS = "1/minute"
        question = open_to()
        for last in range(NETWORK):
            admitting.mint(question_id=question, ip=f"198.51.100.{last}")
        with refuses("decisions.too_often", again=clock.now + timedelta(minutes=1)):
            admitting.mint(question_id=question, ip="198.51.100.200")
        admitting.mint(question_id=question, ip=AWAY)

    def test_where_they_came_from_is_a_keyed_hash_and_gone_with_the_close(
        self, clock: Clock
    ) -> None:
        question, other = open_to(), open_to()
        for asked, ip in [(question, HOME), (question, NEXT_DOOR), (question, AWAY), (other, HOME)]:
            admitting.mint(question_id=asked, ip=ip)
        rows = Minted.objects.filter(question=question).values_list("network", flat=True)
        assert sorted(map(len, rows)) == [32, 32, 32]
        assert len(set(rows)) == 2
        assert Minted.objects.get(question=other).network not in set(rows)
        clock.forward(days=8)
        assert closing.close_due() == 2
        assert Minted.objects.count() == 0


class TestByCode:
    def test_the_code_makes_a_voter_of_who_proves_the_address(self, clock: Clock) -> None:
        question = open_to()
        own = prove(question, "Anna@Village.example", code(question, "anna@village.EXAMPLE"))
        person = people.person(own)
        assert person is not None
        assert (person.email, person.language) == ("anna@village.example", "pl")
        commands.vote(by=own, question_id=question, text="1")
        assert votes(question) == [("email", "1")]
        assert (queries.invited(question), queries.voters(question)) == ([], [own])
        assert announced()[1:] == [Voted(question_id=question, customer_id=own, at=clock.now)]

    def test_who_is_known_by_it_is_the_voter(self) -> None:
        anna, question = a_customer(), open_to()
        assert prove(question, email("Anna"), code(question, email("Anna"))) == anna

    def test_by_phone(self) -> None:
        question = open_to("phone")
        own = prove(question, DOV, code(question, "+972 50 2345678", Tier.SMS), Tier.SMS)
        assert people.by_handle("phone", DOV) == own
        commands.vote(by=own, question_id=question, text="0", tier=Tier.EMAIL)
        assert votes(question) == [("sms", "0")]  # whoever says otherwise

    def test_a_mailbox_has_one_voice_however_it_is_spelled(self, settings: Settings) -> None:
        settings.KFAR_CODES = "none"
        question, other = open_to(), open_to()
        first = prove(question, "anna+1@gmail.com", code(question, "anna+1@gmail.com"))
        with refuses("decisions.one_voice"):
            prove(question, "a.nna+2@gmail.com", code(question, "a.nna+2@gmail.com"))
        again = prove(question, "anna+1@gmail.com", code(question, "anna+1@gmail.com"))
        assert again == first
        prove(other, "a.nna+2@gmail.com", code(other, "a.nna+2@gmail.com"))
        assert Mark.objects.count() == Voter.objects.count() == 2

    def test_who_comes_by_two_doors_has_one_voice_known_the_better_way(self) -> None:
        question = open_to()
        own = prove(question, email("Anna"), code(question, email("Anna")))
        admitting.admit(question_id=question, customer_id=own, tier=Tier.SMS)
        assert list(Voter.objects.values_list("tier", flat=True)) == ["email"]
        admitting.admit(question_id=question, customer_id=own, tier=Tier.ACCOUNT)
        assert list(Voter.objects.values_list("tier", flat=True)) == ["account"]

    def test_each_has_as_many_ballots_as_were_declared(self) -> None:
        question = open_to(answers=3, tiers=["account", "email"])
        own = prove(question, email("Anna"), code(question, email("Anna")))
        for number in (1, 2, 3):
            commands.vote(by=own, question_id=question, text="0", number=number)
        assert votes(question) == [("email", "0")] * 3

    def test_a_code_is_good_once_for_ten_minutes_and_five_tries(self, clock: Clock) -> None:
        question, anna = open_to(), email("Anna")
        right = code(question, anna)
        wrong = f"{(int(right) + 1) % 10**6:06}"
        for left in (4, 3, 2, 1, 0):
            with refuses("decisions.code_wrong", left=left):
                prove(question, anna, wrong)
        with refuses("decisions.code_over"):
            prove(question, anna, right)
        clock.forward(minutes=1)
        right = code(question, anna)
        clock.forward(minutes=9, seconds=59)
        prove(question, anna, f" {right[:3]} {right[3:]}")
        with refuses("decisions.code_over"):
            prove(question, anna, right)
        clock.forward(minutes=1)
        right = code(question, anna)
        clock.forward(minutes=10)
        with refuses("decisions.code_over"):
            prove(question, anna, right)

    def test_a_code_opens_its_question_for_its_address_alone(self) -> None:
        question, other, anna = open_to(), open_to(), email("Anna")
        right = code(question, anna)
        for asked, to in ((other, anna), (question, email("Borys"))):
            with refuses("decisions.code_over"):
                prove(asked, to, right)
        kept = Code.objects.get()
        assert right not in (kept.code, kept.sent_to)
        assert (len(kept.code), len(kept.sent_to)) == (32, 32)

    def test_what_is_no_address(self, settings: Settings) -> None:
        question = open_to()
        with refuses("decisions.not_an_email"):
            code(question, "anna@")
        with refuses("decisions.not_a_phone"):
            code(question, "050-2345678", Tier.SMS)
        settings.KFAR_COUNTRY = "IL"
        code(question, "050-2345678", Tier.SMS)

    def test_codes_are_capped_by_mailbox_block_country_and_in_all(
        self, clock: Clock, settings: Settings
    ) -> None:
        question, hour = open_to(), clock.now + timedelta(hours=1)
        settings.KFAR_CODES = "1/hour"
        code(question, "anna+1@gmail.com")
        with refuses("decisions.too_often", again=hour):
            code(question, "a.nna@gmail.com", ip=AWAY)
        settings.KFAR_CODES_BLOCK = "1/hour"
        code(question, "+972502345678", Tier.SMS)
        with refuses("decisions.too_often", again=hour):
            code(question, "+972502345679", Tier.SMS, ip=AWAY)
        settings.KFAR_CODES_COUNTRY = "2/hour"
        code(question, "+972522345678", Tier.SMS)
        with refuses("decisions.too_often", again=hour):
            code(question, "+972542345678", Tier.SMS)
        settings.KFAR_CODES_ALL = "3/hour"
        code(question, "+48512345678", Tier.SMS)
        with refuses("decisions.too_often", again=hour):
            code(question, "+14155552671", Tier.SMS)

    def test_who_is_erased_leaves_no_mark(self, clock: Clock) -> None:
        question = open_to()
        own = prove(question, email("Anna"), code(question, email("Anna")))
        commands.vote(by=own, question_id=question, text="1")
        commands.forget(customers=[own])
        assert (Mark.objects.count(), votes(question)) == (0, [])
        clock.forward(days=8)
        closing.close_due()
        assert outcome(question) == ((0, 0), (), 0)


def test_the_result_is_published_by_tier(clock: Clock) -> None:
    question = open_to()
    own = prove(question, email("Anna"), code(question, email("Anna")))
    commands.vote(by=own, question_id=question, text="1")
    for _ in range(2):
        number = admitting.mint(question_id=question, ip=HOME)
        admitting.vote(question_id=question, voter=number, text="0", nonce="", ip=HOME)
    clock.forward(days=8)
    closing.close_due()
    poll = queries.question(question)
    assert poll is not None
    assert poll.result is not None
    tiers = poll.result.told["tiers"]
    assert {tier: (told["ballots"], told["winners"]) for tier, told in tiers.items()} == {
        "email": (1, [1]),
        "link": (2, [0]),
    }
    assert (Mark.objects.count(), Code.objects.count()) == (0, 0)
    assert rules.signed(rules.unsigned(-5)) == -5
