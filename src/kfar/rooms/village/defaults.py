"""The roles a new Kfar begins with; the operator changes them as the company is."""

from __future__ import annotations

from kfar.rooms.village import commands
from kfar.rooms.village.models import Role

SEE = ["insight.read", "touchpoints.read", "voice.read"]
SERVE = [*SEE, "customers.join", "service.remedy", "promises.promise"]

#: Code, names, acts, and the most per remedy in minor units (20.00 and 500.00).
ROLES = [
    (
        "service",
        {"en": "Serves customers", "he": "שירות לקוחות", "pl": "Obsługa klientów"},
        SERVE,
        {"refund": 2_000, "replacement": 2_000, "voucher": 2_000, "answer": 0},
    ),
    (
        "lead",
        {"en": "Leads service", "he": "ניהול השירות", "pl": "Kierowanie obsługą"},
        [*SERVE, "customers.erase", "customers.merge"],
        {"refund": 50_000, "replacement": 50_000, "voucher": 50_000, "answer": 0},
    ),
    (
        "brand",
        {"en": "Leads a brand", "he": "ניהול המותג", "pl": "Kierowanie marką"},
        [
            *(*SEE, "promises.promise", "insight.lead", "insight.rank"),
            *("decisions.ask", "decisions.change", "decisions.screen"),
        ],
        {},
    ),
]


def begin() -> None:
    """Set the roles where there is none yet; what the operator set stays."""
    if not Role.objects.exists():
        for code, name, acts, limits in ROLES:
            commands.set_role(code=code, name=name, acts=acts, limits=limits)
