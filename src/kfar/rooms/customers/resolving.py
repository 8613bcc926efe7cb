"""Whose touch is it: what thousands of events say, at once, in a few queries (decision 0008)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction

from kfar.ground.text import LANGUAGES
from kfar.rooms.customers.joining import keep, point
from kfar.rooms.customers.models import Consent, Customer, Handle, Merge, Proposal
from kfar.rooms.customers.names import ANONYMOUS, SHARED
from kfar.rooms.customers.queries import OWN, PURPOSES, chunks
from kfar.rooms.customers.rules import Book, Claim, Known, Word, words

#: How often it is tried anew when another process has met the same people meanwhile.
TRIES = 10
#: PostgreSQL's serialization_failure and deadlock_detected.
AGAIN = {"40001", "40P01"}


class _MergedMeanwhileError(Exception):
    """Another process has merged the same people."""


def resolve(*, claims: Sequence[Claim]) -> list[UUID | None]:
    """Return for each claim the id its touch is to carry; None where it names nobody.

    Who is new is known from now on; names, merges, proposals and consents that follow are
    written with it, in one transaction, or in the caller's. The same claims again give the
    same ids, and several processes may do it at once. A few queries for a thousand names.
    """
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                book = _open(claims)
                found = book.take(claims)
                said = [(one, own) for one, own in zip(claims, found, strict=True) if own]
                called = _called(book, said)
                _write(book, called)
                _name({own: name for own, name in called.items() if own not in book.newcomers})
                _consents(book, [(one, own) for one, own in said if one.consents])
                return found
        except (IntegrityError, OperationalError, _MergedMeanwhileError) as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if not left or (isinstance(error, OperationalError) and state not in AGAIN):
                raise
    raise AssertionError("unreachable")


def _open(claims: Sequence[Claim]) -> Book:
    """Return what is known of the people whom these claims name, where it matters."""
    book = Book(country=settings.KFAR_COUNTRY)
    unlike = {claim.said: claim for claim in claims}
    for kind, values in _wanted(unlike.values()).items():
        for some in chunks(values):
            rows = Handle.objects.filter(kind=kind, value__in=some)
            for value, own, root, at in rows.values_list("value", "customer_id", OWN, "at"):
                book.names[kind, value] = own
                if own != root:
                    book.roots[own] = root
                if kind == SHARED:
                    book.since[value] = at
    told = {c.said: c for c in claims if c.consents or c.name or c.language}
    roots = {root for claim in unlike.values() for root in book.moved(claim)}
    roots |= {root for claim in told.values() for root in book.named(claim)}
    _people(book, roots)
    return book


def _people(book: Book, roots: Collection[UUID]) -> None:
    """Add to a book what counts of these people."""
    for some in chunks(roots):
        for field in ("pk__in", "person__in"):
            rows = Customer.objects.filter(**{field: some})
            for pk, root, met, login in rows.values_list("pk", "person_id", "met_at", "login_id"):
                found = book.people.setdefault(root or pk, Known(met))
                found.met_at = min(found.met_at, met)
                found.proven |= login is not None
                if root:
                    book.roots[pk] = root
                    found.selves.append(pk)
    ids = [own for root, found in book.people.items() for own in (root, *found.selves)]
    for some in chunks(ids):
        called = Handle.objects.filter(customer__in=some).exclude(kind__in=[ANONYMOUS, SHARED])
        for own, kind in called.values_list("customer_id", "kind").distinct():
            book.people[book.person(own)].note(kind)
        made = Merge.objects.filter(loser__in=some)
        for one, other, undone in made.values_list("loser_id", "winner_id", "undone_at"):
            if undone is None:
                book.links[one] = other
            else:
                book.part(one, other)
        asked = Proposal.objects.filter(one__in=some)
        for one, other, same in asked.values_list("one_id", "other_id", "same"):
            book.ask(one, other)
            if same is False:
                book.part(one, other)


def _wanted(claims: Collection[Claim]) -> dict[str, list[str]]:
    """Return the names to look up, by kind."""
    wanted: dict[str, list[str]] = {}
    names = {name for claim in claims for name in claim.names(settings.KFAR_COUNTRY)}
    for kind, value in sorted(names):
        wanted.setdefault(kind, []).append(value)
    if ANONYMOUS in wanted:
        wanted[SHARED] = wanted[ANONYMOUS]
    return wanted


def _called(book: Book, said: Iterable[tuple[Claim, UUID]]) -> dict[UUID, dict[str, str]]:
    """Return what people are called and speak, the first word first: `{id: {field: text}}`."""
    found: dict[UUID, dict[str, str]] = {}
    for claim, own in said:
        if (claim.name or claim.language) and book.may(claim, own):
            fields = found.setdefault(own, {})
            code = claim.language.replace("_", "-").partition("-")[0].lower()
            if claim.name:
                fields.setdefault("name", claim.name[:200])
            if code in LANGUAGES:  # "pl-PL" is pl
                fields.setdefault("language", code)
    return found


def _write(book: Book, called: Mapping[UUID, Mapping[str, str]]) -> None:
    """Write what claims added to what is known."""
    ends = {pair.one: book.person(pair.one) for pair in book.merges}
    touched = {own for pair in book.merges for own in (pair.one, pair.other)}
    before = sorted(touched - book.newcomers.keys())
    for some in chunks(before):
        held = list(Customer.objects.held(some).values_list("person_id", flat=True))
        if any(held) or len(held) < len(some):
            raise _MergedMeanwhileError
    Customer.objects.bulk_create(
        [
            Customer(pk=own, met_at=claim.at, person_id=ends.get(own), **called.get(own, {}))
            for own, claim in book.newcomers.items()
        ],
        batch_size=1000,
    )
    Handle.objects.bulk_create(
        [
            Handle(customer_id=own, kind=kind, value=value, at=at)
            for (kind, value), own, at in sorted(book.given, key=lambda given: given[0])
        ],
        batch_size=1000,
    )
    keep(book.merges)
    point({own: end for own, end in ends.items() if own not in book.newcomers})
    Proposal.objects.bulk_create(
        [
            Proposal(
                one_id=min(pair.one, pair.other),
                other_id=max(pair.one, pair.other),
                ground=pair.ground,
                source=pair.source,
                evidence=[pair.ground],
            )
            for pair in book.proposals
        ],
        batch_size=1000,
        ignore_conflicts=True,
    )


def _name(called: Mapping[UUID, Mapping[str, str]]) -> None:
    """Fill in what people are called and speak, where it is not known yet."""
    for some in chunks(called):
        rows = list(Customer.objects.filter(pk__in=some))
        for row in rows:
            row.name = row.name or called[row.pk].get("name", "")
            row.language = row.language or called[row.pk].get("language", "")
        Customer.objects.bulk_update(rows, ["name", "language"], batch_size=500)


def _consents(book: Book, said: Sequence[tuple[Claim, UUID]]) -> None:
    """Keep what people agreed to, or no longer, where it is news."""
    roots = {book.person(own) for _claim, own in said}
    ids = [own for root in roots for own in (root, *book.people[root].selves)]
    before: list[tuple[UUID, Word]] = []
    for some in chunks(ids):
        rows = Consent.objects.filter(customer__in=some).order_by("at", "pk")
        before += [
            (book.person(own), Word(at, purpose, given))
            for own, at, purpose, given in rows.values_list("customer_id", "at", "purpose", "given")
        ]
    new = words(book, said, before, PURPOSES)
    Consent.objects.bulk_create(
        [
            Consent(
                customer_id=own,
                purpose=word.purpose,
                given=word.given,
                source=claim.source,
                at=word.at,
            )
            for claim, own, word in new
        ],
        batch_size=1000,
    )
