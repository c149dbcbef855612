"""The addresses of trials and open links. Those of personal links are `consult`'s, which knows whose they are."""

from django.urls import path

from surveys.web import opened, trial

urlpatterns = [
    path("o/", opened.take, name="open"),
    path("o/<path:token>", opened.show, name="open_link"),
    path("t/", trial.take, name="trial"),
    path("t/<path:token>", trial.show, name="trial_link"),
]
