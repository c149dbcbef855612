"""The addresses of the API, below /api/v1/."""

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from consult.api import views

urlpatterns = [
    path("surveys/", views.Surveys.as_view(), name="api_surveys"),
    path("surveys/<slug:code>/", views.SurveyDetail.as_view(), name="api_survey"),
    path("surveys/<slug:code>/results/", views.Results.as_view(), name="api_results"),
    path("schema/", SpectacularJSONAPIView.as_view(), name="api_schema"),
    path("docs/", views.Docs.as_view(url_name="api_schema"), name="api_docs"),
]
