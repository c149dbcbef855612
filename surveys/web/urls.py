"""The addresses of open links, receipts and trials. Personal links are `consult`'s: it knows whose they are."""

from django.urls import path

from surveys.web import accessibility, opened, receipt, trial

urlpatterns = [
    path("accessibility/", accessibility.show, name="accessibility"),
    path("o/", opened.take, name="open"),
    path("o/<path:token>", opened.show, name="open_link"),
    path("receipt/", receipt.take, name="receipt"),
    path("t/", trial.take, name="trial"),
    path("t/<path:token>", trial.show, name="trial_link"),
]
