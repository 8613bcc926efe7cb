"""Who is one person: what is proposed to the people who may decide it, and what was merged."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.doors import words
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.rooms.customers import commands, queries
from kfar.rooms.customers.joining import MERGE
from kfar.rooms.customers.queries import Person
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff


@dataclass(frozen=True)
class Line:
    """What is known of one kind of two people: the values of each, and whether some agree."""

    label: str
    one: list[str]
    other: list[str]

    @property
    def same(self) -> bool:
        """Whether both have a value in common."""
        return not {v.casefold() for v in self.one}.isdisjoint(v.casefold() for v in self.other)

    @property
    def differs(self) -> bool:
        """Whether both have values, and none in common."""
        return bool(self.one and self.other) and not self.same


@require_GET
@staff_only
def people(request: HttpRequest, staff: Staff) -> HttpResponse:
    """List who may be one person, the likeliest first."""
    village.require(staff.id, MERGE)
    return render(request, "web/people.html", {"proposals": queries.proposals()})


@require_http_methods(["GET", "POST"])
@staff_only
def proposal(request: HttpRequest, staff: Staff, proposal_id: UUID) -> HttpResponse:
    """Show two people side by side, and take the word whether they are one."""
    if request.method == "POST":
        same = request.POST.get("same")
        if same == "yes":
            commands.accept(by=staff.id, proposal_id=proposal_id)
            messages.success(request, _("They are one person now. It can be taken back."))
        elif same == "no":
            commands.dismiss(by=staff.id, proposal_id=proposal_id)
            messages.success(request, _("They stay two people, and are not proposed again."))
        return redirect("web:people")
    commands.compare(by=staff.id, proposal_id=proposal_id)
    found = queries.proposal(proposal_id)
    if found is None:
        raise Refused("customers.not_found")
    context = {"proposal": found, "lines": _lines(found.one, found.other)}
    return render(request, "web/proposal.html", context)


@require_GET
@staff_only
def person(request: HttpRequest, staff: Staff, customer_id: UUID) -> HttpResponse:
    """Show the names somebody is known by, and who was merged into them."""
    commands.look(by=staff.id, customer_id=customer_id)
    merges = queries.merges(customer_id)
    context = {
        "person": queries.person(customer_id),
        "merges": merges,
        "names": village.names(joined.by for joined in merges if joined.by),
    }
    return render(request, "web/person.html", context)


@require_POST
@staff_only
def unmerge(request: HttpRequest, staff: Staff, customer_id: UUID, merge_id: UUID) -> HttpResponse:
    """Take a merge back."""
    commands.unmerge(by=staff.id, merge_id=merge_id)
    messages.success(request, _("They are two people again."))
    return redirect("web:person", customer_id)


def _lines(one: Person, other: Person) -> list[Line]:
    """Return what is known of two people, kind by kind, where anything is known of either."""
    sides = [_known(person) for person in (one, other)]
    labels = dict.fromkeys([*sides[0], *sides[1]])
    return [Line(label, *(side.get(label, []) for side in sides)) for label in labels]


def _known(person: Person) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if person.name:
        found[_("Name")] = [person.name]
    for kind, value in person.names:
        found.setdefault(words.kind_label(kind), []).append(value)
    for key, value in person.about.items():
        found.setdefault(words.about_label(key), []).append(value)
    return found | {_("Known since"): [words.day(person.met_at)]}
