"""People and departments for a directory that keeps them: a part of SCIM 2.0 (RFC 7643, 7644).

Users can be listed, made, replaced and let go; groups are departments, and can be listed and
their people set. What is not here is refused in SCIM's own form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from kfar.doors import words
from kfar.doors.api.door import key_of
from kfar.ground.errors import Refused
from kfar.ground.text import in_language
from kfar.rooms.touchpoints import keys
from kfar.rooms.village import commands as village
from kfar.rooms.village.departments import commands, directory, queries
from kfar.rooms.village.departments.directory import Account
from kfar.rooms.village.departments.queries import Kept

P = ParamSpec("P")
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
TYPE = "application/scim+json"
#: The largest body, in bytes, and the most that one list holds.
LARGEST, MOST = 100_000, 200

FILTER = re.compile(r'\s*userName\s+eq\s+"((?:[^"\\]|\\.)*)"\s*', re.IGNORECASE)

#: Which refusal has which status, and what SCIM calls it; any other is a wrong value.
STATUS: dict[str, tuple[int, str]] = {
    "api.no_key": (401, ""),
    "api.unknown_key": (401, ""),
    "scim.exists": (409, "uniqueness"),
    "scim.not_here": (404, ""),
    "scim.wrong_method": (405, ""),
    "scim.bad_filter": (400, "invalidFilter"),
    "scim.bad_syntax": (400, "invalidSyntax"),
    "scim.fixed": (400, "mutability"),
}


def asked(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Answer what comes with a key of a directory; refusals have SCIM's form."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            key = key_of(request)
            if not key:
                raise Refused("api.no_key")
            if not keys.opens_directory(key):
                raise Refused("api.unknown_key")
            with transaction.atomic():
                response = view(request, *args, **kwargs)
        except Refused as refused:
            response = _refused(refused)
        response["Cache-Control"] = "no-store"
        return response

    return csrf_exempt(wrapped)


@asked
def users(request: HttpRequest) -> HttpResponse:
    """List people, or those with one address; or let somebody new work here."""
    if request.method == "GET":
        start, most = _page(request)
        total, found = directory.accounts(_address(request), start=start, most=most)
        return _list(total, start, [_user(one) for one in found])
    if request.method != "POST":
        raise Refused("scim.wrong_method")
    said = _body(request)
    email = _text(said, "userName")
    there, [*before] = directory.accounts(email, start=0, most=1)
    if there and before[0].active:
        raise Refused("scim.exists")
    made = village.employ(email=email, name=_name(said, email), role=_role(said))
    if said.get("active") is False:
        village.part(email=email)
    return _answer(_user(_account(made)), 201)


@asked
def user(request: HttpRequest, user_id: str) -> HttpResponse:
    """Give one, replace them, or let them go: signed out everywhere, from then on."""
    one = _account(_id(user_id))
    match request.method:
        case "GET":
            pass
        case "PUT":
            said = _body(request)
            if _text(said, "userName").lower() != one.email:
                raise Refused("scim.fixed")
            active = said.get("active", True)
            _set(one, active, _name(said, one.email), _role(said, one.role))
        case "PATCH":
            for active in _patched(_body(request)):
                _set(one, active, one.name, one.role)
        case "DELETE":
            _set(one, False, one.name, one.role)
            return HttpResponse(status=204)
        case _:
            raise Refused("scim.wrong_method")
    return _answer(_user(_account(one.id)))


@asked
def groups(request: HttpRequest) -> HttpResponse:
    """List departments with their people."""
    if request.method != "GET":
        raise Refused("scim.wrong_method")
    if request.GET.get("filter"):
        raise Refused("scim.bad_filter")
    start, most = _page(request)
    found = queries.departments()
    return _list(len(found), start, [_group(one) for one in found[start : start + most]])


@asked
def group(request: HttpRequest, code: str) -> HttpResponse:
    """Give a department, or set who is in it."""
    one = queries.department(code)
    if one is None:
        raise Refused("scim.not_here")
    if request.method == "PUT":
        members = _body(request).get("members", [])
        if not isinstance(members, list) or not all(isinstance(m, dict) for m in members):
            raise Refused("scim.bad_syntax")
        wanted = {_account(_id(str(m.get("value")))) for m in members}
        now = {member.id for member in one.people}
        for account in wanted:
            if account.id not in now:
                _belong(account, {*account.departments, code})
        for gone in now - {account.id for account in wanted}:
            account = _account(gone)
            _belong(account, set(account.departments) - {code})
    elif request.method != "GET":
        raise Refused("scim.wrong_method")
    return _answer(_group(queries.department(code) or one))


def nothing_here(request: HttpRequest) -> HttpResponse:
    """Answer a wrong address."""
    return _refused(Refused("scim.not_here"))


def _set(one: Account, active: object, name: str, role: str) -> None:
    if not isinstance(active, bool):
        raise Refused("scim.bad_syntax")
    if not active:
        if one.active:
            village.part(email=one.email)
    elif not one.active or (name, role) != (one.name, one.role):
        village.employ(email=one.email, name=name, role=role)


def _belong(account: Account, codes: set[str]) -> None:
    if not account.active:
        raise Refused("scim.not_here")
    commands.belong(email=account.email, departments=codes)


def _user(one: Account) -> dict[str, object]:
    return {
        "schemas": [USER],
        "id": str(one.id),
        "userName": one.email,
        "displayName": one.name,
        "name": {"formatted": one.name},
        "emails": [{"value": one.email, "type": "work", "primary": True}],
        "roles": [{"value": one.role, "primary": True}],
        "groups": [{"value": code} for code in one.departments],
        "active": one.active,
        "meta": {"resourceType": "User"},
    }


def _group(one: Kept) -> dict[str, object]:
    return {
        "schemas": [GROUP],
        "id": one.code,
        "displayName": in_language(one.name, "en"),
        "members": [{"value": str(m.id), "display": m.name} for m in one.people],
        "meta": {"resourceType": "Group"},
    }


def _list(total: int, start: int, found: list[dict[str, object]]) -> HttpResponse:
    said = {"schemas": [LIST], "totalResults": total, "startIndex": start + 1}
    return _answer({**said, "itemsPerPage": len(found), "Resources": found})


def _answer(said: Mapping[str, object], status: int = 200) -> HttpResponse:
    return JsonResponse(said, status=status, content_type=TYPE)


def _refused(refused: Refused) -> HttpResponse:
    status, kind = STATUS.get(refused.code, (400, "invalidValue"))
    said = {"schemas": [ERROR], "status": str(status), "detail": words.sentence(refused)}
    response = _answer({**said, "scimType": kind} if kind else said, status)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Kfar", charset="UTF-8"'
    return response


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        if int(request.headers.get("Content-Length") or 0) > LARGEST:
            raise Refused("scim.bad_syntax")
        said = json.loads(request.body.decode())
        json.dumps(said, ensure_ascii=False).encode()  # halves of letters, which nothing keeps
    except (ValueError, RecursionError):
        raise Refused("scim.bad_syntax") from None
    if not isinstance(said, dict):
        raise Refused("scim.bad_syntax")
    return said


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or "\x00" in value:
        raise Refused("scim.bad_syntax")
    return value.strip()


def _name(said: Mapping[str, Any], email: str) -> str:
    name = said.get("name")
    parts = name if isinstance(name, dict) else {}
    both = " ".join(str(parts.get(part) or "") for part in ("givenName", "familyName"))
    found = said.get("displayName") or parts.get("formatted") or both.strip() or email
    return " ".join(str(found).replace("\x00", "").split())[:120]


def _role(said: Mapping[str, Any], before: str = "") -> str:
    roles = said.get("roles")
    first = roles[0] if isinstance(roles, list) and roles else before
    value = first.get("value") if isinstance(first, dict) else first
    if not isinstance(value, str) or "\x00" in value:
        raise Refused("scim.bad_syntax")
    return value


def _patched(said: Mapping[str, Any]) -> list[object]:
    """Return what `active` is to be: the one thing that is patched, in either way it is said."""
    found: list[object] = []
    operations = said.get("Operations")
    if said.get("schemas") != [PATCH] or not isinstance(operations, list) or not operations:
        raise Refused("scim.bad_syntax")
    for one in operations:
        if not isinstance(one, dict) or str(one.get("op")).lower() != "replace":
            raise Refused("scim.bad_syntax")
        path, value = one.get("path"), one.get("value")
        if path is None and isinstance(value, dict) and set(value) == {"active"}:
            path, value = "active", value["active"]
        if path != "active":
            raise Refused("scim.fixed")
        # Azure says it as text.
        found.append({"true": True, "false": False}.get(str(value).lower(), value))
    return found


def _page(request: HttpRequest) -> tuple[int, int]:
    """Return from where on, counted from 0, and how many: below 1 is 1, below 0 is none."""
    try:
        start = int(request.GET.get("startIndex") or 1)
        count = int(request.GET.get("count") or MOST)
    except ValueError:
        raise Refused("scim.bad_syntax") from None
    return min(max(start, 1) - 1, 10**9), min(max(count, 0), MOST)


def _address(request: HttpRequest) -> str | None:
    wanted = request.GET.get("filter")
    if not wanted:
        return None
    found = FILTER.fullmatch(wanted)
    if found is None or "\x00" in wanted:
        raise Refused("scim.bad_filter")
    return re.sub(r"\\(.)", r"\1", found.group(1))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused("scim.not_here") from None


def _account(account_id: UUID) -> Account:
    found = directory.account(account_id)
    if found is None:
        raise Refused("scim.not_here")
    return found
