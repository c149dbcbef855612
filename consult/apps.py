"""The consult app: people, units, letters, rights and presentation around the surveys."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsultConfig(AppConfig):
    name = "consult"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("People and letters")
