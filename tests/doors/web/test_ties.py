"""People I know, at the door: invited by link or letter, accepted by who is signed in."""

from __future__ import annotations

import re
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from kfar.doors import links
from kfar.doors.mail import ties as post
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.ties import commands, queries
from kfar.rooms.customers.ties.models import TieInvitation, TieStop
from tests.doors.web.doors import enter, path, text
from tests.people import a_customer, email
from tests.rooms.customers.ties.knowing import agree, be_named, tie
from tests.rooms.voice.reviews.reviewing import BREAD, MILK, product, review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

MINE = "/me/people/"


def invite(client: Client, address: str = "") -> str:
    """Invite by the page; return the path of the link."""
    assert client.post(MINE, {"once": uuid4(), "email": address}).status_code == 302
    found = re.findall(r'readonly value="([^"]+)"', text(client.get(MINE)))
    return path(found[0])


class TestInviting:
    def test_a_link_is_handed_on_and_both_know_each_other(self) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        link = invite(enter("Anna"))
        client = enter("Borys")
        page = text(client.get(link))
        assert "<bdi>Anna</bdi> says that you do" in page
        said = client.post(f"{link}accept/", {"named-to-friends": "yes"}, follow=True)
        assert "You know each other here from now on." in text(said)
        assert [one.id for one in queries.known(anna)] == [borys]
        assert people.purposes([borys]) == {"ask", "named-to-friends"}
        for name, other in (("Anna", "Borys"), ("Borys", "Anna")):
            assert f"<strong><bdi>{other}</bdi></strong>" in text(enter(name).get(MINE))
        assert client.post(reverse("web:tie-end", args=[anna])).status_code == 302
        assert queries.known(anna) == []

    def test_looking_and_signing_in_accept_nothing(self) -> None:
        anna = a_customer()
        link = invite(enter("Anna"))
        nobody = Client()
        page = text(nobody.get(link))
        assert f'href="/account/sign-in/?next={quote(link)}"' in page
        sent = nobody.post(f"{link}accept/")
        assert sent["Location"].startswith("/account/sign-in/?next=")
        a_customer("Borys")
        client = enter("Borys")
        assert client.get(f"{link}accept/")["Location"] == link
        assert "This is your own invitation" in text(enter("Anna").get(link))
        assert queries.known(anna) == []

    def test_a_no_needs_nobody_and_is_told_to_nobody(self) -> None:
        a_customer()
        client = enter("Anna")
        link = invite(client)
        before = re.sub(r"csrf.*|once.*", "", text(client.get(MINE)))
        assert Client().post(link).status_code == 302
        assert TieInvitation.objects.exclude(declined_at=None).count() == 1
        assert re.sub(r"csrf.*|once.*", "", text(client.get(MINE))) == before
        a_customer("Borys")
        refused = enter("Borys").post(f"{link}accept/")
        assert (refused.status_code, "This invitation is over" in text(refused)) == (409, True)

    def test_taken_back_the_link_is_over_and_only_ones_own_is_taken_back(self) -> None:
        a_customer()
        a_customer("Borys")
        client = enter("Anna")
        link = invite(client)
        back = reverse("web:tie-back", args=[TieInvitation.objects.get().pk])
        assert enter("Borys").post(back).status_code == 409
        assert client.post(back).status_code == 302
        assert "This invitation is over" in text(Client().get(link))

    def test_forged_and_others_links_open_nothing(self) -> None:
        a_customer()
        link = invite(enter("Anna"))
        as_stop = path(links.no_ties(TieInvitation.objects.get().pk))
        for wrong in (link[:-2] + "x/", as_stop.replace("stop/", ""), "/know/x/"):
            assert Client().get(wrong).status_code == 404
        assert Client().get(path(links.tie(uuid4()))).status_code == 409

    @pytest.mark.parametrize("wrong", ["dana", "@", "x" * 300])
    def test_a_wrong_address_comes_back(self, wrong: str) -> None:
        a_customer()
        found = enter("Anna").post(MINE, {"once": uuid4(), "email": wrong})
        assert (found.status_code, TieInvitation.objects.count()) == (422, 0)
        assert 'id="email-error"' in text(found)

    def test_who_has_no_name_is_asked_for_one(self) -> None:
        a_customer("Anna")
        client = enter("Nameless")
        found = client.post(MINE, {"once": uuid4(), "email": ""})
        assert (found.status_code, "Say first what you are called" in text(found)) == (422, True)

    def test_agreeing_is_for_these_two_purposes(self) -> None:
        anna, client = a_customer(asked=False), enter("Anna")
        for purpose, given in (("friends-of-friends", "yes"), ("friends-of-friends", "no")):
            client.post(reverse("web:tie-agree"), {"purpose": purpose, "given": given})
        client.post(reverse("web:tie-agree"), {"purpose": "named-to-friends", "given": "yes"})
        assert people.purposes([anna]) == {"named-to-friends"}
        wrong = client.post(reverse("web:tie-agree"), {"purpose": "advertise", "given": "yes"})
        assert (wrong.status_code, set(people.purposes([anna]))) == (409, {"named-to-friends"})

    def test_who_is_not_signed_in_is_asked_to(self) -> None:
        for url in (MINE, reverse("web:tie-end", args=[uuid4()]), reverse("web:tie-agree")):
            assert Client().post(url)["Location"].startswith("/account/sign-in/")


class TestLetters:
    def test_one_letter_goes_out_and_its_address_is_forgotten(self) -> None:
        a_customer("Anna")
        a_customer("Borys", language="pl")
        client = enter("Anna")
        link = invite(client, email("Borys"))
        invite(client, email("Borys"))
        assert [post.send_invitations() for _again in range(2)] == [1, 0]
        [letter] = mail.outbox
        assert (letter.to, "Anna" in letter.subject) == ([email("Borys")], True)
        assert link in letter.body
        assert set(TieInvitation.objects.values_list("address", flat=True)) == {""}

    def test_a_letter_can_be_the_last(self) -> None:
        a_customer("Anna")
        client = enter("Anna")
        invite(client, "dana@elsewhere.example")
        post.send_invitations()
        [letter] = mail.outbox
        [stop] = re.findall(r"http\S+/know/\S+/stop/", str(letter.body))
        assert letter.extra_headers["List-Unsubscribe"] == f"<{stop}>"
        nobody = Client()
        assert nobody.get(path(stop)).status_code == 200
        assert TieStop.objects.count() == 0  # a mail program that looks at links says nothing
        for _twice in range(2):
            assert "Noted." in text(nobody.post(path(stop)))
        TieInvitation.objects.all().delete()
        invite(client, "dana@elsewhere.example")
        assert (post.send_invitations(), TieStop.objects.count()) == (0, 1)
        assert nobody.post(path(links.no_ties(uuid4()))).status_code == 409

    def test_a_server_that_is_away_loses_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        a_customer("Anna")
        invite(enter("Anna"), "dana@elsewhere.example")
        with monkeypatch.context() as away:
            away.setattr(post, "EmailMessage", lambda **_: 1 / 0)
            assert post.send_invitations() == 0
        TieInvitation.objects.update(due_at="2026-01-01T00:00Z")
        assert (post.send_invitations(), len(mail.outbox)) == (1, 1)


class TestForYou:
    @pytest.fixture
    def borys(self) -> UUID:
        """Somebody whom Anna knows, who finds the bread bad and may be named to her."""
        anna, borys = a_customer(), a_customer("Borys")
        review(a_customer("Celina"), 5)
        review(a_customer("Celina"), 4, ware=MILK)
        tie(anna, borys)
        review(borys, 1, "Dry as dust")
        be_named(borys)
        return borys

    def test_a_product_has_a_figure_for_who_knows_somebody(self, borys: UUID) -> None:
        address = reverse("web:reviews", args=[BREAD.code])
        page = text(enter("Anna").get(address))
        assert "What they say counts more for you: Borys." in page
        assert page.count("Dry as dust") == 3  # of people you know, of all, and for programs
        assert page.count("<bdi>Borys</bdi>") == 1
        shown = f"{product().mean:.2f}"
        assert f'<dd id="prominence"><bdi>{shown.rstrip("0").rstrip(".")}</bdi>' in page
        for other in (Client(), enter("Celina")):
            plain = text(other.get(address))
            assert ("for-you" in plain, "Borys" in plain) == (False, False)

    def test_products_stand_in_their_order_or_everybodys(self, borys: UUID) -> None:
        client, address = enter("Anna"), reverse("web:prominence")
        before = [one.code for one in client.get(address, {"everybody": 1}).context["products"]]
        agree(borys, purpose="named-to-friends", given=False)
        assert client.get(address).context["moved"] == []
        be_named(borys)
        found = client.get(address)
        [(one, came)] = found.context["moved"]
        assert (one.product.code, "Borys" in came) == (BREAD.code, True)
        assert "In your order" in text(found)
        assert sorted(one.code for one in found.context["products"]) == sorted(before)
        nobody = Client().get(address)
        assert (nobody.context["mine"], "/me/people/" in text(nobody)) == (False, False)
        assert [one.code for one in nobody.context["products"]] == before
        assert "/me/people/" in text(enter("Celina").get(address))

    def test_before_each_review_stands_who_will_read_whose_it_is(self, borys: UUID) -> None:
        address, said = reverse("web:review-write", args=[MILK.code]), "read it with your name"
        assert said in text(enter("Borys").get(address))
        assert said not in text(enter("Celina").get(address))

    def test_what_was_ended_counts_no_more(self, borys: UUID) -> None:
        commands.end(by=borys, other=queries.known(borys)[0].id)
        assert "for-you" not in text(enter("Anna").get(reverse("web:reviews", args=[BREAD.code])))
