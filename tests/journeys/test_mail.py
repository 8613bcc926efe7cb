"""A mail in Polish: into the inbox, answered, and closed by who wrote it, whom nobody knew.

Read in English at a desk and in Hebrew on a phone; the customer reads Polish on either.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.test_loop import open_voice
from tests.journeys.walker import Walker
from tests.rooms.voice.mail.mails import raw

pytestmark = pytest.mark.journey

SAID = {"en": "Lodówka wciąż nie chłodzi.", "he": "Pralka głośno hałasuje i cieknie."}
ANSWER = {"en": "Jutro przyjedzie serwisant.", "he": "Serwisant będzie jeszcze dziś."}


@pytest.mark.parametrize("language", ["en", "he"])
def test_a_mail_in_polish(browser: Browser, village: Village, language: str) -> None:
    if village.mailserver is None:
        pytest.skip("no Dovecot here: install dovecot-imapd")
    address, subject = f"zak-{language}@poczta.example", f"Reklamacja {language}"
    village.mailserver.deliver(
        raw(
            f"{SAID[language]}\n\nProszę o pomoc, dziękuję.\n-- \nAnna Żak",
            f"Anna Żak <{address}>",
            Subject=subject,
            Message_ID=f"<first-{language}@poczta.example>",
        )
    )

    # heard: in the one inbox, from whom, without the signature
    noa = Walker(browser, village, language, phone=language == "he")
    noa.page.goto(village.links["noa@village.example"])
    noa.until(lambda: open_voice(noa, SAID[language]), "the mail")
    noa.reads(address)
    expect(noa.page.locator("blockquote").first).not_to_contain_text("Anna Żak")

    # answered: in the same thread, in Polish
    noa.page.locator("input[name=kind][value=answer]").check()
    noa.page.locator("#amount").fill("")
    noa.page.locator("#words").fill(ANSWER[language])
    noa.press("Do it now and tell the customer")
    anna = Walker(browser, village, "pl", phone=language == "he")
    text = anna.mail(address, f"Re: {subject}")
    assert ANSWER[language] in text
    assert SAID[language] in text

    # closed: by the customer, who needs no account for it
    anna.follow_mail()
    anna.press("Yes, it is good")
    anna.reads(anna.words("Good. Thank you for telling us."))
    noa.open("/voices/standing/closed/")
    noa.reads(SAID[language])
    assert subject in village.mailserver.folders()["Kfar"]
