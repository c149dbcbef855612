"""The surveys app: instruments, sealed answers, facts and releases. It knows no people."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Surveys"
