"""The demo's consultations: vTaiwan's about UberX, which is over, and one to take part in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from kfar.doors.cli import vtaiwan
from kfar.ground.ids import derived_id
from kfar.rooms.decisions.consultations import commands, queries
from kfar.rooms.decisions.consultations.commands import Brought
from kfar.rooms.decisions.consultations.rules import Draft, State
from kfar.rooms.decisions.proving.consultation import Circle, Moderation, Words

UBERX, STORES = derived_id("demo", "vtaiwan-uberx"), derived_id("demo", "stores")

ABOUT_UBERX = Draft(
    topic={
        "en": "How should UberX be regulated? (vTaiwan, 2015)",
        "he": "איך להסדיר את UberX? (vTaiwan, 2015)",
        "pl": "Jak uregulować UberX? (vTaiwan, 2015)",
    },
    about={
        "en": f"A real consultation, held in Taiwan in 2015 ({vtaiwan.TOPIC}): drivers with cars of"
        " their own carry passengers. Statements are shown as they were made, in Chinese.",
        "he": f"התייעצות אמיתית שהתקיימה בטאיוואן ב-2015 ({vtaiwan.TOPIC}): נהגים ברכבם הפרטי"
        " מסיעים נוסעים. האמירות מוצגות כפי שנאמרו, בסינית.",
        "pl": f"Prawdziwa konsultacja z Tajwanu, z 2015 roku ({vtaiwan.TOPIC}): kierowcy wożą"
        " pasażerów własnymi samochodami. Wypowiedzi są pokazane tak, jak padły, po chińsku.",
    },
    seeds=(),
    closes_at=vtaiwan.votes()[-1].at + timedelta(seconds=1),
    opens_at=min(said.at for said in vtaiwan.statements()),
    pledge={},
    pledge_due=None,
    audience=Circle.LINK,
    credit=f"{vtaiwan.ATTRIBUTION} https://pol.is/3phdex2kjf",
)

SEEDS = [
    ("en", "The stores should open earlier, even if it costs a little more."),
    ("en", "I would rather pack my own bags than wait for somebody to do it."),
    ("en", "Fewer brands on the shelf would make shopping easier for me."),
    ("en", "Fruit and vegetables should be sold without plastic."),
    ("en", "I like it when somebody who works there knows me."),
    ("he", "קופות בשירות עצמי עדיפות על תור."),
    ("he", "חשוב יותר שהמוצרים יהיו מקומיים מאשר שיהיו זולים."),
    ("he", "כדאי שהחנויות יהיו סגורות יום אחד בשבוע, לטובת מי שעובד בהן."),
    ("pl", "Wolę stałe niskie ceny niż kupony."),
    ("pl", "Jedzenie, którego nie sprzedano, powinno być oddawane, nawet jeśli to kosztuje."),
    ("pl", "Muzyka w sklepie przeszkadza mi w zakupach."),
    ("pl", "Chętnie oddam puste opakowania w sklepie."),
]


def load(by: UUID) -> None:
    """Bring in the one, and open the other, unless they are there."""
    if queries.consultation(UBERX) is None:
        _uberx(by)
    if queries.consultation(STORES) is None:
        commands.consult(by=by, draft=_stores(), once=STORES)


def _uberx(by: UUID) -> None:
    said: dict[int, dict[int, int]] = {}
    for vote in vtaiwan.votes():
        said.setdefault(vote.person, {})[vote.statement] = vote.vote
    commands.bring(
        by=by,
        draft=ABOUT_UBERX,
        statements=[
            Brought(
                number=one.number,
                words=Words(one.text, "zh-Hant"),
                said_at=one.at,
                state=State.SHOWN if one.moderated >= 0 else State.OUT,
            )
            for one in vtaiwan.statements()
        ],
        votes=[said[person] for person in sorted(said)],
        once=UBERX,
    )


def _stores() -> Draft:
    closes = timezone.localtime() + timedelta(days=60)
    return Draft(
        topic={
            "en": "What should our stores be like?",
            "he": "איך כדאי שהחנויות שלנו ייראו?",
            "pl": "Jakie powinny być nasze sklepy?",
        },
        about={
            "en": "We rebuild two stores next year. Before anybody draws a plan we want to know "
            "what matters to you. Each statement is one person's; agree, disagree or pass.",
            "he": "בשנה הבאה נבנה מחדש שתי חנויות. לפני שמישהו משרטט תוכנית, נרצה לדעת מה חשוב "
            "לכם. כל אמירה היא של אדם אחד: אפשר להסכים, לא להסכים או לדלג.",
            "pl": "W przyszłym roku przebudujemy dwa sklepy. Zanim powstanie projekt, chcemy "
            "wiedzieć, co jest ważne. Każda wypowiedź pochodzi od jednej osoby; można się "
            "zgodzić, nie zgodzić albo pominąć.",
        },
        seeds=[Words(text, language) for language, text in SEEDS],
        closes_at=closes.replace(hour=20, minute=0, second=0, microsecond=0),
        pledge={
            "en": "What all groups share goes into the plans of both stores. Where you are "
            "divided, we try one way in each store and ask you again.",
            "he": "מה שמשותף לכל הקבוצות ייכנס לתוכניות של שתי החנויות. במה ששנוי במחלוקת ננסה "
            "דרך אחרת בכל חנות, ונשאל שוב.",
            "pl": "To, co łączy wszystkie grupy, wejdzie do planów obu sklepów. Tam, gdzie zdania "
            "są podzielone, w każdym sklepie spróbujemy inaczej i zapytamy ponownie.",
        },
        pledge_due=closes.date() + timedelta(days=60),
        audience=Circle.LINK,
        moderation=Moderation.BEFORE,
    )
