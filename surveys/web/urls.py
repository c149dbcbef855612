"""The addresses of trials. Those of personal links are `consult`'s, which knows to whom they were sent."""

from django.urls import path

from surveys.web import accessibility, trial

urlpatterns = [
    path("accessibility/", accessibility.show, name="accessibility"),
    path("t/", trial.take, name="trial"),
    path("t/<path:token>", trial.show, name="trial_link"),
]
