"""What a question must say before it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from kfar.ground.ballots import Form, Paper
from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES, Texts
from kfar.rooms.decisions.counting.lots import lot_order
from kfar.rooms.decisions.counting.rules import BUDGETS, FORMS, SINGLE, Method, Overvote, Rule
from kfar.rooms.decisions.knowing.texting import KEYWORD, NOISE, START, STOP
from kfar.rooms.decisions.knowing.texting import words as words_of
from kfar.rooms.decisions.proving.manifest import Audience, Manifest, Tier

#: The longest question, option and pledge, in characters; the most options.
MOST_TEXT, MOST_OPTION, MOST_OPTIONS = 500, 200, 50
#: How long a question may stay open.
LONGEST = timedelta(days=366)
#: The most ballots for one voter; the best score and the most points there can be.
MOST_ANSWERS, MOST_SCORE, MOST_POINTS = 20, 100, 1000

#: How a voter is known, by who may answer.
TIERS: Mapping[Audience, tuple[Tier, ...]] = {
    Audience.AGREED: (Tier.ACCOUNT, Tier.EMAIL),
    Audience.MEMBERS: (Tier.ACCOUNT, Tier.EMAIL),
    Audience.ACCOUNT: (Tier.ACCOUNT, Tier.EMAIL),
    Audience.LINK: (Tier.ACCOUNT, Tier.EMAIL, Tier.SMS, Tier.LINK),
    Audience.PHONE: (Tier.SMS,),
}
#: Who may answer without having been asked: voters come in by a door, and are known by a tier.
OPEN = frozenset({Audience.LINK, Audience.PHONE})


def lets(manifest: Manifest, tier: Tier) -> bool:
    """Return whether one may come in so whom nobody has asked."""
    return manifest.audience in OPEN and tier in manifest.tiers


#: Methods whose ballots may hold equals at a rank.
EQUALS = frozenset({Method.BORDA, Method.MINIMAX, Method.RANKED_PAIRS, Method.SCHULZE})


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A question as somebody means to ask it.

    `pledge` is what the company does whichever option wins, `pledges` what it does for single
    ones, by number. Empty where the method does not need it: `seats` (winners), `most` (options
    one may name; 0: any number), `highest` (the best score), `points` of each voter, `budget`
    and `costs`. `lot` breaks ties; empty: drawn when it is asked. `tiers` are the doors of an
    open question; empty: all its audience may have. `keyword` is its name in text messages.
    `pictures` are those of options, by number: sums of what `pictures.take` has.
    """

    text: Texts
    options: Sequence[Texts]
    method: str
    closes_at: datetime
    pledge: Texts
    pledge_due: date
    pledges: Mapping[int, Texts] = field(default_factory=dict)
    binding: bool = True
    opens_at: datetime | None = None
    audience: str = Audience.AGREED
    account: UUID | None = None
    tiers: Sequence[str] = ()
    keyword: str = ""
    seats: int = 1
    most: int = 0
    highest: int = 5
    points: int = 100
    budget: int | None = None
    costs: Sequence[int] = ()
    overvote: str = Overvote.EXHAUST
    max_skipped: int | None = None
    digits: int = 5
    lot: str = ""
    answers: int = 1
    quorum: int = 0
    interim: bool = False
    pictures: Mapping[int, str] = field(default_factory=dict)


def clean(texts: Texts) -> dict[str, str]:
    """Return texts without space around them; a language in which nothing is said is left out."""
    lines = {code: text.replace("\r\n", "\n").replace("\x00", "") for code, text in texts.items()}
    return {code: text.strip() for code, text in lines.items() if text.strip()}


def check_question(draft: Draft, now: datetime) -> None:
    """Refuse a question that cannot be asked; its times are the company's.

    Raises `Refused`: `decisions.no_text`, `decisions.too_few_options`,
    `decisions.too_many_options`, `decisions.option_twice`, `decisions.options_differ`,
    `decisions.too_long`, `decisions.unknown_method`, `decisions.unknown_audience`,
    `decisions.unknown_tier`, `decisions.one_ballot`, `decisions.bad_keyword`,
    `decisions.closes_in_past`, `decisions.closes_too_late`, `decisions.no_pledge`,
    `decisions.pledge_before_close`, `decisions.out_of_range` and what `rule` says.
    """
    if not any(draft.text.values()):
        raise Refused("decisions.no_text")
    _check_options(draft.options)
    for words, most in [
        (draft.text, MOST_TEXT),
        (draft.pledge, MOST_TEXT),
        *((pledge, MOST_TEXT) for pledge in draft.pledges.values()),
        *((option, MOST_OPTION) for option in draft.options),
    ]:
        longest = max((len(t) for t in words.values()), default=0)
        if longest > most:
            raise Refused("decisions.too_long", most=most, length=longest)
    if draft.method not in list(Method):
        raise Refused("decisions.unknown_method")
    _check_voters(draft)
    opens = max(draft.opens_at or now, now)
    if draft.closes_at <= opens:
        raise Refused("decisions.closes_in_past")
    if draft.closes_at - now > LONGEST:
        raise Refused("decisions.closes_too_late", days=LONGEST.days)
    if not any(draft.pledge.values()):
        raise Refused("decisions.no_pledge")
    if draft.pledge_due < draft.closes_at.date():
        raise Refused("decisions.pledge_before_close")
    for what, number, least, most in [
        ("answers", draft.answers, 1, MOST_ANSWERS),
        ("quorum", draft.quorum, 0, 10**9),
        ("most", draft.most, 0, len(draft.options)),
        ("highest", draft.highest, 1, MOST_SCORE),
        ("points", draft.points, 1, MOST_POINTS),
        ("digits", draft.digits, 0, 9),
        ("seats", draft.seats, 1, len(draft.options) - 1),
    ]:
        if not least <= number <= most:
            raise Refused("decisions.out_of_range", what=what, least=least, most=most)
    rule(draft, draft.lot)


def rule(draft: Draft, lot: str) -> Rule:
    """Return how a question is counted, ties broken by `lot`.

    Refuses `decisions.budget_missing`, `decisions.one_winner`, `decisions.unknown_overvote` and
    `decisions.not_an_order`.
    """
    method, budget = Method(draft.method), Method(draft.method) in BUDGETS
    if budget and (
        not draft.budget or len(draft.costs) != len(draft.options) or min(draft.costs) < 1
    ):
        raise Refused("decisions.budget_missing")
    if draft.seats > 1 and (method in SINGLE or budget):
        raise Refused("decisions.one_winner")
    if draft.overvote not in list(Overvote):
        raise Refused("decisions.unknown_overvote")
    try:
        lot_order(lot, len(draft.options))
    except ValueError:
        raise Refused("decisions.not_an_order") from None
    form = FORMS[method][0]
    return Rule(
        method=method,
        seats=draft.seats,
        lot=lot,
        overvote=Overvote(draft.overvote),
        max_skipped=draft.max_skipped,
        digits=draft.digits,
        budget=draft.budget if budget else None,
        costs=tuple(draft.costs) if budget else (),
        max_score=draft.highest if form is Form.SCORES else None,
        credits=draft.points if form is Form.POINTS else None,
    )


def paper(draft: Draft) -> Paper:
    """Return what may stand on a ballot."""
    method, options = Method(draft.method), len(draft.options)
    form = FORMS[method][0]
    return Paper(
        form=form,
        options=options,
        most=1 if method is Method.PLURALITY else draft.most or options,
        highest=draft.highest if form is Form.SCORES else 0,
        credits=draft.points if form is Form.POINTS else 0,
        equal=method in EQUALS,
        skips=draft.max_skipped is not None,
    )


def check_reason(reason: Texts) -> dict[str, str]:
    """Return why something is taken back; refuse `decisions.no_reason`, `decisions.too_long`."""
    said = clean(reason)
    if not said:
        raise Refused("decisions.no_reason")
    longest = max(len(text) for text in said.values())
    if longest > MOST_TEXT:
        raise Refused("decisions.too_long", most=MOST_TEXT, length=longest)
    return said


def tiers(draft: Draft) -> tuple[Tier, ...]:
    """Return how voters may be known, best first."""
    allowed = TIERS[Audience(draft.audience)]
    return tuple(tier for tier in allowed if not draft.tiers or tier in draft.tiers)


def keyword(text: str) -> str:
    """Return a keyword as text messages are compared with it."""
    return "".join(words_of(text))


def better(one: Tier, other: Tier) -> Tier:
    """Return by which of two a voter is known better."""
    return min(one, other, key=list(Tier).index)


def unsigned(pk: int) -> int:
    """Return a voter's number as tokens carry it, 0 to 2^64 - 1; their row's may be below zero."""
    return pk % (1 << 64)


def signed(number: int) -> int:
    """Return the row of a voter by the number in their token."""
    return number - (1 << 64) if number >> 63 else number


def _check_voters(draft: Draft) -> None:
    if draft.audience not in list(Audience) or (
        (draft.audience == Audience.ACCOUNT) != (draft.account is not None)
    ):
        raise Refused("decisions.unknown_audience")
    doors = TIERS[Audience(draft.audience)] if draft.audience in OPEN else ()
    if not set(draft.tiers) <= set(doors):  # who is asked by name comes in as they were asked
        raise Refused("decisions.unknown_tier")
    if draft.answers > 1 and not {Tier.SMS, Tier.LINK}.isdisjoint(tiers(draft)):
        raise Refused("decisions.one_ballot")  # a text message and a browser have one
    taken = NOISE | STOP | START
    if draft.keyword and (not KEYWORD.fullmatch(draft.keyword) or draft.keyword in taken):
        raise Refused("decisions.bad_keyword")


def _check_options(options: Sequence[Texts]) -> None:
    if len([option for option in options if any(option.values())]) < 2:
        raise Refused("decisions.too_few_options")
    if len(options) > MOST_OPTIONS:
        raise Refused("decisions.too_many_options", most=MOST_OPTIONS)
    for language in LANGUAGES:
        named = [o[language].casefold() for o in options if o.get(language)]
        if len(named) not in {0, len(options)}:
            raise Refused("decisions.options_differ", language=language)
        if len(set(named)) != len(named):
            raise Refused("decisions.option_twice")
