"""The journey on a page: told, filtered, read on; the customer's own, before staff, a company's."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from kfar.ground.money import Money
from kfar.lake import outbox
from kfar.lake.touch import Touch
from kfar.rooms.customers import accounts
from kfar.rooms.customers.accounts import Belonging
from kfar.rooms.decisions import commands as decisions
from kfar.rooms.promises import commands as promises
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.voice import commands as voice
from tests.clock import Clock
from tests.doors.web.doors import enter, text
from tests.lake.touches import NOON, a_touch, settle
from tests.people import a_customer, an_employee, ask, noted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

MINE = reverse("web:journey")
HTMX = {"hx-request": "true"}


def words(response: Any) -> str:
    """What a page says, without its marks."""
    shown = re.sub(r"(?s)<(style|script|head).*?</\1>|<[^>]+>", " ", text(response))
    return " ".join(html.unescape(shown).split())


def bought(key: str, hours: float, whose: UUID, **fields: Any) -> Touch:
    given = {"basket": key, "paid": 100, "currency": "USD", "product_name": "RYE BREAD"}
    return a_touch(key, hours, customer=whose, **{**given, **fields})


def browsed(key: str, minutes: float, whose: UUID, **fields: Any) -> Touch:
    given = {"channel": "web", "kind": "page", "name": "Coffee"}
    return a_touch(key, minutes / 60, customer=whose, **{**given, **fields})


def episodes(page: str) -> list[str]:
    """The kinds of the episodes on a page, in order."""
    return re.findall(r'<li class="touch touch-([\w-]+)', page)


def links(page: str, css: str) -> list[str]:
    """Where the links of a class lead to."""
    found = re.findall(rf'<a class="{css}"[^>]*?href="([^"]+)"', page)
    return [html.unescape(address) for address in found]


def earlier(page: str) -> str:
    """Where a page that is read to its end asks for more; "" at the first touch."""
    found = re.search(r'id="load-more" hx-get="([^"]+)"', page)
    return html.unescape(found[1]) if found else ""


class TestTold:
    def test_a_visit_is_told_and_the_first_touch_named(self) -> None:
        anna = a_customer()
        settle(
            [
                browsed("1", 0, anna),
                browsed("2", 1, anna, kind="track", name="Product Added"),
                browsed("3", 2, anna, kind="track", name="Product Added"),
                browsed("4", 3, anna, kind="track", name="Danced"),
                browsed("5", 4, anna, kind="identify", name=None),
                browsed("6", 60, anna, url="https://shop.example/tea?x=1"),
                bought("7", 24, anna),
            ]
        )
        response = enter("Anna").get(MINE)
        assert episodes(text(response)) == ["purchase", "browsing", "browsing"]
        told = words(response)
        assert (
            "Looked at 1 page, put 2 things in the basket, did 1 more thing, and gave a name"
            in told
        )
        assert "March 2026 1 purchase $1.00 2 visits to the site" in told
        assert "First touch Before we knew your name A visit to the site" in told
        assert [told.count(mark) for mark in ("First touch", "Before we knew")] == [1, 1]
        assert "/tea" in told
        assert "Here it began." in told

    def test_a_letter_says_what_followed_and_a_coupon_where_it_came_from(self) -> None:
        anna = a_customer()
        settle(
            [
                a_touch("1", 0, customer=anna, channel="mail", kind="campaign", ref="18"),
                a_touch("2", 0, customer=anna, channel="mail", kind="campaign", ref="19"),
                a_touch("3", 48, customer=anna, kind="redemption", ref="18"),
                a_touch("4", 48, customer=anna, kind="redemption", ref="18", product="2"),
            ]
        )
        told = words(enter("Anna").get(MINE))
        assert "2 coupons were used Mar 3, 2026 From the letter of Mar 1, 2026" in told
        assert "Mar 3, 2026 2 coupons of it were used" in told
        assert told.count("No coupon of it was used.") == 1

    def test_a_voice_has_its_thread_and_staff_no_ballot_of_the_customer(self, clock: Clock) -> None:
        anna, noa, tomasz = a_customer(), an_employee(), an_employee("Tomasz", "brand")
        said = voice.say(by=anna, text="The milk was sour", language="en")
        outbox.deliver()
        case = cases.case(said)
        assert case is not None
        clock.forward(days=1)
        given: dict[str, Any] = {"by": noa, "kind": "refund", "words": "Sorry"}
        service.remedy(case_id=case.id, amount=Money(599, "USD"), once=uuid4(), **given)
        clock.forward(days=1)
        promise = promises.promise(
            by=noa, text={"en": "A new fridge"}, owner=noa, due=clock.now.date(), to=anna,
            voice_id=said, once=uuid4(),
        )  # fmt: skip
        promises.keep(by=noa, promise_id=promise, how="It is cold")
        decisions.vote(by=anna, question_id=ask(tomasz), text="0")
        outbox.deliver()
        mine, theirs = (
            enter("Anna").get(MINE),
            enter("Noa").get(reverse("web:customer", args=[anna])),
        )
        thread = re.search(r'(?s)<ol class="thread".*?</ol>', text(mine))
        assert thread
        steps = re.findall(r'<li class="thread-([\w-]+)"', thread[0])
        assert steps == ["remedy", "promise", "promise-kept"]
        assert words(mine).count("About what was said: The milk was sour") == 3
        assert sorted(episodes(text(mine))) == sorted(
            ["vote", "promise-kept", "promise", "remedy", "voice"]
        )
        assert episodes(text(theirs)) == episodes(text(mine))
        assert ["/ballot/" in text(page) for page in (mine, theirs)] == [True, False]
        assert f'href="{reverse("web:voice", args=[said])}"' in text(theirs)

    def test_in_hebrew(self) -> None:
        anna = a_customer(language="he")
        settle([browsed("1", 0, anna), browsed("2", 1, anna), bought("3", 24, anna)])
        response = enter("Anna").get(MINE, headers={"accept-language": "he"})
        assert '<html lang="he" dir="rtl">' in text(response)
        told = words(response)
        assert "מרץ 2026" in told
        assert not re.search(r"(?i)looked|purchase|visit|find in|first touch|here it", told)


class TestAsked:
    @pytest.fixture
    def anna(self) -> UUID:
        """Anna, with a year of touches."""
        anna = a_customer()
        settle(
            [
                *(
                    bought(str(n), 24 * 15 * n, anna, department=("DAIRY", "BREAD")[n % 2])
                    for n in range(20)
                ),
                bought("1b", 24 * 15, anna, id=uuid4(), basket="1", product_name="OAT MILK",
                       department="DAIRY"),
                *(browsed(f"w{n}", 60 * 24 * 20 * n + 5, anna, name="Oat") for n in range(4)),
            ]
        )  # fmt: skip
        return anna

    def test_each_link_shows_as_many_as_stand_beside_it(self, anna: UUID) -> None:
        client = enter("Anna")
        page = text(client.get(MINE))
        found = re.findall(
            r'(?s)<a class="(?:pick|cell|pick pick-year)"[^>]*?href="([^"]+)".*?class="num">(\d+)<',
            page,
        )
        assert len(found) == 17
        for address, count in found:
            shown = client.get(html.unescape(address))
            assert len(self.all_of(client, html.unescape(address))) == int(count), address
            assert f'<b class="num">{count}</b>' in text(shown)

    def all_of(self, client: Client, address: str) -> list[str]:
        found: list[str] = []
        while address:
            page = text(client.get(address, headers=HTMX))
            found += episodes(page)
            address = earlier(page)
        return found

    def test_wishes_combine_stand_in_the_address_and_can_be_taken_back(self, anna: UUID) -> None:
        client = enter("Anna")
        page = client.get(MINE, {"q": "oat", "department": "DAIRY"})
        assert episodes(text(page)) == ["purchase"]
        assert "1 of 2 products, for $1.00" in words(page)
        assert text(page).count('<tr class="fits">') == 1
        assert [parse_qsl(urlsplit(a).query) for a in links(text(page), "chip")] == [
            [("q", "oat")],
            [("department", "DAIRY")],
        ]
        assert 'name="department" value="DAIRY"' in text(page)
        assert '<input id="q" name="q" type="search" dir="auto" value="oat">' in text(page)
        both = client.get(MINE, {"q": "OAT"})
        assert sorted(episodes(text(both))) == ["browsing"] * 4 + ["purchase"]
        month = client.get(MINE, {"from": "2026-03-01", "to": "2026-03-31", "channel": "store"})
        assert episodes(text(month)) == ["purchase"] * 3
        assert "Mar 1, 2026 – Mar 31, 2026" in words(month)

    @pytest.mark.parametrize(
        "query",
        [
            {"from": "yesterday", "to": "9999-12-31", "channel": "\x00", "q": "\x00 "},
            {"who": "x", "kind": "", "category": "x" * 301},
            {"from": "-1", "q": " "},
        ],
    )
    def test_what_an_address_cannot_mean_is_left_out(
        self, anna: UUID, query: dict[str, str]
    ) -> None:
        response = enter("Anna").get(MINE, query)
        assert (response.status_code, len(episodes(text(response)))) == (200, 20)
        assert 'class="asked"' not in text(response)

    def test_nothing_fits_is_said(self, anna: UUID) -> None:
        response = enter("Anna").get(MINE, {"q": "<b>'\"% _", "kind": "nonsense"})
        assert episodes(text(response)) == []
        assert "Nothing in this journey fits." in words(response)
        assert "&lt;b&gt;&#x27;&quot;% _" in text(response)


class TestReadOn:
    @pytest.mark.parametrize("asked", ["", "?channel=store"])
    def test_back_to_the_first_touch_with_each_heading_once(self, asked: str) -> None:
        anna = a_customer()
        settle(
            [
                *(bought(str(n), 24 * 4 * n, anna) for n in range(100)),
                browsed("w", 60 * 24, anna),
            ]
        )
        client = enter("Anna")
        page = text(client.get(MINE + asked))
        pages = [page]
        while address := earlier(page):
            assert address in html.unescape(page).split('<a class="button button-quiet" href="')[1]
            settle([bought(f"new {len(pages)}", 24 * 500 + len(pages), anna)], f"{len(pages)}")
            response = client.get(address, headers=HTMX)
            assert "HX-Request" in response["Vary"]
            page = text(response)
            assert "<html" not in page
            pages.append(page)
        shown = "".join(pages)
        assert len(episodes(shown)) == (100 if asked else 101)
        assert len(pages) == (5 if asked else 6)
        assert re.findall(r"<h2>(\d+)</h2>", shown) == ["2027", "2026"]
        months = re.findall(r'<div class="month"><h3>([^<]+)</h3>', shown)
        assert len(months) == len(set(months)) == 14
        purchases = re.findall(
            r"<bdi>(\d+) purchases?</bdi>",
            "".join(re.findall(r'(?s)<div class="month">.*?</div>', shown)),
        )
        assert sum(map(int, purchases)) == 100

    def test_without_script_a_page_says_where_it_stands(self) -> None:
        anna = a_customer()
        settle([bought(str(n), n, anna) for n in range(40)])
        client = enter("Anna")
        first = text(client.get(MINE + "?channel=store"))
        then = client.get(earlier(first))
        assert "<html" in text(then)
        assert len(episodes(text(then))) == 20
        assert f'href="{MINE}?channel=store">Back to the latest</a>' in text(then)
        assert "March 2026 40 purchases" in words(then)
        restored = {**HTMX, "hx-history-restore-request": "true"}
        assert "<html" in text(client.get(MINE, headers=restored))
        swapped = text(client.get(MINE, headers=HTMX))
        assert ("<html" in swapped, swapped.count('id="told"')) == (False, 1)
        assert client.get(MINE + "?before=x").status_code == 409


class TestStaff:
    def test_a_journey_is_for_its_role_and_reading_it_is_noted(self) -> None:
        anna, noa, tomasz = a_customer(), an_employee("Noa"), an_employee("Tomasz", "brand")
        a_customer("Borys")
        settle([bought("1", 0, anna)])
        address = reverse("web:customer", args=[anna])
        for name in ("Noa", "Tomasz"):
            response = enter(name).get(address)
            assert (response.status_code, episodes(text(response))) == (200, ["purchase"])
            assert "/say/" not in text(response)
        assert enter("Noa").get(address + "?before=1-" + "0" * 32, headers=HTMX).status_code == 200
        assert noted(anna) == [(("touchpoints.read"), who) for who in (noa, tomasz, noa)]
        assert enter("Borys").get(address).status_code == 403
        assert Client().get(address).status_code == 302
        assert enter("Noa").get(reverse("web:customer", args=[uuid4()])).status_code == 404
        assert len(noted(anna)) == 3
        assert "Your journey was read." in text(enter("Anna").get(reverse("web:me")))

    def test_a_role_without_the_right_sees_nothing(self) -> None:
        from kfar.rooms.village import commands as village

        anna = a_customer()
        an_employee("Noa")
        village.set_role(code="guest", name={"en": "Guest"}, acts=["voice.read"], limits={})
        an_employee("Gosia", "guest")
        [acme] = accounts.join_many(claims=[Belonging("shop", "acme", anna, NOON)]).values()
        client = enter("Gosia")
        for name, args in (("customer", [anna]), ("account", [acme]), ("accounts", [])):
            assert client.get(reverse(f"web:{name}", args=args)).status_code == 403
        assert [act for act, _ in noted(anna)] == ["customers.joined"]


class TestAccount:
    @pytest.fixture
    def acme(self) -> tuple[UUID, UUID, UUID]:
        """A company, and Anna and Borys, who belong to it."""
        anna, borys = a_customer(), a_customer("Borys")
        a_customer("Celina")
        settle(
            [
                bought("1", 0, anna), bought("2", 1, borys), bought("3", 2, anna),
                browsed("4", 60, anna), browsed("5", 65, borys),
            ]
        )  # fmt: skip
        claims = [Belonging("shop", "acme", who, NOON, "Acme") for who in (anna, borys)]
        [account_id] = accounts.join_many(claims=claims).values()
        return account_id, anna, borys

    def who(self, response: Any) -> Sequence[str]:
        return re.findall(r'class="mark mark-who"[^>]*><bdi>([^<]+)', text(response))

    def test_who_did_what_on_one_journey(self, acme: tuple[UUID, UUID, UUID]) -> None:
        account_id, anna, borys = acme
        noa = an_employee("Noa")
        client, address = enter("Noa"), reverse("web:account", args=[account_id])
        response = client.get(address)
        assert response.status_code == 200
        # two visits at one time are two people's, not one visit
        assert sorted(self.who(response)) == ["Anna"] * 3 + ["Borys"] * 2
        assert "3 purchases $3.00 2 visits to the site" in words(response)
        alone = client.get(address, {"who": str(borys), "channel": "store"})
        assert (self.who(alone), episodes(text(alone))) == (["Borys"], ["purchase"])
        stranger = client.get(address, {"who": str(uuid4())})
        assert len(episodes(text(stranger))) == 5
        assert noted(borys) == [
            ("customers.joined", None),
            *[("touchpoints.read", noa)] * 3,
        ]
        mine = client.get(reverse("web:customer", args=[anna]))
        assert f'<a href="{address}"><bdi>Acme</bdi></a> (<bdi>user</bdi>)' in text(mine)
        assert enter("Anna").get(address).status_code == 403
        assert client.get(reverse("web:account", args=[uuid4()])).status_code == 404

    def test_people_come_and_go(self, acme: tuple[UUID, UUID, UUID]) -> None:
        account_id, anna, _ = acme
        an_employee("Noa")
        an_employee("Tomasz", "brand")
        client = enter("Noa")
        join = reverse("web:join", args=[account_id])
        wrong = client.post(join, {"email": "nobody@village.example", "once": uuid4()})
        assert (wrong.status_code, "No customer is known by this address." in text(wrong)) == (
            422,
            True,
        )
        given = {"email": "Celina@Village.example", "part": "buyer", "once": uuid4()}
        assert client.post(join, given).status_code == 302
        leave = reverse("web:leave", args=[account_id, anna])
        assert client.post(leave, {"part": "user"}).status_code == 302
        found = accounts.people_of(account_id)
        assert sorted((m.part, m.until is None) for m in found) == [
            ("buyer", True),
            ("user", False),
            ("user", True),
        ]
        tomasz = enter("Tomasz")
        assert tomasz.post(join, given).status_code == 403
        assert "Add somebody" not in text(tomasz.get(reverse("web:account", args=[account_id])))

    def test_a_company_is_added_once(self) -> None:
        an_employee("Noa")
        client, address = enter("Noa"), reverse("web:accounts")
        assert client.post(address, {"name": " ", "once": uuid4()}).status_code == 422
        once = uuid4()
        for _ in range(2):
            response = client.post(address, {"name": "Acme", "once": once})
            assert response["Location"] == reverse("web:account", args=[once])
        assert words(client.get(address)).count("Acme") == 1
        empty = client.get(reverse("web:account", args=[once]))
        assert (empty.status_code, "Nothing happened yet." in words(empty)) == (200, True)
