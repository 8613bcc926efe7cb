"""What people fill in about changes: the notice, an answer, a reply, an agreement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, NamedTuple
from uuid import UUID, uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from kfar.doors import words
from kfar.doors.web.forms import Once
from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.rooms.customers import accounts
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions.change_rules import ChangeDraft, Upload
from kfar.rooms.decisions.proving.shipping import Silence, Veto


class About(Once):
    """A form that knows which of its fields a refusal is about."""

    about: ClassVar[dict[str, str]] = {}

    def refuse(self, refused: Refused) -> None:
        """Say a command's refusal at the field it is about; raise what no field can mend."""
        if refused.code in {"village.may_not", "decisions.no_such_change"}:
            raise refused
        field = self.about.get(refused.code)
        self.add_error(field if field in self.fields else None, words.sentence(refused))


class Speakers(NamedTuple):
    """A part in an account, who has it, and whether it was chosen to speak."""

    value: str
    part: str
    people: list[str]
    chosen: bool


class ChangeForm(About):
    """A notice of a change; the reader's language comes first."""

    about: ClassVar[dict[str, str]] = {
        "decisions.no_change_text": "text",
        "decisions.no_products": "products",
        "decisions.too_many_products": "products",
        "decisions.nobody_to_tell": "speaks",
        "decisions.nobody_speaks": "speaks",
        "decisions.answers_in_past": "answers_by",
        "decisions.answers_too_late": "answers_by",
        "decisions.starts_in_past": "starts",
        "decisions.veto_until_missing": "veto_until",
        "decisions.too_many_files": "file",
        "decisions.files_too_large": "file",
    }

    products = forms.CharField(required=False)
    starts = forms.DateField(error_messages={"required": _("Say from when.")})
    answers_by = forms.DateTimeField(error_messages={"required": _("Say by when.")})
    silence = forms.ChoiceField(choices=[(s, s) for s in Silence])
    veto = forms.ChoiceField(choices=[(v, v) for v in Veto])
    veto_until = forms.DateField(required=False)
    speaks = forms.CharField(required=False)
    file = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        by = timezone.localtime() + timedelta(days=14)
        start = {
            "starts": by.date() + timedelta(days=30),
            "answers_by": by.replace(minute=0),
            "silence": Silence.WAITS,
            "veto": Veto.ACCOUNT,
            "once": uuid4(),
        }
        super().__init__(*args, initial=start, **kwargs)
        here = translation.get_language() or "en"
        self.languages = [here, *(code for code in LANGUAGES if code != here)]
        for code in self.languages:
            end = "" if code == here else f"_{code}"
            for name in ("text", "details"):
                self.fields[f"{name}{end}"] = forms.CharField(required=False)

    def draft(self) -> ChangeDraft:
        """Return the change as it was filled in."""
        said = self.cleaned_data
        asked: dict[UUID, list[str]] = {}
        for value in self._chosen():
            account, _, part = value.partition(":")
            try:
                asked.setdefault(UUID(account), []).append(part)
            except ValueError:
                continue
        return ChangeDraft(
            text=self._texts("text"),
            details=self._texts("details"),
            products=said["products"].splitlines(),
            starts=said["starts"],
            answers_by=said["answers_by"],
            silence=said["silence"],
            veto=said["veto"],
            veto_until=said["veto_until"],
            asked=asked,
            files=[upload(file) for file in self.files.getlist("file")] if self.files else [],
        )

    def companies(self) -> list[tuple[str, list[Speakers]]]:
        """Return the accounts by name, each with its parts and who has them today."""
        known = accounts.accounts()
        members = [m for m in accounts.members_of(a.id for a in known) if m.until is None]
        people = customers.people(member.customer_id for member in members)
        chosen, found = set(self._chosen()), []
        for account in known:
            parts: dict[str, list[str]] = {}
            for member in members:
                if member.account_id == account.id:
                    name = words.called(people[member.customer_id])
                    parts.setdefault(member.part, []).append(name)
            name = account.name or next((value for _kind, value in account.handles), "")
            rows = [
                Speakers(value, part, names, value in chosen)
                for part, names in sorted(parts.items())
                for value in [f"{account.id}:{part}"]
            ]
            if rows:
                found.append((name, rows))
        return found

    def other_languages(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the fields of the languages beside the reader's, with what was written."""
        found = []
        for code in self.languages[1:]:
            values = {n: self[f"{n}_{code}"].value() for n in ("text", "details")}
            found.append((code, values | {"filled": any(values.values())}))
        return found

    def _texts(self, name: str) -> dict[str, str]:
        here = self.languages[0]
        said = {c: self.cleaned_data[name if c == here else f"{name}_{c}"] for c in self.languages}
        return {code: text for code, text in said.items() if text}

    def _chosen(self) -> list[str]:
        return self.data.getlist("speaks") if self.is_bound else []  # type: ignore[attr-defined]


class AnswerForm(About):
    """What an account says to a change."""

    about: ClassVar[dict[str, str]] = {
        "decisions.no_words": "words",
        "decisions.too_long": "words",
        "decisions.unknown_answer": "answer",
    }

    account = forms.UUIDField()
    answer = forms.CharField(required=False, max_length=20)
    words = forms.CharField(required=False)
    once = forms.UUIDField(required=False, widget=forms.HiddenInput)


class ReplyForm(About):
    """What the company says to conditions or to an objection."""

    about: ClassVar[dict[str, str]] = {
        "decisions.no_reply": "text",
        "decisions.too_long": "text",
        "decisions.reply_due_missing": "due",
    }

    text = forms.CharField(required=False)
    due = forms.DateField(required=False)


class WithdrawForm(About):
    """Why a change is taken back."""

    about: ClassVar[dict[str, str]] = {
        "decisions.no_reason": "why",
        "decisions.too_long": "why",
    }

    why = forms.CharField(required=False)


class AgreementForm(About):
    """An agreement by which an account's silence means yes."""

    about: ClassVar[dict[str, str]] = {
        "decisions.signed_in_future": "signed_on",
        "decisions.files_too_large": "file",
    }

    account = forms.UUIDField(error_messages={"required": _("Choose a company.")})
    title = forms.CharField(required=False)
    signed_on = forms.DateField(error_messages={"required": _("Say when it was signed.")})
    signed_by = forms.CharField(required=False)
    sum = forms.CharField(required=False)
    file = forms.FileField(required=False)


def upload(file: UploadedFile[bytes]) -> Upload:
    """Return a file as it came."""
    return Upload(file.name or "", file.read())
