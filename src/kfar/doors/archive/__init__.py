"""All that is known of one customer, as an archive that they and their programs can read.

JSON has English keys, which stay as they are; CSV has the columns' names in the customer's
language, and begins with a mark by which spreadsheets know that it is UTF-8. Times are those of
the company's time zone.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kfar.doors import looking, words
from kfar.doors.archive import decided, forms, journeys, said
from kfar.ground.errors import Refused
from kfar.lake import audit
from kfar.rooms.customers import queries as customers
from kfar.rooms.promises import queries as promises
from kfar.rooms.promises.in_return import queries as in_return
from kfar.rooms.touchpoints import queries as touchpoints
from kfar.rooms.voice.follow_up import queries as follow_up

#: The files, and what each is.
FILES = {
    "about.json": _("Who you are to us: your names and addresses, and what you agreed to."),
    "journey.csv": _("Every contact between you and us, for a spreadsheet."),
    "journey.json": _("The same, for programs."),
    "voices.json": _("What you said, what we decided, and whether it was good."),
    "returns.json": _("What you sent back, and what is striking in it, if anything is."),
    "promises.json": _("What we promised you, and whether we kept it."),
    "in-return.json": _("What you promised in return, or were asked for, and your word."),
    "answers.json": _("What we asked you, and what you answered."),
    "surveys.json": _("What you answered in surveys."),
    "how-it-was.json": _("When we asked you how it was, and your word."),
    "reviews.json": _("What you said of products, and what you said before."),
    "people.json": _("Whom you know here, as you both said."),
    "changes.json": _("What you said for a company about changes."),
    "consultations.json": _("What you said and voted where we asked what people think."),
    "meetings.json": _("When we wanted to meet you, whether we did, and what was said."),
    "notes.json": _("What those who work here wrote about you for each other."),
    "letters.csv": _("What we wrote to you about, and when."),
    "consents.csv": _("Every yes and no you gave to a use of your data."),
    "who-saw-it.csv": _("Who did what with your data."),
}


def write(customer_id: UUID, file: IO[bytes]) -> None:
    """Write the archive of a customer, a zip, in the language that is spoken now.

    However long the journey, memory holds a few touches of it. Refuses with
    `customers.not_found` and `lake.damaged`.
    """
    person = customers.person(customer_id)
    if person is None:
        raise Refused("customers.not_found")
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", "\ufeff" + _readme(person.name))
        forms.as_json(archive, "about.json", _about(person))
        names = [str(name) for name, _of in journeys.COLUMNS.values()]
        touches = touchpoints.everything(customer_id)
        forms.as_csv(
            archive,
            "journey.csv",
            names,
            ([of(t) for _n, of in journeys.COLUMNS.values()] for t in touches),
        )
        journeys.as_json_lines(archive, "journey.json", touchpoints.everything(customer_id))
        forms.as_json(archive, "voices.json", said.in_voices(customer_id))
        forms.as_json(archive, "returns.json", said.sent_back(customer_id))
        forms.as_json(
            archive, "promises.json", [said.promised(p) for p in promises.to_customer(customer_id)]
        )
        forms.as_json(
            archive, "in-return.json", [said.given(g) for g in in_return.of_customer(customer_id)]
        )
        forms.as_json(archive, "answers.json", decided.by_ballots(customer_id))
        forms.as_json(archive, "surveys.json", said.in_surveys(customer_id))
        forms.as_json(
            archive, "how-it-was.json", [asdict(f) for f in follow_up.of_customer(customer_id)]
        )
        forms.as_json(archive, "reviews.json", said.in_reviews(customer_id))
        forms.as_json(archive, "people.json", said.who_is_known(customer_id))
        forms.as_json(archive, "changes.json", decided.on_changes(customer_id))
        forms.as_json(archive, "consultations.json", decided.in_consultations(customer_id))
        forms.as_json(archive, "meetings.json", said.in_meetings(customer_id))
        forms.as_json(archive, "notes.json", said.noted(customer_id))
        letters = promises.told(customer_id, most=None)
        forms.as_csv(
            archive,
            "letters.csv",
            [gettext("When"), gettext("What"), gettext("Sent")],
            ([letter.at, letter.what, letter.sent_at] for letter in letters),
        )
        forms.as_csv(
            archive,
            "consents.csv",
            [gettext("When"), gettext("What for"), gettext("Yes"), gettext("Where")],
            (
                [
                    word.at,
                    word.purpose,
                    gettext("yes") if word.given else gettext("no"),
                    word.source,
                ]
                for word in customers.words_of(customer_id)
            ),
        )
        lines = audit.lines(customers.selves(customer_id), most=None)
        forms.as_csv(
            archive,
            "who-saw-it.csv",
            [gettext("When"), gettext("What"), gettext("Who")],
            (
                [line.at, words.act_label(line.act), ", ".join(who)]
                for line, who in looking.who_looked(lines)
            ),
        )


def _readme(name: str) -> str:
    said = [
        gettext("What %(company)s knows of %(name)s")
        % {"company": settings.KFAR_COMPANY, "name": name or gettext("you")},
        words.moment(timezone.now()),
        "",
        gettext("This is yours: keep it, read it, take it wherever you like."),
        "",
        *(f"{file}: {what}" for file, what in FILES.items()),
        "",
        gettext("Times are those of %(zone)s.") % {"zone": settings.TIME_ZONE},
    ]
    return "\r\n".join(said) + "\r\n"


def _about(person: customers.Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "language": person.language,
        "known_since": person.met_at,
        "about": person.about,
        "agrees_to": sorted(person.consents),
        "hears": {
            purpose: way
            for purpose in customers.HEARING
            if (way := customers.ways(purpose, [person.id]).get(person.id))
        },
        "names": [asdict(named) for named in customers.names_of(person.id)],
    }
