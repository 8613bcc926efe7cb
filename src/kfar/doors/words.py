"""What Kfar says when it says no: a sentence for every code, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kfar.ground.errors import Refused

SENTENCES = {
    "customers.unknown_language": _("We do not speak that language yet."),
    "village.may_not": _("Your role does not include this. Ask somebody who may."),
    "village.no_such_role": _("There is no role “%(role)s”."),
    "village.not_an_address": _("“%(email)s” is not an e-mail address."),
    "village.weak_password": _("This password is too weak: %(why)s"),
}


def sentence(refused: Refused) -> str:
    """Return why, and what to do, with the params of the refusal filled in."""
    known = SENTENCES.get(refused.code)
    if known is None:
        return gettext("That is not possible.") + f" ({refused.code})"
    return str(known) % refused.params if refused.params else str(known)
