"""Surveys: what is known of somebody before they answer, where a quota counts by it."""

from __future__ import annotations

from uuid import UUID

from kfar.rooms.customers import queries as people
from kfar.rooms.touchpoints import buying
from kfar.rooms.voice.questionnaire import quotas
from kfar.rooms.voice.questionnaire.form import Form


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
