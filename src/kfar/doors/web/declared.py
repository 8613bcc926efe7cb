"""What was declared before the first ballot, in words: for who asks, who votes and who checks."""

from __future__ import annotations

import re
from datetime import datetime

from django.template import Library
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kfar.doors.ballots import REASONS
from kfar.doors.methods import METHODS
from kfar.doors.words import listed, moment, number, price, text_in
from kfar.ground.ballots import Form
from kfar.rooms.decisions.counting.rules import BUDGETS, Method, Overvote
from kfar.rooms.decisions.proving.manifest import Audience, Manifest, Tier

register = Library()

AUDIENCES = {
    Audience.AGREED: gettext_lazy("All customers who agreed to be asked"),
    Audience.MEMBERS: gettext_lazy("Of these, those who sign in here"),
    Audience.ACCOUNT: gettext_lazy("Of these, the people of one business customer"),
    Audience.LINK: gettext_lazy("Anyone who has the link"),
    Audience.PHONE: gettext_lazy("Anyone with a phone number"),
}
TIERS = {
    Tier.ACCOUNT: gettext_lazy("Signed in"),
    Tier.EMAIL: gettext_lazy("By a link or code in a mail"),
    Tier.SMS: gettext_lazy("By phone number"),
    Tier.LINK: gettext_lazy("By a link anybody may have"),
}
OVERVOTES = {
    Overvote.EXHAUST: gettext_lazy("The ballot ends there"),
    Overvote.SKIP: gettext_lazy("That rank is passed over"),
    Overvote.EXHAUST_IF_SEVERAL_STAND: gettext_lazy(
        "The ballot ends there while several of them still stand; it is that of the last one"
    ),
}
ORDER = re.compile(r"\d+(>\d+)+")
#: What broke a tie.
BROKE = {
    "lot": gettext_lazy("by the lot"),
    "earlier-round": gettext_lazy("by the votes of an earlier round"),
    "head-to-head": gettext_lazy("by comparing them two by two"),
    "score": gettext_lazy("by the sum of scores"),
    "top-scores": gettext_lazy("by the number of best scores"),
}


@register.filter
def tier_label(tier: str) -> str:
    """Return how well a voter is known, in words."""
    return str(TIERS.get(Tier(tier), tier))


@register.filter
def aside_label(reason: str) -> str:
    """Return why ballots are set aside, in words."""
    return str(REASONS.get(reason, reason))


@register.filter
def broke_label(by: str) -> str:
    """Return what broke a tie, in words."""
    return str(BROKE.get(by, by))


def declared(manifest: Manifest, company: str = "") -> list[tuple[str, str]]:
    """Return what a manifest says beside its texts: what, and how it was fixed.

    `company` is the account it was put to, for those who may know.
    """
    facts = [
        (_("Counted by"), str(METHODS[manifest.rule.method].label)),
        *_ballot(manifest),
        *_ranks(manifest),
        (_("Who may answer"), company or str(AUDIENCES[manifest.audience])),
    ]
    if manifest.audience is Audience.LINK:
        ways = listed(str(TIERS[tier]) for tier in manifest.tiers)
        facts.append((_("How voters may come in"), ways))
    if manifest.answers > 1:
        facts.append((_("Ballots for each voter"), number(manifest.answers)))
    facts += [
        (_("Opens"), moment(datetime.fromisoformat(manifest.opens))),
        (_("Closes"), moment(datetime.fromisoformat(manifest.closes))),
    ]
    enough = _("However many answer, it counts")
    if manifest.quorum:
        enough = ngettext(
            "It counts from %(n)s ballot on", "It counts from %(n)s ballots on", manifest.quorum
        ) % {"n": number(manifest.quorum)}
    shown = _("Shown while the vote goes on") if manifest.interim else _("Hidden until the close")
    bound = _("It binds the company") if manifest.binding else _("It advises the company")
    facts += [
        (_("How many must answer"), enough),
        (_("How it stands"), shown),
        (_("The result"), bound),
        (_("Ties"), _lot(manifest)),
    ]
    return facts


def _ballot(manifest: Manifest) -> list[tuple[str, str]]:
    rule, paper = manifest.rule, manifest.paper
    facts = []
    if rule.seats > 1:
        facts.append((_("Winners"), number(rule.seats)))
    if rule.method is not Method.PLURALITY and paper.most < paper.options:
        facts.append((_("Options one may name"), number(paper.most)))
    if paper.form is Form.SCORES:
        facts.append((_("Scores"), f"0–{number(paper.highest)}"))
    if paper.form is Form.POINTS:
        facts.append((_("Credits of each voter"), number(paper.credits)))
    if rule.method in BUDGETS and rule.budget is not None:
        facts.append((_("Budget"), price(rule.budget)))
    return facts


def _ranks(manifest: Manifest) -> list[tuple[str, str]]:
    rule, paper = manifest.rule, manifest.paper
    if paper.form is not Form.RANKING:
        return []
    facts = [(_("Equal ranks"), _("Allowed") if paper.equal else _("Not allowed"))]
    if rule.method in {Method.IRV, Method.STV}:
        facts.append((_("Several at one rank"), str(OVERVOTES[rule.overvote])))
    if rule.method is Method.STV:
        facts.append((_("Decimal places"), number(rule.digits)))
    skipped = _("Not allowed")
    if rule.max_skipped is not None:
        skipped = ngettext(
            "Up to %(n)s in a row; the ballot ends after more",
            "Up to %(n)s in a row; the ballot ends after more",
            rule.max_skipped,
        ) % {"n": number(rule.max_skipped)}
    return [*facts, (_("Ranks left out"), skipped)]


def _lot(manifest: Manifest) -> str:
    lot = manifest.rule.lot
    if not lot:
        return _("By a lot that is drawn when it is asked")
    if ORDER.fullmatch(lot):
        names = [text_in(manifest.options[int(n)]) for n in lot.split(">")]
        return _("In this order: %(order)s") % {"order": ", ".join(names)}
    return _("By a lot drawn from “%(seed)s”") % {"seed": lot}
