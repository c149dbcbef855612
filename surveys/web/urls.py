"""The addresses of trials. Those of personal links are `consult`'s, which knows to whom they were sent."""

from django.urls import path

from surveys.web import trial

urlpatterns = [
    path("t/", trial.take, name="trial"),
    path("t/<path:token>", trial.show, name="trial_link"),
]
