"""Why not, and what to do, where customers are heard: voices, reviews, surveys, channels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

HEARING = {
    "alarms.not_found": _("There is no such alarm."),
    "channels.away": _("It answers with an error just now."),
    "channels.broken": _("What it says made us fail. The log names where."),
    "channels.gone": _("There is nothing at this address any more."),
    "channels.moved": _("It has moved. Add the new address, and remove this one."),
    "channels.not_let_in": _("It does not let us in: the token is missing, or good no more."),
    "channels.not_secret": _("A token goes over https alone."),
    "channels.not_taken": _("It does not take what we said."),
    "channels.not_understood": _("What stands there could not be understood."),
    "channels.too_often": _("It was asked too often, and wants to be left alone for a while."),
    "follow_up.bad_days": _("Say up to %(most)s days; 0 is never."),
    "follow_up.not_found": _("There is no such question."),
    "hooks.forged": _("None of the signatures is right."),
    "hooks.gone": _("Nothing is taken here any more."),
    "hooks.not_json": _("Send JSON, as application/json."),
    "hooks.not_understood": _("This was not understood: %(where)s. %(why)s"),
    "hooks.too_large": _("That is too much at once: at most %(most)s bytes are read."),
    "hooks.too_old": _("This was signed more than five minutes ago, or ahead of time."),
    "hooks.unsigned": _("Sign it: webhook-id, webhook-timestamp and webhook-signature are needed."),
    "reviews.another": _("This customer has reviewed this product already."),
    "reviews.bad_mapping": _(
        "“%(entry)s” in the mapping is not right. Compare it with one that Kfar has proposed."
    ),
    "reviews.bad_time": _("The day is none, or not yet. Write it like 2026-05-31."),
    "reviews.broken_line": _(
        "A line of the file cannot be read. Look for a missing quotation mark."
    ),
    "reviews.mapping_lacks": _(
        "Nothing in the file was recognised as: %(columns)s. Say what it is in a mapping, then "
        "take the file in again with --mapping."
    ),
    "reviews.mapping_open": _(
        "Nothing was taken yet. Kfar's proposal stands in %(file)s: mend it where it is wrong and "
        "import again with --mapping %(file)s, or take it as it is with --yes."
    ),
    "reviews.no_columns": _("The first line has to name the columns, each with a name of its own."),
    "reviews.no_product": _("There is no such product."),
    "reviews.no_stars": _("Choose one to five stars."),
    "reviews.not_found": _("There is no such review."),
    "reviews.not_json": _("This is not JSON that can be read to its end."),
    "reviews.not_utf8": _("The file is not in UTF-8. Save it as UTF-8, then try again."),
    "reviews.too_large": _("The file is too large: at most %(most)s MB fit. Split it."),
    "surveys.answer_missing": _("Please answer this."),
    "surveys.answered": _("You have answered this already. Thank you."),
    "surveys.asks_ahead": _(
        "The condition of “%(where)s” asks for “%(name)s”, which has not been asked before it."
    ),
    "surveys.bad_after": _("Say how many days after, up to %(most)s."),
    "surveys.bad_choices": _("“%(where)s” needs choices: up to 200, each with a value of its own."),
    "surveys.bad_condition": _("The condition of “%(where)s” cannot be read from here on: %(at)s"),
    "surveys.bad_quotas": _(
        "“%(where)s” is no quota. Each counts by a choice or by what is known, with a value and "
        "the most answers."
    ),
    "surveys.cell_full": _("Thank you. Enough people have answered this already."),
    "surveys.bad_quota": _("Write a whole number from 1 to %(most)s, or nothing."),
    "surveys.bad_scale": _(
        "The scale of “%(where)s” does not fit: up to 20 steps; an NPS goes from 0 to 10, CSAT "
        "from 1 to 5, CES from 1 to 7."
    ),
    "surveys.closed": _("This survey is over. Thank you for coming."),
    "surveys.closes_in_past": _("That is over already. Choose a later time."),
    "surveys.closes_too_late": _("Choose a time within %(days)s days."),
    "surveys.incomplete": _("Something is not answered yet. Please go back and look."),
    "surveys.name_twice": _("Two questions are called “%(where)s”. Give each a name of its own."),
    "surveys.no_questions": _("There is no question in it."),
    "surveys.not_a_choice": _("Please choose one of these."),
    "surveys.not_a_form": _("This is not as SurveyJS writes it: %(where)s"),
    "surveys.not_found": _("There is no such survey."),
    "surveys.not_invited": _("This survey is for those who were invited to it."),
    "surveys.not_json": _("This is not JSON. Paste all of it, from the first { to the last }."),
    "surveys.not_open": _("This survey has not been opened yet."),
    "surveys.too_large": _("That is too long: at most %(most)s letters fit."),
    "surveys.too_long": _("Please shorten it: at most %(most)s letters fit."),
    "surveys.too_many_questions": _("These are more than %(most)s questions. Ask fewer."),
    "surveys.too_many_quotas": _("Count by at most %(most)s questions, languages and products."),
    "surveys.unknown": _(
        "Kfar does not know this: %(what)s. Take it out, or have it left out below."
    ),
    "texts.not_sent": _(
        "The text message could not be sent. Please try again in a few minutes, or another way."
    ),
    "themes.itself": _("These are one theme already."),
    "themes.name_too_long": _("Please shorten the name: at most %(most)s characters fit."),
    "themes.no_name": _("Write what the theme is to be called."),
    "themes.not_found": _("There is no such theme."),
    "voice.answer_elsewhere": _(
        "This address is somewhere else. The answer has to stand where they wrote: %(hosts)s. "
        "Without an address it counts, too."
    ),
    "voice.answered_here": _(
        "What you decide here gets to this customer. Answer here, and they are told."
    ),
    "voice.bad_answer_link": _(
        "This is no address of a page: it begins with https:// or http://. Leave it empty where "
        "there is none."
    ),
    "voice.bad_channel_kind": _("A channel is one of: %(kinds)s."),
    "voice.bad_channel_name": _(
        "“%(name)s” cannot name a channel: use a-z, 0-9 and “-”, at most 40, none of them capital."
    ),
    "voice.bad_hours": _("A poll is open for 1 to %(most)s hours."),
    "voice.bad_options": _(
        "Give 2 to %(most)s options, each another one, of at most %(length)s letters."
    ),
    "voice.channel_name_kept": _(
        "“%(name)s” cannot name a channel, since Kfar uses that word itself. Taken are: %(kept)s."
    ),
    "voice.channel_sealed": _(
        "Its secret was sealed under another KFAR_SECRET_KEY. Remove the channel, and add it anew."
    ),
    "voice.channel_there": _("There is a channel “%(name)s” already."),
    "voice.no_channel_name": _("Say what the channel is called: --name, in a-z, 0-9 and “-”."),
    "voice.no_message_id": _("A message needs an id, so that it is heard once."),
    "voice.no_such_channel": _("There is no channel “%(name)s”."),
    "voice.not_found": _("There is no such voice."),
    "voice.not_told_yet": _(
        "We have not finished yet. Once we have done what we promised, we will ask you."
    ),
    "voice.nothing_asked": _("Write what you want to ask."),
    "voice.nothing_said": _("Write a few words first."),
    "voice.poll_too_long": _("That is too long for a post: at most %(most)s letters fit."),
    "voice.said_nowhere": _("This was not said on a channel, so there is no place to answer at."),
    "voice.still_owed": _("A promise for this voice is open. Keep it, or say that it is broken."),
    "voice.texts_stopped": _("They want no text messages, by their own word."),
    "voice.theirs_to_close": _("The customer was told, so it is theirs to say whether it is good."),
    "voice.too_long": _(
        "That is %(length)s characters, and %(most)s fit. Please take out %(over)s; "
        "your words are still here."
    ),
    "voice.too_many_mails": _("At most %(most)s mails a day are taken from one address."),
    "voice.too_many_posts": _("At most %(most)s messages a day are taken from one person."),
    "voice.unknown_sentiment": _("Choose what the voice says."),
    "voice.unknown_why": _("Choose why they are not told."),
    "voice.why_missing": _("Say in a few words why they are not told."),
}
