"""The pages of changes: announced by who may, answered by link, and files for those asked alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from kfar.doors import links
from kfar.rooms.customers import accounts
from kfar.rooms.decisions import agreements, changes, notices
from kfar.rooms.decisions.change_rules import Upload
from kfar.rooms.decisions.proving.shipping import Why
from tests.changes import a_manager, agree, an_account, announce, known
from tests.clock import Clock
from tests.doors.web.doors import enter, path, text
from tests.people import a_customer, an_employee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def said(change: UUID) -> list[tuple[str, str]]:
    return [(s.answer, s.words) for one in known(change).asked for s in one.said]


class TestAnnounce:
    def given(self, acme: UUID, **more: Any) -> dict[str, Any]:
        return {
            "once": uuid4(),
            "text": "New <steel>",
            "text_he": "פלדה חדשה",
            "details": "2 mm",
            "products": "H-12\nH-13",
            "starts": "2999-02-01",
            "answers_by": "2026-03-20T10:00",
            "silence": "holds",
            "veto": "time",
            "veto_until": "2026-06-01",
            "speaks": [f"{acme}:buyer", "x:buyer"],
        } | more

    def test_it_is_announced_as_it_was_filled_in(self, clock: Clock) -> None:
        a_manager()
        acme, once = an_account("Acme", a_customer()), uuid4()
        tomasz, page = enter("Tomasz"), reverse("web:announce")
        assert "Anna" in text(tomasz.get(page))
        file = SimpleUploadedFile("plan.step", b"ISO")
        found = tomasz.post(page, self.given(acme, once=once, file=file))
        assert (found.status_code, found["Location"]) == (302, reverse("web:change", args=[once]))
        manifest = known(once).manifest
        assert manifest.text == {"en": "New <steel>", "he": "פלדה חדשה"}
        assert (manifest.products, manifest.silence, manifest.veto) == (
            ("H-12", "H-13"), "holds", "time",
        )  # fmt: skip
        assert [(f.name, f.size) for f in manifest.files] == [("plan.step", 3)]
        shown = text(tomasz.get(reverse("web:change", args=[once])))
        assert "New &lt;steel&gt;" in shown
        assert "No: answers are still coming in, and not all have approved." in shown
        assert "New &lt;steel&gt;" in text(tomasz.get(reverse("web:changes")))

    def test_what_is_wrong_comes_back_with_all_that_was_written(self, clock: Clock) -> None:
        a_manager()
        acme = an_account("Acme", a_customer())
        tomasz, page = enter("Tomasz"), reverse("web:announce")
        for wrong, field in (
            ({"text": "", "text_he": ""}, "text"),
            ({"products": " "}, "products"),
            ({"speaks": []}, "speaks"),
            ({"speaks": [f"{acme}:owner"]}, "speaks"),
            ({"answers_by": "2026-03-01T10:00"}, "answers_by"),
            ({"answers_by": "soon"}, "answers_by"),
            ({"starts": "2026-03-01"}, "starts"),
            ({"veto_until": ""}, "veto_until"),
            ({"silence": "accepted"}, "silence"),
            ({"file": SimpleUploadedFile("big", b"x" * 3_500_001)}, "file"),
        ):
            found = tomasz.post(page, self.given(acme, **wrong))
            assert found.status_code == 422
            assert list(found.context["form"].errors) == [field]
            assert "2 mm</textarea>" in text(found)
        assert f'value="{acme}:buyer" checked' in text(found)
        assert notices.notices() == []

    def test_only_who_may_announces_and_only_staff_sees_the_whole(self) -> None:
        anna = a_customer()
        an_employee("Noa")
        change = announce(an_account("Acme", anna))
        page = reverse("web:change", args=[change])
        noa = enter("Noa")
        assert [noa.get(reverse(f"web:{p}")).status_code for p in ("announce", "agreements")] == [
            *(403, 403)
        ]
        shown = noa.get(page)
        assert (shown.status_code, "Take the change back" in text(shown)) == (200, False)
        assert enter("Anna").get(page).status_code == 403
        assert Client().get(page).status_code == 302
        assert noa.get(reverse("web:change", args=[uuid4()])).status_code == 404


class TestStaff:
    def test_conditions_are_taken_on_an_objection_answered_a_change_taken_back(
        self, clock: Clock
    ) -> None:
        anna = a_customer()
        acme = an_account("Acme", anna)
        change = announce(acme)
        changes.answer(
            by=anna, change_id=change, account_id=acme, answer="conditions", words="Same <price>"
        )
        [one] = known(change).asked
        assert one.last is not None
        tomasz = enter("Tomasz")
        page = reverse("web:change", args=[change])
        assert "Same &lt;price&gt;" in text(tomasz.get(page))
        answer = reverse("web:change-reply", args=[change, one.last.id])
        missing = tomasz.post(answer, {"text": "Until May", "once": uuid4()})
        assert (missing.status_code, "that is a promise" in text(missing)) == (422, True)
        given = {"text": "Until May", "due": "2026-05-01", "once": uuid4()}
        assert [tomasz.post(answer, given).status_code for _ in range(2)] == [302, 302]
        assert known(change).shipping(acme).why is Why.NOT_YET
        assert "Until May" in text(tomasz.get(page))
        back = reverse("web:change-withdraw", args=[change])
        assert tomasz.post(back, {"why": " ", "once": uuid4()}).status_code == 422
        assert tomasz.post(back, {"why": "No steel", "once": uuid4()}).status_code == 302
        shown = text(tomasz.get(page))
        assert "No: the change was taken back." in shown
        assert tomasz.post(answer, given | {"once": uuid4()}).status_code == 422

    def test_an_agreement_is_put_on_record_and_ends(self, clock: Clock) -> None:
        a_manager()
        acme, page = an_account("Acme", a_customer()), reverse("web:agreements")
        tomasz = enter("Tomasz")
        given = {
            "account": acme, "title": "Terms", "signed_on": "2026-01-05", "signed_by": "J. K.",
            "file": SimpleUploadedFile("terms.pdf", b"%PDF"),
        }  # fmt: skip
        for wrong in ({"account": ""}, {"title": ""}, {"signed_on": "2027-01-05"}):
            assert tomasz.post(page, given | {"once": uuid4()} | wrong).status_code == 422
        given["file"].seek(0)  # type: ignore[attr-defined]
        assert tomasz.post(page, given | {"once": uuid4()}).status_code == 302
        [found] = agreements.everything()
        assert (found.title, found.file) == ("Terms", "terms.pdf")
        assert "Terms" in text(tomasz.get(page))
        assert tomasz.post(reverse("web:agreement-end", args=[found.id])).status_code == 302
        assert agreements.everything()[0].ended_at == clock.now

    @pytest.mark.parametrize("size", [1, 6])
    def test_a_page_asks_as_often_for_many_as_for_few(
        self, size: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        people = [a_customer(f"Anna{n}") for n in range(size)]
        asked = [an_account(f"Acme{n}", own) for n, own in enumerate(people)]
        change = announce(*asked)
        for own, account in zip(people, asked, strict=True):
            changes.answer(by=own, change_id=change, account_id=account, answer="approve")
        tomasz, page = enter("Tomasz"), reverse("web:change", args=[change])
        with django_assert_num_queries(15):
            assert text(tomasz.get(page)).count("<strong>approved</strong>") == size


class TestAnswer:
    @pytest.fixture
    def asked(self, clock: Clock) -> tuple[UUID, UUID, UUID, str]:
        """A change, Anna, her company, and the path where she answers."""
        anna = a_customer()
        acme = an_account("Acme", anna)
        change = announce(acme, files=[Upload("plan.html", b"<script>")])
        return change, anna, acme, path(links.change(change, anna))

    def test_it_is_answered_without_signing_in_and_leaves_a_receipt(
        self, asked: tuple[UUID, UUID, UUID, str]
    ) -> None:
        change, _anna, acme, link = asked
        client = Client()
        shown = text(client.get(link))
        for declared in ("Silence is no yes.", "A veto holds", "H-12 Hinge", "plan.html", "Acme"):
            assert declared in shown
        missing = client.post(link, {"account": acme, "answer": "veto"})
        assert (missing.status_code, said(change)) == (422, [])
        assert "Write which conditions, or why" in text(missing)
        assert 'value="veto" checked' in text(missing)
        done = client.post(link, {"account": acme, "answer": "veto", "words": "No"}, follow=True)
        assert done.redirect_chain == [(link, 302)]
        assert said(change) == [("veto", "No")]
        [one] = known(change).asked
        receipt = notices.receipt(known(change), one)
        assert receipt is not None
        for held in (receipt.tracker, receipt.commitment, receipt.nonce, "vetoed"):
            assert held in text(done)
        saved = client.get(f"{link}receipt/{acme}/")
        assert text(saved) == receipt.text()
        checked = Client().post(reverse("web:receipt", args=[change]), {"receipt": text(saved)})
        assert "the last word of its company" in text(checked)
        assert client.get(f"{link}receipt/{change}/").status_code != 200
        again = client.get(link, {"again": ""})
        assert 'name="answer"' in text(again)
        assert 'name="answer"' not in text(done)
        client.post(link, {"account": acme, "answer": "approve"})
        assert said(change) == [("veto", "No"), ("approve", "")]

    def test_looking_says_nothing(self, asked: tuple[UUID, UUID, UUID, str]) -> None:
        change, _anna, _acme, link = asked
        assert [Client().get(link).status_code, Client().head(link).status_code] == [200, 405]
        assert said(change) == []

    @pytest.mark.parametrize(
        "given",
        [{}, {"answer": "accepted"}, {"account": "x"}, {"answer": "\x00"}, {"account": uuid4()}],
        ids=["nothing", "no answer", "no account", "null", "another"],
    )
    def test_what_is_no_answer_is_asked_for_again(
        self, given: dict[str, Any], asked: tuple[UUID, UUID, UUID, str]
    ) -> None:
        change, _anna, acme, link = asked
        found = Client().post(link, {"account": acme} | given)
        assert (found.status_code, said(change)) == (422, [])

    def test_after_the_date_who_holds_it_may_let_go(
        self, asked: tuple[UUID, UUID, UUID, str], clock: Clock
    ) -> None:
        _change, _anna, acme, link = asked
        clock.forward(days=11)
        shown = text(Client().get(link))
        assert "No: nothing was said, and silence is no yes." in shown
        assert 'value="approve"' in shown
        assert 'value="veto"' not in shown
        late = Client().post(link, {"account": acme, "answer": "veto", "words": "No"})
        assert (late.status_code, "the outcome stands" in text(late)) == (422, True)
        Client().post(link, {"account": acme, "answer": "approve"})
        assert "Yes: it was approved." in text(Client().get(link))

    def test_files_are_for_those_asked_and_come_as_attachments(
        self, asked: tuple[UUID, UUID, UUID, str]
    ) -> None:
        change, anna, acme, link = asked
        [file] = known(change).files
        found = Client().get(f"{link}files/{file.id}/")
        assert b"".join(found) == b"<script>"
        assert (found["Content-Type"], found["X-Content-Type-Options"]) == (
            *("application/octet-stream", "nosniff"),
        )
        assert found["Content-Disposition"] == 'attachment; filename="plan.html"'
        borys = a_customer("Borys")
        other = announce(an_account("Bolt", borys))
        for address in (
            path(links.change(other, borys)) + f"files/{file.id}/",
            f"{link}files/{uuid4()}/",
        ):
            assert Client().get(address).status_code == 404
        assert (
            Client().get(path(links.change(change, borys)) + f"files/{file.id}/").status_code == 409
        )
        own = reverse("web:change-file", args=[file.id])
        assert [Client().get(own).status_code, enter("Anna").get(own).status_code] == [302, 403]
        assert enter("Tomasz").get(own).status_code == 200
        accounts.leave(
            by=an_employee("Dana", "lead"), account_id=acme, customer_id=anna, part="buyer"
        )
        assert Client().get(f"{link}files/{file.id}/").status_code == 409
        assert Client().post(link, {"account": acme, "answer": "approve"}).status_code == 409

    def test_who_signs_in_finds_what_is_put_to_their_company(
        self, asked: tuple[UUID, UUID, UUID, str]
    ) -> None:
        change, _anna, _acme, _link = asked
        a_customer("Borys")
        anna, borys = enter("Anna"), enter("Borys")
        assert "The hinge is made of new steel" in text(anna.get(reverse("web:changes")))
        assert "The hinge is made of new steel" in text(anna.get(reverse("web:me")))
        assert "new steel" not in text(borys.get(reverse("web:changes")))
        mine = reverse("web:change-mine", args=[change])
        assert "/change/" in anna.get(mine)["Location"]
        assert borys.get(mine).status_code == 409

    def test_what_an_agreement_makes_of_silence_is_said(self, clock: Clock) -> None:
        anna = a_customer()
        acme = an_account("Acme", anna)
        agree(acme, signed_on=clock.today - timedelta(days=1))
        change = announce(acme)
        link = path(links.change(change, anna))
        assert "signed by J. Kowalska, board, silence means yes for you." in text(
            Client().get(link)
        )
        clock.forward(days=10)
        shown = text(Client().get(link))
        assert "Yes: by a signed agreement, silence means yes here." in shown
        assert 'name="answer"' not in shown
