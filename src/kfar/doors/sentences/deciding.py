"""Why not, and what to do, where customers decide: questions, ballots, changes, consultations."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

DECIDING = {
    "ballots.not_a_number": _("Your answer was not counted: write whole numbers."),
    "ballots.nothing_said": _("Your answer was not counted: say something about one option."),
    "ballots.overspent": _(
        "Your answer was not counted: it costs %(spent)s credits, and you have %(credits)s."
    ),
    "ballots.rank_twice": _(
        "Your answer was not counted: %(options)s have the same rank. Give each a rank of its own."
    ),
    "ballots.taken_back": _("This question was taken back, so your answer was not counted."),
    "ballots.too_many": _("Your answer was not counted: choose at most %(most)s."),
    "consultations.closed": _(
        "This consultation has closed, so nothing more is taken in. What came out is on its page."
    ),
    "consultations.customers_only": _("Customers take part here. Sign in, then it goes on."),
    "consultations.no_seeds": _("Begin with some statements of your own, one a line."),
    "consultations.no_such_statement": _("This statement is not there any more."),
    "consultations.no_topic": _("Write what it is about."),
    "consultations.not_a_vote": _("Choose: agree, disagree or pass."),
    "consultations.not_found": _("There is no such consultation."),
    "consultations.not_open": _("This consultation opens later, so nothing was taken in yet."),
    "consultations.nothing_said": _("Write a statement first."),
    "consultations.said_already": _(
        "This has been said already, in the same words. Everybody is asked about it once."
    ),
    "consultations.said_enough": _(
        "One person makes at most %(most)s statements, and yours are made. What you vote counts on."
    ),
    "consultations.statement_too_long": _(
        "That is %(length)s characters, and %(most)s fit. Please take out %(over)s, or make two "
        "statements of it."
    ),
    "consultations.too_many_seeds": _("Begin with at most %(most)s statements."),
    "consultations.unknown_moderation": _("Choose when statements are looked at."),
    "consultations.why_missing": _("Say why it is taken out: its author will read it."),
    "decisions.agreement_incomplete": _(
        "Say what was signed, by whom, and give the file or its SHA-256 (64 digits)."
    ),
    "decisions.answers_in_past": _("The date for answers has passed already. Choose a later one."),
    "decisions.answers_too_late": _("Answers may take at most %(days)s days."),
    "decisions.bad_keyword": _(
        "A keyword is two to twelve letters, and not a word like “vote” that stands before any."
    ),
    "decisions.budget_missing": _("Say how much there is to spend, and what each option costs."),
    "decisions.change_withdrawn": _("This change was taken back."),
    "decisions.closed": _(
        "This question has closed, so your answer was not counted. The result is on its page."
    ),
    "decisions.closes_in_past": _("The closing time has passed already. Choose a later one."),
    "decisions.closes_too_late": _("A question stays open for at most %(days)s days."),
    "decisions.code_over": _("That code is not good any more. Please ask for a new one."),
    "decisions.code_wrong": _("This is not the code. Please look again: tries left, %(left)s."),
    "decisions.files_too_large": _("The files are too large: together at most %(most)s MB fit."),
    "decisions.keyword_taken": _("Another question that is open has this keyword."),
    "decisions.no_change_text": _("Say in a line what changes."),
    "decisions.no_pledge": _("Say what you will do with the result: that is what people vote for."),
    "decisions.no_products": _("Name at least one product, one a line."),
    "decisions.no_reason": _("Say why: everyone who was asked is told."),
    "decisions.no_reply": _("Write what you answer: the customer will read it."),
    "decisions.no_such_ballot": _("No ballot on this question stands under this tracker."),
    "decisions.no_such_change": _("There is no such change."),
    "decisions.no_such_file": _("There is no such file."),
    "decisions.no_text": _("Write the question."),
    "decisions.no_words": _("Write which conditions, or why: the company will read it."),
    "decisions.nobody_speaks": _(
        "Nobody who speaks for %(account)s has an address, so nobody could answer. Choose others."
    ),
    "decisions.nobody_to_ask": _("No customer has agreed to be asked yet, so nobody was asked."),
    "decisions.nobody_to_tell": _(
        "Choose whom to ask: at least one company and who speaks for it."
    ),
    "decisions.not_a_ballot": _(
        "Your answer was not counted: please choose from the options as the question says."
    ),
    "decisions.not_a_phone": _(
        "This is not a phone number. Write it with its country, like +48 22 123 45 67."
    ),
    "decisions.not_an_email": _("The e-mail address is not complete. Write it like anna@shop.pl."),
    "decisions.not_an_order": _(
        "The order that breaks ties names each option once, by number from 0: 2>0>1."
    ),
    "decisions.not_asked": _("This question was put to other customers."),
    "decisions.not_found": _("There is no such question."),
    "decisions.not_open": _("This question opens later, so your answer was not counted yet."),
    "decisions.not_your_account": _("You do not speak for this company in this matter."),
    "decisions.nothing_to_reply": _(
        "There is nothing to reply to: the answer has changed, or it is one that only the "
        "customer can change."
    ),
    "decisions.one_ballot": _(
        "Who comes in by phone number or by link has one ballot. Give each voter one, or let "
        "them come in signed in or by mail alone."
    ),
    "decisions.one_voice": _(
        "Somebody has a voice here with this mailbox or number already, under another spelling. "
        "Please come in with that one."
    ),
    "decisions.one_winner": _("This way of counting names one winner and no more."),
    "decisions.option_twice": _("The same option stands there twice."),
    "decisions.options_differ": _(
        "In each language you use, write all options: one a line, in the same order."
    ),
    "decisions.other_head": _("This log never had such a head."),
    "decisions.out_of_range": _("Choose a number from %(least)s to %(most)s."),
    "decisions.outcome_stands": _(
        "The date has passed and the outcome stands. Who holds the change may still let it go."
    ),
    "decisions.picture_gone": _("A picture is not here any more. Please choose it again."),
    "decisions.pledge_before_close": _("You can only act on the result after the close."),
    "decisions.reply_due_missing": _("Say by when: that is a promise, so today or later."),
    "decisions.signed_in_future": _("It cannot have been signed after today."),
    "decisions.starts_in_past": _("The change cannot begin in the past."),
    "decisions.texts_stopped": _(
        "No text messages go to this number any more, as was asked from it. A text that says "
        "START lets them come again."
    ),
    "decisions.tier_shut": _("One cannot come in to this question so."),
    "decisions.too_few_options": _("A question needs at least two options, one a line."),
    "decisions.too_long": _("Please shorten it: %(length)s characters, at most %(most)s fit."),
    "decisions.too_many_files": _("At most %(most)s files fit."),
    "decisions.too_many_options": _("A question has at most %(most)s options."),
    "decisions.too_many_products": _("At most %(most)s products fit."),
    "decisions.too_often": _("That was too often from here. Please try again after %(again)s."),
    "decisions.unknown_answer": _("Choose one of the answers."),
    "decisions.unknown_audience": _("Choose who may answer."),
    "decisions.unknown_method": _("Choose how answers are counted."),
    "decisions.unknown_overvote": _("Choose what a rank with several options means."),
    "decisions.unknown_reason": _("Choose why it is set aside."),
    "decisions.unknown_terms": _("Choose what silence means and what a veto does."),
    "decisions.unknown_tier": _("Choose how voters may come in."),
    "decisions.unknown_witness": _("This is no witness that was declared."),
    "decisions.veto_until_missing": _(
        "Say until which day a veto buys time: after the date for answers."
    ),
    "pictures.too_large": _("This picture is too large: at most %(most)s MB fit."),
    "pictures.unreadable": _("This is no picture we can read. Choose a PNG, JPEG or WebP."),
}
