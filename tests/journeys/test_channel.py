"""Where customers talk, in Hebrew and English: into the inbox, answered, and it stands there.

On Mastodon we answer there ourselves; below a forum's feed somebody does by hand, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.walker import Walker
from tests.servers import Asked, Given, Mastodon, serving

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


#: A forum's feed: what was there when it was added, and one topic more whenever it is asked again.
FEED = """<rss version="2.0"><channel><title>Forum</title>{items}</channel></rss>"""
ITEM = """<item><title>{title}</title><author>zosia</author><guid>{url}</guid><link>{url}</link>
<pubDate>Thu, 01 Jan 2026 10:00:00 +0000</pubDate></item>"""


@pytest.mark.parametrize(
    ("language", "phone", "said", "answer"),
    [
        ("en", True, "The seal of my fridge is loose", "Warm it with a hair dryer."),
        ("he", False, "הגומייה של המקרר רופפת", "לחמם אותה קצת במייבש שיער."),
    ],
)
def test_a_topic_of_a_forum_is_answered_by_hand_and_counts_as_told(
    browser: Browser, village: Village, language: str, phone: bool, said: str, answer: str
) -> None:
    asked: list[Asked] = []

    def forum(one: Asked) -> Given:
        asked.append(one)
        root = f"http://{one.headers['host']}/t"
        items = [ITEM.format(title="Long ago", url=f"{root}/1")]
        items += [ITEM.format(title=said, url=f"{root}/2")] * (len(asked) > 1)
        return (
            200,
            {"Content-Type": "application/rss+xml"},
            FEED.format(items="".join(items)).encode(),
        )

    with serving(forum) as url:
        name = f"forum-{language}"
        village.kfar("channel", "add", "rss", f"{url}/latest.rss", "--name", name)
        noa = Walker(browser, village, language, phone=phone)
        noa.page.goto(village.links["noa@village.example"])

        # heard: the topic that is new, in the one inbox
        def there() -> bool:
            noa.page.goto("/voices/")
            return noa.page.locator(".row-link", has_text=said).count() > 0

        noa.until(there, "the topic")
        row = noa.page.locator(".row-link", has_text=said)
        expect(row).to_contain_text(noa.words("In a forum"))
        row.locator("a").first.click()
        noa.page.wait_for_load_state()
        noa.look()

        # answered at the original, by hand; without words, or elsewhere, it is not
        noa.press("Note my answer")
        expect(noa.page.locator("#there-words-error")).to_be_visible()
        noa.page.locator("#there-words").fill(answer)
        noa.page.locator("#there-url").fill("https://elsewhere.example/t/2")
        noa.press("Note my answer")
        expect(noa.page.locator("#there-url-error")).to_contain_text("127.0.0.1")
        noa.page.locator("#there-url").fill(f"{url}/t/2#answer")
        noa.press("Note my answer")
        noa.reads(answer)
        link = noa.page.get_by_role("link", name=noa.words("Open our answer"))
        expect(link).to_have_attribute("href", f"{url}/t/2#answer")

        # and it is told, as on any channel
        def told() -> bool:
            noa.page.reload()
            main = noa.page.get_by_role("main")
            return noa.words("told, waiting for their word") in main.inner_text()

        noa.until(told, "the voice to be told")
        noa.look()
        village.kfar("channel", "remove", name)
