"""Consultations: which surveys belong together."""

from __future__ import annotations

from django.contrib import admin

from consult.models import Consultation
from surveys.admin.base import ModelAdmin


@admin.register(Consultation)
class ConsultationAdmin(ModelAdmin):
    """What the union wants to find out, and the surveys it does that with."""

    list_display = ("code", "title")
    search_fields = ("code", "title")
    fields = ("code", "title", "mandate", "surveys")
    filter_horizontal = ("surveys",)
