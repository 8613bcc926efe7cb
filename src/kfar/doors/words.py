"""What Kfar says when it says no: a sentence for every code, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kfar.ground.errors import Refused

SENTENCES = {
    "village.may_not": _("Your role does not include this. Ask somebody who may."),
    "village.not_an_address": _("“%(email)s” is not an e-mail address."),
}


def sentence(refused: Refused) -> str:
    """Return why, and what to do, with the params of the refusal filled in."""
    known = SENTENCES.get(refused.code)
    if known is None:
        return gettext("That is not possible.") + f" ({refused.code})"
    return str(known) % refused.params if refused.params else str(known)
