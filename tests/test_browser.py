"""Where there is no browser the suite says what it left out, and CI does not let it."""

from __future__ import annotations

import os
import subprocess
import sys

LINE = (
    "No Chromium found, left out: tests/doors/gate/clients/test_browser.py, "
    "tests/doors/gate/tag/test_consent.py, "
    "tests/doors/gate/tag/test_served.py, tests/doors/gate/tag/test_told.py, "
    "tests/doors/gate/tag/test_travel.py, "
    "tests/doors/web/signin/test_passkey.py, tests/doors/web/test_join.py, "
    "tests/journeys/test_brand.py, tests/journeys/test_cases.py, "
    "tests/journeys/test_change.py, tests/journeys/test_channel.py, "
    "tests/journeys/test_consult.py, tests/journeys/test_decide.py, "
    "tests/journeys/test_embedded.py, tests/journeys/test_friends.py, "
    "tests/journeys/test_goods.py, tests/journeys/test_keep.py, "
    "tests/journeys/test_know.py, tests/journeys/test_loop.py, "
    "tests/journeys/test_mail.py, "
    "tests/journeys/test_response.py, tests/journeys/test_return.py, "
    "tests/journeys/test_review.py, tests/journeys/test_survey.py, "
    "tests/journeys/test_village.py"
)


def without_a_browser(*words: str, ci: str = "") -> tuple[int, list[str]]:
    """Run the journeys and one small test without a browser; return the status and the lines."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_XDIST")}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "tests/journeys/test_decide.py",
            "tests/ground/test_ids.py",
            *words,
        ],
        env=environment | {"CI": ci, "PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_journeys_are_left_out_and_named() -> None:
    status, lines = without_a_browser("-n", "1")  # as `make test` runs them: in workers
    assert (status, lines.count(LINE)) == (0, 1)


def test_that_is_a_failure_in_ci() -> None:
    status, lines = without_a_browser(ci="true")
    assert status == 4
    assert "ERROR: No Chromium found: the journeys cannot be walked." in lines
