"""The logs of decisions, kept: lines by the page, heads signed as they grow.

Who appends to a log holds the row of what is decided, so its lines come one after another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction

from kfar.ground.errors import Refused
from kfar.rooms.decisions.models import Head, Page
from kfar.rooms.decisions.proving import heads
from kfar.rooms.decisions.proving.findings import Declared, read_declared
from kfar.rooms.decisions.proving.heads import LOG, sign_head, verifier_key
from kfar.rooms.decisions.proving.merkle import (
    Subtree,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    split,
)

#: Lines of a full page: a power of two, so that each is a whole part of the tree.
LINES = 1024


def origin(log: UUID) -> str:
    """Return the name under which the world knows a log.

    It is the address at which it was begun, wherever this Kfar stands since.
    """
    begun = note(log)
    if begun is not None:
        return begun.partition("\n")[0]
    address = urlsplit(settings.KFAR_URL)
    return f"{address.netloc}{address.path}/log/{log}"


def public_key(log: UUID) -> str:
    """Return the key that signs a log's heads, as it is handed around."""
    return verifier_key(origin(log), LOG, _key(settings.SECRET_KEY).public_key().public_bytes_raw())


def begin(log: UUID, manifest: str) -> int:
    """Begin a log with its first line, and sign its head; return how long it is now."""
    return _append(log, 0, [manifest])


def declared(log: UUID) -> Declared | None:
    """Return what the first line of a log declares; None: it was never begun."""
    first = next(lines(log, 0, 1), None)
    return None if first is None else read_declared(first)


def append(log: UUID, lines: Sequence[str]) -> int:
    """Append lines to a log and sign its new head; return how long it is now.

    A log that was never begun stays empty: what was asked before there were logs has none.
    """
    before = size(log)
    return _append(log, before, lines) if before and lines else before


def _append(log: UUID, before: int, lines: Sequence[str]) -> int:
    first, rest = divmod(before, LINES)
    begun = Page.objects.filter(log=log, number=first).values_list("lines", flat=True).first()
    whole = [*(begun.split("\n") if begun else ()), *lines]
    if len(whole) != rest + len(lines):
        raise RuntimeError("a page of this log is not as long as its head says")
    pages = [
        Page(log=log, number=first + n, lines="\n".join(stretch), root=_full(stretch))
        for n, stretch in enumerate(whole[at : at + LINES] for at in range(0, len(whole), LINES))
    ]
    Page.objects.bulk_create(
        pages,
        batch_size=100,
        update_conflicts=True,
        unique_fields=["log", "number"],
        update_fields=["lines", "root"],
    )
    after = before + len(lines)
    key = _key(settings.SECRET_KEY)
    head = heads.Head(origin(log), after, subtree(log)(0, after))
    signed = sign_head(head, key.public_key().public_bytes_raw(), key.sign)
    Head.objects.create(log=log, size=after, note=signed)
    return after


def size(log: UUID) -> int:
    """Return how many lines a log has."""
    last = Head.objects.filter(log=log).order_by("-size").values_list("size", flat=True).first()
    return last or 0


def note(log: UUID, at: int | None = None) -> str | None:
    """Return the head of a log when it was `at` long (now, unless told), with all signatures."""
    rows = Head.objects.filter(log=log)
    rows = rows.order_by("-size") if at is None else rows.filter(size=at)
    return rows.values_list("note", flat=True).first()


def notes(log: UUID) -> Iterator[str]:
    """Return all heads of a log, the shortest first."""
    rows = Head.objects.filter(log=log).order_by("size")
    return rows.values_list("note", flat=True).iterator()


@transaction.atomic
def witness(*, log: UUID, note: str) -> int:
    """Keep the lines with which witnesses say that they saw a head; return how many were new.

    `note` is the head with their lines. Refuses `decisions.not_found`, `decisions.other_head`
    where we signed no such head, and `decisions.unknown_witness` where none of those whom the
    manifest names has signed it.
    """
    read = heads.read_head(note)
    if read is None:
        raise Refused("decisions.other_head")
    head, marks = read
    row = Head.objects.select_for_update().filter(log=log, size=head.size).first()
    if row is None:
        raise Refused("decisions.not_found")
    if not row.note.startswith(head.text()):
        raise Refused("decisions.other_head")
    known = declared(log)
    keys = known.witnesses if known else ()
    seen = [mark for mark in marks if any(_seen(head, mark, key) for key in keys)]
    if not seen:
        raise Refused("decisions.unknown_witness")
    new = [line for mark in seen if (line := mark.line()) not in row.note]
    row.note += "".join(new)
    row.save(update_fields=["note"])
    return len(new)


def _seen(head: heads.Head, mark: heads.Signature, key: str) -> bool:
    known = heads.read_key(key)
    return (
        known is not None
        and known[1] == heads.WITNESS
        and heads.seen_by(head, [mark], known[0], known[2]) is not None
    )


def lines(log: UUID, first: int = 0, end: int | None = None) -> Iterator[str]:
    """Return the lines `first … end - 1` of a log, a page at a time."""
    pages = Page.objects.filter(log=log, number__gte=first // LINES).order_by("number")
    if end is not None:
        pages = pages.filter(number__lte=max(end - 1, 0) // LINES)
    for number, text in pages.values_list("number", "lines").iterator(chunk_size=20):
        at = number * LINES
        stop = None if end is None else max(end - at, 0)
        yield from text.split("\n")[max(first - at, 0) : stop]


def inclusion(log: UUID, index: int, at: int) -> list[bytes]:
    """Return the proof that line `index` stands in the log as it was when it was `at` long."""
    return inclusion_proof(subtree(log), index, at)


def consistency(log: UUID, before: int, at: int) -> list[bytes]:
    """Return the proof that the log of `at` lines begins with that of `before`."""
    return consistency_proof(subtree(log), before, at)


def subtree(log: UUID) -> Subtree:
    """Return what tells the root over any part of a log that a proof may ask for."""
    rows = Page.objects.filter(log=log).exclude(root=None).order_by("number")
    roots = [bytes(root) for root in rows.values_list("root", flat=True) if root is not None]

    @lru_cache(maxsize=2)
    def page(number: int) -> Tree:
        return Tree(leaf_hash(line.encode()) for line in lines(log, *_page(number)))

    def part(first: int, end: int) -> bytes:
        number, rest = divmod(first, LINES)
        if end - first <= LINES and end <= (number + 1) * LINES:
            whole = rest == 0 and end - first == LINES
            if whole and number < len(roots):
                return roots[number]
            return page(number).subtree(rest, rest + end - first)
        if rest == 0 and end % LINES == 0 and end // LINES <= len(roots):
            return root_of(roots[number : end // LINES])
        middle = first + split(end - first)
        return node_hash(part(first, middle), part(middle, end))

    return part


def _page(number: int) -> tuple[int, int]:
    return number * LINES, (number + 1) * LINES


def _full(stretch: Sequence[str]) -> bytes | None:
    if len(stretch) < LINES:
        return None
    return root_of(leaf_hash(line.encode()) for line in stretch)


@lru_cache(maxsize=2)
def _key(secret: str) -> Ed25519PrivateKey:
    seed = blake2b(secret.encode(), digest_size=32, person=b"kfar.log").digest()
    return Ed25519PrivateKey.from_private_bytes(seed)
