"""What happens around every answer of the API: the key is asked for, refusals are JSON."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

from kfar.doors import words
from kfar.ground.errors import Refused
from kfar.rooms.touchpoints import keys

P = ParamSpec("P")

#: Which refusal has which status.
STATUS = {
    "api.bad_id": 400,
    "api.bad_page": 400,
    "api.no_key": 401,
    "api.unknown_key": 401,
    "api.unknown_path": 404,
    "api.wrong_method": 405,
    "customers.account_not_found": 404,
    "customers.not_found": 404,
    "decisions.no_such_change": 404,
}

#: For so many seconds an answer that may be kept is not asked for again.
FRESH = 60


def asked(
    view: Callable[Concatenate[HttpRequest, P], dict[str, object]],
) -> Callable[Concatenate[HttpRequest, P], JsonResponse]:
    """Answer a GET that comes with a key to the API with what the view returns."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> dict[str, object]:
        require_key(request, keys.opens_api)
        return view(request, *args, **kwargs)

    return answered(wrapped)


def require_key(request: HttpRequest, opens: Callable[[str], bool]) -> None:
    """Refuse `api.no_key` and `api.unknown_key` to who has no key that opens this."""
    key = key_of(request)
    if not key:
        raise Refused("api.no_key")
    if not opens(key):
        raise Refused("api.unknown_key")


def answered(
    view: Callable[Concatenate[HttpRequest, P], dict[str, object]],
) -> Callable[Concatenate[HttpRequest, P], JsonResponse]:
    """Answer a GET with what the view returns, a refusal with why."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> JsonResponse:
        try:
            if request.method not in {"GET", "HEAD"}:
                raise Refused("api.wrong_method")
            response = JsonResponse(view(request, *args, **kwargs))
        except Refused as refused:
            response = _refused(refused)
        response["Cache-Control"] = "no-store"
        return response

    return wrapped


def kept(
    view: Callable[Concatenate[HttpRequest, P], JsonResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let who asks keep the answer for a minute, and ask after that whether it is another."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != 200:
            return response
        response["Cache-Control"] = f"private, max-age={FRESH}"
        etag = f'"{sha256(response.content).hexdigest()[:32]}"'
        response["ETag"] = etag
        patch_vary_headers(response, ["Authorization"])
        return get_conditional_response(request, etag=etag, response=response) or response

    return wrapped


def nothing_here(request: HttpRequest) -> JsonResponse:
    """Answer a wrong address."""
    return _refused(Refused("api.unknown_path"))


def read_id(text: str) -> UUID:
    """Return an id as it stands in an address; refuse `api.bad_id`."""
    try:
        return UUID(text)
    except ValueError:
        raise Refused("api.bad_id") from None


def number(request: HttpRequest, name: str, *, usual: int, least: int, most: int) -> int:
    """Return a number of the query; refuse `api.bad_page` where it is none that fits."""
    text = request.GET.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most):
        raise Refused("api.bad_page", what=name, least=least, most=most)
    return int(text)


def _refused(refused: Refused) -> JsonResponse:
    said = {"error": refused.code, "message": words.sentence(refused)}
    response = JsonResponse(said, status=STATUS[refused.code])
    if response.status_code == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Kfar", charset="UTF-8"'
    if response.status_code == 405:
        response["Allow"] = "GET, HEAD"
    return response


def key_of(request: HttpRequest) -> str:
    """Return the key of a request: `Bearer KEY`, or the name of Basic authentication."""
    kind, _, rest = request.headers.get("Authorization", "").strip().partition(" ")
    if kind.lower() == "bearer":
        return rest.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return b64decode(rest.strip(), validate=True).decode().partition(":")[0]
    except ValueError:
        return ""
