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


def test_weeks_begin_on_the_mondays_that_the_transactions_say() -> None:
    """Each of the 1,469,307 lines has the number of its week, and its time."""
    with engine().session() as files:
        completejourney.open_files(files)
        [(lines, off)] = files.rows(
            f"""SELECT count(*), count(*) FILTER (
                date_trunc('week', transaction_timestamp AT TIME ZONE 'UTC'
                    AT TIME ZONE '{completejourney.ZONE}')::DATE
                <> DATE '{completejourney.WEEK_1}' + 7 * (week - 1)::INTEGER)
            FROM transactions"""
        )
        files.run(f"CREATE TEMP VIEW told AS {completejourney.PROMOTIONS}")
        [(rows, first, last, shown)] = files.rows(
            "SELECT count(*), min(week)::VARCHAR, max(week)::VARCHAR, count(display) FROM told"
        )
    assert (lines, off) == (1_469_307, 0)
    assert (rows, first, last) == (20_940_529, "2016-12-26", "2017-12-25")
    assert shown == 20_940_529 - 11_937_691
