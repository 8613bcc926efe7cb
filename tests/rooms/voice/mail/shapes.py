"""How mail programs quote and sign, in English, Hebrew and Polish: what stands below new words.

Each as the program writes it, with its marks of direction and its line breaks; names and words
are ours.
"""

# ruff: noqa: E501 - lines as programs break them

from __future__ import annotations

#: What is said anew; each shape is tried below each of these.
NEW = [
    "Thank you, it works now.",
    "Dziękuję, lodówka nadal nie działa.\n\nProszę o telefon po 16:00.",
    "תודה רבה, המקרר עדיין לא עובד.\n\nאפשר להתקשר אחרי 16:00?",
    # What looks like a shape and is none.
    "On Monday your clerk wrote:\nno money back. Is that so?",
    "Od: kiedy mam czekać?\nDo jutra?",
    "Dnia wolnego nie biorę. Pan w sklepie pisze:\nzwrotu nie będzie.",
    "5 > 3, and that is -- as you know -- true.\nFrom: the heart",
    "ב-3 בלילה צלצלתם. כתבתי לכם:\nלא בלילה.",
]

QUOTED = "> Dear Anna,\n> we are sorry.\n>\n>> The fridge is warm\n> Noa"
PLAIN = "Dear Anna,\nwe are sorry.\n\nNoa"

SHAPES: dict[str, str] = {
    # --- Gmail
    "gmail-en": f"On Tue, Feb 3, 2026 at 10:15 AM Orchard <kfar@orchard.example> wrote:\n\n{QUOTED}",
    "gmail-en-broken": "On Tue, Feb 3, 2026 at 10:15 AM Orchard Customer Care and Friends <\n"
    f"kfar@orchard.example> wrote:\n\n{QUOTED}",
    "gmail-pl": f"wt., 3 lut 2026 o 10:15 Orchard <kfar@orchard.example> napisał(a):\n\n{QUOTED}",
    "gmail-pl-broken": "wt., 3 lut 2026 o 10:15 Orchard, obsługa klienta <kfar@orchard.example>\n"
    f"napisał(a):\n\n{QUOTED}",
    "gmail-he": "\u202bבתאריך יום ג׳, 3 בפבר׳ 2026 ב-10:15 מאת \u202aOrchard\u202c\u200f "
    f"<\u202akfar@orchard.example\u202c\u200f>:\u202c\n\n{QUOTED}",
    "gmail-he-broken": "\u202bבתאריך יום ג׳, 3 בפבר׳ 2026 ב-10:15 מאת \u202aOrchard\u202c\u200f <\u202a\n"
    f"kfar@orchard.example\u202c\u200f>:\u202c\n\n{QUOTED}",
    "gmail-he-older": "בתאריך 3 בפברואר 2026 בשעה 10:15, מאת Orchard <kfar@orchard.example>:\n\n"
    f"{QUOTED}",
    "gmail-phone-en": "On Tue, 3 Feb 2026, 10:15 Orchard, <kfar@orchard.example> wrote:\n\n"
    f"{QUOTED}",
    "gmail-oldest": f"2026-02-03 10:15 GMT+01:00 Orchard <kfar@orchard.example>:\n\n{QUOTED}",
    "gmail-without-marks": "On Tue, Feb 3, 2026 at 10:15 AM Orchard <kfar@orchard.example> wrote:\n"
    f"\n{PLAIN}",
    "gmail-forwarded": "---------- Forwarded message ---------\nFrom: Orchard <kfar@orchard.example>\n"
    f"Date: Tue, Feb 3, 2026 at 10:15 AM\nSubject: Re: Fridge\nTo: <anna@x.example>\n\n{PLAIN}",
    # --- Outlook
    "outlook-en": "From: Orchard <kfar@orchard.example>\nSent: Tuesday, February 3, 2026 10:15 AM\n"
    f"To: Anna <anna@x.example>\nSubject: Re: Fridge\n\n{PLAIN}",
    "outlook-pl": "Od: Orchard <kfar@orchard.example>\nWysłano: wtorek, 3 lutego 2026 10:15\n"
    f"Do: Anna <anna@x.example>\nTemat: Re: Lodówka\n\n{PLAIN}",
    "outlook-he": "\u200fמאת: Orchard <kfar@orchard.example>\n\u200fנשלח: יום שלישי 03 פברואר 2026 "
    f"10:15\n\u200fאל: Anna <anna@x.example>\n\u200fנושא: Re: מקרר\n\n{PLAIN}",
    "outlook-web": "________________________________\nOd: Orchard <kfar@orchard.example>\n"
    "Wysłane: wtorek, 3 lutego 2026 10:15\nDo: Anna <anna@x.example>; Biuro\n <biuro@x.example>\n"
    f"Temat: Re: Lodówka\n\n{PLAIN}",
    "outlook-phone": "*From:* Orchard <kfar@orchard.example>\n*Sent:* Tuesday, February 3, 2026\n"
    f"*To:* Anna\n*Subject:* Re: Fridge\n\n{PLAIN}",
    "outlook-old-en": "-----Original Message-----\nFrom: Orchard\nSent: Tuesday, February 3, 2026\n"
    f"To: Anna\nSubject: Fridge\n\n{PLAIN}",
    "outlook-old-pl": "-----Wiadomość oryginalna-----\nFrom: Orchard\nSent: Tuesday, February 3\n"
    f"To: Anna\nSubject: Lodówka\n\n{PLAIN}",
    "outlook-old-he": f"\u200f-----הודעה מקורית-----\nמאת: Orchard\nנשלח: 03/02/2026\n\n{PLAIN}",
    "outlook-ios-pl": "Pobierz aplikację Outlook dla systemu iOS<https://aka.ms/o0ukef>\n"
    "________________________________\nOd: Orchard <kfar@orchard.example>\n"
    f"Wysłane: wtorek, lutego 3, 2026 10:15\nDo: Anna <anna@x.example>\nTemat: Re\n\n{PLAIN}",
    # --- Apple Mail
    "apple-en": f"> On Feb 3, 2026, at 10:15 AM, Orchard <kfar@orchard.example> wrote:\n> \n{QUOTED}",
    "apple-en-mac": "On 3 Feb 2026, at 10:15, Orchard <kfar@orchard.example> wrote:\n\n" + QUOTED,
    "apple-pl": "Wiadomość napisana przez Orchard <kfar@orchard.example> w dniu 3 lut 2026, o godz. "
    f"10:15:\n\n{QUOTED}",
    "apple-pl-phone": "Wysłane z iPhone’a\n\n> Wiadomość napisana przez Orchard "
    f"<kfar@orchard.example> w dniu 3 lut 2026, o godz. 10:15:\n> \n> \ufeff\n{QUOTED}",
    "apple-he": "\u200fב-3 בפבר׳ 2026, בשעה 10:15, \u200f\u2068Orchard\u2069 <\u2068"
    f"kfar@orchard.example\u2069> כתב/ה:\n\n{QUOTED}",
    "apple-he-phone": "נשלח מה-iPhone שלי\n\n\u200fב-3 בפבר׳ 2026, בשעה 10:15, Orchard\n"
    f"<kfar@orchard.example> כתב/ה:\n\n{QUOTED}",
    "apple-he-other-order": "\u200fOrchard <kfar@orchard.example> כתב/ה ב-3 בפבר׳ 2026 בשעה 10:15:\n"
    f"\n{QUOTED}",
    "apple-forwarded": f"Begin forwarded message:\n\nFrom: Orchard\nSubject: Fridge\n\n{PLAIN}",
    # --- Thunderbird
    "thunderbird-en": f"On 03/02/2026 10:15, Orchard wrote:\n{QUOTED}",
    "thunderbird-pl": f"W dniu 3.02.2026 o 10:15, Orchard pisze:\n{QUOTED}",
    "thunderbird-pl-older": f"Użytkownik Orchard napisał:\n{QUOTED}",
    "thunderbird-he": f"בתאריך 03/02/2026 10:15, מאת Orchard:\n{QUOTED}",
    "postbox": f"Orchard wrote on 03/02/2026, 10:15:\n{QUOTED}",
    # --- Polish portals, phones, others
    "wp-pl": f"Dnia 3 lutego 2026 10:15 Orchard <kfar@orchard.example> napisał(a):\n\n{PLAIN}",
    "onet-pl": "W dniu 2026-02-03 10:15:33 użytkownik Orchard <kfar@orchard.example> napisał:\n\n"
    f"{QUOTED}",
    "samsung-pl": "Wysłane z mojego Galaxy\n\n\n-------- Oryginalna wiadomość --------\nOd: Orchard\n"
    f"Data: 03.02.2026 10:15 (GMT+01:00)\nDo: anna@x.example\nTemat: Re: Lodówka\n\n{PLAIN}",
    "samsung-en": "Sent from my Galaxy\n\n\n-------- Original message --------\nFrom: Orchard\n"
    f"Date: 03/02/2026 10:15 (GMT+01:00)\nTo: anna@x.example\nSubject: Fridge\n\n{PLAIN}",
    "samsung-he": "נשלח ממכשיר ה-Galaxy שלי\n\n-------- הודעה מקורית --------\nמאת: Orchard\n"
    f"תאריך: 03/02/2026\nאל: anna@x.example\nנושא: מקרר\n\n{PLAIN}",
    "yahoo-en": "    On Tuesday, February 3, 2026 at 10:15:33 AM GMT+1, Orchard "
    f"<kfar@orchard.example> wrote:  \n \n {PLAIN}",
    "only-quoted-lines": QUOTED,
    # --- signatures
    "signature": "-- \nAnna Nowak\nul. Długa 3, Kraków",
    "signature-and-quote": f"-- \nAnna Nowak\n\nOn 03/02/2026 10:15, Orchard wrote:\n{QUOTED}",
    "iphone-en": "Sent from my iPhone",
    "iphone-pl": "Wysłane z iPhone'a",
    "iphone-he": "\u200fנשלח מה-iPhone שלי",
    "outlook-for-android": "Get Outlook for Android<https://aka.ms/AAb9ysg>",
    "windows-pl": "Wysłane z aplikacji Poczta dla Windows",
    "android-he": "נשלח מהטלפון הנייד שלי",
    "yahoo-phone": "Sent from Yahoo Mail on Android",
}

#: … and in HTML, each with the new words “New words.”
HTML: dict[str, str] = {
    "gmail": "<div dir='ltr'>New words.</div><br><div class='gmail_quote'><div class='gmail_attr'>"
    "On Tue, Feb 3, 2026 at 10:15 AM Orchard &lt;<a href='mailto:k@o.example'>k@o.example</a>&gt; "
    "wrote:<br></div><blockquote class='gmail_quote'>Dear Anna<div>sorry</div></blockquote></div>",
    "outlook": "<div class='WordSection1'><p class='MsoNormal'>New words.<o:p></o:p></p><div><div>"
    "<p class='MsoNormal'><b>Od:</b> Orchard &lt;k@o.example&gt; <br><b>Wysłano:</b> wtorek, 3 "
    "lutego 2026 10:15<br><b>Do:</b> Anna<br><b>Temat:</b> Lodówka</p></div></div><p>Sorry</p></div>",
    "outlook-web": "<div>New words.</div><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'>"
    "<b>From:</b> Orchard<br><b>Sent:</b> Tuesday, February 3, 2026 10:15<br><b>To:</b> Anna<br>"
    "<b>Subject:</b> Fridge<div>&nbsp;</div></div><div>Sorry</div>",
    "apple": "<html><body>New words.<div><br><blockquote type='cite'><div>On 3 Feb 2026, at 10:15, "
    "Orchard &lt;k@o.example&gt; wrote:</div><div>Sorry</div></blockquote></div></body></html>",
    "iphone": "<div>New words.<br><br><div dir='rtl'>נשלח מה-iPhone שלי</div><div><br><blockquote "
    "type='cite'>ב-3 בפבר׳ 2026, בשעה 10:15, Orchard כתב/ה:<br></blockquote></div></div>",
    "thunderbird": "<p>New words.</p><div class='moz-cite-prefix'>W dniu 3.02.2026 o 10:15, Orchard "
    "pisze:<br></div><blockquote type='cite'><p>Sorry</p></blockquote>",
    "yahoo": "<div>New words.</div><div class='yahoo_quoted'><div>On Tuesday, February 3, 2026 at "
    "10:15:33 AM GMT+1, Orchard &lt;k@o.example&gt; wrote:</div><div><br></div><div>Sorry</div></div>",
}
