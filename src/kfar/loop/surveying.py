"""Surveys: what is known of those who answer, where a quota counts by it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from kfar.rooms.customers import queries as people
from kfar.rooms.touchpoints import buying
from kfar.rooms.voice.questionnaire import quotas
from kfar.rooms.voice.questionnaire.form import Form, Quota
from kfar.rooms.voice.surveys import filling


def traits(form: Form, customer_id: UUID | None, language: str) -> dict[str, list[str]]:
    """Return a customer's language and which of the products that count they bought.

    Of somebody nobody knows: the language they read.
    """
    person = people.person(customer_id) if customer_id else None
    spoken = person.language if person else language
    found = {quotas.LANGUAGE: [spoken.partition("-")[0]]}
    products = quotas.products(form)
    if customer_id and products:
        found[quotas.PRODUCT] = sorted(buying.bought(customer_id, products))
    return found


def traits_of(form: Form, customers: Collection[UUID]) -> dict[UUID, dict[str, list[str]]]:
    """Return the same of many customers."""
    found = {
        own: {quotas.LANGUAGE: [one.language.partition("-")[0]]}
        for own, one in people.people(customers).items()
    }
    products = quotas.products(form)
    if found and products:
        bought, person = buying.buyers(products, among=found), people.person_of(found)
        for own, known in found.items():
            known[quotas.PRODUCT] = sorted(bought.get(person[own], ()))
    return found


def set_quotas(*, by: UUID, survey_id: UUID, counted: Sequence[Quota], until_full: bool) -> None:
    """Say how many of each kind a survey takes, as `filling.set_quotas`; refuses as that."""
    filling.set_quotas(
        by=by, survey_id=survey_id, counted=counted, until_full=until_full, known=traits_of
    )
