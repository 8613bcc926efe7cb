"""What was on display and in the mailers of the Complete Journey; it touches no database."""

from __future__ import annotations

from kfar.lake.engines import engine
from kfar.rooms.touchpoints import completejourney


def test_doubled_promotions_are_once() -> None:
    with engine().session() as files:
        completejourney.open_files(files)
        completejourney.promotions(files)
        [(doubled, once, shown, mailed)] = files.rows(
            """SELECT (SELECT count(*) FROM promotions) - count(*), count(*),
                count(*) FILTER (display_location <> '0'), count(*) FILTER (mailer_location <> '0')
            FROM promotions_once"""
        )
    assert (doubled, once) == (12_785, 20_927_744)
    # Of the doubled, 37 name two displays; 12,733 name two mailer pages.
    assert shown == 20_940_529 - 11_937_691 - 37
    assert mailed == 20_940_529 - 6_632_002 - 12_733
