"""What a role may allow."""

from __future__ import annotations

#: Every act that somebody has to be allowed, `room.act`, as commands ask for it.
ACTS = (
    *("customers.erase", "customers.join", "customers.merge"),
    *("decisions.ask", "decisions.change", "decisions.screen"),
    *("insight.lead", "insight.rank", "insight.read"),
    "promises.promise",
    "service.remedy",
    "touchpoints.read",
    "voice.read",
)
