"""The roles a new Kfar begins with; the operator changes them as the company is."""

from __future__ import annotations

from kfar.rooms.village import commands
from kfar.rooms.village.models import Role
from kfar.rooms.village.rules import Authority

SEE = ["insight.read", "touchpoints.read", "voice.read"]
SERVE = [
    *(*SEE, "customers.join", "service.remedy", "service.return", "service.saved"),
    *("promises.plan", "promises.promise", "voice.alarm", "voice.answer", "voice.close"),
]
MEET = ["village.note", "village.plan"]
#: To speak for the company to many at once.
SPEAK = ["promises.public", "promises.tell"]

#: 20.00 for everybody, up to 100.00 for a customer worth 5,000.00; and 25 times as much.
SERVICE, LEAD = (
    {"answer": Authority.fixed(0), **dict.fromkeys(("refund", "replacement", "voucher"), most)}
    for most in (Authority(2_000, 10_000, 200), Authority(50_000, 250_000, 5_000))
)

#: Code, names, acts, and how much alone, by remedy.
ROLES = [
    (
        "service",
        {"en": "Serves customers", "he": "שירות לקוחות", "pl": "Obsługa klientów"},
        [*SERVE, *MEET],
        SERVICE,
    ),
    (
        "lead",
        {"en": "Leads service", "he": "ניהול השירות", "pl": "Kierowanie obsługą"},
        [
            *(*SERVE, *MEET, *SPEAK, "customers.erase", "customers.merge"),
            *("service.currency", "service.limits", "village.lead"),
        ],
        LEAD,
    ),
    (
        "brand",
        {"en": "Leads a brand", "he": "ניהול המותג", "pl": "Kierowanie marką"},
        [
            *(*SEE, *MEET, *SPEAK, "promises.plan", "promises.promise"),
            *("insight.lead", "insight.rank"),
            *("decisions.ask", "decisions.change", "decisions.screen"),
            *("voice.alarm", "voice.answer", "voice.survey"),
        ],
        {},
    ),
]


def begin() -> None:
    """Set the roles where there is none yet; what the operator set stays."""
    if not Role.objects.exists():
        for code, name, acts, limits in ROLES:
            commands.set_role(code=code, name=name, acts=acts, limits=limits)
