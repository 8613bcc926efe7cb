"""Why not, and what to do, where customers are helped: cases, remedies, returns."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

CASES = {
    "service.above_authority": _(
        "This is above your authority: you may decide up to %(limit)s. Who may: %(who)s."
    ),
    "service.amount_missing": _("Say how much, or choose “Answer”."),
    "service.answer_costs_nothing": _("An answer is words alone: leave the amount empty."),
    "service.asked_already": _("Somebody is asked about this case already."),
    "service.back_in_past": _("Choose a day from today on."),
    "service.limit_moved_on": _("This limit was changed again meanwhile. Set it anew."),
    "service.no_such_proposal": _("This is not proposed any more. Look at the page again."),
    "service.no_such_reply": _("This reply is not saved any more. Choose another."),
    "service.no_without_why": _("Say why not: who asked will read it."),
    "service.nobody_may": _("Nobody else here may decide that much."),
    "service.not_asked_any_more": _("This was answered, or somebody else is asked by now."),
    "service.not_found": _("There is no such case."),
    "service.same_case": _("This is the same voice. Choose another."),
    "service.title_missing": _("Say what it is called."),
    "service.title_too_long": _("Please shorten what it is called: at most %(most)s letters fit."),
    "service.too_many_replies": _("At most %(most)s replies can be saved. Remove some first."),
    "service.too_many_together": _("At most %(most)s voices can be decided together."),
    "service.two_approvers": _("Somebody is asked about each of them. Wait for one answer first."),
    "service.two_people": _(
        "These are two people, and what one said is not decided with what another said."
    ),
    "service.unknown_fault": _("Say whose fault it was."),
    "service.unknown_language": _("Choose the language."),
    "service.unknown_place": _("“%(place)s” is not filled in. What is: %(places)s."),
    "service.unknown_remedy": _("Choose what the customer gets."),
    "service.why_missing": _("Say why it is taken back: the customer will read it."),
    "service.within_authority": _("You may decide this yourself."),
    "service.words_missing": _("Write the answer."),
    "service.words_too_long": _("Please shorten it: %(length)s characters, at most %(most)s fit."),
}
