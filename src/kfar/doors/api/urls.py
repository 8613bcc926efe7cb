"""Every address of the API."""

from __future__ import annotations

from django.urls import path, re_path

from kfar.doors.api import changes, prominence
from kfar.doors.api.door import nothing_here

app_name = "api"
urlpatterns = [
    path("changes/<str:change_id>/may-ship", changes.may_ship, name="may-ship"),
    path("prominence", prominence.prominence, name="prominence"),
    re_path("", nothing_here),
]
