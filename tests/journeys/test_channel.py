"""A mention on Mastodon, in Hebrew and English: into the inbox, answered, and it stands there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.walker import Walker
from tests.servers import Mastodon, serving

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def social(village: Village) -> Iterator[Mastodon]:
    """A server with our account, which that Kfar listens to."""
    found = Mastodon()
    with serving(found.answer) as found.url:
        village.kfar(
            "channel", "add", "mastodon", found.url, "--name", "social", typed="a-token-of-ours\n"
        )
        yield found
        village.kfar("channel", "remove", "social")


@pytest.mark.parametrize(
    ("language", "phone", "said", "answer"),
    [
        ("en", False, "My fridge is loud & warm", "Somebody comes today."),
        ("he", True, "המקרר שלי רועש וחם", "הטיפול יהיה עוד היום."),
    ],
)
def test_a_mention_is_answered_where_it_was_said(
    browser: Browser,
    village: Village,
    social: Mastodon,
    language: str,
    phone: bool,
    said: str,
    answer: str,
) -> None:
    asked = social.say(f"@orchard {said.replace('&', '&amp;')}", f"zosia{language}@mastodon.social")
    noa = Walker(browser, village, language, phone=phone)
    noa.page.goto(village.links["noa@village.example"])

    # heard: in the one inbox, with where it was said
    def there() -> bool:
        noa.page.goto("/voices/")
        return noa.page.locator(".row-link", has_text=said).count() > 0

    noa.until(there, "the mention")
    noa.look()
    row = noa.page.locator(".row-link", has_text=said)
    expect(row).to_contain_text(noa.words("On Mastodon"))
    row.locator("a").first.click()
    noa.page.wait_for_load_state()
    noa.look()
    noa.reads(f"@zosia{language}@mastodon.social")
    original = noa.page.get_by_role("link", name=noa.words("Open the original"))
    expect(original).to_have_attribute("href", asked["url"])

    # answered: in the thread, for everybody to read
    noa.page.locator("input[name=kind][value=answer]").check()
    noa.page.locator("#words").fill(answer)
    noa.page.locator("#amount").fill("0")
    noa.press("Do it now and tell the customer")
    noa.until(lambda: any(answer in one["content"] for one in social.ours()), "the answer")
    [ours] = [one for one in social.ours() if answer in one["content"]]
    assert (ours["in_reply_to_id"], ours["visibility"]) == (asked["id"], "unlisted")

    # and the page leads to it
    def noted() -> bool:
        noa.page.reload()
        return noa.page.get_by_role("link", name=noa.words("Open our answer")).count() > 0

    noa.until(noted, "the answer's address")
    noa.look()
    link = noa.page.get_by_role("link", name=noa.words("Open our answer"))
    expect(link).to_have_attribute("href", ours["url"])
