"""The floor of the dashboards: an empty page of the site, signed in, behind the same middleware."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from config.urls import urlpatterns as real


@login_required
def empty_page(request: HttpRequest) -> HttpResponse:
    """The frame, with nothing in it."""
    return render(request, "base.html")


urlpatterns = [path("floor/empty", empty_page), *real]
