"""Why not, and what to do, where customers are helped: cases, returns, promises, plans."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

HELPING = {
    "plans.bad_target": _("“%(target)s” cannot name a tracker. Use a-z, 0-9 and hyphens."),
    "plans.no_needs": _("Say what the makers of it need to know."),
    "plans.no_such_target": _("No tracker is called “%(target)s”."),
    "plans.no_title": _("Say what is to be done."),
    "plans.not_found": _("There is no such plan."),
    "plans.not_taken": _("The tracker did not take it: it answered %(status)s."),
    "plans.nothing_heard": _("No voice speaks for this, so there is nothing to plan or to tell."),
    "plans.over": _("This plan has ended, so nothing more is promised for it."),
    "plans.promised": _("Something was promised for this plan already."),
    "plans.too_long": _("Please shorten it: %(length)s characters, at most %(most)s fit."),
    "plans.unknown_shape": _("A tracker takes plans as github, jira or plain."),
    "plans.unknown_state": _("Choose where the plan stands."),
    "plans.why_missing": _("Say why it is dropped."),
    "promises.about_too_long": _("Please shorten it: at most %(most)s letters fit."),
    "promises.asked_already": _("The customer was asked for something on this voice already."),
    "promises.decide_first": _(
        "First the customer gets what they get. Nothing may be asked for before that."
    ),
    "promises.due_in_past": _("The date has passed already. Choose today or later."),
    "promises.due_too_late": _("Choose a day within the next %(days)s days."),
    "promises.how_missing": _("Say what was done: the customer will read it."),
    "promises.no_such_owner": _("Choose who sees to it from the people who work here."),
    "promises.not_now": _(
        "They cannot be asked now: they were asked for something lately, did not agree to be"
        " asked, have no e-mail address, or want no letters about promises."
    ),
    "promises.not_found": _("There is no such promise."),
    "promises.nothing_promised": _("Write what you promise."),
    "promises.over": _("This promise is not open any more."),
    "promises.too_long": _("Please shorten it: %(length)s characters, at most %(most)s fit."),
    "promises.too_many": _("So many promises are open at most: %(most)s."),
    "promises.unknown_kind": _("Choose what it is about."),
    "promises.why_missing": _("Say why: those it was promised to will read it."),
    "returns.bad_term": _("Say up to 3,650 days, and an amount."),
    "returns.decided": _("Somebody decided this meanwhile. Look at it again."),
    "returns.link_over": _("This link is too old. Ask for a new one."),
    "returns.not_bought": _("This was not bought there, or nothing was paid for it."),
    "returns.not_found": _("There is no such return."),
    "returns.nothing_chosen": _("Choose what goes back."),
    "returns.over": _(
        "This return was taken back or not taken. Speak with the customer: what came is theirs."
    ),
    "returns.too_late": _("It is here already, or was not taken. Tell us what you want instead."),
    "returns.too_many": _("Of %(what)s, %(left)s can still go back."),
    "returns.too_many_asked": _("Very many ask just now. Please try again in a while."),
    "returns.two_currencies": _("Two currencies: please make two returns of it."),
    "returns.unknown_code": _("There is no return with this code."),
    "service.above_authority": _(
        "This is above your authority: you may decide up to %(limit)s. Who may: %(who)s."
    ),
    "service.above_own_limit": _("Nobody gives others more than they may decide themselves."),
    "service.amount_missing": _("Say how much, or choose “Answer”."),
    "service.answer_costs_nothing": _("An answer is words alone: leave the amount empty."),
    "service.asked_already": _("Somebody is asked about this case already."),
    "service.back_in_past": _("Choose a day from today on."),
    "service.limit_moved_on": _("This limit was changed again meanwhile. Set it anew."),
    "service.no_such_proposal": _("This is not proposed any more. Look at the page again."),
    "service.no_such_reply": _("This reply is not saved any more. Choose another."),
    "service.no_such_theme": _("There is no such theme."),
    "service.no_without_why": _("Say why not: who asked will read it."),
    "service.nobody_may": _("Nobody else here may decide that much."),
    "service.not_asked_any_more": _("This was answered, or somebody else is asked by now."),
    "service.not_found": _("There is no such case."),
    "service.other_money": _(
        "%(amount)s is not in the company’s money, so no limit says whether you may give it. Who"
        " may: %(who)s."
    ),
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
    "tellings.languages_missing": _(
        "It is missing in: %(languages)s. In these languages wait %(people)s people."
    ),
    "tellings.nobody_spoke": _(
        "Nobody is left to tell: who spoke of it was told a change already."
    ),
    "tellings.nothing_done": _("Write what was done."),
    "tellings.too_long": _("Please shorten it: %(length)s characters, at most %(most)s fit."),
}
