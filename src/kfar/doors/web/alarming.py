"""An alarm as it is drawn: how many people were heard, beside how many were to be expected."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from kfar.doors import words
from kfar.doors.web import charts
from kfar.doors.web.charts import Curve, Line, Point
from kfar.rooms.voice.alarms.queries import Course


def drawn(course: Course) -> Curve | None:
    """Return people in the 24 hours up to each moment as a curve, with what was expected."""
    hours = [at.timestamp() / 3600 for at in course.at]
    heard = [Point(x, y) for x, y in zip(hours, course.people, strict=True)]
    usual = [Point(x, y) for x, y in zip(hours, course.expected, strict=True)]
    return charts.curve(
        [Line(_("heard"), heard), Line(_("to be expected"), usual, plain=True)],
        lambda hour: words.moment(datetime.fromtimestamp(hour * 3600, UTC)),
        lambda people: words.number(people, 1),
    )
