"""The addresses of receipts and trials. Those of personal links are `consult`'s, which knows to whom they were sent."""

from django.urls import path

from surveys.web import accessibility, receipt, trial

urlpatterns = [
    path("accessibility/", accessibility.show, name="accessibility"),
    path("receipt/", receipt.take, name="receipt"),
    path("t/", trial.take, name="trial"),
    path("t/<path:token>", trial.show, name="trial_link"),
]
