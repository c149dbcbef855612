"""The addresses people visit: results for leadership, answering, the demo's mailbox."""

from django.urls import path
from django.views.generic import RedirectView

from consult.web import answer, enter, mailbox, results

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="results"), name="home"),
    path("s/", answer.take, name="answer"),
    path("s/<path:token>", answer.show, name="answer_link"),
    path("e/", enter.take, name="enter"),
    path("results/", results.index, name="results"),
    path("results/consultations/<slug:code>/", results.consultation, name="results_consultation"),
    path("results/<slug:code>/", results.survey, name="results_survey"),
    path("results/<slug:code>/<str:variable>/", results.variable, name="results_variable"),
    path("demo/mailbox/", mailbox.letters, name="mailbox"),
    path("demo/mailbox/<str:name>/", mailbox.letter, name="mailbox_letter"),
]
