"""The form with which a question is asked: a few fields for most, all of a draft for who wants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.forms import BoundField
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from kfar.doors import words
from kfar.doors.methods import GROUPS, METHODS
from kfar.doors.web import pictures
from kfar.doors.web.declared import AUDIENCES, OVERVOTES, TIERS
from kfar.doors.web.forms import Once
from kfar.ground.ballots import Form
from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.rooms.customers import accounts
from kfar.rooms.decisions import pictures as kept
from kfar.rooms.decisions.counting.rules import BUDGETS, FORMS, SINGLE, Method, Overvote
from kfar.rooms.decisions.proving.manifest import Audience, Tier
from kfar.rooms.decisions.rules import MOST_OPTIONS, Draft

#: Single options have a line of their own, so many at least.
LINES = 6
_RANKED = {method for method in Method if FORMS[method][0] is Form.RANKING}
_SCORED = {method for method in Method if FORMS[method][0] is Form.SCORES}
#: The methods that a field belongs to; one that is not here belongs to all.
FITS: dict[str, set[Method]] = {
    "seats": set(Method) - SINGLE - BUDGETS,
    "most": set(Method) - {Method.PLURALITY},
    "highest": _SCORED,
    "points": {Method.QUADRATIC},
    "budget": set(BUDGETS),
    "overvote": {Method.IRV, Method.STV},
    "max_skipped": _RANKED,
    "digits": {Method.STV},
}
#: The one audience that a field belongs to.
FOR = {"account": Audience.ACCOUNT, "tiers": Audience.LINK}
#: What each way in protects from.
PROTECTS = {
    Tier.ACCOUNT: _("Best known: one voice for each customer, whichever addresses they have."),
    Tier.EMAIL: _(
        "One voice for each mailbox, however its address is spelled. Who has several mailboxes "
        "has several voices."
    ),
    Tier.SMS: _("One voice for each phone number: a second voice costs a second number."),
    Tier.LINK: _(
        "One voice for each browser. Limits slow down who wants more, and nothing else does."
    ),
}
WHO = (
    *("audience", "account", "tiers", "keyword", "opens_at", "quorum", "answers", "interim"),
    "advisory",
)
HOW = ("seats", "most", "highest", "points", "budget", "overvote", "max_skipped", "digits", "lot")


@dataclass(frozen=True)
class Line:
    """What belongs to one option: its cost, its picture, a pledge of its own by language."""

    number: int
    name: str
    cost: str
    picture: str
    pledge: str
    pledges: list[tuple[str, str]]
    error: str

    @property
    def translated(self) -> bool:
        """Whether its pledge is there in another language."""
        return any(text for _code, text in self.pledges)


def _number(label: Any, hint: Any = "", least: int = 0) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=hint, required=False, min_value=least)


class QuestionForm(Once):
    """A question in one language or several; the reader's language comes first."""

    method = forms.ChoiceField(choices=[(m, explained.label) for m, explained in METHODS.items()])
    closes_at = forms.DateTimeField(error_messages={"required": _("Say when it closes.")})
    pledge_due = forms.DateField(error_messages={"required": _("Say by when.")})
    audience = forms.ChoiceField(
        label=_("Who may answer"), choices=list(AUDIENCES.items()), required=False
    )
    account = forms.ChoiceField(label=_("Which business customer"), required=False)
    tiers = forms.MultipleChoiceField(
        label=_("How voters may come in"),
        help_text=_("Where anyone with the link may answer. The result is published for each."),
        choices=list(TIERS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    keyword = forms.CharField(
        label=_("Its name in text messages"),
        help_text=_(
            "One word, where voters come by link or phone; needed where several are open at once."
        ),
        required=False,
        max_length=12,
    )
    opens_at = forms.DateTimeField(
        label=_("Opens"),
        help_text=_("Empty: as soon as it is asked."),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
    )
    quorum = _number(_("How many ballots it takes to count"), _("0: however many there are."))
    answers = _number(_("Ballots for each voter"), least=1)
    interim = forms.BooleanField(label=_("Show how it stands before the close"), required=False)
    advisory = forms.BooleanField(
        label=_("The result advises us; it does not bind us"), required=False
    )
    seats = _number(_("How many win"), _("More than one where the method names several."), 1)
    most = _number(_("How many options one may name"), _("0: as many as one likes."))
    highest = _number(_("The best score"), _("Scores go from 0 to this."), 1)
    points = _number(_("Credits of each voter"), _("Where voters share out points."), 1)
    budget = _number(
        _("How much there is to spend"),
        _("What each proposal costs stands below, with the single options."),
        1,
    )
    overvote = forms.ChoiceField(
        label=_("Several options at one rank"),
        help_text=_("Our pages allow none; it matters for ballots from elsewhere."),
        choices=list(OVERVOTES.items()),
        required=False,
    )
    max_skipped = _number(_("Ranks one may leave out in a row"), _("Empty: none may be left out."))
    digits = _number(
        _("Decimal places of votes that move on"), _("For rankings with several winners.")
    )
    lot = forms.CharField(
        label=_("What breaks ties"),
        help_text=_(
            "Empty: a lot that is drawn when it is asked. Any text is a seed to draw from; "
            "2>0>1 is the order itself, options by number from 0."
        ),
        required=False,
        max_length=200,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        closes = timezone.localtime() + timedelta(days=7)
        start = {
            "method": Method.PLURALITY,
            "closes_at": closes.replace(minute=0),
            "pledge_due": closes.date() + timedelta(days=30),
            "once": uuid4(),
            **{name: getattr(Draft, name) for name in (*WHO, *HOW) if hasattr(Draft, name)},
            "tiers": list(Tier),
        }
        super().__init__(*args, initial=start, auto_id="%s", **kwargs)
        here = translation.get_language() or "en"
        self.languages = [here, *(code for code in LANGUAGES if code != here)]
        for code in self.languages:
            for name in ("text", "options", "pledge"):
                self.fields[f"{name}{self._end(code)}"] = forms.CharField(required=False)
        companies = [(str(each.id), each.name) for each in accounts.accounts()]
        choice = self.fields["account"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - for the type alone
        choice.choices = [("", "–"), *companies]
        self.sums: dict[int, str] = {}
        self.wrong: dict[int, str] = {}

    def clean(self) -> dict[str, Any]:
        """Take the pictures in, so that none has to be sent again whatever else is wrong."""
        for number in range(MOST_OPTIONS):
            sent, before = self.files.get(f"picture_{number}"), self._said(f"sum_{number}")
            try:
                if sent is not None:
                    self.sums[number] = kept.take(pictures.read(sent))
                elif before and not self._said(f"drop_{number}"):
                    self.sums[number] = before
            except Refused as refused:
                self.wrong[number] = words.sentence(refused)
            if (cost := self._said(f"cost_{number}")) and not cost.isdecimal():
                self.wrong[number] = str(_("Write a whole number."))
        if self.cleaned_data.get("audience") == Audience.LINK and not self.data.get("tiers"):
            self.refuse(Refused("decisions.unknown_tier"))
        if self.wrong:
            self.add_error(None, _("Look at the single options: something is not right there."))
        return self.cleaned_data

    def _said(self, name: str) -> str:
        return str(self.data.get(name, "")).strip()

    def _end(self, code: str) -> str:
        return "" if code == self.languages[0] else f"_{code}"

    def texts(self, name: str) -> dict[str, str]:
        """Return what was written for `name`, by language; languages left empty are left out."""
        found = {code: self._said(f"{name}{self._end(code)}") for code in self.languages}
        return {code: text for code, text in found.items() if text}

    def options(self) -> list[dict[str, str]]:
        """Return the options, one a line in every language, the n-th lines belonging together."""
        lines = {
            code: [line.strip() for line in text.splitlines() if line.strip()]
            for code, text in self.texts("options").items()
        }
        most = max((len(found) for found in lines.values()), default=0)
        return [
            {code: found[n] for code, found in lines.items() if n < len(found)} for n in range(most)
        ]

    def draft(self) -> Draft:
        """Return the question as it was filled in; a number left empty is the usual one."""
        said, options = self.cleaned_data, self.options()
        numbers = {
            name: said[name]
            for name in ("quorum", "answers", "seats", "most", "highest", "points", "digits")
            if said[name] is not None
        }
        costs = [self._said(f"cost_{n}") for n in range(len(options))]
        account = said["account"] if said["audience"] == "account" else ""
        return Draft(
            text=self.texts("text"),
            options=options,
            method=said["method"],
            closes_at=said["closes_at"],
            pledge=self.texts("pledge"),
            pledge_due=said["pledge_due"],
            pledges={n: own for n in range(len(options)) if (own := self.texts(f"pledge_{n}"))},
            binding=not said["advisory"],
            opens_at=said["opens_at"],
            audience=said["audience"] or Audience.AGREED,
            keyword=said["keyword"],
            account=UUID(account) if account else None,
            tiers=said["tiers"] if said["audience"] == Audience.LINK else (),
            budget=said["budget"],
            costs=[int(cost) for cost in costs if cost],
            overvote=said["overvote"] or Overvote.EXHAUST,
            max_skipped=said["max_skipped"],
            lot=said["lot"].strip(),
            interim=said["interim"],
            pictures={n: name for n, name in self.sums.items() if n < len(options)},
            **numbers,
        )

    # --- what the page shows -------------------------------------------------------------

    def groups(self) -> list[tuple[Any, list[tuple[Method, Any]], bool]]:
        """Return the methods by group, with their words; whether a group is open."""
        chosen = self["method"].value()
        return [
            (title, [(m, METHODS[m]) for m in methods], n == 0 or chosen in list(methods))
            for n, (title, methods) in enumerate(GROUPS)
        ]

    def who(self) -> list[tuple[BoundField, str]]:
        """Return the fields of who may answer, and when, with the audience each is for."""
        return [(self[name], FOR.get(name, "")) for name in WHO]

    def ways(self) -> list[tuple[Tier, Any, Any, bool]]:
        """Return the ways in, each with what it protects from and whether it is open."""
        chosen = self["tiers"].value()
        return [(tier, label, PROTECTS[tier], tier in chosen) for tier, label in TIERS.items()]

    def how(self) -> list[tuple[BoundField, str]]:
        """Return the fields of how exactly it is counted, with the methods each fits."""
        return [(self[name], " ".join(sorted(FITS.get(name, ())))) for name in HOW]

    def changed_who(self) -> bool:
        """Whether anything of `who` is not as usual, or wrong."""
        return self._changed(WHO)

    def changed_how(self) -> bool:
        """Whether anything of `how` is not as usual, or wrong."""
        return self._changed(HOW)

    def _changed(self, names: Iterable[str]) -> bool:
        return self.is_bound and any(
            name in self.errors or name in self.changed_data for name in names
        )

    def lines(self) -> list[Line]:
        """Return a line for each option, and some more."""
        options = self.options()
        return [
            Line(
                number=n,
                name=words.text_in(options[n]) if n < len(options) else "",
                cost=self._said(f"cost_{n}"),
                picture=self.sums.get(n, ""),
                pledge=self._said(f"pledge_{n}"),
                pledges=[(c, self._said(f"pledge_{n}_{c}")) for c in self.languages[1:]],
                error=self.wrong.get(n, ""),
            )
            for n in range(max(LINES, min(len(options), MOST_OPTIONS)))
        ]

    def changed_lines(self) -> bool:
        """Whether anything is said of a single option."""
        return any(
            any([line.cost, line.picture, line.pledge, line.error, line.translated])
            for line in self.lines()
        )

    def other_languages(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the fields of the languages beside the reader's, with what was written."""
        found = []
        for code in self.languages[1:]:
            values = {n: self[f"{n}_{code}"].value() for n in ("text", "options", "pledge")}
            found.append((code, values | {"filled": any(values.values())}))
        return found

    def again(self) -> list[tuple[str, str]]:
        """Return all that was filled in, as hidden fields of the page that asks once more."""
        left = {"csrfmiddlewaretoken", "step"}
        said = [
            (name, value)
            for name in self.data
            if name not in left and not name.startswith(("sum_", "drop_", "picture_"))
            for value in self.data.getlist(name)  # type: ignore[attr-defined]
        ]
        return [*said, *((f"sum_{n}", name) for n, name in self.sums.items())]


class WithdrawForm(Once):
    """Why a question is taken back, in one language or several; the reader's comes first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="%s", **kwargs)
        here = translation.get_language() or "en"
        for code in (here, *(code for code in LANGUAGES if code != here)):
            self.fields["reason" if code == here else f"reason_{code}"] = forms.CharField(
                required=False
            )
        self.here = here

    def texts(self, name: str) -> dict[str, str]:
        """Return what was written for `name`, by language."""
        ends = {code: "" if code == self.here else f"_{code}" for code in LANGUAGES}
        return {code: self.cleaned_data[f"{name}{end}"] for code, end in ends.items()}

    def other_languages(self) -> list[tuple[str, Any]]:
        """Return the languages beside the reader's, with what was written."""
        codes = [code for code in LANGUAGES if code != self.here]
        return [(code, self[f"reason_{code}"].value() or "") for code in codes]
