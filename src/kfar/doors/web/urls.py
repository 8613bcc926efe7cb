"""Every page."""

from django.urls import path

from kfar.doors.web.views import demo, home, language

app_name = "web"
urlpatterns = [
    path("", home.home, name="home"),
    path("journey/", home.journey, name="journey"),
    path("work/", home.work, name="work"),
    path("language", language.choose, name="language"),
    path("demo/enter/<str:token>", demo.enter, name="demo-enter"),
]
