"""What people say of an alarm."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.lake import audit
from kfar.rooms.village import queries as village
from kfar.rooms.voice.alarms.models import Alarm, Watch
from kfar.rooms.voice.alarms.streams import Stream
from kfar.rooms.voice.warning import detector

#: What one has to be allowed to judge an alarm.
ALARM = "voice.alarm"


@transaction.atomic
def judge(*, by: UUID, alarm_id: UUID, real: bool) -> None:
    """Judge whether an alarm was true; a false one is over, and its hours are learned from.

    The last word counts; the same word twice is one. Refuses with `village.may_not` and
    `alarms.not_found`.
    """
    village.require(by, ALARM)
    alarm = Alarm.objects.select_for_update().filter(pk=alarm_id).first()
    if alarm is None:
        raise Refused("alarms.not_found")
    if alarm.real is real:
        return
    now = timezone.now()
    alarm.real, alarm.judged_at, alarm.judged_by_id = real, now, by
    if not real and alarm.calmed_at is None:
        alarm.calmed_at = now
        Watch.objects.filter(pk=alarm.stream).update(evidence=detector.begin().tolist())
    alarm.save()
    behind = Stream.read(alarm.stream).voices(alarm.since, alarm.calmed_at or now)
    people = list(behind.values_list("customer_id", flat=True).distinct())
    audit.note_all(act="voice.alarm_judged", customers=people, employee_id=by)
