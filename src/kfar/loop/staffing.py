"""What employees hear of by mail: what waits for them, what they were given, who named them.

Nothing of the customer goes into these facts nor these letters.
"""

from __future__ import annotations

from kfar.lake.outbox import when
from kfar.rooms.service.approving import queries as approving
from kfar.rooms.service.facts import ApprovalAsked, CaseGiven
from kfar.rooms.village.facts import Noted
from kfar.rooms.village.news import commands as news
from kfar.rooms.village.news.rules import What
from kfar.rooms.village.notes import queries as notes


@when(ApprovalAsked)
def approval_asked(fact: ApprovalAsked) -> None:
    """Whoever is asked hears it, and once more when half of the time is gone."""
    asked = approving.one(fact.approval_id)
    if asked is not None and asked.outcome is None:
        what = What.APPROVAL_AGAIN if fact.again else What.APPROVAL
        news.tell(employees=[asked.approver], what=what, about=asked.id, at=fact.at)


@when(CaseGiven)
def case_given(fact: CaseGiven) -> None:
    """Whoever was given a case hears it."""
    news.tell(employees=[fact.employee_id], what=What.CASE, about=fact.case_id, at=fact.at)


@when(Noted)
def noted(fact: Noted) -> None:
    """Whoever is named in a note hears it."""
    who = notes.waits_for(fact.note_id)
    news.tell(employees=who, what=What.MENTION, about=fact.note_id, at=fact.at)
