"""Receipts: what a voter takes home, and what a receipt that comes back is worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from kfar.ground.ballots import commitment
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import ledger, rules
from kfar.rooms.decisions.models import Ballot, Head, Page, Question
from kfar.rooms.decisions.proving.lines import gone_line
from kfar.rooms.decisions.proving.receipt import Receipt


def receipt(
    question_id: UUID, customer_id: UUID, number: int = 1, *, proven: bool = True
) -> Receipt | None:
    """Return a customer's receipt for their ballot, with its proof once it stands in the log.

    Not `proven`, it comes without, and nothing is read of the log.
    """
    ballots = Ballot.objects.filter(
        voter__question_id=question_id,
        voter__customer__in=customers.selves(customer_id),
        voter__number=number,
    )
    row = ballots.order_by("-cast_at", "-pk").first()
    return None if row is None else _receipt(question_id, row, proven)


def of_voter(question_id: UUID, voter: int, proven: bool = True) -> Receipt | None:
    """Return the receipt of a voter by the number in their token, as `receipt` does."""
    pk = rules.signed(voter)
    row = Ballot.objects.filter(voter__question_id=question_id, voter_id=pk).first()
    return None if row is None else _receipt(question_id, row, proven)


def _receipt(question_id: UUID, row: Ballot, proven: bool) -> Receipt:
    bare = Receipt(
        log=ledger.origin(question_id),
        question=str(question_id),
        tracker=row.tracker,
        nonce=row.nonce,
        ballot=row.text,
        commitment=commitment(str(question_id), row.tracker, row.nonce, row.text),
    )
    if not row.sealed or not proven:
        return bare
    before = Head.objects.filter(log=question_id, size__lt=row.sealed).order_by("-size")
    first = before.values_list("size", flat=True).first() or 0
    begins, ends = f"ballot {row.tracker} ", f" {bare.commitment}"
    for index, line in enumerate(ledger.lines(question_id, first, row.sealed), first):
        if line.startswith(begins) and line.endswith(ends):
            proof = ledger.inclusion(question_id, index, row.sealed)
            return replace(
                bare,
                line=line,
                index=index,
                head=ledger.note(question_id, row.sealed) or "",
                proof=tuple(step.hex() for step in proof),
            )
    raise RuntimeError("a ballot that is sealed does not stand in its log")


@dataclass(frozen=True)
class Standing:
    """What stands under a tracker: `code` as in `verify.STANDS` and `verify.WRONG`.

    `reason` is why it was set aside; `ballot` its text, once ballots are published.
    """

    code: str
    reason: str = ""
    ballot: str = ""


def standing(question_id: UUID, tracker: str, held: Receipt | None = None) -> Standing:
    """Return what becomes of the ballot under a tracker, or of the receipt that is held."""
    question = Question.objects.filter(pk=question_id).first()
    if question is None:
        return Standing("receipt_missing")
    if held is not None and (wrong := _wrong(question, held)):
        return Standing(wrong)
    row = Ballot.objects.filter(voter__question=question, tracker=tracker).first()
    if row is None:
        left = Page.objects.filter(log=question_id, lines__contains=gone_line(tracker))
        return Standing("gone" if left.exists() else "receipt_missing")
    return _standing(question, row, held)


def _standing(question: Question, row: Ballot, held: Receipt | None) -> Standing:
    text = row.text if question.result else ""
    bound = commitment(str(question.pk), row.tracker, row.nonce, row.text)
    if question.withdrawn is not None:
        return Standing("withdrawn")
    if held is not None and held.commitment != bound:
        return Standing("replaced", ballot=text)
    if row.aside:
        return Standing("aside", row.aside, text)
    return Standing("counted" if question.result else "waiting", ballot=text)


def _wrong(question: Question, held: Receipt) -> str:
    """What is wrong about a receipt; empty: nothing."""
    declared = question.declared
    if (held.question, held.log) != (declared.question, declared.log):
        return "receipt_other"
    if not held.binds:
        return "receipt_forged"
    if not held.head:
        return ""
    head = held.proves(declared.key)
    if head is None:
        return "receipt_forged"
    kept = ledger.note(question.pk, head.size)
    return "" if kept and kept.startswith(head.text()) else "receipt_rewritten"


def rows(question_id: UUID) -> Iterator[str]:
    """Return the published ballots, line by line, sorted by tracker; names of columns first."""
    yield "tracker,nonce,ballot"
    cast = Ballot.objects.filter(voter__question=question_id).order_by("tracker")
    for tracker, nonce, text in cast.values_list("tracker", "nonce", "text").iterator(10_000):
        yield f"{tracker},{nonce},{text}"
