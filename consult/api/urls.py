"""The addresses of the API, below /api/v1/."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter
from drf_spectacular.views import SpectacularJSONAPIView

from consult.api import views


class Anything(StringConverter):
    """Whatever stands there, line breaks included: nonsense too is answered in JSON."""

    regex = r"[\s\S]+"


register_converter(Anything, "anything")

urlpatterns = [
    path("surveys/", views.Surveys.as_view(), name="api_surveys"),
    path("surveys/<anything:code>/results/", views.Results.as_view(), name="api_results"),
    path("surveys/<anything:code>/", views.SurveyDetail.as_view(), name="api_survey"),
    path("schema/", SpectacularJSONAPIView.as_view(), name="api_schema"),
    path("docs/", views.Docs.as_view(url_name="api_schema"), name="api_docs"),
]
