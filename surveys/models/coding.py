"""Codebooks, and who coded which open answer as what."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .fieldwork import Survey
from .instrument import Question
from .response import Answer


class Codebook(models.Model):
    """The codes that the open answers to one question are sorted into, e.g. the stance of B2.

    The coded variable is named by question code and codebook code: "B2.stance". With `tick_stands`, an
    answer with a tick and no text needs no reading: the tick is its code.
    Written by `surveys.coding` only.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="codebooks")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="codebooks")
    code = models.SlugField(_("code"), max_length=30, default="stance")
    tick_stands = models.BooleanField(_("a tick without text counts as its code"), default=True)
    # Gives every coding page an order of its own, so that two texts of one person never stand at the same place.
    order_salt = models.BigIntegerField(editable=False)

    class Meta:
        verbose_name = _("codebook")
        verbose_name_plural = _("codebooks")
        constraints = [models.UniqueConstraint(name="codebook_once", fields=["survey", "question", "code"])]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name of the coded variable, e.g. "B2.stance"."""
        return f"{self.question.code}.{self.code}"


class Code(models.Model):
    """One code of a codebook. Written by `surveys.coding` only."""

    codebook = models.ForeignKey(Codebook, on_delete=models.CASCADE, related_name="codes")
    code = models.SlugField(_("code"), max_length=30)
    label = models.CharField(_("label"), max_length=120)
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("code")
        verbose_name_plural = _("codes")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(name="code_once", fields=["codebook", "code"])]

    def __str__(self) -> str:
        return self.label


class Coding(models.Model):
    """A coder's decision on one answer. A changed mind supersedes, nothing is overwritten.

    Written by `surveys.coding` only.
    """

    codebook = models.ForeignKey(Codebook, on_delete=models.PROTECT, related_name="codings")
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="codings")
    code = models.ForeignKey(Code, on_delete=models.PROTECT, related_name="codings")
    coder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    coded_at = models.DateTimeField(_("coded"))
    superseded_at = models.DateTimeField(_("superseded"), null=True, blank=True)

    class Meta:
        verbose_name = _("coding")
        verbose_name_plural = _("codings")
        constraints = [
            models.UniqueConstraint(
                name="coding_one_current", fields=["codebook", "answer"], condition=Q(superseded_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer_id}: {self.code}"
