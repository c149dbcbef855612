"""A consultation: the whole process that one or more surveys belong to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models import Survey


class Consultation(models.Model):
    """What the union wants to find out, and the surveys put to people for it. Written in the admin only."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    mandate = models.TextField(_("mandate"), blank=True)
    surveys = models.ManyToManyField(Survey, related_name="consultations", blank=True, verbose_name=_("surveys"))

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title
