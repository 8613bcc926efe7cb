"""What is new in a mail: without the mail it answers, and without a signature.

No standard says how mail programs quote; they do it as RFC 3676 (2004) says for ">" and "-- ",
and else each in its own words. The shapes of Gmail, Outlook, Apple Mail, Thunderbird and phones
in English, Hebrew and Polish stand as examples in `tests/rooms/voice/mail/shapes.py`.
"""

from __future__ import annotations

import re
from itertools import takewhile

#: Longer lines are nobody's attribution.
_LONGEST = 400
#: Over how many lines an attribution may be broken.
_BROKEN = 4

#: Marks of direction, and others that take no room.
_MARKS = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff"))
_MARKS |= dict.fromkeys(range(0x2066, 0x206A))

_WROTE_PL = r"(?:(?:na)?pisał(?:a|\(a\)|/a|\(-a\))?|napisali|pisze)"
_WROTE_HE = r"כתב(?:ה|/ה|\(ה\)|/תה|ת)?"
#: What stands over what is quoted, on one line or over several.
_ATTRIBUTIONS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"On\b.{4,}\b(?:wrote|writes|said) ?:",
        rf"(?:W dniu|Dnia|Dn\.|(?:pon|wt|śr|czw|pt|sob|niedz|nd)\.?,)\s.{{4,}}\b{_WROTE_PL} ?:",
        r"Wiadomość napisana przez\b.{2,}:",
        rf"(?:בתאריך|ביום|ב[-־–]? ?\d).{{4,}}(?:{_WROTE_HE}|מאת\s.{{1,}}) ?:",
    )
]
#: … and what does on one line alone, since before it anything may stand.
_ALONE = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\d{4}-\d\d-\d\d \d{1,2}:\d\d .{2,}<\S+@\S+> ?:",
        r".{2,} wrote on .{4,}:",
        r".{2,} (?:na)?pisał\(a\) ?:",
        rf".{{1,}}<\S+@\S+> ?{_WROTE_HE}(?: .{{1,}})? ?:",
    )
]
#: … and what does where quoted lines follow, without a day.
_ABOVE = re.compile(rf".{{2,}} (?:wrote|{_WROTE_PL}|{_WROTE_HE}) ?:", re.IGNORECASE)
#: A day of some year, an hour or an address: else it is a sentence of somebody's.
_WHEN = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[:.]\d\d|\S@\S")

_RULE = re.compile(r"[-_=*]{5,}")
_ORIGINAL = re.compile(
    r"[-_ ]{2,}(?:Original Message|Original Appointment|Forwarded message|Reply message"
    r"|Wiadomość oryginalna|Oryginalna wiadomość|Wiadomość przekazana|Przekazana wiadomość"
    r"|Forwarded Message|Treść oryginalnej wiadomości|Treść przekazanej wiadomości"
    r"|הודעה מקורית|ההודעה המקורית|הודעה שהועברה|הודעה מועברת)[-_ ]{2,}"
    r"|Begin forwarded message:|Początek przekazywanej wiadomości:|תחילת ההודעה שהועברה:",
    re.IGNORECASE,
)
_FROM = re.compile(r"(?:From|Od|מאת) ?: ?.{2,}", re.IGNORECASE)
_SENT = re.compile(r"(?:Sent|Date|Wysłano|Wysłane|Data|נשלח|תאריך) ?: ?.{4,}", re.IGNORECASE)
_OTHER = re.compile(r"(?:To|Do|אל|Cc|DW|עותק|Subject|Temat|נושא) ?: ?.*", re.IGNORECASE)
#: Within how many lines after From the others stand.
_HEAD = 7

_DEVICE = re.compile(
    r"(?:Sent (?:from|with|via|using)|Get Outlook for|Wysłan[eoy] (?:z|za|przy|przez)"
    r"|Pobierz|Uzyskaj|(?:ה?הודעה )?נשלחה? (?:מ|באמצעות)|הורד|קבל|להורדת).{0,60}"
    r"(?:iPhone|iPad|iOS|Android|Samsung|Galaxy|Huawei|Xiaomi|Redmi|Outlook|Yahoo|Gmail|Proton"
    r"|BlackBerry|Windows|Mail|Poczt|telefon|smartfon|phone|mobile|tablet|urządzenia"
    r"|אייפון|סמסונג|אנדרואיד|נייד|טלפון|סלולרי|דואר).{0,80}",
    re.IGNORECASE,
)


def new_words(text: str) -> str:
    """Return what is new in the text of a mail; the whole, where nothing would be left.

    Quoted lines go wherever they stand, so that answers between them stay; what follows an
    attribution without such lines, or the head of another mail, goes to the end. Time grows
    with the length of the text.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = _kept(lines, [_plain(line) for line in lines])
    while kept and (not (last := _plain(kept[-1])) or _DEVICE.fullmatch(last)):
        kept.pop()
    found = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in kept)).strip()
    return found if found.translate(_MARKS).strip() else text.strip()


def _kept(lines: list[str], plain: list[str]) -> list[str]:
    over = _attributions(plain)
    kept: list[str] = []
    at = 0
    while at < len(lines):
        if plain[at].startswith(">"):
            at += 1
        elif at in over:
            at = over[at] + 1
            below = next((line for line in plain[at:] if line), "")
            if not below.startswith(">"):
                break
        elif plain[at] == "--" or _ORIGINAL.fullmatch(plain[at]) or _head(plain, at):
            break
        else:
            kept.append(lines[at])
            at += 1
    if at < len(lines):  # the line that some draw over the head of a mail
        while kept and (not (last := _plain(kept[-1])) or _RULE.fullmatch(last)):
            kept.pop()
    return kept


def _attributions(plain: list[str]) -> dict[int, int]:
    """Return where attributions stand: `{first line: last line}`."""
    found: dict[int, int] = {}
    for end, line in enumerate(plain):
        if line.endswith(":") and not line.startswith(">"):
            start = _attribution(plain, end)
            if start is not None:
                found[start] = end
    return found


def _attribution(plain: list[str], end: int) -> int | None:
    """Return where the attribution begins that ends with this line, None where none does."""
    said = ""
    for start in range(end, max(-1, end - _BROKEN), -1):
        if not plain[start] or plain[start].startswith(">"):
            break
        said = f"{plain[start]} {said}".strip()
        if len(said) > _LONGEST:
            break
        patterns = _ATTRIBUTIONS if start < end else [*_ATTRIBUTIONS, *_ALONE]
        if _WHEN.search(said) and any(one.fullmatch(said) for one in patterns):
            return start
    quoted = next((line for line in plain[end + 1 : end + 3] if line), "").startswith(">")
    return end if quoted and len(plain[end]) <= _LONGEST and _ABOVE.fullmatch(plain[end]) else None


def _head(plain: list[str], at: int) -> bool:
    """Return whether the head of another mail begins here: from whom, when, and one more."""
    if len(plain[at]) > _LONGEST or not _FROM.fullmatch(plain[at]):
        return False
    below = list(takewhile(bool, plain[at + 1 : at + 1 + _HEAD]))
    below = [line for line in below if len(line) <= _LONGEST]
    return any(map(_SENT.fullmatch, below)) and any(map(_OTHER.fullmatch, below))


def _plain(line: str) -> str:
    """Return a line as patterns read it: no marks, plain spaces, no stars of what was bold."""
    said = line.translate(_MARKS).replace("\xa0", " ").replace("\u202f", " ").replace("*", "")
    return " ".join(said.split())
