"""Ballots and receipts in the reader's words."""

from __future__ import annotations

from django.template import Library
from django.utils.translation import gettext_lazy as _

from kfar.doors import links
from kfar.doors.words import text_in
from kfar.ground.ballots import Form, read_ballot, slots_of
from kfar.rooms.decisions.consultations.queries import Consulted
from kfar.rooms.decisions.proving.manifest import Manifest
from kfar.rooms.decisions.queries import Poll
from kfar.rooms.decisions.receipts import Standing

register = Library()

_GOOD, _WAIT, _BAD = _("All is well"), _("Not counted"), _("Something is wrong")

#: What became of the ballot of a receipt: in a word or two, and in a sentence.
STANDS = {
    "counted": (_GOOD, _("This ballot stands in the log and is counted.")),
    "waiting": (_GOOD, _("This ballot has come in. After the close you can see that it counts.")),
    "replaced": (_GOOD, _("This ballot was replaced by a later one of the same voter.")),
    "aside": (_WAIT, _("This ballot was set aside and is not counted: %(reason)s.")),
    "said": (_GOOD, _("This answer stands in the log and is the last word of its company.")),
    "said_again": (_GOOD, _("This answer was replaced by a later one of the same company.")),
    "gone": (_GOOD, _("This voter asked to be erased, and the ballot went with them.")),
    "withdrawn": (_WAIT, _("What was asked was taken back, so nothing is counted.")),
    "receipt_unreadable": (
        _BAD,
        _("This is no receipt. Paste all of it, or type your tracker."),
    ),
    "receipt_other": (_BAD, _("This receipt is of another log.")),
    "receipt_forged": (
        _BAD,
        _("This receipt does not agree with itself: it was changed, or never given."),
    ),
    "receipt_missing": (
        _BAD,
        _(
            "Nothing stands under this tracker. Look whether it is typed as your receipt shows "
            "it; if it is, show your receipt to others."
        ),
    ),
    "receipt_rewritten": (
        _BAD,
        _(
            "The log is not the one this receipt was given for. Keep the receipt: it proves that "
            "the log was changed."
        ),
    ),
}

#: Why a ballot is set aside.
REASONS = {
    "same-person": _("its voter voted again under another name"),
    "network-burst": _("too many alike came from one network within a minute"),
    "network-flood": _("too many alike came from one network within an hour"),
    "automated": _("a program cast it"),
    "bought": _("it was bought, or its voter was made to cast it"),
    "twice": _("its voter voted twice"),
}


@register.filter
def aside_words(code: str) -> str:
    """Return why a ballot is set aside."""
    return str(REASONS.get(code, code))


@register.filter
def receipt_title(code: str) -> str:
    """Return in a word or two what became of a receipt's ballot."""
    return str(STANDS[code][0])


@register.filter
def receipt_words(stands: Standing) -> str:
    """Return in a sentence what became of a receipt's ballot."""
    reason = str(REASONS.get(stands.reason, stands.reason))
    return str(STANDS[stands.code][1]) % {"reason": reason}


@register.filter
def ballot_words(text: str, manifest: Manifest) -> str:
    """Return what a ballot says, options in the reader's words: "A", "B > A = C", "A: 5, B: 3"."""
    names = [text_in(option) for option in manifest.options]
    said = read_ballot(manifest.paper.form, text)
    match manifest.paper.form:
        case Form.CHOICES:
            return ", ".join(names[option] for option in said if isinstance(option, int))
        case Form.RANKING:
            slots = [" = ".join(names[option] for option in slot) for slot in slots_of(said)]
            return " > ".join(slot or "–" for slot in slots)
        case _:
            return ", ".join(f"{names[option]}: {number}" for option, number in slots_of(said))


#: What is published of a decision, as soon as it exists; that of `COUNTED` from the close on.
PUBLISHED = {
    "verify.py": _("the verifier"),
    "ballots.csv": _("all ballots, without names"),
    "statements.csv": _("all statements, without names"),
    "result.json": _("what was counted"),
    "log.txt": _("the log; its first line is all that was declared"),
    "heads.txt": _("its signed heads, and the witnesses who saw them"),
}
COUNTED = {"verify.py", "ballots.csv", "statements.csv", "result.json"}


@register.filter
def published_files(one: Poll | Consulted) -> list[tuple[str, str, str]]:
    """Return what is published of a decision: names of files, addresses, and what they are."""
    counted = one.result if isinstance(one, Poll) else one.closed_at
    without = {"statements.csv"} if isinstance(one, Poll) else set()
    names = PUBLISHED.keys() - without - (set() if counted else COUNTED)
    return [
        (name, links.page("web:published", one.id, name), str(what))
        for name, what in PUBLISHED.items()
        if name in names
    ]


@register.filter
def verify_command(log: object) -> str:
    """Return the line that checks what is published of a decision."""
    address = links.page("web:published", log, "log.txt").removesuffix("/log.txt")
    return f"python3 verify.py {address}"
