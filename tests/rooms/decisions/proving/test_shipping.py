"""Whether a change may ship: a veto that holds holds, silence is no yes, and time takes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import kfar
from kfar.rooms.decisions.proving.shipping import (
    Answer,
    Shipping,
    Silence,
    Stand,
    Terms,
    Veto,
    Why,
    holds,
    may_say,
    may_ship,
)

DATE = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
REFERENCE = Path(kfar.__file__).parents[2] / "docs" / "reference" / "api.md"

times = st.integers(-20, 20).map(lambda days: DATE + days * DAY)
stands = st.builds(Stand, st.sampled_from([None, *Answer]), st.booleans(), st.booleans())
parties = st.dictionaries(st.sampled_from("abcd"), stands, min_size=1)


@st.composite
def some_terms(draw: st.DrawFn) -> Terms:
    veto = draw(st.sampled_from(Veto))
    return Terms(
        starts=draw(times),
        answers_by=DATE,
        silence=draw(st.sampled_from(Silence)),
        veto=veto,
        veto_until=DATE + draw(st.integers(1, 9)) * DAY if veto is Veto.TIME else None,
    )


def terms(
    silence: Silence = Silence.WAITS,
    veto: Veto = Veto.ACCOUNT,
    *,
    starts: datetime = DATE - DAY,
    until: datetime | None = None,
) -> Terms:
    return Terms(starts=starts, answers_by=DATE, silence=silence, veto=veto, veto_until=until)


APPROVED = Stand(Answer.APPROVE)


class TestProperties:
    @given(some_terms(), parties, times)
    def test_a_veto_that_holds_is_not_overruled(
        self, terms: Terms, asked: dict[str, Stand], now: datetime
    ) -> None:
        for own, stand in asked.items():
            over = terms.veto is Veto.TIME and terms.veto_until is not None
            if stand.said is not Answer.VETO or (over and terms.veto_until <= now):  # type: ignore[operator]
                continue
            assert not may_ship(terms, asked, now, account=own).may
            assert not may_ship(terms, asked, now).may
            if terms.veto is Veto.ALL:
                others = [may_ship(terms, asked, now, account=key) for key in asked]
                assert {(o.may, (own, Why.VETO) in o.holds) for o in others} == {(False, True)}

    @given(some_terms(), parties, times, st.integers(0, 50))
    def test_approvals_of_others_let_nothing_through_that_a_veto_holds(
        self, terms: Terms, asked: dict[str, Stand], now: datetime, more: int
    ) -> None:
        vetoed = {**asked, "x": Stand(Answer.VETO)}
        crowd = vetoed | {str(n): APPROVED for n in range(more)}
        assert may_ship(terms, crowd, now) == may_ship(terms, vetoed, now)
        assert may_ship(terms, crowd, now, account="x") == may_ship(terms, vetoed, now, account="x")

    @given(some_terms(), parties, times)
    def test_silence_ships_to_nobody_without_an_agreement(
        self, terms: Terms, asked: dict[str, Stand], now: datetime
    ) -> None:
        for own, stand in asked.items():
            if stand.said is None:
                found = may_ship(terms, asked, now, account=own)
                assert not found.may or (stand.agreed and found.why is Why.AGREEMENT)
                if not stand.agreed:
                    assert not may_ship(terms, asked, now).may

    @given(some_terms(), parties, times, st.sampled_from([None, *"abcd"]))
    def test_before_the_date_nothing_ships_unless_all_have_approved(
        self, terms: Terms, asked: dict[str, Stand], now: datetime, account: str | None
    ) -> None:
        approved = all(
            stand.said is Answer.APPROVE or (stand.said is Answer.CONDITIONS and stand.replied)
            for stand in asked.values()
        )
        if now < DATE and not approved:
            assert not may_ship(terms, asked, now, account=account).may

    @given(some_terms(), parties, times, st.sampled_from([None, *"abcd"]))
    def test_nothing_ships_once_it_is_taken_back_nor_before_it_begins(
        self, terms: Terms, asked: dict[str, Stand], now: datetime, account: str | None
    ) -> None:
        back = may_ship(terms, asked, now, account=account, withdrawn=True)
        assert back == Shipping(may=False, why=Why.WITHDRAWN)
        if now < terms.starts:
            assert not may_ship(terms, asked, now, account=account).may

    @given(some_terms(), parties, times, times, st.sampled_from([None, *"abcd"]))
    def test_time_alone_turns_a_no_into_a_yes_at_the_time_it_says_and_no_yes_into_a_no(
        self,
        terms: Terms,
        asked: dict[str, Stand],
        one: datetime,
        other: datetime,
        account: str | None,
    ) -> None:
        now, then = sorted([one, other])
        found, later = (may_ship(terms, asked, t, account=account) for t in (now, then))
        assert found.may <= later.may
        if found.may:
            assert (found.until, found.holds) == (None, ())
        else:
            assert later.may == (found.until is not None and found.until <= then)

    @given(some_terms(), parties, times)
    def test_it_ships_to_all_when_it_ships_to_each(
        self, terms: Terms, asked: dict[str, Stand], now: datetime
    ) -> None:
        each = [may_ship(terms, asked, now, account=own).may for own in asked]
        assert may_ship(terms, asked, now).may == all(each)

    @given(some_terms(), parties, times, st.sampled_from("abcd"), st.sampled_from(Answer))
    def test_from_the_date_on_words_only_ever_let_go(
        self, terms: Terms, asked: dict[str, Stand], now: datetime, own: str, word: Answer
    ) -> None:
        stand = asked.get(own)
        if now < DATE or stand is None or not may_say(word, stand, terms, now):
            return
        said = {**asked, own: Stand(word, agreed=stand.agreed)}
        for account in (None, *asked):
            before = may_ship(terms, asked, now, account=account)
            assert before.may <= may_ship(terms, said, now, account=account).may


def test_from_the_date_on_only_who_holds_it_may_speak() -> None:
    silent, vetoed = Stand(), Stand(Answer.VETO)
    free = [APPROVED, Stand(agreed=True), Stand(Answer.OBJECT, replied=True)]
    said = {
        stand: [word for word in Answer if may_say(word, stand, terms(), DATE)]
        for stand in (silent, vetoed, *free)
    }
    lets_go = [Answer.APPROVE, Answer.CONDITIONS]
    assert list(said.values()) == [lets_go, lets_go, [], [], []]
    assert all(may_say(word, APPROVED, terms(), DATE - DAY) for word in Answer)


def test_a_veto_buys_time_until_the_agreed_day() -> None:
    agreed = terms(veto=Veto.TIME, until=DATE + 5 * DAY)
    asked = {"a": Stand(Answer.VETO), "b": APPROVED}
    held = may_ship(agreed, asked, DATE, account="a")
    assert held == Shipping(False, Why.VETO, (("a", Why.VETO),), DATE + 5 * DAY)
    assert may_ship(agreed, asked, DATE, account="b") == Shipping(True, Why.APPROVED)
    assert may_ship(agreed, asked, DATE + 5 * DAY) == Shipping(True, Why.ALL_CLEAR)
    assert holds(asked["a"], agreed, DATE + 5 * DAY) is None


def test_the_gravest_word_is_told_and_all_who_hold_it() -> None:
    asked = {"a": Stand(), "b": Stand(Answer.CONDITIONS), "c": Stand(Answer.OBJECT)}
    told = (("a", Why.UNANSWERED), ("b", Why.CONDITIONS), ("c", Why.OBJECTION))
    assert may_ship(terms(), asked, DATE) == Shipping(False, Why.OBJECTION, told)
    assert may_ship(terms(), asked, DATE, account="b").holds == (("b", Why.CONDITIONS),)
    waits = may_ship(terms(Silence.HOLDS), asked, DATE, account="b")
    assert (waits.why, waits.holds) == (Why.CONDITIONS, told[:2])


# --- the table in the docs -------------------------------------------------------------------

SAYS = {
    "nothing": Stand(),
    "nothing, under an agreement": Stand(agreed=True),
    "approves": APPROVED,
    "approves with conditions": Stand(Answer.CONDITIONS),
    "… which were taken on": Stand(Answer.CONDITIONS, replied=True),
    "objects": Stand(Answer.OBJECT),
    "… and was answered": Stand(Answer.OBJECT, replied=True),
    "vetoes": Stand(Answer.VETO),
}


def row(says: str, known: Terms, now: datetime) -> str:
    asked = {"a": SAYS[says], "b": APPROVED}
    found = [may_ship(known, asked, now, account=account) for account in ("a", "b")]
    return " | ".join(f"{'yes' if f.may else 'no'}, `{f.why}`" for f in found)


def table() -> str:
    """The table as docs/reference/api.md has it: account A says something, account B approved."""
    over = terms(veto=Veto.TIME, until=DATE + DAY)
    lines = [
        "| A says | before the date: to A | to B | from the date on: to A | to B |",
        "|---|---|---|---|---|",
    ]
    for says in SAYS:
        if says != "vetoes":
            silent = says == "nothing"
            first = f"| {says}{': `waits`' if silent else ''} | "
            lines.append(f"{first}{row(says, over, DATE - DAY)} | {row(says, over, DATE)} |")
        if says == "nothing":
            known = terms(Silence.HOLDS)
            lines.append(
                f"| {says}: `holds` | {row(says, known, DATE - DAY)} | {row(says, known, DATE)} |"
            )
    for veto, until in ((Veto.ALL, None), (Veto.ACCOUNT, None), (Veto.TIME, DATE + DAY)):
        known = terms(veto=veto, until=until)
        before, after = (row("vetoes", known, now) for now in (DATE - DAY, DATE))
        lines.append(f"| vetoes: `{veto}` | {before} | {after} |")
    lines.append(f"| … after the agreed day | | | {row('vetoes', over, DATE + DAY)} |")
    return "\n".join(lines)


def test_the_table_in_the_docs_is_true() -> None:
    assert table() in REFERENCE.read_text(), table()
