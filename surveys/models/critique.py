"""What was found wrong with a questionnaire and accepted, and what was corrected after it was published."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .instrument import Edition, Question


class AcceptedFinding(models.Model):
    """A finding of the critique that someone let stand, and why. Kept for the method appendix.

    It holds while the `sentence` it was given for stands unchanged; empty where nothing was marked.
    Written by `surveys.critiquing`, and for copies by `surveys.drafting.carrying`.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="accepted")
    rule = models.SlugField(_("rule"), max_length=40)
    question = models.ForeignKey(Question, null=True, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=500)
    sentence = models.TextField(_("sentence"), blank=True, default="")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    accepted_at = models.DateTimeField(_("accepted"))

    class Meta:
        verbose_name = _("accepted finding")
        verbose_name_plural = _("accepted findings")
        constraints = [
            models.UniqueConstraint(
                name="finding_accepted_once", fields=["edition", "rule", "question"], nulls_distinct=False
            ),
            models.CheckConstraint(name="finding_accepted_with_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.reason[:60]}"


class CorrectedPart(models.TextChoices):
    """What kind of row a correction is about."""

    EDITION = "edition", _("title page")
    SECTION = "section", _("section")
    QUESTION = "question", _("question")
    OPTION = "option", _("option")


class Correction(models.Model):
    """A misspelling corrected in a published edition: laid over the frozen text, which stays as it was.

    Written by `surveys.texts.correcting` only; read by `surveys.structure`.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="corrections")
    part = models.CharField(_("part"), max_length=10, choices=CorrectedPart.choices)
    part_id = models.BigIntegerField()
    field = models.CharField(_("field"), max_length=30)
    language = models.CharField(_("language"), max_length=2)
    before = models.TextField(_("before"))
    after = models.TextField(_("after"))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    corrected_at = models.DateTimeField(_("corrected"))

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="correction_changes", condition=~Q(before=models.F("after"))),
            models.CheckConstraint(name="correction_leaves_text", condition=~Q(after="")),
        ]

    def __str__(self) -> str:
        return f"{self.before[:40]} → {self.after[:40]}"
