"""What the demo's households say, and what came of it, so that a newcomer sees the loop turn.

All of it is made up, as decision 0048 says, and all of it goes the way of any other: it is said,
read, decided, promised and told by the commands that pages call, and counted as what was done.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils import timezone

from kfar.ground.ids import derived_id
from kfar.ground.money import Money
from kfar.lake import outbox
from kfar.rooms.customers import queries as customers
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises.plans import commands as plans
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.promises.telling import commands as telling
from kfar.rooms.service import commands as service
from kfar.rooms.service.approving import commands as approving
from kfar.rooms.service.replies import commands as replies
from kfar.rooms.touchpoints import completejourney
from kfar.rooms.village import commands as village
from kfar.rooms.village.departments import commands as departments
from kfar.rooms.village.meetings import commands as meetings
from kfar.rooms.village.notes import commands as notes
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice.questionnaire.templates import TEMPLATES
from kfar.rooms.voice.reviews import taking
from kfar.rooms.voice.reviews.files import Given
from kfar.rooms.voice.surveys import commands as surveys
from kfar.rooms.voice.surveys import queries as surveyed

FILE = Path(__file__).parent / "demo_data" / "heard" / "heard.toml"
#: Two more who work here, and have not met a customer yet.
COLLEAGUES = [
    ("yael@demo.kfar.example", "Yael Mizrahi", "service", "purchasing"),
    ("piotr@demo.kfar.example", "Piotr Zieliński", "service", "logistics"),
]
#: The survey, which is made last, and how often each score from 0 to 10 was given.
SURVEY = derived_id("demo", "survey")
SCORED = {10: 14, 9: 11, 8: 9, 7: 5, 6: 3, 5: 2, 3: 2, 0: 1}
#: A day's reviews stand so many days before the next ones.
APART = 9

BREAD = {
    "en": "Every store bakes a second time, at four in the afternoon.",
    "he": "בכל חנות אופים פעם נוספת, בארבע אחר הצהריים.",
    "pl": "Każdy sklep piecze drugi raz, o czwartej po południu.",
}
TO_ALL = {
    "en": "Every word you write to us is answered within two working days.",
    "he": "כל מילה שתכתבו לנו תיענה בתוך שני ימי עבודה.",
    "pl": "Na każde słowo do nas odpowiadamy w ciągu dwóch dni roboczych.",
}


def hear(noa: UUID, dana: UUID, tomasz: UUID) -> int:
    """Let households speak and those who work here answer, once; return how many voices."""
    if surveyed.survey(SURVEY) is not None:
        return 0
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    _settle_in(data["departments"], data["saved"], dana)
    _review(data["products"])
    said = _say(data["voices"])
    outbox.deliver()
    _answer(said, noa, dana, tomasz)
    outbox.deliver()
    for number, (one, whose, heard) in enumerate(said):
        if heard.get("came") in {"good", "bad"}:
            voice.judge(by=whose, voice_id=one, good=heard["came"] == "good")
        elif heard.get("came") == "kept":
            promised = derived_id("demo", f"heard/{number}")
            promises.keep(by=tomasz, promise_id=promised, how=heard["how"])
    _tell(said, tomasz)
    _plan(said, dana, tomasz)
    _look_ahead(said, noa, dana)
    outbox.deliver()
    _ask(tomasz)
    return len(said)


Said = list[tuple[UUID, UUID, Mapping[str, Any]]]


def _settle_in(rows: list[Any], saved: list[Any], lead: UUID) -> None:
    for row in rows:
        departments.set_department(code=row["code"], name=row["name"])
    for email, name, role, _where in COLLEAGUES:
        village.employ(email=email, name=name, role=role)
    where = [("noa", "stores"), ("dana", "service"), ("tomasz", "brand")]
    belongs = [(f"{name}@demo.kfar.example", code) for name, code in where]
    for email, code in belongs + [(email, code) for email, _name, _role, code in COLLEAGUES]:
        departments.belong(email=email, departments=[code])
    for reply in saved:
        for code in ("en", "he", "pl"):
            once = derived_id("demo", f"saved/{reply['title']}/{code}")
            replies.write(by=lead, title=reply["title"], language=code, text=reply[code], once=once)


def _review(products: list[Any]) -> None:
    """Let every product be reviewed by households, some of which bought it."""
    now = timezone.now()
    rows: list[Given] = []
    for product in products:
        for at, (stars, text) in enumerate(product["reviews"]):
            days = (len(product["reviews"]) - at) * APART + len(rows) % APART
            row = {
                "product": product["code"],
                "name": product["name"],
                "category": product["category"],
                "stars": str(stars),
                "text": text,
                "id": f"{product['code']}/{at}",
                "customer": str(221 + 14 * len(rows)),
                "at": (now - timedelta(days=days)).isoformat(),
            }
            rows.append(Given(line=len(rows) + 1, said=row))
    taking.take(rows, source=completejourney.SOURCE, reject=lambda _line, _why: None)


def _say(voices: list[Any]) -> Said:
    spoken = {code: _households(code) for code in ("en", "he", "pl")}
    found: Said = []
    for one in voices:
        by = next(spoken[one["language"]])
        about = one.get("about", "")
        words = {"text": one["text"], "language": one["language"], "about_name": about}
        found.append((voice.say(by=by, **words), by, one))
    return found


def _households(language: str) -> Iterator[UUID]:
    """Yield households of a language, but none that a visitor of the demo may be."""
    numbers = [n for n in range(203, 2500, 11) if completejourney.language(n) == language]
    emails = [f"household-{number}@demo.kfar.example" for number in numbers]
    known = customers.found_by("email", emails)
    return (known[email] for email in emails if email in known)


def _answer(said: Said, noa: UUID, dana: UUID, tomasz: UUID) -> None:
    today = timezone.localdate()
    for number, (one, whose, heard) in enumerate(said):
        came, once = heard.get("came", ""), derived_id("demo", f"heard/{number}")
        if not came:
            continue
        voice.read(by=noa, voice_id=one)
        case = service.open_case(voice_id=one, customer_id=whose)
        if came in {"given", "good", "bad", "above"}:
            act = approving.ask if came == "above" else service.remedy
            act(
                by=noa,
                case_id=case,
                kind=heard["kind"],
                amount=Money(heard["minor"], "USD"),
                words=heard.get("words", ""),
                once=once,
            )
        elif came in {"promised", "kept"}:
            due = today + timedelta(days=heard["days"])
            about = {"text": heard["promise"], "to": whose, "voice_id": one}
            promises.promise(by=dana, owner=tomasz, due=due, once=once, **about)


def _tell(said: Said, brand: UUID) -> None:
    """Tell those who found no bread what was done; and promise all something."""
    spoke = [(one, whose) for one, whose, heard in said if heard.get("came") == "bread"]
    name = next(heard["about"] for _one, _whose, heard in said if heard.get("came") == "bread")
    about = {"source": Source.PRODUCT, "ref": name, "label": name}
    telling.tell_all(by=brand, did=BREAD, spoke=spoke, once=derived_id("demo", "bread"), **about)
    due = timezone.localdate() + timedelta(days=30)
    once = derived_id("demo", "to-all")
    promises.promise_all(by=brand, text=TO_ALL, owner=brand, due=due, once=once)


def _plan(said: Said, lead: UUID, brand: UUID) -> None:
    """Plan what is to be done about the tills."""
    plans.make(
        by=lead,
        title="Tills that call for help less often",
        needs="The scales of the self-service tills do not know a second bag of the same fruit.",
        owner=brand,
        due=timezone.localdate() + timedelta(days=45),
        source=Source.VOICES,
        ref="tills",
        label="tills",
        spoke=[(one, whose) for one, whose, heard in said if heard.get("tills")],
        once=derived_id("demo", "plan"),
    )


def _look_ahead(said: Said, noa: UUID, dana: UUID) -> None:
    """Plan to meet two of those who spoke, and leave a word for who decides."""
    waits = [(one, whose) for one, whose, heard in said if heard.get("came") == "above"]
    for one, whose in waits:
        words = "@Dana, they have been with us for years. I would give all of it back."
        once = derived_id("demo", "note")
        notes.write(by=noa, customer_id=whose, text=words, voice_id=one, once=once)
    at = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0)
    guests = [whose for _one, whose, heard in said if heard.get("came") == "read"][:2]
    meetings.plan(
        by=dana,
        employee=dana,
        customers=guests,
        at=at + timedelta(days=4),
        minutes=45,
        place="The café beside the cheese counter",
        once=derived_id("demo", "meeting"),
    )


def _ask(brand: UUID) -> None:
    """Open a survey that anybody may answer, with what some strangers answered."""
    surveys.make(by=brand, text=json.dumps(TEMPLATES["nps"]), once=SURVEY)
    closes = timezone.now() + timedelta(days=30)
    surveys.open_survey(by=brand, survey_id=SURVEY, closes_at=closes, by_link=True)
    scores = [score for score, times in SCORED.items() for _ in range(times)]
    for number, score in enumerate(scores):
        once = derived_id("demo", f"survey/{number}")
        answers = {"recommend": score}
        surveys.respond(survey_id=SURVEY, by=None, answers=answers, language="en", once=once)
