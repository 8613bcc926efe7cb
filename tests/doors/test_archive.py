"""The archive of a customer: all of it, for people and for programs, in their language."""

from __future__ import annotations

import csv
import io
import json
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from django.utils import timezone, translation

from kfar.doors import archive
from kfar.doors.archive import journeys
from kfar.ground.money import Money
from kfar.lake import everything, inbox, outbox
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.ties import commands as ties
from kfar.rooms.decisions import changes
from kfar.rooms.decisions import commands as decisions
from kfar.rooms.decisions.consultations import commands as consultations
from kfar.rooms.decisions.consultations.commands import Speaker
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises.in_return import commands as in_return
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.service.approving import commands as approving
from kfar.rooms.voice import commands as voice
from tests.changes import an_account, announce
from tests.clock import Clock
from tests.lake.touches import a_touch, settle
from tests.people import a_customer, an_employee, ask, refuses
from tests.rooms.customers.ties.knowing import be_named, tie
from tests.rooms.decisions.consultations.consulting import consult

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def read(customer_id: UUID) -> dict[str, bytes]:
    """The files of the archive."""
    file = io.BytesIO()
    archive.write(customer_id, file)
    with ZipFile(file) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def table(content: bytes) -> list[list[str]]:
    """A CSV as a spreadsheet reads it."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def a_life() -> UUID:
    """Somebody of whom every room knows something."""
    anna, ewa = a_customer("Anna", language="he"), an_employee("Ewa", "lead")
    question = ask(an_employee("Tomasz", "brand"))
    decisions.vote(by=anna, question_id=question, text="1")
    one = consult(an_employee("Tomasz", "brand"))
    consultations.say(by=Speaker(anna), consultation_id=one, text="לחם שחור", language="he")
    consultations.vote(by=Speaker(anna), consultation_id=one, number=1, vote=-1)
    said = voice.say(by=anna, text="החלב חמוץ", language="he")
    outbox.deliver()
    case = cases.case(said)
    assert case is not None
    service.remedy(
        by=ewa, case_id=case.id, kind="refund", amount=Money(599, "USD"), words="Sorry",
        once=uuid4(),
    )  # fmt: skip
    promises.promise(
        by=ewa, text={"en": "Fresh milk"}, owner=ewa, due=timezone.localdate(), to=anna,
        voice_id=said, once=uuid4(),
    )  # fmt: skip
    in_return.offer(
        by=anna, kind="trial", words="לחם", language="he", due=timezone.localdate(), once=uuid4()
    )
    customers.consent(by=anna, purpose="ask", given=False, source="web")
    acme = an_account("Acme", anna)
    change = announce(acme)
    changes.answer(by=anna, change_id=change, account_id=acme, answer="veto", words="No")
    outbox.deliver()
    return anna


def test_all_rooms_tell_what_they_know(clock: Clock) -> None:
    anna = a_life()
    milk = a_touch("1", 0, customer=anna, basket="a", paid=599, discount=0, currency="USD")
    settle([milk])
    inbox.put(a_touch("2", 1, customer=anna, properties='{"a": 1}', product_name="=1+1"))
    inbox.put(a_touch("3", 1))  # of somebody else
    with translation.override("he"):
        files = read(anna)

    assert list(files) == ["README.txt", *archive.FILES]
    about = json.loads(files["about.json"])
    assert (about["name"], about["email"], about["language"]) == (
        "Anna",
        "anna@village.example",
        "he",
    )
    assert about["agrees_to"] == []
    assert {(n["kind"], n["value"]) for n in about["names"]} == {
        ("email", "anna@village.example"), ("test", "Anna"),
    }  # fmt: skip
    [said] = json.loads(files["voices.json"])
    assert said["text"] == "החלב חמוץ"
    assert [(d["amount"], d["words"]) for d in said["decisions"]] == [("5.99", "Sorry")]
    [promised] = json.loads(files["promises.json"])
    assert (promised["text"], promised["by"]) == ({"en": "Fresh milk"}, "Ewa")
    [given] = json.loads(files["in-return.json"])
    assert (given["what"], given["words"], given["asked_by"]) == ("trial", {"he": "לחם"}, "")
    [answered] = json.loads(files["answers.json"])
    assert answered["answer"] == [{"en": "B"}]
    [took_part] = json.loads(files["consultations.json"])
    assert took_part["topic"] == {"en": "Bread"}
    assert took_part["votes"] == [{"on": "Rye is best.", "vote": "disagree"}]
    assert [(s["text"], s["language"], s["stands"]) for s in took_part["statements"]] == [
        ("לחם שחור", "he", "waiting")
    ]

    [spoke] = json.loads(files["changes.json"])
    assert (spoke["for"], spoke["answer"], spoke["words"]) == ("Acme", "veto", "No")

    journey = json.loads(files["journey.json"])
    kinds = [touch["kind"] for touch in journey]
    assert kinds[:2] == ["purchase", "purchase"]
    told = ["change", "consult", "in-return", "promise", "remedy", "voice", "vote"]
    assert sorted(kinds[2:]) == told  # at one instant
    assert (journey[0]["paid"], journey[1]["properties"]) == ("5.99", {"a": 1})
    rows = table(files["journey.csv"])
    assert len(rows) == 10
    with translation.override("he"):
        assert rows[0] == [str(name) for name, _of in journeys.COLUMNS.values()]
    product = list(journeys.COLUMNS).index("product_name")
    assert [row[product] for row in rows[1:3]] == ["", "'=1+1"]  # no formula
    assert len(table(files["consents.csv"])) == 3
    assert [row[2] for row in table(files["who-saw-it.csv"])[1:]] == ["Dana", "", "", "Ewa", "Ewa"]
    assert len(table(files["letters.csv"])) == 6
    assert files["README.txt"].decode("utf-8-sig").count("\r\n") == 7 + len(archive.FILES)


def test_whom_they_know_is_there_and_nothing_that_is_others(clock: Clock) -> None:
    anna, borys = a_customer("Anna"), a_customer("Borys")
    tie(borys, anna)
    be_named(borys)
    ties.invite(by=anna, once=uuid4(), email="dana@elsewhere.example")
    own, others = (json.loads(read(who)["people.json"]) for who in (anna, borys))
    assert [(one["name"], sorted(one)) for one in own["known"]] == [("Borys", ["name", "since"])]
    assert [one["by_letter"] for one in own["invitations"]] == [True]
    assert ([one["name"] for one in others["known"]], others["invitations"]) == (["Anna"], [])


def test_a_long_journey_is_written_a_few_touches_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(everything, "PAGE", 3)
    anna = a_customer()
    # Several at one instant, and pages that end exactly there.
    settle([a_touch(str(n), n // 4, customer=anna) for n in range(9)])
    files = read(anna)
    ids = [touch["id"] for touch in json.loads(files["journey.json"])]
    assert (len(ids), len(set(ids))) == (9, 9)
    assert [row[-1] for row in table(files["journey.csv"])[1:]] == ids


def test_nobody_has_no_archive() -> None:
    with refuses("customers.not_found"):
        archive.write(uuid4(), io.BytesIO())


def test_who_is_one_person_has_one_archive(clock: Clock) -> None:
    anna, hania = a_customer("Anna"), a_customer("Hania")
    customers.merge(by=an_employee("Ewa", "lead"), one=hania, other=anna)
    inbox.put(a_touch("1", customer=hania))
    assert len(json.loads(read(anna)["journey.json"])) == 1
    names = {n["value"] for n in json.loads(read(hania)["about.json"])["names"]}
    assert names >= {"anna@village.example", "hania@village.example"}


def test_whoever_was_asked_to_approve_something_for_them_stands_in_it() -> None:
    anna, _dana = a_customer("Anna"), an_employee("Dana", "lead")
    said = voice.say(by=anna, text="It broke", language="en")
    outbox.deliver()
    case = cases.case(said)
    assert case is not None
    approving.ask(
        by=an_employee(), case_id=case.id, kind="refund", amount=Money(5_000, "USD"),
        words="All of it", once=uuid4(),
    )  # fmt: skip
    [told] = json.loads(read(anna)["voices.json"])
    [asked] = told["asked_about"]
    assert (asked["amount"], asked["words"], asked["by"], asked["of"], asked["answer"]) == (
        *("50.00", "All of it", "Noa", "Dana"),
        None,
    )
