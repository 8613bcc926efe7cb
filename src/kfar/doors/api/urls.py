"""Every address of the API."""

from __future__ import annotations

from django.urls import path, re_path

from kfar.doors.api import changes, prominence, promises, scim
from kfar.doors.api.door import nothing_here

app_name = "api"
urlpatterns = [
    path("changes/<str:change_id>/may-ship", changes.may_ship, name="may-ship"),
    path("scim/v2/Users", scim.users, name="scim-users"),
    path("scim/v2/Users/<str:user_id>", scim.user, name="scim-user"),
    path("scim/v2/Groups", scim.groups, name="scim-groups"),
    path("scim/v2/Groups/<str:code>", scim.group, name="scim-group"),
    re_path("^scim/", scim.nothing_here),
    path("promises", promises.promises, name="promises"),
    path("prominence", prominence.prominence, name="prominence"),
    re_path("", nothing_here),
]
