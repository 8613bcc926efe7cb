"""Agreements on record: the file or its sum, one in force at a time."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest

from kfar.rooms.decisions import agreements, files
from kfar.rooms.decisions.change_rules import Upload
from tests.changes import agree, an_account
from tests.clock import Clock
from tests.people import an_employee, refuses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def test_either_the_file_or_its_sum_is_on_record(clock: Clock) -> None:
    acme = an_account("Acme")
    agree(acme, file=Upload("terms.pdf", b"%PDF"), sum_="", title=" Supply  terms ")
    [found] = agreements.everything()
    total = sha256(b"%PDF").hexdigest()
    assert (found.account, found.title, found.file, found.sum) == (
        *("Acme", "Supply terms", "terms.pdf", total),
    )
    assert files.path(total).read_bytes() == b"%PDF"
    for code, given in (
        ("agreement_incomplete", {"title": " "}),
        ("agreement_incomplete", {"signed_by": ""}),
        ("agreement_incomplete", {"sum_": "a" * 63}),
        ("signed_in_future", {"signed_on": clock.today + timedelta(days=1)}),
    ):
        with refuses(f"decisions.{code}"):
            agree(acme, **given)
    with refuses("customers.account_not_found"):
        agree(uuid4())
    with refuses("village.may_not", act="decisions.change"):
        agree(acme, by=an_employee("Noa"))
