"""Answers that were withdrawn after a survey had closed: that it happened, and nothing of what they were."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .fieldwork import Survey


class Withdrawal(models.Model):
    """One response that is no more. It has no time, no receipt, and nothing of what the response was.

    `number` is the first release that no longer counts it; until there is one, what was published stays
    (`surveys.gate.leaving`).
    Written by `surveys.withdrawing` and, when the figures move on, by `surveys.gate.leaving` only.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="withdrawals")
    number = models.PositiveSmallIntegerField(_("left out since release"), null=True)

    class Meta:
        verbose_name = _("withdrawn answer")
        verbose_name_plural = _("withdrawn answers")

    def __str__(self) -> str:
        return f"{self.survey_id}"
