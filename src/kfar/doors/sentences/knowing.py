"""Why not, and what to do, where customers are met and known: touchpoints, people, figures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

KNOWING = {
    "customers.account_not_found": _("There is no such business customer."),
    "customers.decided": _("Somebody decided this otherwise meanwhile. Look at the person's page."),
    "customers.how_missing": _("Say how they asked."),
    "customers.no_name": _("Write your name first."),
    "customers.name_too_long": _("Please shorten it: at most %(most)s letters fit."),
    "customers.no_account_name": _("Write the company’s name, at most %(most)s characters."),
    "customers.no_splink": _(
        "What compares people is not installed. Install Kfar with it: kfar[match]."
    ),
    "customers.not_found": _("There is no such customer."),
    "customers.not_joined": _("They have no such part there."),
    "customers.part_too_long": _("Please shorten their part: at most %(most)s characters fit."),
    "customers.signs_in": _("You sign in with this address, so it stays."),
    "customers.tie_bad_name": _(
        "Your name stands in the invitation. Please make it a name alone, of at most %(most)s "
        "letters, without an address or a number."
    ),
    "customers.tie_enough": _(
        "You have invited many people lately. Please wait until some have answered, or come back "
        "tomorrow."
    ),
    "customers.tie_full": _("One of you knows %(most)s people here already; more do not fit."),
    "customers.tie_no_address": _(
        "The e-mail address is not complete. Write it like anna@shop.pl."
    ),
    "customers.tie_no_name": _(
        "Say first what you are called: your name stands in the invitation."
    ),
    "customers.tie_over": _(
        "This invitation is over: it was accepted, taken back, or too old. Ask for another one."
    ),
    "customers.tie_self": _("This is your own invitation. Hand it on to who you know."),
    "customers.unknown_address": _("No customer is known by this address."),
    "customers.unknown_language": _("Kfar does not speak this language yet."),
    "customers.unknown_purpose": _("There is nothing to agree to here. Please reload the page."),
    "customers.unknown_way": _("There is no such way to tell you. Please reload the page."),
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
    "insight.lead_with_one": _("Lead with one: two cannot have the most weight alike."),
    "insight.no_columns": _("The file needs the columns place, name and region."),
    "insight.no_file": _("The file %(file)s cannot be opened. Check where it is."),
    "insight.no_place": _(
        "In line %(line)s the place has no code, or something is longer than 200 characters."
    ),
    "insight.no_rows": _("The file is empty. Choose one with rows in it."),
    "insight.no_such_category": _("There is no such category."),
    "insight.no_such_word": _(
        "There is nothing to say of a purchase but gift, not me, or not used."
    ),
    "insight.not_yours": _("This is not among your purchases. Go back to the page and try again."),
    "insight.nothing_to_rank": _("Nothing has been learned yet that could be ranked."),
    "insight.rank_each_once": _("Give each a place of its own, from 1 to %(most)s."),
    "insight.weights_of_hundred": _("The three come to %(sum)s. Let them share a hundred."),
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
    "touchpoints.bad_mapping": _(
        "“%(entry)s” in the mapping is not right. Compare it with one that Kfar has proposed."
    ),
    "touchpoints.bad_measure": _("The measure is not a number. Write it in digits, like 10.603."),
    "touchpoints.bad_parquet": _(
        "%(file)s is not a Parquet file that can be read to its end. Write it anew."
    ),
    "touchpoints.bad_scope": _("A key's scope is web or server, not “%(scope)s”."),
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
}
