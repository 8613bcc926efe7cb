"""Placeholders: the first page, one's journey and one's work."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kfar.doors.web import who
from kfar.rooms.village.queries import Staff


def home(request: HttpRequest) -> HttpResponse:
    """Show the first page."""
    return render(request, "web/base.html")


@who.customers_only
def journey(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show a customer their journey."""
    return render(request, "web/base.html")


@who.staff_only
def work(request: HttpRequest, person: Staff) -> HttpResponse:
    """Show somebody who works here their work."""
    return render(request, "web/base.html")
