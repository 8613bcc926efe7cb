"""What people fill in. Forms read, commands decide; a refusal comes back to its field."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone
from django.utils.functional import Promise as StrPromise
from django.utils.translation import gettext_lazy as _

from kfar.doors import words
from kfar.ground.errors import Refused
from kfar.rooms.customers import erasure
from kfar.rooms.customers import queries as customers
from kfar.rooms.service.rules import Kind
from kfar.rooms.village import queries as village

#: The field that a refusal is about; any other stands above the form.
FIELDS = {
    "customers.no_account_name": "name",
    "customers.part_too_long": "part",
    "customers.tie_no_address": "email",
    "customers.unknown_address": "email",
    "decisions.bad_keyword": "keyword",
    "decisions.budget_missing": "budget",
    "decisions.closes_in_past": "closes_at",
    "decisions.closes_too_late": "closes_at",
    "decisions.keyword_taken": "keyword",
    "decisions.no_pledge": "pledge",
    "decisions.no_text": "text",
    "decisions.no_reason": "reason",
    "decisions.not_an_order": "lot",
    "decisions.one_ballot": "answers",
    "decisions.one_winner": "seats",
    "decisions.option_twice": "options",
    "decisions.options_differ": "options",
    "decisions.pledge_before_close": "pledge_due",
    "decisions.too_few_options": "options",
    "decisions.too_many_options": "options",
    "decisions.unknown_audience": "audience",
    "decisions.unknown_tier": "tiers",
    "money.not_an_amount": "amount",
    "promises.due_in_past": "due",
    "promises.how_missing": "how",
    "promises.no_such_owner": "owner",
    "promises.nothing_promised": "text",
    "service.above_authority": "amount",
    "service.above_own_limit": "amount",
    "service.amount_missing": "amount",
    "service.answer_costs_nothing": "amount",
    "service.no_such_theme": "theme",
    "service.other_money": "amount",
    "service.title_missing": "title",
    "service.title_too_long": "title",
    "service.unknown_language": "language",
    "service.unknown_place": "words",
    "service.unknown_remedy": "kind",
    "service.why_missing": "why",
    "service.words_missing": "words",
    "service.words_too_long": "words",
    "village.no_general_limit": "whose",
    "village.no_note": "text",
    "village.no_such_limit": "most",
    "village.no_such_role": "whose",
    "village.too_many_named": "text",
    "village.two_meant": "text",
    "village.words_too_long": "text",
    "voice.answer_elsewhere": "url",
    "voice.bad_answer_link": "url",
    "voice.bad_hours": "hours",
    "voice.bad_options": "options",
    "voice.no_such_channel": "account",
    "voice.nothing_asked": "text",
    "voice.nothing_said": "text",
    "voice.poll_too_long": "text",
    "voice.too_long": "text",
}

KINDS = [
    (Kind.REFUND, _("Refund")),
    (Kind.REPLACEMENT, _("Replacement")),
    (Kind.VOUCHER, _("Voucher")),
    (Kind.ANSWER, _("Just an answer")),
]


_THEME = _("Choose what it is about.")


class Purpose(NamedTuple):
    """What a customer is asked to agree to: the question, what it means, and both answers."""

    code: str
    question: StrPromise
    means: StrPromise
    yes: StrPromise
    no: StrPromise


PURPOSES = [
    Purpose(
        customers.ASK,
        _("May we ask you?"),
        _(
            "When the company has a decision to take, customers who agreed are asked by mail, "
            "and their votes decide."
        ),
        _("Yes, ask me"),
        _("Do not ask me any more"),
    ),
    Purpose(
        customers.UNDERSTAND,
        _("May we learn from your journey?"),
        _(
            "It is counted with those of others, and who serves you sees what follows from it for "
            "you. You see the same, and may correct it."
        ),
        _("Yes, you may"),
        _("No more"),
    ),
    Purpose(
        customers.PERSONALISE,
        _("May we suggest what fits you?"),
        _("What you are shown and offered then follows from your own journey."),
        _("Yes, you may"),
        _("No more"),
    ),
    Purpose(
        customers.ADVERTISE,
        _("May we write to you about offers?"),
        _("Letters about your own matters come in any case."),
        _("Yes, you may"),
        _("No more"),
    ),
]


#: What they are asked beside the people they know, and nowhere else.
AMONG = [
    Purpose(
        customers.NAMED,
        _("May the people you know see your name beside your reviews?"),
        _(
            "They then see which reviews are yours, and of what you bought. Nobody else does. "
            "Without it your reviews count for them only together with those of two others or "
            "more, and nobody is named."
        ),
        _("Yes, they may"),
        _("No more"),
    ),
    Purpose(
        customers.BEYOND,
        _("May your reviews count for friends of your friends?"),
        _(
            "They count a little more for them, never with your name, and only together with "
            "those of two others or more. In the same way your friends’ reviews reach each other "
            "through you, if they agree as well."
        ),
        _("Yes, they may"),
        _("No more"),
    ),
]


class Once(forms.Form):
    """A form that is one act however often it is sent: `once` is the act's id."""

    once = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("once", uuid4())
        super().__init__(*args, **kwargs)

    def refuse(self, refused: Refused) -> None:
        """Say a command's refusal at the field it is about; raise what no field can mend."""
        if refused.code == "village.may_not" or refused.code.endswith(".not_found"):
            raise refused
        field = FIELDS.get(refused.code) or refused.params.get("what")
        self.add_error(field if field in self.fields else None, words.sentence(refused))


class SayForm(Once):
    """One field: what the customer wants to say. How long it may be is the room's rule."""

    text = forms.CharField(required=False, strip=False)


class RemedyForm(Once):
    """What the customer gets, now."""

    kind = forms.CharField(required=False)
    amount = forms.CharField(required=False, max_length=40)
    words = forms.CharField(required=False)
    fault = forms.CharField(required=False)


class ThereForm(Once):
    """What was answered by hand where the customer spoke, and where it stands."""

    words = forms.CharField(required=False)
    url = forms.CharField(required=False)


class PollForm(Once):
    """A poll where customers talk: a question, what can be chosen, and for how long."""

    account = forms.CharField(required=False)
    text = forms.CharField(required=False)
    options = forms.CharField(required=False)
    hours = forms.IntegerField(initial=24, error_messages={"invalid": _("Choose for how long.")})


class ReplyForm(Once):
    """Words the team saves to answer with."""

    title = forms.CharField(required=False)
    language = forms.CharField(required=False)
    words = forms.CharField(required=False)


class ThemeLimit(Once):
    """Which limit is meant: whose, for what, and for what it is about; empty: whatever."""

    role = forms.CharField()
    remedy = forms.CharField()
    theme = forms.UUIDField(required=False)


class OwnLimitForm(Once):
    """A limit for what is about one theme: whose, for which remedy, from how much to how much."""

    whose = forms.CharField(required=False)
    theme = forms.UUIDField(error_messages=dict.fromkeys(("required", "invalid"), _THEME))
    amount = forms.CharField(required=False, max_length=40)
    most = forms.CharField(required=False, max_length=40)
    share = forms.FloatField(
        required=False,
        localize=True,
        min_value=0,
        max_value=100,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Say a share from 0 to 100.")
        ),
    )


class UndoForm(Once):
    """Why a remedy is taken back."""

    why = forms.CharField(required=False)
    abused = forms.BooleanField(required=False)


class PromiseForm(Once):
    """What is promised, who sees to it, by when."""

    text = forms.CharField(required=False)
    owner = forms.UUIDField(error_messages={"required": _("Choose who sees to it.")})
    due = forms.DateField(error_messages={"required": _("Say by when.")})

    def __init__(self, *args: Any, by: UUID, **kwargs: Any) -> None:
        start = {"owner": by, "due": timezone.localdate() + timedelta(days=7), "once": uuid4()}
        super().__init__(*args, initial=start, **kwargs)
        self.owners = [p for p in village.everyone() if "promises.promise" in p.acts]


class EraseForm(forms.Form):
    """How a customer asked the company to erase them, and that it is sure who asked."""

    how = forms.ChoiceField(
        label=_("How did they ask?"),
        choices=[
            (erasure.LETTER, _("By letter or mail")),
            (erasure.PHONE, _("By phone")),
            (erasure.VISIT, _("In person")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how they asked.")},
    )
    sure = forms.BooleanField(
        label=_("I made sure that it is this person who asked."),
        error_messages={"required": _("Make sure of that first: it cannot be taken back.")},
    )


class KeepForm(Once):
    """How a promise was kept."""

    how = forms.CharField(required=False)


class NoteForm(Once):
    """A note of an employee, on a voice or on the person."""

    text = forms.CharField(required=False, strip=False)
    voice = forms.UUIDField(required=False)


class TieForm(Once):
    """Whom one invites: an address, or nobody yet, for a link to hand on."""

    email = forms.CharField(required=False, max_length=254)


class AccountForm(Once):
    """A company's name."""

    name = forms.CharField(required=False)


class JoinForm(Once):
    """Who of our customers belongs to a company, and as what."""

    email = forms.CharField(required=False, max_length=254)
    part = forms.CharField(required=False)
