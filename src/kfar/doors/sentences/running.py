"""Why not, and what to do, where Kfar is run: the village, its doors, money, links."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

RUNNING = {
    "api.bad_id": _("This is not an id."),
    "api.bad_page": _("“%(what)s” is a whole number from %(least)s to %(most)s."),
    "api.no_key": _("There is no key. Send one as “Authorization: Bearer KEY”."),
    "api.unknown_key": _("This key opens nothing here."),
    "api.unknown_path": _("There is nothing at this address."),
    "api.wrong_method": _("This address is read with GET."),
    "links.expired": _("This link has expired. Sign in, and you will find the same page there."),
    "links.forged": _(
        "This link is not complete or was changed. Open it from your mail again, or sign in."
    ),
    "money.not_an_amount": _("“%(text)s” is not an amount. Write it like 5 or 5.99."),
    "reach.away": _("Nobody answered at this address."),
    "reach.bad_address": _(
        "This is not an address that can be asked: begin with https:// and leave out names and "
        "passwords."
    ),
    "reach.inside": _(
        "This address leads into an inner network. Who runs Kfar can allow it in KFAR_REACH."
    ),
    "reach.too_large": _("What stands there is too large: at most %(most)s bytes are read."),
    "scim.bad_filter": _("The one filter is that of userName, by eq."),
    "scim.bad_syntax": _("This is not understood."),
    "scim.exists": _("Somebody who works here has this address already."),
    "scim.fixed": _("This is not changed here: only whether somebody works here, name and role."),
    "scim.not_here": _("There is nothing of that name."),
    "scim.wrong_method": _("This is not done here."),
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
    "village.no_general_limit": _("This role gives no such remedy, whatever it is about."),
    "village.no_such_limit": _("The most must not be below the least, and a share is up to 100."),
    "village.no_such_meeting": _("There is no such meeting."),
    "village.no_such_mention": _("There is no such note to you."),
    "village.no_such_part": _("“%(part)s” is not known. There are: %(parts)s."),
    "village.no_such_role": _("There is no role “%(role)s”."),
    "village.no_such_wish": _("Choose how you want to hear of it."),
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
}
