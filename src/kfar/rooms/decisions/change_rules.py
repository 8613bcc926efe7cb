"""What a notice of a change must say before anybody is told, and what an answer must."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from kfar.ground.errors import Refused
from kfar.ground.text import Texts
from kfar.rooms.decisions.proving.shipping import Answer, Silence, Veto
from kfar.rooms.decisions.rules import LONGEST, MOST_TEXT, clean

#: The longest details and words, in characters; the most products, and the longest of one.
MOST_DETAILS, MOST_WORDS, MOST_PRODUCTS, MOST_PRODUCT = 10_000, 2_000, 100, 200
#: The most files, and how many bytes they have together: what the gate lets through in one form.
MOST_FILES, MOST_BYTES = 10, 3_500_000
#: So long before the date those who said nothing are reminded; earlier where time is short.
REMIND = timedelta(days=3)


@dataclass(frozen=True)
class Upload:
    """A file as it came."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class ChangeDraft:
    """A change as somebody means to announce it.

    `starts` is the first day on which it may ship at all. `asked` says which parts speak for
    each account. `veto_until` is needed where a veto buys time, and is nothing elsewhere.
    """

    text: Texts
    details: Texts
    products: Sequence[str]
    starts: date
    answers_by: datetime
    silence: str
    veto: str
    asked: Mapping[UUID, Sequence[str]]
    veto_until: date | None = None
    files: Sequence[Upload] = ()


def tidy(draft: ChangeDraft) -> ChangeDraft:
    """Return the draft without what says nothing: spaces, empty lines, parts named twice."""
    products = (" ".join(product.replace("\x00", "").split()) for product in draft.products)
    return replace(
        draft,
        text=clean(draft.text),
        details=clean(draft.details),
        products=list(dict.fromkeys(product for product in products if product)),
        asked={own: sorted(set(parts)) for own, parts in draft.asked.items() if parts},
        veto_until=draft.veto_until if draft.veto == Veto.TIME else None,
        files=[Upload(_name(file.name), file.content) for file in draft.files if file.content],
    )


def _name(name: str) -> str:
    """Return a file's name without folders and without what a name cannot hold."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    return shown[-200:] or "file"


def check_change(draft: ChangeDraft, now: datetime) -> None:
    """Refuse a change that cannot be announced; its times are the company's.

    Raises `Refused`: `decisions.no_change_text`, `decisions.no_products`, `decisions.too_long`,
    `decisions.too_many_products`, `decisions.nobody_to_tell`, `decisions.answers_in_past`,
    `decisions.answers_too_late`, `decisions.starts_in_past`, `decisions.unknown_terms`,
    `decisions.veto_until_missing`, `decisions.too_many_files`, `decisions.files_too_large`.
    """
    if not draft.text:
        raise Refused("decisions.no_change_text")
    if not draft.products:
        raise Refused("decisions.no_products")
    if len(draft.products) > MOST_PRODUCTS:
        raise Refused("decisions.too_many_products", most=MOST_PRODUCTS)
    for texts, most in [
        (draft.text.values(), MOST_TEXT),
        (draft.details.values(), MOST_DETAILS),
        (draft.products, MOST_PRODUCT),
    ]:
        longest = max(map(len, texts), default=0)
        if longest > most:
            raise Refused("decisions.too_long", most=most, length=longest)
    if not draft.asked:
        raise Refused("decisions.nobody_to_tell")
    if draft.silence not in list(Silence) or draft.veto not in list(Veto):
        raise Refused("decisions.unknown_terms")
    _check_times(draft, now)
    if len(draft.files) > MOST_FILES:
        raise Refused("decisions.too_many_files", most=MOST_FILES)
    if sum(len(file.content) for file in draft.files) > MOST_BYTES:
        raise Refused("decisions.files_too_large", most=MOST_BYTES / 1_000_000)


def _check_times(draft: ChangeDraft, now: datetime) -> None:
    if draft.answers_by <= now:
        raise Refused("decisions.answers_in_past")
    if draft.answers_by - now > LONGEST:
        raise Refused("decisions.answers_too_late", days=LONGEST.days)
    if draft.starts < now.date():
        raise Refused("decisions.starts_in_past")
    if draft.veto == Veto.TIME and (
        draft.veto_until is None or draft.veto_until <= draft.answers_by.date()
    ):
        raise Refused("decisions.veto_until_missing")


def remind_at(announced: datetime, answers_by: datetime) -> datetime:
    """Return when those who said nothing are reminded."""
    return max(answers_by - REMIND, announced + (answers_by - announced) / 2)


def check_answer(answer: str, words: str) -> tuple[Answer, str]:
    """Return an answer and its words; all but approvals need some.

    Raises `Refused`: `decisions.unknown_answer`, `decisions.no_words`, `decisions.too_long`.
    """
    if answer not in list(Answer):
        raise Refused("decisions.unknown_answer")
    words = words.replace("\r\n", "\n").replace("\x00", "").strip()
    if not words and answer != Answer.APPROVE:
        raise Refused("decisions.no_words")
    if len(words) > MOST_WORDS:
        raise Refused("decisions.too_long", most=MOST_WORDS, length=len(words))
    return Answer(answer), words


def check_reply(answer: Answer, text: Texts, due: date | None, today: date) -> dict[str, str]:
    """Return the reply to an answer: words, and for conditions the day by which they are met.

    Raises `Refused`: `decisions.nothing_to_reply` (approved, or a veto: the customer alone
    lets it go), `decisions.no_reply`, `decisions.too_long`, `decisions.reply_due_missing`.
    """
    if answer not in {Answer.CONDITIONS, Answer.OBJECT}:
        raise Refused("decisions.nothing_to_reply")
    said = clean(text)
    if not said:
        raise Refused("decisions.no_reply")
    longest = max(map(len, said.values()))
    if longest > MOST_TEXT:
        raise Refused("decisions.too_long", most=MOST_TEXT, length=longest)
    if answer is Answer.CONDITIONS and (due is None or due < today):
        raise Refused("decisions.reply_due_missing")
    return said


def check_agreement(title: str, signed_by: str, sum_: str, signed_on: date, today: date) -> None:
    """Refuse what is no record of an agreement.

    Raises `Refused`: `decisions.agreement_incomplete`, `decisions.signed_in_future`.
    """
    lengths = 0 < len(title) <= 200 and 0 < len(signed_by) <= 200
    if not lengths or not re.fullmatch(r"[0-9a-f]{64}", sum_):
        raise Refused("decisions.agreement_incomplete")
    if signed_on > today:
        raise Refused("decisions.signed_in_future")
