"""Why not, and what to do: a sentence for every code a room or a door refuses with."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kfar.doors.sentences_of_cases import CASES

SENTENCES = {
    "alarms.not_found": _("There is no such alarm."),
    "api.bad_id": _("This is not an id."),
    "api.no_key": _("There is no key. Send one as “Authorization: Bearer KEY”."),
    "api.unknown_key": _("This key opens nothing here."),
    "api.unknown_path": _("There is nothing at this address."),
    "api.wrong_method": _("This address is read with GET."),
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
    "channels.away": _("It answers with an error just now."),
    "channels.broken": _("What it says made us fail. The log names where."),
    "channels.gone": _("There is nothing at this address any more."),
    "channels.moved": _("It has moved. Add the new address, and remove this one."),
    "channels.not_let_in": _("It does not let us in: the token is missing, or good no more."),
    "channels.not_secret": _("A token goes over https alone."),
    "channels.not_taken": _("It does not take what we said."),
    "channels.not_understood": _("What stands there could not be understood."),
    "channels.too_often": _("It was asked too often, and wants to be left alone for a while."),
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
    "customers.account_not_found": _("There is no such business customer."),
    "customers.decided": _("Somebody decided this otherwise meanwhile. Look at the person's page."),
    "customers.no_account_name": _("Write the company’s name, at most %(most)s characters."),
    "customers.how_missing": _("Say how they asked."),
    "customers.name_too_long": _("Please shorten it: at most %(most)s letters fit."),
    "customers.no_splink": _(
        "What compares people is not installed. Install Kfar with it: kfar[match]."
    ),
    "customers.not_found": _("There is no such customer."),
    "customers.not_joined": _("They have no such part there."),
    "customers.part_too_long": _("Please shorten their part: at most %(most)s characters fit."),
    "customers.unknown_address": _("No customer is known by this address."),
    "customers.signs_in": _("You sign in with this address, so it stays."),
    "customers.unknown_language": _("Kfar does not speak this language yet."),
    "customers.unknown_way": _("There is no such way to tell you. Please reload the page."),
    "customers.unknown_purpose": _("There is nothing to agree to here. Please reload the page."),
    "decisions.agreement_incomplete": _(
        "Say what was signed, by whom, and give the file or its SHA-256 (64 digits)."
    ),
    "decisions.answers_in_past": _("The date for answers has passed already. Choose a later one."),
    "decisions.answers_too_late": _("Answers may take at most %(days)s days."),
    "decisions.change_withdrawn": _("This change was taken back."),
    "decisions.bad_keyword": _(
        "A keyword is two to twelve letters, and not a word like “vote” that stands before any."
    ),
    "decisions.closed": _(
        "This question has closed, so your answer was not counted. The result is on its page."
    ),
    "decisions.budget_missing": _("Say how much there is to spend, and what each option costs."),
    "decisions.closes_in_past": _("The closing time has passed already. Choose a later one."),
    "decisions.closes_too_late": _("A question stays open for at most %(days)s days."),
    "decisions.files_too_large": _("The files are too large: together at most %(most)s MB fit."),
    "decisions.no_change_text": _("Say in a line what changes."),
    "decisions.no_pledge": _("Say what you will do with the result: that is what people vote for."),
    "decisions.no_text": _("Write the question."),
    "decisions.no_products": _("Name at least one product, one a line."),
    "decisions.no_reply": _("Write what you answer: the customer will read it."),
    "decisions.no_reason": _("Say why: everyone who was asked is told."),
    "decisions.no_such_change": _("There is no such change."),
    "decisions.no_such_file": _("There is no such file."),
    "decisions.no_words": _("Write which conditions, or why: the company will read it."),
    "decisions.nobody_speaks": _(
        "Nobody who speaks for %(account)s has an address, so nobody could answer. Choose others."
    ),
    "decisions.nobody_to_tell": _(
        "Choose whom to ask: at least one company and who speaks for it."
    ),
    "decisions.nobody_to_ask": _("No customer has agreed to be asked yet, so nobody was asked."),
    "decisions.not_a_ballot": _(
        "Your answer was not counted: please choose from the options as the question says."
    ),
    "decisions.not_an_order": _(
        "The order that breaks ties names each option once, by number from 0: 2>0>1."
    ),
    "decisions.not_asked": _("This question was put to other customers."),
    "decisions.not_your_account": _("You do not speak for this company in this matter."),
    "decisions.nothing_to_reply": _(
        "There is nothing to reply to: the answer has changed, or it is one that only the "
        "customer can change."
    ),
    "decisions.not_found": _("There is no such question."),
    "decisions.not_open": _("This question opens later, so your answer was not counted yet."),
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
    "decisions.too_few_options": _("A question needs at least two options, one a line."),
    "decisions.too_long": _("Please shorten it: %(length)s characters, at most %(most)s fit."),
    "decisions.too_many_files": _("At most %(most)s files fit."),
    "decisions.too_many_products": _("At most %(most)s products fit."),
    "decisions.too_many_options": _("A question has at most %(most)s options."),
    "decisions.unknown_answer": _("Choose one of the answers."),
    "decisions.unknown_terms": _("Choose what silence means and what a veto does."),
    "decisions.unknown_audience": _("Choose who may answer."),
    "decisions.unknown_method": _("Choose how answers are counted."),
    "decisions.unknown_witness": _("This is no witness that was declared."),
    "decisions.unknown_overvote": _("Choose what a rank with several options means."),
    "decisions.veto_until_missing": _(
        "Say until which day a veto buys time: after the date for answers."
    ),
    "decisions.code_over": _("That code is not good any more. Please ask for a new one."),
    "decisions.code_wrong": _("This is not the code. Please look again: tries left, %(left)s."),
    "decisions.keyword_taken": _("Another question that is open has this keyword."),
    "decisions.no_such_ballot": _("No ballot on this question stands under this tracker."),
    "decisions.not_a_phone": _(
        "This is not a phone number. Write it with its country, like +48 22 123 45 67."
    ),
    "decisions.not_an_email": _("The e-mail address is not complete. Write it like anna@shop.pl."),
    "decisions.one_ballot": _(
        "Who comes in by phone number or by link has one ballot. Give each voter one, or let "
        "them come in signed in or by mail alone."
    ),
    "decisions.one_voice": _(
        "Somebody has a voice here with this mailbox or number already, under another spelling. "
        "Please come in with that one."
    ),
    "decisions.texts_stopped": _(
        "No text messages go to this number any more, as was asked from it. A text that says "
        "START lets them come again."
    ),
    "decisions.tier_shut": _("One cannot come in to this question so."),
    "decisions.too_often": _("That was too often from here. Please try again after %(again)s."),
    "decisions.unknown_reason": _("Choose why it is set aside."),
    "decisions.unknown_tier": _("Choose how voters may come in."),
    "insight.no_columns": _("The file needs the columns place, name and region."),
    "insight.no_place": _(
        "In line %(line)s the place has no code, or something is longer than 200 characters."
    ),
    "insight.bad_file": _(
        "%(file)s cannot be read to its end. It has to be Parquet, or CSV in UTF-8 whose first "
        "line names the columns."
    ),
    "insight.bad_line": _(
        "Nothing was taken: line %(line)s of %(file)s cannot be read. Look for a missing or "
        "unquoted separator."
    ),
    "insight.bad_source": _(
        "“%(source)s” cannot name a source. Use up to 50 small letters, digits and hyphens."
    ),
    "insight.bad_week": _(
        "Nothing was taken: in line %(line)s “%(week)s” is no day or week. Write it like "
        "2026-05-31, any day of the week, or 2026-W22."
    ),
    "insight.empty_cell": _("Nothing was taken: in line %(line)s “%(column)s” is empty."),
    "insight.lacks_columns": _(
        "The file lacks the columns: %(columns)s. It needs product, place, week or day, display "
        "and mailer."
    ),
    "insight.no_file": _("The file %(file)s cannot be opened. Check where it is."),
    "insight.no_rows": _("The file is empty. Choose one with rows in it."),
    "insight.lead_with_one": _("Lead with one: two cannot have the most weight alike."),
    "insight.no_such_category": _("There is no such category."),
    "insight.no_such_word": _(
        "There is nothing to say of a purchase but gift, not me, or not used."
    ),
    "insight.not_yours": _("This is not among your purchases. Go back to the page and try again."),
    "insight.nothing_to_rank": _("Nothing has been learned yet that could be ranked."),
    "insight.rank_each_once": _("Give each a place of its own, from 1 to %(most)s."),
    "insight.weights_of_hundred": _("The three come to %(sum)s. Let them share a hundred."),
    "hooks.forged": _("None of the signatures is right."),
    "hooks.gone": _("Nothing is taken here any more."),
    "hooks.not_json": _("Send JSON, as application/json."),
    "hooks.not_understood": _("This was not understood: %(where)s. %(why)s"),
    "hooks.too_large": _("That is too much at once: at most %(most)s bytes are read."),
    "hooks.too_old": _("This was signed more than five minutes ago, or ahead of time."),
    "hooks.unsigned": _("Sign it: webhook-id, webhook-timestamp and webhook-signature are needed."),
    "lake.bucket_away": _(
        "The bucket of the lake does not answer, or does not let Kfar in. Nothing is lost: try "
        "again when it does."
    ),
    "lake.damaged": _(
        "A file of the lake is missing or damaged (%(file)s). Put it back from a backup, "
        "then try again."
    ),
    "lake.disk_full": _(
        "The disk is full, so this was not saved. Make room, then try again: what was saved "
        "before is kept, and nothing is taken twice."
    ),
    "lake.no_s3": _("The bucket in KFAR_LAKE_URL needs the extra `s3`: uv sync --extra s3"),
    "lake.no_spark": _(
        "Spark did not start or did not answer. It needs the extra `spark`, Java, and the "
        "address in KFAR_ENGINE."
    ),
    "lake.versioned": _(
        "The bucket in KFAR_LAKE_URL keeps old versions, so nobody could be erased from it. "
        "Take one without versioning."
    ),
    "follow_up.bad_days": _("Say up to %(most)s days; 0 is never."),
    "follow_up.not_found": _("There is no such question."),
    "links.expired": _("This link has expired. Sign in, and you will find the same page there."),
    "links.forged": _(
        "This link is not complete or was changed. Open it from your mail again, or sign in."
    ),
    "money.not_an_amount": _("“%(text)s” is not an amount. Write it like 5 or 5.99."),
    "pictures.too_large": _("This picture is too large: at most %(most)s MB fit."),
    "pictures.unreadable": _("This is no picture we can read. Choose a PNG, JPEG or WebP."),
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
    "promises.due_in_past": _("The date has passed already. Choose today or later."),
    "promises.how_missing": _("Say what was done: the customer will read it."),
    "promises.no_such_owner": _("Choose who sees to it from the people who work here."),
    "promises.not_found": _("There is no such promise."),
    "promises.nothing_promised": _("Write what you promise."),
    "promises.over": _("This promise is not open any more."),
    "promises.why_missing": _("Say why: those it was promised to will read it."),
    "promises.too_long": _("Please shorten it: %(length)s characters, at most %(most)s fit."),
    "reach.away": _("Nobody answered at this address."),
    "reach.bad_address": _(
        "This is not an address that can be asked: begin with https:// and leave out names and "
        "passwords."
    ),
    "reach.inside": _(
        "This address leads into an inner network. Who runs Kfar can allow it in KFAR_REACH."
    ),
    "reach.too_large": _("What stands there is too large: at most %(most)s bytes are read."),
    "returns.bad_term": _("Say up to 3,650 days, and an amount."),
    "returns.decided": _("Somebody decided this meanwhile. Look at it again."),
    "returns.not_bought": _("This was not bought there, or nothing was paid for it."),
    "returns.not_found": _("There is no such return."),
    "returns.nothing_chosen": _("Choose what goes back."),
    "returns.over": _(
        "This return was taken back or not taken. Speak with the customer: what came is theirs."
    ),
    "returns.too_late": _("It is here already, or was not taken. Tell us what you want instead."),
    "returns.too_many": _("Of %(what)s, %(left)s can still go back."),
    "returns.two_currencies": _("Two currencies: please make two returns of it."),
    "returns.unknown_code": _("There is no return with this code."),
    "scim.bad_filter": _("The one filter is that of userName, by eq."),
    "scim.bad_syntax": _("This is not understood."),
    "scim.exists": _("Somebody who works here has this address already."),
    "scim.fixed": _("This is not changed here: only whether somebody works here, name and role."),
    "scim.not_here": _("There is nothing of that name."),
    "scim.wrong_method": _("This is not done here."),
    "reviews.another": _("This customer has reviewed this product already."),
    "reviews.bad_mapping": _(
        "“%(entry)s” in the mapping is not right. Compare it with one that Kfar has proposed."
    ),
    "reviews.bad_page": _("“%(what)s” is a whole number from %(least)s to %(most)s."),
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
    "tellings.languages_missing": _(
        "It is missing in: %(languages)s. In these languages wait %(people)s people."
    ),
    "tellings.nobody_spoke": _(
        "Nobody is left to tell: who spoke of it was told a change already."
    ),
    "tellings.nothing_done": _("Write what was done."),
    "tellings.too_long": _("Please shorten it: %(length)s characters, at most %(most)s fit."),
    "texts.not_sent": _(
        "The text message could not be sent. Please try again in a few minutes, or another way."
    ),
    "touchpoints.absent_columns": _(
        "The mapping names columns the file does not have: %(columns)s. Mend the mapping."
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
    "touchpoints.bad_scope": _("A key's scope is web or server, not “%(scope)s”."),
    "touchpoints.bad_mapping": _(
        "“%(entry)s” in the mapping is not right. Compare it with one that Kfar has proposed."
    ),
    "touchpoints.bad_measure": _("The measure is not a number. Write it in digits, like 10.603."),
    "touchpoints.bad_parquet": _(
        "%(file)s is not a Parquet file that can be read to its end. Write it anew."
    ),
    "touchpoints.bad_source": _(
        "“%(source)s” cannot name a source. Use up to 50 small letters, digits and hyphens, "
        "other than names of Kfar's own, as “email”, “phone” and “kfar”."
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
    "touchpoints.mapping_lacks": _(
        "Nothing in the file was recognised as: %(columns)s. Say what it is in %(file)s, then "
        "import again with --mapping %(file)s."
    ),
    "touchpoints.mapping_open": _(
        "Nothing was taken yet. Kfar's proposal stands in %(file)s: mend it where it is wrong and "
        "import again with --mapping %(file)s, or take it as it is with --yes."
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
    "touchpoints.no_such_key": _("No key begins with “%(hint)s”."),
    "touchpoints.not_utf8": _("The file is not in UTF-8. Save it as UTF-8, then try again."),
    "touchpoints.too_long": _("“%(column)s” is longer than %(most)s letters. Shorten it."),
    "touchpoints.unknown_columns": _(
        "The file has columns Kfar does not know: %(columns)s. It knows: %(known)s. Rename or "
        "remove them; the first line must name the columns."
    ),
    "touchpoints.unmapped_columns": _(
        "Nothing is said of the columns: %(columns)s. Map them, or name them in left_out."
    ),
    "touchpoints.wrong_width": _(
        "This row has %(found)s fields, the first line names %(expected)s. Look for a missing "
        "or unquoted separator."
    ),
    "village.asked_lately": _(
        "Somebody here was asked something in the last %(days)s days. Let them rest."
    ),
    "village.bad_department": _(
        "“%(department)s” cannot be a department’s code. Use a-z, 0-9 and -."
    ),
    "village.bad_draw": _("Draw one at least and %(most)s at most."),
    "village.bad_minutes": _("A meeting takes from %(least)s to %(most)s minutes."),
    "village.bad_table": _("This is no CSV file in UTF-8 (line %(line)s)."),
    "village.columns_missing": _("These columns are missing: %(columns)s."),
    "village.department_in_use": _(
        "There are people or departments in “%(department)s”. Move them first."
    ),
    "village.departments_in_a_ring": _(
        "“%(department)s” would stand in itself, or too deep in others."
    ),
    "village.long_name": _("A name has at most %(most)s characters."),
    "village.long_purpose": _("Say in at most %(most)s characters what it is for."),
    "themes.itself": _("These are one theme already."),
    "themes.name_too_long": _("Please shorten the name: at most %(most)s characters fit."),
    "themes.no_name": _("Write what the theme is to be called."),
    "themes.not_found": _("There is no such theme."),
    "village.may_not": _("Your role does not include this. Ask somebody who may."),
    "village.meeting_ahead": _("This meeting is still to come."),
    "village.meeting_cancelled": _("This meeting was cancelled."),
    "village.meeting_over": _("This meeting is over, so that cannot be changed any more."),
    "village.meets_in_past": _("Choose a time to come."),
    "village.meets_too_late": _("Choose a time within %(days)s days."),
    "village.no_name": _("Write a name."),
    "village.no_note": _("Write the note first."),
    "village.no_place": _("Say where, or how to call."),
    "village.no_purpose": _("Say what “%(part)s” is for: what has no purpose is not to be seen."),
    "village.no_reason": _("Say why. The customers are told."),
    "village.no_such_act": _("There is nothing called “%(act)s” that a role may do."),
    "village.no_such_colleague": _("Choose who meets them."),
    "village.no_such_department": _("There is no department “%(department)s”."),
    "village.no_such_employee": _("Nobody who works here signs in with “%(email)s”."),
    "village.no_such_limit": _("The most must not be below the least, and a share is up to 100."),
    "village.no_such_meeting": _("There is no such meeting."),
    "village.no_such_mention": _("There is no such note to you."),
    "village.no_such_part": _("“%(part)s” is not known. There are: %(parts)s."),
    "village.no_such_role": _("There is no role “%(role)s”."),
    "village.nobody_came": _("Mark who came. If nobody did, cancel the meeting."),
    "village.nobody_invited": _("Choose whom to invite."),
    "village.not_agreed": _("Somebody here did not agree to be asked."),
    "village.not_an_address": _("“%(email)s” is not an e-mail address."),
    "village.nothing_noted": _("Write what was said."),
    "village.table_too_large": _("That is too much at once: at most %(most)s lines."),
    "village.too_many_invited": _("Invite at most %(most)s."),
    "village.too_many_named": _("Name at most %(most)s."),
    "village.twice_in_table": _("“%(what)s” stands in line %(line)s already."),
    "village.two_meant": _("More than one person here is called “%(name)s”. Write the whole name."),
    "village.weak_password": _("Choose another password: %(why)s"),
    "village.words_too_long": _("That is %(length)s characters, and %(most)s fit."),
    "surveys.answer_missing": _("Please answer this."),
    "surveys.answered": _("You have answered this already. Thank you."),
    "surveys.asks_ahead": _(
        "The condition of “%(where)s” asks for “%(name)s”, which has not been asked before it."
    ),
    "surveys.bad_after": _("Say how many days after, up to %(most)s."),
    "surveys.bad_choices": _("“%(where)s” needs choices: up to 200, each with a value of its own."),
    "surveys.bad_condition": _("The condition of “%(where)s” cannot be read from here on: %(at)s"),
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
    "surveys.not_json": _("This is not JSON."),
    "surveys.not_open": _("This survey has not been opened yet."),
    "surveys.too_large": _("That is too long: at most %(most)s letters fit."),
    "surveys.too_long": _("Please shorten it: at most %(most)s letters fit."),
    "surveys.too_many_questions": _("These are more than %(most)s questions. Ask fewer."),
    "surveys.unknown": _(
        "Kfar does not know this: %(what)s. Take it out, or have it left out below."
    ),
    "voice.unknown_sentiment": _("Choose what the voice says."),
    "voice.bad_channel_kind": _("A channel is one of: %(kinds)s."),
    "voice.bad_channel_name": _(
        "“%(name)s” cannot name a channel: use a-z, 0-9 and “-”, at most 40, and no word that "
        "means something already."
    ),
    "voice.channel_sealed": _(
        "Its secret was sealed under another KFAR_SECRET_KEY. Remove the channel, and add it anew."
    ),
    "voice.channel_there": _("There is a channel “%(name)s” already."),
    "voice.no_message_id": _("A message needs an id, so that it is heard once."),
    "voice.no_such_channel": _("There is no channel “%(name)s”."),
    "voice.not_found": _("There is no such voice."),
    "voice.not_told_yet": _(
        "We have not finished yet. Once we have done what we promised, we will ask you."
    ),
    "voice.still_owed": _("A promise for this voice is open. Keep it, or say that it is broken."),
    "voice.theirs_to_close": _("The customer was told, so it is theirs to say whether it is good."),
    "voice.unknown_why": _("Choose why they are not told."),
    "voice.why_missing": _("Say in a few words why they are not told."),
    "voice.nothing_said": _("Write a few words first."),
    "voice.too_many_mails": _("At most %(most)s mails a day are taken from one address."),
    "voice.texts_stopped": _("They want no text messages, by their own word."),
    "voice.too_many_posts": _("At most %(most)s messages a day are taken from one person."),
    "voice.too_long": _(
        "That is %(length)s characters, and %(most)s fit. Please take out %(over)s; "
        "your words are still here."
    ),
    **CASES,
}
