"""What Kfar says when it says no: a sentence for every code, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kfar.ground.errors import Refused

SENTENCES = {
    "lake.damaged": _(
        "A file of the lake is missing or damaged (%(file)s). Put it back from a backup, "
        "then try again."
    ),
    "lake.disk_full": _(
        "The disk is full, so this was not saved. Make room, then try again: what was saved "
        "before is kept, and nothing is taken twice."
    ),
    "touchpoints.bad_amount": _(
        "“%(column)s” is not an amount of money. Write it in digits, like 5.99."
    ),
    "touchpoints.bad_currency": _("The currency is not one. Write its three letters, like USD."),
    "touchpoints.bad_cursor": _("This link is broken. Open the journey again from its start."),
    "touchpoints.bad_email": _("The e-mail address is not complete. Write it like anna@shop.pl."),
    "touchpoints.bad_json": _(
        "This line is not one JSON object with plain texts and numbers. Write each row so, on a "
        "line of its own."
    ),
    "touchpoints.bad_source": _(
        "“%(source)s” cannot name a source. Use up to 50 small letters, digits and hyphens, "
        "other than “email” and “kfar”."
    ),
    "touchpoints.bad_text": _("“%(column)s” has signs in it that cannot be shown. Remove them."),
    "touchpoints.bad_time": _(
        "The time is not one between 1900 and 2200. Write it like 2026-05-31T14:30:00+02:00."
    ),
    "touchpoints.bad_units": _("The units are not a whole number. Write it in digits, like 2."),
    "touchpoints.broken_quotes": _(
        "A quotation mark in this row opens or closes in the wrong place. Close it, or write "
        "two of them for one that belongs to the text."
    ),
    "touchpoints.doubled_columns": _(
        "The file has a column twice. Give each column a name of its own."
    ),
    "touchpoints.empty": _("“%(column)s” is empty. Fill it in."),
    "touchpoints.empty_file": _("The file is empty. Choose one with rows in it."),
    "touchpoints.line_not_utf8": _("This row is not in UTF-8. Save the file as UTF-8."),
    "touchpoints.line_too_long": _(
        "This line is longer than %(most)s bytes, so it cannot be one row. Look for a missing "
        "line break."
    ),
    "touchpoints.missing_columns": _(
        "The file lacks the columns: %(columns)s. Every row needs at, channel, kind, and "
        "customer or email."
    ),
    "touchpoints.no_completejourney": _(
        "The demo's data is not installed. Install Kfar with its demo: kfar[demo]."
    ),
    "touchpoints.no_customer": _("The row names nobody. Fill in customer or email."),
    "touchpoints.no_file": _("The file %(file)s cannot be opened. Check where it is."),
    "touchpoints.not_utf8": _("The file is not in UTF-8. Save it as UTF-8, then try again."),
    "touchpoints.too_long": _("“%(column)s” is longer than %(most)s letters. Shorten it."),
    "touchpoints.unknown_columns": _(
        "The file has columns Kfar does not know: %(columns)s. It knows: %(known)s. Rename or "
        "remove them; the first line must name the columns."
    ),
    "touchpoints.wrong_width": _(
        "This row has %(found)s fields, the first line names %(expected)s. Look for a missing "
        "or unquoted separator."
    ),
    "village.may_not": _("Your role does not include this. Ask somebody who may."),
}


def sentence(refused: Refused) -> str:
    """Return why, and what to do, with the params of the refusal filled in."""
    known = SENTENCES.get(refused.code)
    if known is None:
        return gettext("That is not possible.") + f" ({refused.code})"
    return str(known) % refused.params if refused.params else str(known)
