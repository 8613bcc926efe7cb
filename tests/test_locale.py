"""Kfar speaks Hebrew and Polish: all of it, with the same placeholders, and to everybody alike."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copytree

import pytest
from babel.messages import Catalog, Message
from django.conf import settings
from django.template import Context, Template
from django.utils import translation
from django.utils.module_loading import import_string
from typer.testing import CliRunner

from kfar.doors import words
from kfar.doors.cli import messages
from kfar.doors.cli.commands import app
from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.ground.text import LANGUAGES

TEMPLATES = sorted(
    file
    for end in ("html", "txt")
    for file in messages.SOURCE.glob(f"doors/*/templates/**/*.{end}")
)
NUMBERS = (1, 2, 5, 22)


@cache
def in_the_source() -> set[tuple[object, str | None]]:
    """What the source says: sentences, and their contexts."""
    return {(m.id, m.context) for m in messages.find() if m.id}


@cache
def catalogue(language: str) -> Catalog:
    return messages.read(messages.LOCALE / language / "LC_MESSAGES" / "django.po")


def sentences(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def forms(text: object) -> list[str]:
    """A sentence's forms, one where it has no plural."""
    return [str(form) for form in text] if isinstance(text, tuple | list) else [str(text or "")]


def parts(text: str) -> Counter[str]:
    """The placeholders and tags of a sentence."""
    return Counter(re.findall(r"%\(\w+\)s|%[ds%]|</?\w+>", text))


both = pytest.mark.parametrize("language", ["he", "pl"])


# --- the catalogues hold what the source says ------------------------------------------------


def test_every_language_but_the_source_has_a_catalogue() -> None:
    assert set(messages.PLURALS) == set(LANGUAGES) - {"en"}


@both
def test_every_sentence_of_the_source_is_in_the_catalogue_and_none_that_is_gone(
    language: str,
) -> None:
    assert {(message.id, message.context) for message in sentences(language)} == in_the_source()
    assert not catalogue(language).obsolete


@both
def test_every_sentence_is_translated_in_all_its_forms(language: str) -> None:
    for message in sentences(language):
        assert not message.fuzzy, message.id
        assert all(forms(message.string)), message.id
        assert len(forms(message.string)) == (3 if message.pluralizable else 1), message.id


#: What is counted in sentences that have a form for one and for two.
COUNTS = {f"%({name})s" for name in ("n", "shown", "people", "many", "moved")}


@both
def test_translations_keep_placeholders_and_tags(language: str) -> None:
    for message in sentences(language):
        expected = parts(forms(message.id)[-1])
        for n, form in enumerate(forms(message.string)):
            # "One answer", "two answers": where the form says the number, the digits may go.
            said = language == "he" and message.pluralizable and n < 2
            missing = expected - parts(form)
            assert not parts(form) - expected, form
            assert not missing or (said and set(missing) <= COUNTS), form


@both
def test_quotation_marks_are_the_language_s_own(language: str) -> None:
    opened, closed = {"he": ('"', '"'), "pl": ("„", "”")}[language]
    for message in sentences(language):
        for source, form in zip(forms(message.id)[-1:], forms(message.string)[-1:], strict=True):
            assert not re.search("[“«»]" if language == "pl" else "[“”„«»]", form), form
            if language == "pl":
                assert '"' not in form, form
                assert form.count(opened) == form.count(closed), form
            if "“" in source:
                assert opened in form, form


@both
def test_translations_end_as_their_sentence_does(language: str) -> None:
    for message in sentences(language):
        for form in forms(message.string):
            for end in (".", ":", "?"):
                source = forms(message.id)[0]
                assert source.endswith(end) <= form.endswith((end, "!")), form
            assert form == form.strip()


# --- to everybody alike ----------------------------------------------------------------------

#: Words that speak to a man, or to a woman, alone.
TO_ONE_GENDER = {
    "he": (
        r"(?<!\w)(?:אתה|אתם|אתן|לחץ|לחצי|הקלד|הקלידי|הזן|הזיני|בחר|בחרי|נסה|נסי|שלח|שלחי|כתבי|"
        r"בדוק|בדקי|היכנס|היכנסי|הכנס|הכניסי|הירשם|הירשמי|המתן|המתיני|הוסף|הוסיפי|הסר|הסירי|"
        r"אשר נא|אשרי|ודא|ודאי|רוצה|יכול|יכולה|צריך|צריכה|תוכל|תוכלי|תרצה|תרצי|תקבל|תקבלי)(?!\w)"
        r"|[א-ת]/[א-ת]"
    ),
    "pl": r"\w(?:łeś|łaś|łbyś|łabyś)\b|\w\(a\)|\w/a\b|\bPan\w*\b|\bPaństw\w*\b",
}


@both
def test_nobody_is_addressed_by_gender(language: str) -> None:
    for message in sentences(language):
        for form in forms(message.string):
            assert not re.search(TO_ONE_GENDER[language], form), form


def test_the_guard_sees_what_it_guards_against() -> None:
    for language, text in (("he", "לחץ כאן"), ("he", "ברוך/ה הבא/ה"), ("pl", "Odpowiedziałaś")):
        assert re.search(TO_ONE_GENDER[language], text)


# --- nothing is left out ---------------------------------------------------------------------


def visible(template: str) -> str:
    """The words of a template that no translation changes, attributes that are read included."""
    hidden = (
        r"(?s){#.*?#}",
        r"(?s){%\s*comment\b.*?{%\s*endcomment\s*%}",
        r"(?s){%\s*blocktranslate\b.*?{%\s*endblocktranslate\s*%}",
        r"{% block page %}[^{]*",  # names a style
        r"(?s){%.*?%}|{{.*?}}",
        r"(?s)<(script|style)\b.*?</\1>",
    )
    for pattern in hidden:
        template = re.sub(pattern, " ", template)
    read_aloud = re.findall(r'(?:aria-label|alt|placeholder|title)="([^"]*)"', template)
    return " ".join([re.sub(r"(?s)<[^>]*>", " ", template), *read_aloud])


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_templates_say_nothing_untranslated(file: Path) -> None:
    found = set(re.findall(r"[^\W\d_]+", visible(file.read_text())))
    assert found <= {"Kfar", "כפר", "עברית", "Polski", "English"}


def test_templates_are_found_in_both_doors() -> None:
    assert {"home.html", "letter.html", "promise-kept.txt", "login_code_subject.txt"} <= {
        file.name for file in TEMPLATES
    }


def test_what_would_be_read_is_seen() -> None:
    page = '<p title="Two">One {% translate "no" %}{# no #}</p>{% blocktranslate %}no{{ no }}'
    assert visible(page + '{% endblocktranslate %}<a class="no">{{ no }}</a>').split() == [
        "One",
        "Two",
    ]


# --- extraction ------------------------------------------------------------------------------


def test_sentences_are_found_in_templates_and_in_python(tmp_path: Path) -> None:
    pages = tmp_path / "templates"
    pages.mkdir()
    (pages / "a.html").write_text("""
        {# One's comment #}{% translate "plain" %} <p title="{% translate 'in a tag' %}">it's</p>
      {% translate "held" as held %}{% translate "open" context "verb" %}{{ x|default:_("filter") }}
            {% blocktranslate with x=y|lower %}with {{ x }}, 100%{% endblocktranslate %}
    {% blocktranslate count n=x asvar y %}{{ n }} cat{% plural %}{{ n }} cats{% endblocktranslate %}
        {% blocktranslate trimmed context "way" %}
            two
            lines
        {% endblocktranslate %}""")
    (pages / "b.txt").write_text('{% translate "in a letter" %}')
    (tmp_path / "c.txt").write_text('{% translate "not a template" %}')
    (tmp_path / "d.py").write_text("""
_("python"); gettext_lazy("lazy"); pgettext("where", "context")
ngettext("%(n)s dog", "%(n)s dogs", n); npgettext_lazy("zoo", "ox", "oxen", n); other("no")
""")
    found = {(m.id, m.context) for m in messages.find(tmp_path) if m.id}
    assert found - {(tuple(b) if len(b) > 1 else b[0], None) for b in messages.BORROWED} == {
        ("plain", None),
        ("in a tag", None),
        ("held", None),
        ("open", "verb"),
        ("filter", None),
        ("with %(x)s, 100%%", None),
        (("%(n)s cat", "%(n)s cats"), None),
        ("two lines", "way"),
        ("in a letter", None),
        ("python", None),
        ("lazy", None),
        ("context", "where"),
        (("%(n)s dog", "%(n)s dogs"), None),
        (("ox", "oxen"), "zoo"),
    }


def test_an_update_keeps_adds_and_drops_and_guesses_nothing(tmp_path: Path) -> None:
    source, folder = tmp_path / "source", tmp_path / "locale"
    source.mkdir()
    code = source / "a.py"
    code.write_text('_("stays"); _("goes"); ngettext("cat", "cats", n); pgettext("c", "stays")')
    borrowed = len(messages.BORROWED)
    assert messages.update(folder, source) == {"he": 4 + borrowed, "pl": 4 + borrowed}

    po = folder / "pl" / "LC_MESSAGES" / "django.po"
    po.write_text(
        po.read_text().replace('msgid "stays"\nmsgstr ""', 'msgid "stays"\nmsgstr "tak"', 1)
    )
    code.write_text('_("stays"); _("stays!"); ngettext("cat", "many cats", n)')
    assert messages.update(folder, source) == {"he": 3 + borrowed, "pl": 2 + borrowed}

    held = messages.read(po)
    assert held["stays"].string == "tak"
    assert not held["stays!"].string
    assert not any(message.fuzzy for message in held if message.id)
    assert held.get("goes") is None
    assert held.get("stays", "c") is None
    assert forms(held["cat"].string) == ["", "", ""]


def test_an_update_of_what_is_up_to_date_changes_no_byte(tmp_path: Path) -> None:
    folder = Path(copytree(messages.LOCALE, tmp_path / "locale"))
    assert messages.update(folder) == {"he": 0, "pl": 0}
    for language in messages.PLURALS:
        po = Path(language, "LC_MESSAGES", "django.po")
        assert (folder / po).read_bytes() == (messages.LOCALE / po).read_bytes()


def test_the_command_says_how_much_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "update", lambda: {"he": 0, "pl": 3})
    said = CliRunner().invoke(app, ["messages"])
    assert (said.exit_code, said.output) == (0, "he: 0 to translate\npl: 3 to translate\n")


# --- compiled and spoken ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["1 customer answered.", "2 customers answered.", "5 customers answered.",
                "22 customers answered."]),
        ("he", ["התקבלה תשובה אחת.", "התקבלו שתי תשובות.", "ענו 5 לקוחות.", "ענו 22 לקוחות."]),
        ("pl", ["1 odpowiedź od klientów.", "2 odpowiedzi od klientów.",
                "5 odpowiedzi od klientów.", "22 odpowiedzi od klientów."]),
    ],
)  # fmt: skip
def test_plurals_in_a_template(language: str, expected: list[str]) -> None:
    page = Template(
        "{% blocktranslate count n=n %}{{ n }} customer answered."
        "{% plural %}{{ n }} customers answered.{% endblocktranslate %}"
    )
    with translation.override(language):
        assert [page.render(Context({"n": n})) for n in NUMBERS] == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("he", ["<b>1</b> קול שעוד לא נקרא", "<b>2</b> קולות שעוד לא נקראו",
                "<b>5</b> קולות שעוד לא נקראו", "<b>22</b> קולות שעוד לא נקראו"]),
        ("pl", ["<b>1</b> głos, którego nikt jeszcze nie przeczytał",
                "<b>2</b> głosy, których nikt jeszcze nie przeczytał",
                "<b>5</b> głosów, których nikt jeszcze nie przeczytał",
                "<b>22</b> głosy, których nikt jeszcze nie przeczytał"]),
    ],
)  # fmt: skip
def test_plurals_on_the_home_page(language: str, expected: list[str]) -> None:
    one = "<b>%(shown)s</b> voice nobody has read yet"
    more = "<b>%(shown)s</b> voices nobody has read yet"
    with translation.override(language):
        assert [translation.ngettext(one, more, n) % {"shown": n} for n in NUMBERS] == expected


@pytest.mark.parametrize(
    ("number", "form"),
    [(0, 2), (1, 0), (2, 1), (4, 1), (5, 2), (12, 2), (14, 2), (22, 1), (112, 2)],
)
def test_polish_forms(number: int, form: int) -> None:
    expected = ["minuta", "minuty", "minut"][form]
    with translation.override("pl"):
        said = translation.ngettext("%(n)s minute", "%(n)s minutes", number) % {"n": number}
    assert said == f"{number} {expected}"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("he", ["פחות מדקה", "דקה אחת", "שתי דקות", "22 דקות", "שעה אחת", "שעתיים", "5 שעות",
                "יומיים", "22 ימים"]),
        ("pl", ["mniej niż minuta", "1 minuta", "2 minuty", "22 minuty", "1 godzina", "2 godziny",
                "5 godzin", "2 dni", "22 dni"]),
        ("en", ["under a minute", "1 minute", "2 minutes", "22 minutes", "1 hour", "2 hours",
                "5 hours", "2 days", "22 days"]),
    ],
)  # fmt: skip
def test_durations(language: str, expected: list[str]) -> None:
    minutes = (0, 1, 2, 22, 60, 120, 300, 2 * 1440, 22 * 1440)
    with translation.override(language):
        assert [words.duration(timedelta(minutes=n)) for n in minutes] == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["$12,345.99", "₪5.99", "Nov 21, 2026", "November 2026", "5:05\u202fPM",
                "1,234.5", "Dana, Noam, and Ewa"]),
        ("he", ["\u200f12,345.99\xa0\u200f$", "\u200f5.99\xa0\u200f₪", "21 בנוב׳ 2026",
                "נובמבר 2026", "17:05", "1,234.5", "Dana, Noam וEwa"]),
        ("pl", ["12\xa0345,99\xa0USD", "5,99\xa0ILS", "21 lis 2026", "listopad 2026", "17:05",
                "1\xa0234,5", "Dana, Noam i Ewa"]),
    ],
)  # fmt: skip
def test_amounts_days_and_lists(language: str, expected: list[str]) -> None:
    day = date(2026, 11, 21)
    with translation.override(language):
        assert [
            words.money(Money(1_234_599, "USD")),
            words.money(Money(599, "ILS")),
            words.day(day),
            words.month(day),
            words.clock(datetime(2026, 11, 21, 17, 5, tzinfo=UTC)),
            words.number(1234.5, 1),
            words.listed(["Dana", "Noam", "Ewa"]),
        ] == expected


def test_refusals_are_said_in_the_reader_s_language() -> None:
    refused = Refused("service.above_authority", limit=Money(2_000, "PLN"), who=["Dana", "Ewa"])
    with translation.override("pl"):
        assert words.sentence(refused) == (
            "To przekracza Twoje uprawnienia: możesz decydować do 20,00\xa0zł. "
            "Kto może: Dana i Ewa."
        )


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("he", "הסיסמה קצרה מדי. נדרשים בה לפחות 12 תווים."),
        ("pl", "To hasło jest za krótkie. Musi mieć co najmniej 12 znaków."),
    ],
)
def test_what_django_says_and_does_not_translate_is_borrowed(language: str, expected: str) -> None:
    [(one, more)] = messages.BORROWED
    with translation.override(language):
        assert translation.ngettext(one, more, 12) % 12 == expected


def test_what_allauth_leaves_unnamed_has_a_name() -> None:
    field = import_string(settings.MFA_FORMS["edit_webauthn"]).base_fields["name"]
    with translation.override("he"):
        assert str(field.label) == "שם"
