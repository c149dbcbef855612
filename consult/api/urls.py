"""The addresses of the API, below /api/v1/."""

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from consult.api import views

urlpatterns = [
    path("surveys/", views.Surveys.as_view(), name="api_surveys"),
    # Any path, not only a slug, so that nonsense too is answered in JSON.
    path("surveys/<path:code>/results/", views.Results.as_view(), name="api_results"),
    path("surveys/<path:code>/", views.SurveyDetail.as_view(), name="api_survey"),
    path("schema/", SpectacularJSONAPIView.as_view(), name="api_schema"),
    path("docs/", views.Docs.as_view(url_name="api_schema"), name="api_docs"),
]
