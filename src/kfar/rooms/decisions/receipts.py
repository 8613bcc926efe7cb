"""Receipts: what a voter takes home, and what a receipt that comes back is worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from kfar.ground.ballots import commitment
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import ledger, rules
from kfar.rooms.decisions.closing import SAME_PERSON
from kfar.rooms.decisions.consultations import sealing
from kfar.rooms.decisions.models import Ballot, Head, Page, Participant
from kfar.rooms.decisions.proving.change import Change, read_notices
from kfar.rooms.decisions.proving.consultation import Consultation
from kfar.rooms.decisions.proving.findings import Declared
from kfar.rooms.decisions.proving.lines import gone_line
from kfar.rooms.decisions.proving.receipt import Receipt


@dataclass(frozen=True)
class Cast:
    """What was cast into a log: under which name it stands there, and what opens it.

    `again`: it replaces an earlier one.
    """

    log: UUID
    tracker: str
    nonce: str
    text: str
    again: bool

    @property
    def commitment(self) -> str:
        """What binds it, in the log."""
        return commitment(str(self.log), self.tracker, self.nonce, self.text)


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
    held = bare(question_id, row.tracker, row.nonce, row.text)
    return entered(held, row.sealed if proven else None)


def bare(log: UUID, known: str, nonce: str, text: str) -> Receipt:
    """Return a receipt without its proof: what was said, under which tracker it is `known`."""
    return Receipt(
        log=ledger.origin(log),
        question=str(log),
        tracker=known,
        nonce=nonce,
        ballot=text,
        commitment=commitment(str(log), known, nonce, text),
    )


def entered(held: Receipt, at: int | None) -> Receipt:
    """Return a receipt with the proof from when its line entered the log, which made it `at` long.

    As it is where that is None: it has not entered yet.
    """
    if not at:
        return held
    before = Head.objects.filter(log=held.question, size__lt=at).order_by("-size")
    return prove(held, before.values_list("size", flat=True).first() or 0, at)


def prove(held: Receipt, first: int, end: int) -> Receipt:
    """Return a receipt with its proof to the head over `end` lines; it is one from `first` on."""
    log = UUID(held.question)
    found = [n for n, line in enumerate(ledger.lines(log, first, end), first) if held.is_line(line)]
    if not found:
        raise RuntimeError("what is sealed does not stand in its log")
    [line] = ledger.lines(log, found[-1], found[-1] + 1)
    return replace(
        held,
        line=line,
        index=found[-1],
        head=ledger.note(log, end) or "",
        proof=tuple(step.hex() for step in ledger.inclusion(log, found[-1], end)),
    )


@dataclass(frozen=True)
class Standing:
    """What stands under a tracker: `code` as in `findings.STANDS` and `findings.WRONG`.

    `reason` is why it was set aside; `ballot` its text, once ballots are published.
    """

    code: str
    reason: str = ""
    ballot: str = ""


def standing(log: UUID, known: str, held: Receipt | None = None) -> Standing:
    """Return what becomes of what stands under a tracker, or of the receipt that is held."""
    declared = ledger.declared(log)
    if declared is None:
        return Standing("receipt_missing")
    if held is not None and (wrong := _wrong(log, declared, held)):
        return Standing(wrong)
    match declared:
        case Change():
            return _answered(log, declared, known, held)
        case Consultation():
            found = _voted(log, known, held)
        case _:
            found = _cast(log, known, held)
    if found is None:
        return Standing("gone" if _left(log, known) else "receipt_missing")
    return found


def _cast(question_id: UUID, known: str, held: Receipt | None) -> Standing | None:
    row = (
        Ballot.objects.filter(voter__question=question_id, tracker=known)
        .select_related("voter__question")
        .first()
    )
    if row is None:
        return None
    question = row.voter.question
    text = row.text if question.result else ""
    if question.withdrawn is not None:
        return Standing("withdrawn")
    if held and held.commitment != bare(question_id, known, row.nonce, row.text).commitment:
        return Standing("replaced", ballot=text)
    if row.aside:
        return Standing("aside", row.aside, text)
    return Standing("counted" if question.result else "waiting", ballot=text)


def _voted(consultation_id: UUID, known: str, held: Receipt | None) -> Standing | None:
    row = (
        Participant.objects.filter(consultation=consultation_id, number=known)
        .select_related("consultation")
        .first()
        if known.isdecimal() and len(known) <= 16
        else None
    )
    if row is None:
        return None
    closed = row.consultation.closed_at is not None
    if closed and row.votes == b"":
        return Standing("aside", SAME_PERSON)
    if held and held.commitment != sealing.bound(row):
        return Standing("replaced")
    return Standing("counted" if closed else "waiting")


def _answered(log: UUID, change: Change, known: str, held: Receipt | None) -> Standing:
    noticed = read_notices(change, ledger.lines(log, 1))
    last = noticed.answers.get(known)
    if last is None:
        return Standing("receipt_missing")
    if noticed.withdrawn:
        return Standing("withdrawn")
    return Standing("said_again" if held and held.commitment != last else "said")


def _left(log: UUID, known: str) -> bool:
    """Whether the log says that this voter left."""
    line = gone_line(known)
    pages = Page.objects.filter(log=log, lines__contains=line).values_list("lines", flat=True)
    return any(line in text.split("\n") for text in pages)


def _wrong(log: UUID, declared: Declared, held: Receipt) -> str:
    """What is wrong about a receipt; empty: nothing."""
    if (held.question, held.log) != (declared.subject, declared.log):
        return "receipt_other"
    if not held.binds:
        return "receipt_forged"
    if not held.head:
        return ""
    head = held.proves(declared.key)
    if head is None:
        return "receipt_forged"
    kept = ledger.note(log, head.size)
    return "" if kept and kept.startswith(head.text()) else "receipt_rewritten"


def rows(question_id: UUID) -> Iterator[str]:
    """Return the published ballots, line by line, sorted by tracker; names of columns first."""
    yield "tracker,nonce,ballot"
    cast = Ballot.objects.filter(voter__question=question_id).order_by("tracker")
    for tracker, nonce, text in cast.values_list("tracker", "nonce", "text").iterator(10_000):
        yield f"{tracker},{nonce},{text}"
