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


#: People who all say the same of one product, and the alarm at it.
BURST = """
from datetime import timedelta
from django.utils import timezone
from kfar.rooms.customers import commands as customers, queries as people
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice.alarms.models import Alarm
product, now = {product!r}, timezone.now()
new = [Newcomer(key=f"{{product}}{{n}}", name=f"Neighbour {{n}}", language=("en", "he", "pl")[n],
    email=f"{{product.split()[0].lower()}}{{n}}@neighbours.example") for n in range(3)]
ids = [*customers.meet_many(source="burst", newcomers=new).values()]
ids.append(people.by_handle("email", {address!r}))
for own in ids:
    voice.say(by=own, text={said!r}, language={spoken!r}, about_name=product)
Alarm.objects.create(stream="product:" + product, since=now - timedelta(hours=1), raised_at=now,
    loud_at=now, people=len(ids), expected=0.2)
"""
