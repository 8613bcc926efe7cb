"""A burst of voices becomes an alarm, a plan and a promise; it is kept, all are told once, and one
promises something in return.

In English at a desk, in Hebrew on a phone.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.steps import WHO, choose_language, sign_in
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

PRODUCT = {"en": "COLD BREW", "he": "GRAPE JUICE"}
#: Unhappy words, as they are read here: only those are behind an alarm.
SAID = {
    "en": "The bottle leaks at the lid.",
    "he": "מוצר גרוע, הבקבוק דולף, אכזבה גדולה. לא לקנות!",
}
DID = {
    "en": "The lids are new since Monday.",
    "he": "הפקקים חדשים מיום שני.",
    "pl": "Od poniedziałku są nowe zakrętki.",
}


@pytest.mark.parametrize("language", ["en", "he"])
def test_keep(browser: Browser, village: Village, language: str) -> None:
    address = f"{WHO[language]}@village.example"
    product, said = PRODUCT[language], SAID[language]
    customer = Walker(browser, village, language, phone=language == "he")
    sign_in(customer, address)
    choose_language(customer)
    customer.open("/me/")

    # heard: a burst, and the alarm that it raises
    village.run(BURST.format(address=address, product=product, said=said, spoken=language))
    dana = Walker(browser, village, language, phone=language == "he")
    dana.page.goto(village.links["dana@village.example"])
    dana.open("/voices/alarms/")
    dana.page.locator(".row-link a", has_text=product).first.click()
    dana.page.wait_for_load_state()
    dana.look()

    # planned
    dana.follow("Make a plan")
    dana.press("Make a plan")
    dana.reads(dana.words("Say what the makers of it need to know."))
    dana.page.locator("#needs").fill(SAID[language])
    dana.press("Make a plan")
    plan = dana.page.url

    # promised
    for code in ("en", "he", "pl"):
        dana.page.locator(f"#text_{code}").fill(DID[code])
    dana.press("Promise it to everyone who spoke")
    customer.mail(address, customer.words("A promise to you"))
    customer.follow_mail()
    customer.reads(DID[language])

    # kept, and told: a language that is missing is asked for
    dana.open(plan)
    dana.page.locator("input[name=state][value=done]").check()
    dana.press("That is how it stands")
    dana.follow("Tell everyone")
    dana.page.locator("#text_pl").fill(DID["pl"])
    dana.press("Tell them")
    dana.reads(dana.words("Those who are told read this language, too."))
    for code in ("en", "he"):
        dana.page.locator(f"#text_{code}").fill(DID[code])
    dana.press("Tell them")

    # everyone heard it once, with what they had said, and says whether it helped
    text = customer.mail(address, customer.words("This changed because of you"))
    assert DID[language] in text
    assert said in text
    subject = customer.words("This changed because of you")
    letters = customer.page.locator(".mails a", has_text=subject)
    expect(letters).to_have_count(1)
    customer.follow_mail()
    customer.press("Yes, it is good")

    # and the public page says so
    anybody = Walker(browser, village, language)
    anybody.open("/told/")
    anybody.reads(product)
    anybody.reads(DID[language])
    anybody.open("/promises/")
    customer.open("/me/promises/")
    customer.reads(DID[language])

    # what the customer promises in return is theirs to keep, and a number to everybody else
    customer.page.locator("summary", has_text=customer.words("Promise something")).click()
    customer.page.locator("input[name=kind][value=other]").check()
    customer.page.locator("#in-return-words").fill(SAID[language])
    customer.press("Promise it")
    customer.reads(SAID[language])
    customer.look()
    customer.press("I did it")
    expect(customer.page.locator(".part:has(#by-me) .state-kept")).to_have_count(1)
    anybody.open("/promises/")
    anybody.reads(anybody.words("What customers promised in return"))
    expect(anybody.page.get_by_text(SAID[language])).to_have_count(0)


#: Five weeks in which two complained every day, one of them of a product, learned from; then, two
#: hours ago, people who all say the same of it. The watch raises the alarm when it has read them.
BURST = """
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from kfar.lake.models import Position
from kfar.rooms.customers import commands as customers, queries as people
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice.alarms import learning, streams, watching
from kfar.rooms.voice.alarms.models import Alarm, Hour, Watch
from kfar.rooms.voice.models import Reading, Voice
from kfar.rooms.voice.understanding import refreshing
product, now = {product!r}, timezone.now()
burst = streams.number(now) - 2
def met(name, languages):
    new = [Newcomer(key=f"{{name}}{{n}}", name=f"{{name}} {{n}}", language=spoken,
        email=f"{{name}}{{n}}.{{product.split()[0]}}@neighbours.example".lower())
        for n, spoken in enumerate(languages)]
    return list(customers.meet_many(source="burst-" + product, newcomers=new).values())
read = dict(sentiment="negative", probability=0.9, mark="negative", unhappy=True, version="-")
with transaction.atomic():  # the watch of this Kfar counts no hour in between
    for log in (streams.COUNTED, learning.LEARNED):
        Position.objects.filter(pk=log).delete()
    for rows in (Hour, Watch):
        rows.objects.all().delete()
    before = Voice.objects.bulk_create(
        Voice(customer_id=own, text={said!r}, language={spoken!r},
            about_name=product if half % 2 else "", mark="negative",
            heard_at=at, understood_at=at, answered_at=at, closed_at=at)
        for half, own in enumerate(met("before", ["en"] * 70), 2)
        for at in [now - timedelta(days=half / 2)])
    Reading.objects.bulk_create(Reading(voice=own, **read) for own in before)
    streams.count(burst)
    assert learning.learn_due()
    ids = met("neighbour", ["en", "he", "pl"] * 3)
    ids.append(people.by_handle("email", {address!r}))
    said = [voice.say(by=own, text={said!r}, language={spoken!r}, about_name=product)
        for own in ids]
    at = streams.start(burst) + timedelta(minutes=30)
    Voice.objects.filter(pk__in=said).update(heard_at=at)
while refreshing.read_due():
    pass
watching.watch_due()
assert Alarm.objects.filter(stream="product:" + product, people=len(ids)).exists()
"""
