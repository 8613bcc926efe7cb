"""Limits for what cases are about: which holds, what came of it, proposed, accepted, undone."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from kfar.ground.money import Money
from kfar.loop import deciding, helping, limiting
from kfar.rooms.service import commands as service
from kfar.rooms.service import together
from kfar.rooms.service.approving import commands as approving
from kfar.rooms.service.approving import queries as asked
from kfar.rooms.service.limits import queries
from kfar.rooms.service.limits.queries import Seen
from kfar.rooms.service.limits.rules import LEAST, Evidence, Proposal
from kfar.rooms.service.models import Approval, Case, LimitChange, Remedy
from kfar.rooms.village import commands as village
from kfar.rooms.village import queries as roles
from kfar.rooms.village.rules import Authority, Own
from kfar.rooms.voice import commands as voices
from kfar.rooms.voice.models import Theme, Themed
from kfar.rooms.voice.understanding import commands as understanding
from kfar.rooms.voice.understanding import queries as themes
from tests.clock import Clock
from tests.people import a_customer, an_employee, refuses

pytestmark = pytest.mark.django_db

USUAL, LITTLE, MUCH = Authority(2_000, 10_000, 200), Authority.fixed(500), Authority.fixed(9_000)


def a_theme(name: str, language: str = "en") -> UUID:
    return Theme.objects.create(language=language, name=name).pk


def said(*about: UUID, by: UUID | None = None) -> UUID:
    """A voice that speaks of these themes, with its case."""
    customer = by or a_customer()
    voice = voices.say(by=customer, text=f"It came late. {uuid4()}", language="en")
    Themed.objects.bulk_create(Themed(voice_id=voice, theme_id=theme) for theme in about)
    service.open_case(voice_id=voice, customer_id=customer)
    return voice


def give(by: UUID, voice: UUID, minor: int, kind: str = "refund", **said: Any) -> UUID:
    given: dict[str, Any] = {"words": "", "fault": "ours", "once": uuid4()} | said
    return deciding.remedy(by=by, voice_id=voice, kind=kind, amount=Money(minor, "USD"), **given)


def own(theme: UUID, limit: Authority, remedy: str = "refund", **said: Any) -> None:
    village.set_limit(role="service", remedy=remedy, limit=limit, theme=theme, **said)


def most(by: UUID, voice: UUID, kind: str = "refund") -> int:
    """How much they may decide for it alone, as the command says it."""
    person = roles.staff(by)
    assert person is not None
    return person.held(kind, limiting.about([voice])).most


def usd(minor: int) -> Money:
    return Money(minor, "USD")


class TestWhichHolds:
    def test_that_of_the_theme_goes_before_the_general_one(self) -> None:
        noa, late = an_employee(), a_theme("late")
        an_employee("Dana", "lead")
        own(late, LITTLE)
        about, other = said(late), said()
        with refuses("service.above_authority", limit=usd(500), who=["Dana"]):
            give(noa, about, 501)
        give(noa, about, 500)
        with refuses("service.above_authority", limit=usd(0), who=["Dana"]):
            give(noa, about, 1)  # it is for the case
        give(noa, about, 2_000, kind="voucher")  # for a refund alone
        give(noa, other, 2_000)
        kept = [(row.about, row.under) for row in Remedy.objects.order_by("at")]
        of = {str(late): str(late)}
        assert kept == [(of, late), (of, None), ({}, None)]

    def test_of_several_the_narrowest_and_of_voices_together_all(self) -> None:
        noa, anna = an_employee(), a_customer()
        late, rude, sour = a_theme("late"), a_theme("rude"), a_theme("sour")
        own(late, MUCH)
        own(rude, LITTLE)
        one, both, other = said(late, sour, by=anna), said(late, rude), said(rude, by=anna)
        assert [most(noa, voice) for voice in (one, both, other)] == [9_000, 500, 500]
        cases = [Case.objects.get(voice_id=voice).pk for voice in (one, other)]
        together.merge(by=noa, case_id=cases[0], other_id=cases[1])
        with refuses("service.above_authority", limit=usd(500), who=[]):
            give(noa, one, 501)

    def test_who_gives_no_such_remedy_gives_none_for_a_theme_either(self) -> None:
        late = a_theme("late")
        tomasz = an_employee("Tomasz", "brand")
        with refuses("village.no_general_limit"):
            village.set_limit(role="brand", remedy="refund", limit=MUCH, theme=late)
        village.set_limit(role="brand", remedy="refund", limit=LITTLE)
        village.set_limit(role="brand", remedy="refund", limit=MUCH, theme=late)
        village.set_role(code="brand", name={"en": "B"}, acts=["service.remedy"], limits={})
        voice = said(late)
        with refuses("service.above_authority", limit=usd(0), who=[]):
            give(tomasz, voice, 1)

    def test_themes_put_together_have_the_narrower_of_both_until_set_anew(self) -> None:
        noa, late, sent = an_employee(), a_theme("late"), a_theme("delivery")
        own(late, MUCH)
        one, other = said(late), said(sent)
        understanding.merge(by=noa, theme_id=late, into=sent)
        assert [most(noa, voice) for voice in (one, other)] == [2_000, 2_000]
        understanding.part(by=noa, theme_id=late)
        understanding.merge(by=noa, theme_id=sent, into=late)
        assert [most(noa, voice) for voice in (one, other)] == [9_000, 2_000]
        own(late, MUCH, also=[sent])
        assert [most(noa, voice) for voice in (one, other)] == [9_000, 9_000]
        own(sent, LITTLE)
        assert [most(noa, voice) for voice in (one, other)] == [9_000, 500]
        understanding.part(by=noa, theme_id=sent)
        village.unset_limit(role="service", remedy="refund", theme=sent)
        assert [most(noa, voice) for voice in (one, other)] == [9_000, 2_000]

    def test_of_a_theme_that_is_none_it_holds_for_nothing(self) -> None:
        noa, late, rude = an_employee(), a_theme("late"), a_theme("rude")
        own(late, LITTLE)
        voice, denied = said(late), said(late)
        understanding.disown(by=noa, voice_id=denied, theme_id=late)
        assert (most(noa, voice), most(noa, denied)) == (500, 2_000)
        understanding.merge(by=noa, theme_id=late, into=rude)
        understanding.drop(by=noa, theme_id=rude)
        assert most(noa, voice) == 2_000
        assert (themes.roots(), limiting.about([voice])) == ({}, {})
        assert themes.called([late, rude, uuid4()]) == {late: "late", rude: "rude"}

    def test_who_may_take_it_back_goes_by_what_it_was_about_then(self) -> None:
        noa, adam, late = an_employee(), an_employee("Adam"), a_theme("late")
        voice = said(late)
        one, other = give(noa, voice, 600), give(noa, said(), 600)
        own(late, LITTLE)
        service.undo(by=adam, remedy_id=other, why="Twice")
        with refuses("village.may_not", act="service.remedy"):
            service.undo(by=adam, remedy_id=one, why="Twice")
        understanding.disown(by=adam, voice_id=voice, theme_id=late)
        with refuses("village.may_not", act="service.remedy"):
            service.undo(by=adam, remedy_id=one, why="Twice")


class TestAsking:
    def test_above_the_limit_of_a_theme_somebody_is_asked_who_may_for_it(self) -> None:
        noa, dana, late = an_employee(), an_employee("Dana", "lead"), a_theme("late")
        acts = ["service.remedy"]
        limits = {"refund": Authority.fixed(4_000)}
        village.set_role(code="near", name={"en": "Near"}, acts=acts, limits=limits)
        ron = an_employee("Ron", "near")
        own(late, LITTLE)
        village.set_limit(role="near", remedy="refund", limit=LITTLE, theme=late)
        given: dict[str, Any] = {"kind": "refund", "amount": usd(600), "words": "", "fault": "ours"}
        voice, other = said(late), said()
        assert deciding.ask(by=noa, voice_id=voice, once=uuid4(), **given) == dana
        with refuses("service.within_authority"):
            deciding.ask(by=noa, voice_id=other, once=uuid4(), **given)
        more: dict[str, Any] = given | {"amount": usd(2_500)}
        assert deciding.ask(by=noa, voice_id=other, once=uuid4(), **more) == ron
        understanding.drop(by=noa, theme_id=late)  # what was asked stays what it was
        [question] = asked.asked_about([voice])
        approving.say(by=dana, approval_id=question.id, yes=True)
        row = Approval.objects.get(pk=question.id)
        assert (row.about, row.under) == ({str(late): str(late)}, late)
        assert Remedy.objects.get().about == row.about

    def test_the_next_in_line_may_decide_it_for_that_theme(self, clock: Clock) -> None:
        noa, dana, late = an_employee(), an_employee("Dana", "lead"), a_theme("late")
        adam = an_employee("Adam", "lead")
        own(late, LITTLE)
        once, voice = uuid4(), said(late)
        given: dict[str, Any] = {"kind": "refund", "amount": usd(600), "words": "", "fault": "ours"}
        assert deciding.ask(by=noa, voice_id=voice, once=once, **given) == adam
        clock.forward(days=3)
        assert approving.pass_due() == 1
        rows = Approval.objects.order_by("asked_at").values_list("approver", "about", "under")
        of = {str(late): str(late)}
        assert list(rows) == [(adam, of, late), (dana, of, late)]

    def test_a_case_goes_to_who_may_decide_it(self) -> None:
        noa, zofia, late = an_employee(), an_employee("Zofia", "lead"), a_theme("late")
        own(late, Authority.fixed(0))
        give(noa, said(), 1_000)
        person = a_customer("Borys")
        about = limiting.about([said(late, by=person)])
        [first, *_rest] = helping.suggest(person, about=about)
        assert (first.name, helping.suggest(person)[0].name) == ("Zofia", "Noa")
        Case.objects.filter(decided_at=None).update(assign_at=timezone.now())
        assert helping.assign_due() == 1
        assert Case.objects.get(customer=person).taken_by_id == zofia


def lived(theme: UUID | None, n: int, by: UUID, *, undone: int = 0, of: UUID | None = None) -> None:
    """Let n refunds of 10.00 be given for that, all good but those that were undone."""
    anna, now = a_customer(), timezone.now()
    about = {str(theme): str(theme)} if theme else {}
    for number in range(n):
        case = Case.objects.create(voice_id=uuid4(), customer_id=anna, good=True)
        over = {"undone_at": now, "undone_why": "x", "undone_by_id": by} if number < undone else {}
        Remedy.objects.create(
            case=case, minor=1_000, by_id=by, at=now, kind="refund", currency="USD",
            about=about, under=of, **over,
        )  # fmt: skip


def one(theme: UUID | None, remedy: str = "refund") -> Seen:
    found = queries.one("service", remedy, theme, themes.roots())
    assert found is not None
    return found


class TestProposing:
    def test_it_is_counted_by_theme_where_enough_was_decided(self, clock: Clock) -> None:
        noa, late, rude = an_employee(), a_theme("late"), a_theme("rude")
        lived(late, LEAST, noa, undone=8)
        lived(rude, LEAST - 1, noa)
        lived(None, 61, noa)
        everything = Evidence(given=100, undone=8, good=92)
        assert (one(None).evidence, one(None).proposal) == (everything, None)
        seen = one(late)
        assert seen.evidence == Evidence(given=20, undone=8, good=12)
        assert (seen.held, seen.own) == (USUAL, False)
        assert seen.proposal == Proposal(Authority(1_500, 7_500, 200), wider=False)
        found = [(own.theme, own.proposal is not None) for own in limiting.seen()]
        assert found[0] == (late, True)
        assert [theme for theme, _proposed in found].count(rude) == 0

    def test_what_was_decided_under_its_own_limit_counts_for_that_alone(self) -> None:
        noa, late = an_employee(), a_theme("late")
        own(late, LITTLE)
        lived(late, 5, noa, of=late)
        lived(late, 3, noa)
        assert [one(None).evidence.given, one(late).evidence.given] == [3, 5]
        village.unset_limit(role="service", remedy="refund", theme=late)
        lived(late, LEAST, noa)
        assert [one(None).evidence.given, one(late).evidence.given] == [23, 23]

    def test_themes_put_together_count_as_one_and_parted_ones_as_two(self) -> None:
        noa, late, sent = an_employee(), a_theme("late"), a_theme("delivery")
        lived(late, 12, noa)
        lived(sent, 12, noa)
        assert queries.one("service", "refund", sent, themes.roots()) is None
        understanding.merge(by=noa, theme_id=late, into=sent)
        assert one(sent).evidence.given == 24
        assert queries.one("service", "refund", late, themes.roots()) is None
        assert one(None).evidence.given == 24  # once
        understanding.part(by=noa, theme_id=late)
        assert queries.one("service", "refund", sent, themes.roots()) is None

    def test_accepted_it_is_one_of_its_own_and_leaves_the_others_alone(self, clock: Clock) -> None:
        noa, dana = an_employee(), an_employee("Dana", "lead")
        late, sent, rude = a_theme("late"), a_theme("משלוח", "he"), a_theme("rude")
        understanding.merge(by=noa, theme_id=sent, into=late)
        own(rude, LITTLE)
        lived(late, LEAST + 10, noa, undone=12)
        clock.forward(minutes=1)
        once, less = uuid4(), Authority(1_500, 7_500, 200)
        given: dict[str, Any] = {"role": "service", "remedy": "refund", "theme": late}
        with refuses("village.may_not", act="service.limits"):
            limiting.accept(by=noa, once=once, **given)
        for _twice in range(2):
            limiting.accept(by=dana, once=once, **given)
        [part] = [part for part in roles.roles() if part.code == "service"]
        assert part.authority["refund"] == USUAL
        assert set(part.own["refund"]) == {Own(rude, LITTLE), Own(late, less, frozenset({sent}))}
        assert (one(late).own, one(late).held, one(late).evidence) == (True, less, Evidence())
        assert one(None).evidence.given == LEAST + 10
        [change] = queries.changed()
        assert (change.theme, change.before, change.after) == (late, None, less)
        with refuses("service.no_such_proposal"):
            limiting.accept(by=dana, once=uuid4(), **given)
        voices_of = [said(late), said(sent), said(rude), said()]
        assert [most(noa, voice) for voice in voices_of] == [1_500, 1_500, 500, 2_000]
        own(late, LITTLE)
        with refuses("service.limit_moved_on"):
            limiting.undo(by=dana, change_id=once)
        own(late, less)
        clock.forward(minutes=1)
        with refuses("village.may_not", act="service.limits"):
            limiting.undo(by=noa, change_id=once)
        for _twice in range(2):
            limiting.undo(by=dana, change_id=once)
        assert [most(noa, voice) for voice in voices_of] == [2_000, 2_000, 500, 2_000]
        assert queries.one("service", "refund", late, themes.roots()) is None  # counted anew

    def test_one_of_its_own_is_narrowed_and_set_back(self, clock: Clock) -> None:
        noa, dana, late = an_employee(), an_employee("Dana", "lead"), a_theme("late")
        own(late, Authority.fixed(4_000))
        lived(late, LEAST, noa, undone=10, of=late)
        clock.forward(minutes=1)
        once = uuid4()
        limiting.accept(by=dana, role="service", remedy="refund", theme=late, once=once)
        assert one(late).held == Authority.fixed(3_000)
        assert one(None).held == USUAL
        limiting.undo(by=dana, change_id=once)
        assert (one(late).own, one(late).held) == (True, Authority.fixed(4_000))

    def test_what_moved_the_general_limit_moves_no_theme_after_it(self, clock: Clock) -> None:
        noa, dana, late = an_employee(), an_employee("Dana", "lead"), a_theme("late")
        lived(late, LEAST, noa, undone=10)
        clock.forward(minutes=1)
        assert one(late).proposal is not None
        limiting.accept(by=dana, role="service", remedy="refund", theme=None, once=uuid4())
        assert one(None).held == Authority(1_500, 7_500, 200)
        assert queries.one("service", "refund", late, themes.roots()) is None

    def test_of_a_theme_that_is_none_nothing_is_proposed(self) -> None:
        noa, late = an_employee(), a_theme("late")
        own(late, LITTLE)
        lived(late, LEAST, noa, undone=10, of=late)
        assert one(late).proposal is not None
        understanding.drop(by=noa, theme_id=late)
        assert (one(late).known, one(late).proposal) == (False, None)


class TestByHand:
    def set(self, by: UUID, theme: UUID, limit: Authority | None, **said: Any) -> UUID:
        given: dict[str, Any] = {"role": "service", "remedy": "refund", "once": uuid4()}
        return limiting.set_own(by=by, theme=theme, limit=limit, **(given | said))

    def test_who_may_sets_and_removes_it_and_it_can_be_set_back(self, clock: Clock) -> None:
        noa, dana, late = an_employee(), an_employee("Dana", "lead"), a_theme("late")
        voice, once = said(late), uuid4()
        with refuses("village.may_not", act="service.limits"):
            self.set(noa, late, LITTLE)
        for _twice in range(2):
            self.set(dana, late, LITTLE, once=once)
        assert (most(noa, voice), LimitChange.objects.count()) == (500, 1)
        clock.forward(minutes=1)
        gone = self.set(dana, late, None)
        assert most(noa, voice) == 2_000
        self.set(dana, late, None)
        assert [(own.before, own.after) for own in queries.changed()] == [
            (LITTLE, None), (None, LITTLE),
        ]  # fmt: skip
        with refuses("service.limit_moved_on"):
            limiting.undo(by=dana, change_id=once)
        limiting.undo(by=dana, change_id=gone)
        assert most(noa, voice) == 500
        limiting.undo(by=dana, change_id=once)
        assert most(noa, voice) == 2_000

    def test_nobody_gives_more_than_they_have_nor_for_what_is_not_there(self) -> None:
        dana, late = an_employee("Dana", "lead"), a_theme("late")
        above = Authority(50_000, 250_000, 5_001)
        for limit in (above, Authority.fixed(50_001), Authority(0, 250_001)):
            with refuses("service.above_own_limit"):
                self.set(dana, late, limit)
        self.set(dana, late, Authority(50_000, 250_000, 5_000))
        with refuses("service.above_own_limit"):
            self.set(dana, late, LITTLE, remedy="hug")
        with refuses("service.no_such_theme"):
            self.set(dana, uuid4(), LITTLE)
        with refuses("village.no_such_role", role="attic"):
            self.set(dana, late, LITTLE, role="attic")
        with refuses("village.no_general_limit"):
            self.set(dana, late, LITTLE, role="brand")
        with refuses("village.no_such_limit"):
            self.set(dana, late, Authority(2, 1))

    def test_set_again_it_is_for_what_became_one_with_it_too(self) -> None:
        noa, dana = an_employee(), an_employee("Dana", "lead")
        late, sent = a_theme("late"), a_theme("אחר", "he")
        self.set(dana, late, MUCH)
        understanding.merge(by=noa, theme_id=sent, into=late)
        voice = said(sent)
        assert most(noa, voice) == 2_000
        self.set(dana, late, MUCH)
        assert (most(noa, voice), LimitChange.objects.count()) == (9_000, 1)

    def test_a_theme_with_a_limit_keeps_what_it_is_called(self) -> None:
        dana = an_employee("Dana", "lead")
        found = Theme.objects.create(language="en", words=["late", "courier"])
        self.set(dana, found.pk, LITTLE)
        found.refresh_from_db()
        assert found.name == "late · courier"
