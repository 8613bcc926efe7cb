"""The demo: real purchases, three people who work here, and a door for each."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection

from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kfar import loop
from kfar.doors import links
from kfar.doors.cli import asked, consultations, heard
from kfar.ground.ids import derived_id
from kfar.lake.engines import engine
from kfar.rooms.customers import accounts
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.decisions import changes, notices
from kfar.rooms.decisions.change_rules import ChangeDraft, Upload
from kfar.rooms.decisions.proving.shipping import Silence, Veto
from kfar.rooms.insight import promotions
from kfar.rooms.touchpoints import completejourney, keys
from kfar.rooms.village import commands as village
from kfar.rooms.village import queries as staff

#: Business customers of the demo: name, who buys for them, in which language, their answer.
COMPANIES = [
    ("Zielony Market", "Ewa Zielińska", "pl", "approve", ""),
    ("Riverside Kitchens", "Sam Rivers", "en", "conditions", "The old pack until May, please."),
    ("מכולת הכרמל", "יעל כרמלי", "he", "veto", "המדפים שלנו בנויים לאריזה של היום."),
]
#: The change they are asked about, and its drawing.
CHANGE = derived_id("demo", "change")
PACK = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 280" font-family="sans-serif">
  <g fill="none" stroke="#333"><path d="M30 60h60v200H30z"/><path d="M125 20h50v240h-50z"/></g>
  <text x="40" y="275">20 cm</text><text x="130" y="275">24 cm</text>
</svg>
"""

STEPS = {
    "customers": "Meeting 2,469 households",
    "purchases": "A year of their purchases",
    "promotions": "What was displayed and mailed",
}
#: Events in a batch, and how often one is tried.
AT_ONCE, TRIES = 500, 20
#: Households one can be: some ninety visits each, and demographics.
HOUSEHOLDS = {"18": "English", "49": "Hebrew", "105": "Polish"}
#: Who works here, in the demo: address, name, role.
STAFF = [
    ("noa@demo.kfar.example", "Noa Levi", "service"),
    ("dana@demo.kfar.example", "Dana Azulay", "lead"),
    ("tomasz@demo.kfar.example", "Tomasz Nowak", "brand"),
]


def employ() -> None:
    """Let the three people of the demo work here."""
    for email, name, role in STAFF:
        village.employ(email=email, name=name, role=role)


def ask() -> int:
    """Let who leads a brand consult customers and ask; return how many ballots were cast."""
    [asker] = [p.id for p in staff.everyone() if p.name == STAFF[-1][1]]
    consultations.load(asker)
    return asked.ask(asker)


def hear() -> int:
    """Let households say what they think, and have it answered; return how many voices.

    Before all are asked something: letters go out in the order in which they were written.
    """
    known = {p.name: p.id for p in staff.everyone()}
    noa, dana, tomasz = (known[name] for _email, name, _role in STAFF)
    return heard.hear(noa, dana, tomasz)


def load() -> int:
    """Load The Complete Journey, showing progress; return how many touches are new.

    What was promoted in its stores comes with it.

    Raises `Refused` where its package is not installed or the disk is full.
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeElapsedColumn()) as bars:
        tasks = {step: bars.add_task(text, total=None) for step, text in STEPS.items()}
        new = completejourney.load(
            progress=lambda step, done, total: bars.update(tasks[step], completed=done, total=total)
        )
        bars.update(tasks["promotions"], completed=0, total=1)
        with engine().session() as session:
            completejourney.open_files(session)
            promotions.take_table(
                session=session,
                source=completejourney.SOURCE,
                name="a-year",
                select=completejourney.PROMOTIONS,
            )
        bars.update(tasks["promotions"], completed=1, total=1)
        for task in tasks.values():
            if bars.tasks[task].total is None:
                bars.update(task, completed=1, total=1)
        return new


def announce() -> None:
    """Ask the demo's business customers about a change, and let them answer: once."""
    if notices.notice(CHANGE) is not None:
        return
    by = {role: village.employ(email=e, name=n, role=role) for e, n, role in STAFF}
    buyers, asked = {}, {}
    for number, (company, name, language, *_said) in enumerate(COMPANIES):
        new = Newcomer(f"buyer-{number}", name, f"buyer-{number}@demo.kfar.example", language)
        [buyers[company]] = customers.meet_many(source="demo", newcomers=[new]).values()
        own = accounts.begin(by=by["lead"], name=company, once=derived_id("demo", company))
        accounts.join(by=by["lead"], account_id=own, customer_id=buyers[company], part="buyer")
        asked[company] = own
    now = timezone.localtime()
    draft = ChangeDraft(
        text={
            "en": "Milk comes in a taller, narrower pack",
            "he": "החלב יגיע באריזה גבוהה וצרה יותר",
            "pl": "Mleko będzie w wyższym i węższym opakowaniu",
        },
        details={
            "en": "24 cm instead of 20 cm, the same litre. 12 packs to a tray, as before.",
            "he": '24 ס"מ במקום 20 ס"מ, אותו ליטר. 12 אריזות במגש, כמו היום.',
            "pl": "24 cm zamiast 20 cm, ten sam litr. 12 sztuk na tacy, jak dotąd.",
        },
        products=["FLUID MILK WHITE ONLY, 1 L"],
        starts=now.date() + timedelta(days=60),
        answers_by=now + timedelta(days=14),
        silence=Silence.WAITS,
        veto=Veto.ACCOUNT,
        asked={own: ["buyer"] for own in asked.values()},
        files=[Upload("pack.svg", PACK)],
    )
    changes.announce(by=by["brand"], draft=draft, once=CHANGE)
    for company, _name, _language, answer, said in COMPANIES:
        changes.answer(
            by=buyers[company],
            change_id=CHANGE,
            account_id=asked[company],
            answer=answer,
            words=said,
        )


def send(host: str, port: int) -> None:
    """Send the households' mailings and coupons to the gate, as a company's server would.

    Under the same message ids each time: sent again, they are the same touches.
    """
    for line in keys.everyone():
        if line.source == completejourney.SOURCE and line.revoked_at is None:
            keys.revoke(hint=line.hint)
    key = keys.make(source=completejourney.SOURCE, scope="server")
    loop.post_notice()
    events = completejourney.events()
    authorization = b64encode(f"{key}:".encode()).decode()
    headers = {"Authorization": f"Basic {authorization}", "Content-Type": "application/json"}
    connection = HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port)  # noqa: S104
    for start in range(0, len(events), AT_ONCE):
        body = json.dumps({"batch": events[start : start + AT_ONCE]})
        for _ in range(TRIES):
            connection.request("POST", "/v1/batch", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status == HTTPStatus.OK:
                break
            time.sleep(0.5)
    connection.close()


def welcome(out: Console) -> None:
    """Print the addresses to open: the village, its mail, and a door for each kind of person."""
    rows = [("The village", links.page("web:home")), ("Its mail", links.page("web:mailbox"))]
    for household, language in HOUSEHOLDS.items():
        login = village.admit(email=f"household-{household}@demo.kfar.example")
        rows.append((f"A customer: household {household}, in {language}", links.demo(login)))
    notice = notices.notice(CHANGE)
    for account, [buyer] in notices.speakers(notice).items() if notice else ():
        business = accounts.account(account)
        if business is not None:
            rows.append((f"{business.name}, asked about a change", links.change(CHANGE, buyer)))
    does = {"service": "serves customers", "lead": "leads service", "brand": "leads a brand"}
    for email, name, role in STAFF:
        rows.append((f"{name} {does[role]}", links.demo(village.admit(email=email))))
    out.print("\nKfar is open. Each link below signs you in; this works in the demo alone.\n")
    for what, link in rows:
        out.print(f"  [bold]{what}[/]")
        out.print(f"  {link}\n", soft_wrap=True, highlight=False)
