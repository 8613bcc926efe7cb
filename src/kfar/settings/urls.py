"""Every address, by door."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("kfar.doors.api.urls")),
    path("account/", include("kfar.doors.web.signin.urls")),
    path("", include("kfar.doors.web.urls")),
]

handler400 = "kfar.doors.web.views.errors.bad_request"
handler403 = "kfar.doors.web.views.errors.forbidden"
handler404 = "kfar.doors.web.views.errors.not_found"
handler429 = "kfar.doors.web.views.errors.too_many"  # asked for by allauth's rate limits
handler500 = "kfar.doors.web.views.errors.server_error"
