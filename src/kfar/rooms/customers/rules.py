"""Who is it: what events say of people, joined with what is known (decision 0008). Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from kfar.ground.ids import new_id
from kfar.rooms.customers.names import ADDRESSES, ANONYMOUS, SHARED, TOLD, named

Name = tuple[str, str]

#: Why two are one, or may be; beside these the kind of an address.
ALIAS, DEVICE, SIGN_IN, MATCH, STAFF = "alias", "device", "sign-in", "match", "staff"


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What one event says of who it is, as `source` says it; empty is not said.

    `trusted` is a word of the company's own systems; a page in the web can be told anything.
    `others` are further addresses by kind (`names.NETWORKS`, "whatsapp"). `previous_id` is
    what the same person was called before: a visitor's id, or another `user_id`.
    """

    source: str
    at: datetime
    trusted: bool = False
    user_id: str = ""
    anonymous_id: str = ""
    email: str = ""
    phone: str = ""
    others: tuple[Name, ...] = ()
    previous_id: str = ""
    name: str = ""
    language: str = ""
    consents: Mapping[str, bool] = field(default_factory=dict)

    @property
    def said(self) -> tuple[object, ...]:
        """Whom it names, and whether that is to be believed: what is judged alike."""
        return (
            *(self.source, self.trusted, self.user_id, self.anonymous_id),
            *(self.email, self.phone, self.others, self.previous_id),
        )

    def user(self) -> Name | None:
        """Return the name this source knows the person by."""
        return named(self.source, self.user_id) if self.user_id else None

    def device(self) -> Name | None:
        """Return the name of the browser or phone it came from."""
        return named(ANONYMOUS, self.anonymous_id) if self.anonymous_id else None

    def before(self) -> list[Name | None]:
        """Return what they may have been called before: as a visitor, as a user."""
        if not self.previous_id:
            return []
        return [named(ANONYMOUS, self.previous_id), named(self.source, self.previous_id)]

    def addresses(self, country: str) -> list[Name]:
        """Return the addresses, the surest first; phone numbers without "+" are `country`'s."""
        if not (self.email or self.phone or self.others):
            return []
        said = (("email", self.email), ("phone", self.phone), *self.others)
        found = {named(kind, value, country) for kind, value in said if value}
        return sorted(
            (name for name in found if name is not None and name[0] in ADDRESSES),
            key=lambda name: (ADDRESSES.index(name[0]), name[1]),
        )

    def names(self, country: str) -> Iterator[Name]:
        """Yield every name it may be known by."""
        yield from (name for name in (self.user(), self.device(), *self.before()) if name)
        for kind, value in self.addresses(country):
            yield from ((kind, value), (TOLD + kind, value))


@dataclass(slots=True)
class Known:
    """What counts of one person: since when, and by which kinds of names.

    `proven`: has signed in. `systems`: the sources that have an id for them. `addressed`,
    `told`: has an address from a trusted source, from a page. `selves`: the ids merged into them.
    """

    met_at: datetime
    proven: bool = False
    systems: set[str] = field(default_factory=set)
    addressed: bool = False
    told: bool = False
    selves: list[UUID] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Whether there is more than visits of a browser and what it told."""
        return self.proven or self.addressed or bool(self.systems)

    def note(self, kind: str) -> None:
        """Note that they go by a name of that kind."""
        if kind in ADDRESSES:
            self.addressed = True
        elif kind.startswith(TOLD):
            self.told = True
        elif kind not in {ANONYMOUS, SHARED}:
            self.systems.add(kind)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ids of one person (`one` merged into `other`), or of two who may be one."""

    one: UUID
    other: UUID
    ground: str
    source: str
    at: datetime
    news: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A yes or a no to one purpose."""

    at: datetime
    purpose: str
    given: bool


def leads(one: tuple[UUID, Known], other: tuple[UUID, Known]) -> bool:
    """Return whether the first of two people gives the person they become their id.

    Who has signed in, else who is known, else who was met first.
    """

    def rank(person: tuple[UUID, Known]) -> tuple[bool, bool, datetime, UUID]:
        return (not person[1].proven, not person[1].known, person[1].met_at, person[0])

    return rank(one) < rank(other)


class Book:
    """What is known of the people whom claims name, and what the claims add to it.

    Filled by who reads the rows; after `take` the lists say what is to be written. The same
    claims again, with that written, give the same answers and nothing new to write.
    """

    def __init__(self, *, country: str = "", new: Callable[[], UUID] = new_id) -> None:
        self.country, self.new = country, new
        self.names: dict[Name, UUID] = {}
        self.since: dict[str, datetime] = {}  # a shared device: from when on
        self.people: dict[UUID, Known] = {}
        self.links: dict[UUID, UUID] = {}  # merged into
        self.roots: dict[UUID, UUID] = {}  # … and in the end; who is not there is not merged
        self.apart: dict[UUID, set[UUID]] = {}  # a human said: two people
        self.asked: dict[UUID, set[UUID]] = {}  # proposed, decided or not
        # What is to be written:
        self.newcomers: dict[UUID, Claim] = {}
        self.given: list[tuple[Name, UUID, datetime]] = []
        self.merges: list[Pair] = []
        self.proposals: list[Pair] = []

    def take(self, claims: Sequence[Claim]) -> list[UUID | None]:
        """Return for each claim the id its touch is to carry; None where it names nobody.

        In the order of their times. What is said again changes nothing, so it is judged once;
        but who a shared device stands for is another question at every time.
        """
        order = sorted((claim.at, number) for number, claim in enumerate(claims))
        found: list[UUID | None] = [None] * len(claims)
        judged: dict[tuple[object, ...], UUID | None] = {}
        for _at, number in order:
            claim = claims[number]
            said = claim.said
            device = claim.device() if self.since else None
            if said not in judged or (device and self._is_shared(device)):
                judged[said] = self._take(claim)
            found[number] = judged[said]
        return found

    def person(self, customer_id: UUID) -> UUID:
        """Return the person an id belongs to."""
        return self.roots.get(customer_id, customer_id)

    def named(self, claim: Claim) -> set[UUID]:
        """Return the people a claim names, as far as they are known."""
        found = (self.names.get(name) for name in claim.names(self.country))
        return {self.person(own) for own in found if own}

    def moved(self, claim: Claim) -> set[UUID]:
        """Return the people a claim names, where it may change something: else nobody.

        It does not where it names one person, by names they have.
        """
        found, said = self.named(claim), [claim.user(), claim.device()]
        addresses = claim.addresses(self.country)
        if not claim.trusted:
            addresses = [name for name in addresses if (TOLD + name[0], name[1]) not in self.names]
        lacks = any(name and name not in self.names for name in (*said, *addresses))
        before = claim.before()
        lacks |= bool(before) and not any(name in self.names for name in before)
        return found if lacks or len(found) > 1 else set()

    def part(self, one: UUID, other: UUID) -> None:
        """Note that a human held these two for two people."""
        self.apart.setdefault(one, set()).add(other)
        self.apart.setdefault(other, set()).add(one)

    def ask(self, one: UUID, other: UUID) -> None:
        """Note that a human is, or was, asked about these two."""
        self.asked.setdefault(one, set()).add(other)
        self.asked.setdefault(other, set()).add(one)

    def may(self, claim: Claim, customer_id: UUID) -> bool:
        """Return whether a claim may speak for somebody: a page not for who has signed in."""
        return claim.trusted or not self.people[self.person(customer_id)].proven

    def _take(self, claim: Claim) -> UUID | None:
        user, device = claim.user(), claim.device()
        addresses = claim.addresses(self.country)
        mine = self._of(user, claim) if user else None
        main = mine or self._addressee(addresses, claim, device is None or self._is_shared(device))
        if main is not None:
            for name in addresses:
                self._address(main, name, claim)
        visitor = self._visitor(device, claim) if device else None
        if device and visitor:
            if main is None:
                main = visitor
                for name in addresses:
                    self._address(main, name, claim)
            elif not self._is_shared(device):
                self._meet(device, visitor, main, claim)
        if claim.previous_id:
            self._alias(mine, claim)
        if mine or visitor is None or (claim.trusted and addresses):
            return mine or main
        return main if device and addresses and self._at_shared(device, claim) else visitor

    # --- names ---------------------------------------------------------------------------

    def _of(self, name: Name, claim: Claim) -> UUID:
        """Return who goes by a name; somebody new where nobody does."""
        found = self.names.get(name)
        if found is None:
            found = self._newcomer(claim)
            self._give(name, found, claim.at)
        return found

    def _newcomer(self, claim: Claim) -> UUID:
        found = self.new()
        self.newcomers[found] = claim
        self.people[found] = Known(claim.at)
        return found

    def _give(self, name: Name, customer_id: UUID, at: datetime) -> None:
        self.names[name] = customer_id
        self.people[self.person(customer_id)].note(name[0])
        self.given.append((name, customer_id, at))

    def _addressee(self, addresses: Iterable[Name], claim: Claim, alone: bool) -> UUID | None:
        """Return whom addresses name; None where a page told ones nobody has, of its visitor.

        `alone`: there is no visitor of one's own they could be told of.
        """
        names = list(addresses)
        if not names:
            return None
        told = [(TOLD + kind, value) for kind, value in names]
        look = names if claim.trusted else [*told, *names]
        found = next((self.names[name] for name in look if name in self.names), None)
        return self._newcomer(claim) if found is None and (claim.trusted or alone) else found

    def _address(self, main: UUID, name: Name, claim: Claim) -> None:
        """Give an address to a person, or join those who have it with them."""
        told = (TOLD + name[0], name[1])
        holder, teller = self.names.get(name), self.names.get(told)
        if claim.trusted:
            if holder is None:
                self._give(name, main, claim.at)
        elif holder is None and teller is None:
            if self.people[self.person(main)].proven:
                teller = self._newcomer(claim)
            self._give(told, teller or main, claim.at)
        if holder is not None and (claim.trusted or teller is None):
            self._join(main, holder, name[0], claim)
        if teller is not None:
            self._join(main, teller, name[0], claim, sure=False)

    # --- devices -------------------------------------------------------------------------

    def _is_shared(self, device: Name) -> bool:
        return device[1] in self.since

    def _at_shared(self, device: Name, claim: Claim) -> bool:
        return device[1] in self.since and claim.at > self.since[device[1]]

    def _visitor(self, device: Name, claim: Claim) -> UUID:
        """Return who a browser stands for: once several people use it, another."""
        shared = self._at_shared(device, claim)
        return self._of((SHARED, device[1]) if shared else device, claim)

    def _meet(self, device: Name, visitor: UUID, main: UUID, claim: Claim) -> None:
        """Join a browser's visits with who is named beside it, unless it has another person."""
        before, now = self.person(visitor), self.person(main)
        if before != now and self.people[before].known and self.people[now].known:
            self.since[device[1]] = claim.at
            self._of((SHARED, device[1]), claim)
            if visitor in self.links:
                self._propose(visitor, self.links[visitor], DEVICE, claim)
        else:
            self._join(visitor, main, DEVICE, claim)

    # --- people --------------------------------------------------------------------------

    def _alias(self, mine: UUID | None, claim: Claim) -> None:
        """Join what a person was called before with what they are called now."""
        device, before = claim.before()
        if device is None or mine is None:
            return
        if before in self.names:
            self._join(mine, self.names[before], ALIAS, claim)
        elif not self._is_shared(device):
            self._meet(device, self._visitor(device, claim), mine, claim)

    def _join(
        self, one: UUID, other: UUID, ground: str, claim: Claim, *, sure: bool = True
    ) -> None:
        """Make two people one where nothing speaks against it; else ask a human, once.

        Not `sure`: only a page said that they are.
        """
        a, b = self.person(one), self.person(other)
        if a == b or self._met(self.apart, a, b):
            return
        first, second = self.people[a], self.people[b]
        if first.known and second.known:
            systems = first.systems & second.systems
            if ground == ALIAS:  # a source knows its own ids
                systems = systems - {claim.source}
            sure &= claim.trusted and not systems and not (first.proven and second.proven)
        else:
            # A page cannot give an address to somebody who has proven another one.
            takes = (first.proven and second.told) or (second.proven and first.told)
            sure = claim.trusted or not takes
        if sure:
            self._merge(a, b, ground, claim)
        else:
            self._propose(a, b, ground, claim)

    def _merge(self, a: UUID, b: UUID, ground: str, claim: Claim) -> None:
        if leads((a, self.people[a]), (b, self.people[b])):
            a, b = b, a
        loser, winner = self.people.pop(a), self.people[b]
        news = loser.known and winner.known
        self.merges.append(Pair(a, b, ground, claim.source, claim.at, news))
        self.links[a] = b
        for own in (a, *loser.selves):
            self.roots[own] = b
            winner.selves.append(own)
        winner.met_at = min(winner.met_at, loser.met_at)
        winner.systems |= loser.systems
        winner.proven |= loser.proven
        winner.addressed |= loser.addressed
        winner.told |= loser.told

    def _propose(self, one: UUID, other: UUID, ground: str, claim: Claim) -> None:
        a, b = self.person(one), self.person(other)
        if other in self.asked.get(one, ()) or (a != b and self._met(self.asked, a, b)):
            return
        self.proposals.append(Pair(one, other, ground, claim.source, claim.at))
        self.ask(one, other)

    def _met(self, pairs: Mapping[UUID, set[UUID]], a: UUID, b: UUID) -> bool:
        """Return whether some pair stands between two people, under any of their ids."""
        if not pairs:
            return False
        return any(
            self.person(other) == b
            for own in (a, *self.people[a].selves)
            for other in pairs.get(own, ())
        )


def words(
    book: Book,
    said: Iterable[tuple[Claim, UUID]],
    before: Iterable[tuple[UUID, Word]],
    purposes: Container[str],
) -> list[tuple[Claim, UUID, Word]]:
    """Return the consents that are news: another word than the person's last until then.

    `before` are the words known already, by person. A page may take back the consent of
    somebody who has signed in; give it only they can.
    """
    known: dict[tuple[UUID, str], list[Word]] = {}
    for root, word in before:
        known.setdefault((root, word.purpose), []).append(word)
    new = []
    for claim, own in sorted(said, key=lambda one: one[0].at):
        for purpose, given in claim.consents.items():
            if purpose not in purposes or (given and not book.may(claim, own)):
                continue
            spoken = known.setdefault((book.person(own), purpose), [])
            word = Word(claim.at, purpose, given)
            last = max((w for w in spoken if w.at <= claim.at), key=attrgetter("at"), default=None)
            if word not in spoken and (last is None or last.given != given):
                spoken.append(word)
                new.append((claim, own, word))
    return new
