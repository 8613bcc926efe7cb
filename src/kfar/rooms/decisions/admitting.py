"""How voters come in where nobody was asked by name: signed in, by a code, by text, by link."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hmac import compare_digest
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kfar.ground.countries import abroad
from kfar.ground.errors import Refused
from kfar.ground.limits import Window, wider, windows
from kfar.ground.networks import NETWORK, networks
from kfar.ground.tokens import new_voter, sealed_network
from kfar.rooms.customers import names
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.joining import OURSELVES
from kfar.rooms.customers.names import EMAIL, PHONE
from kfar.rooms.customers.resolving import resolve
from kfar.rooms.customers.rules import Claim
from kfar.rooms.decisions import commands, limiting, queries, rules
from kfar.rooms.decisions.knowing.addresses import block, country, identity
from kfar.rooms.decisions.knowing.texting import Asked, keyword
from kfar.rooms.decisions.limiting import Spend, sealed
from kfar.rooms.decisions.models import Code, Mark, Minted, Question, Voter
from kfar.rooms.decisions.proving.manifest import Manifest, Tier
from kfar.rooms.decisions.receipts import Cast

#: How long a code is good, and for how many tries.
LASTS, TRIES = timedelta(minutes=10), 5
#: For how many seconds a process keeps what it has read of a question.
KEPT = 2
#: By which kind of address a code is sent, by tier.
KINDS = {Tier.EMAIL: EMAIL, Tier.SMS: PHONE}


@dataclass(frozen=True, eq=False)
class Door:
    """An open question as who stands before it may see it: nothing of its ballots."""

    id: UUID
    manifest: Manifest
    keyword: str
    opens_at: datetime
    closes_at: datetime
    closed: bool

    @property
    def open(self) -> bool:
        """Whether it takes answers now."""
        return not self.closed and self.opens_at <= timezone.now() < self.closes_at

    def lets(self, tier: Tier) -> bool:
        """Return whether one may come in so."""
        return rules.lets(self.manifest, tier)

    def check(self, tier: Tier) -> None:
        """Refuse `decisions.tier_shut`, `decisions.closed` and `decisions.not_open`."""
        if not self.lets(tier):
            raise Refused("decisions.tier_shut")
        if self.closed or self.closes_at <= timezone.now():
            raise Refused("decisions.closed")
        if not self.open:
            raise Refused("decisions.not_open")

    def asked(self) -> Asked:
        """Return it as text messages are understood."""
        return Asked(self.id, self.keyword, self.manifest.paper, self.manifest.options)


def door(question_id: UUID) -> Door:
    """Return the door of a question, as it was a moment ago: few reads, however many come.

    Refuses `decisions.not_found`.
    """
    return _door(question_id, int(timezone.now().timestamp()) // KEPT)


@lru_cache(maxsize=256)
def _door(question_id: UUID, _moment: int) -> Door:
    row = Question.objects.filter(pk=question_id).first()
    if row is None:
        raise Refused("decisions.not_found")
    word = row.keyword or keyword(row.pk)
    closed = row.closed_at is not None
    return Door(row.pk, row.declared, word, row.opens_at, row.closes_at, closed)


def by_text() -> list[Door]:
    """Return the questions that take text messages now, the next to close first."""
    now = timezone.now()
    rows = Question.objects.filter(closed_at=None, opens_at__lte=now, closes_at__gt=now)
    doors = map(door, rows.order_by("closes_at", "pk").values_list("pk", flat=True))
    return [one for one in doors if one.lets(Tier.SMS)]


# --- whom we know --------------------------------------------------------------------------


@transaction.atomic
def admit(*, question_id: UUID, customer_id: UUID, tier: Tier) -> None:
    """Give a customer the right to answer an open question; twice is once.

    A voter is marked by every mailbox and number the customer is known by, so that another
    spelling of one of them (`anna+2@`) does not vote a second time. Refuses
    `decisions.tier_shut`, `decisions.one_voice`, `decisions.closed`, `decisions.not_open` and
    `decisions.not_found`.
    """
    door(question_id).check(tier)
    question = Question.objects.held(question_id)
    question.check_open(timezone.now())
    theirs = customers.selves(customer_id)
    marks = _marks(question_id, customer_id)
    others = Mark.objects.filter(mark__in=marks).exclude(voter__customer__in=theirs)
    if others.exists():
        raise Refused("decisions.one_voice")
    rows = list(Voter.objects.filter(question=question, customer__in=theirs).order_by("pk"))
    if not rows:
        numbers = range(1, question.declared.answers + 1)
        rows = [
            Voter.objects.create(question=question, customer_id=theirs[0], number=n, tier=tier)
            for n in numbers
        ]
    for row in rows:
        known = rules.better(Tier(row.tier), tier)
        if row.tier != known:
            row.tier = known
            row.save(update_fields=["tier"])
    Mark.objects.bulk_create(
        [Mark(question=question, voter=rows[0], mark=mark) for mark in marks],
        ignore_conflicts=True,
    )


def _marks(question_id: UUID, customer_id: UUID) -> list[str]:
    person = customers.person(customer_id)
    ones = {identity(kind, value) for kind, value in person.names} if person else set()
    return sorted(sealed("mark", str(question_id), one) for one in ones if one)


def meet(*, kind: str, address: str, language: str = "") -> UUID:
    """Return the customer whose address that is, proven; met by it where nobody was known by it."""
    claim = Claim(
        source=OURSELVES,
        at=timezone.now(),
        trusted=True,
        language=language,
        email=address if kind == EMAIL else "",
        phone=address if kind == PHONE else "",
    )
    [own] = resolve(claims=[claim])
    if own is None:
        raise Refused("customers.not_found")
    return customers.person_of([own])[own]


# --- by a code -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Sending:
    """A code that is to be sent: to an address of a kind, as it is kept."""

    tier: Tier
    to: str
    code: str


def address(tier: Tier, said: str) -> str:
    """Return an address as it is kept; refuse `decisions.not_an_email`, `decisions.not_a_phone`."""
    if tier is Tier.EMAIL:
        found = names.email(said)
        if not found:
            raise Refused("decisions.not_an_email")
        return found
    found = names.phone(said, settings.KFAR_COUNTRY)
    if not found:
        raise Refused("decisions.not_a_phone")
    return found


def new_code(*, question_id: UUID, tier: Tier, to: str, ip: str) -> Sending:
    """Make a code for an address; an earlier one for it is worth nothing any more.

    Refuses what `Door.check` and `address` do, `decisions.texts_stopped` and
    `decisions.too_often`.
    """
    door(question_id).check(tier)
    to = address(tier, to)
    if tier is Tier.SMS and limiting.stopped(to):
        raise Refused("decisions.texts_stopped")
    limiting.spend(spends=_code_spends(tier, to, ip))
    code = f"{secrets.randbelow(10**6):06}"
    key = sealed("to", str(question_id), tier, to)
    Code.objects.update_or_create(
        sent_to=key,
        defaults={
            "question_id": question_id,
            "code": sealed("code", key, code),
            "until": timezone.now() + LASTS,
            "tries": 0,
        },
    )
    return Sending(tier, to, code)


def _code_spends(tier: Tier, to: str, ip: str) -> list[Spend]:
    spends = [
        Spend("codes", identity(KINDS[tier], to), windows(settings.KFAR_CODES)),
        *_from(
            *(ip, "codes-ip", windows(settings.KFAR_CODES_ADDRESS)),
            windows(settings.KFAR_CODES_COUNTRY),
        ),
    ]
    if tier is Tier.SMS:
        spends += [
            Spend("codes-block", block(to), windows(settings.KFAR_CODES_BLOCK)),
            Spend("codes-country", country(to), windows(settings.KFAR_CODES_COUNTRY)),
            Spend("codes-all", "", windows(settings.KFAR_CODES_ALL)),
        ]
    return spends


def prove(*, question_id: UUID, tier: Tier, to: str, code: str, language: str) -> UUID:
    """Take a code; return the customer who may answer now (`admit`).

    Refuses `decisions.code_over` (expired, used, tried too often) and `decisions.code_wrong`
    with how many tries are `left`.
    """
    to = address(tier, to)
    key = sealed("to", str(question_id), tier, to)
    with transaction.atomic():  # a wrong try is counted, whatever follows
        row = Code.objects.select_for_update().filter(sent_to=key).first()
        if row is None or row.until <= timezone.now() or row.tries >= TRIES:
            raise Refused("decisions.code_over")
        right = compare_digest(row.code, sealed("code", key, "".join(code.split())))
        row.tries += 1
        row.save(update_fields=["tries"])
    if not right:
        raise Refused("decisions.code_wrong", left=TRIES - row.tries)
    with transaction.atomic():
        if not Code.objects.filter(sent_to=key, code=row.code).delete()[0]:
            raise Refused("decisions.code_over")
        customer_id = meet(kind=KINDS[tier], address=to, language=language)
        admit(question_id=question_id, customer_id=customer_id, tier=tier)
    return customer_id


# --- by link -------------------------------------------------------------------------------


@transaction.atomic
def mint(*, question_id: UUID, ip: str, once: str = "") -> int:
    """Return the number of a new voter of whom nothing is known; its row comes with the ballot.

    The same for the same `once`, here and at the gate. What is kept is a keyed hash of the
    network, until the close. Refuses what `Door.check` does, and `decisions.too_often`.
    """
    door(question_id).check(Tier.LINK)
    limits = windows(settings.KFAR_NEW_VOTERS), windows(settings.KFAR_NEW_VOTERS_COUNTRY)
    limiting.spend(spends=_from(ip, "voters", *limits))
    key, name = queries.ballot_key(), str(question_id)
    number = new_voter(key, question_id.bytes, once or secrets.token_urlsafe(16))
    network = sealed_network(key, name, networks(ip)[1])
    Minted.objects.get_or_create(
        voter=rules.signed(number),
        defaults={"question_id": question_id, "network": network, "at": timezone.now()},
    )
    return number


def vote(*, question_id: UUID, voter: int, text: str, nonce: str, ip: str) -> Cast:
    """Take the ballot of a voter by link. Refuses what `commands.vote` does, and too many."""
    limiting.spend(spends=_from(ip, "votes", windows(settings.KFAR_VOTES)))
    return commands.vote(question_id=question_id, voter=voter, text=text, nonce=nonce)


def _from(
    ip: str, what: str, limits: tuple[Window, ...], country: tuple[Window, ...] = ()
) -> list[Spend]:
    narrow, wide = networks(ip)
    there = abroad(ip, settings.KFAR_GEOIP, settings.KFAR_COUNTRY)
    return [
        Spend(what, narrow, limits),
        Spend(f"{what}-network", wide, wider(limits, NETWORK)),
        Spend(f"{what}-country", there, country if there else ()),
    ]
