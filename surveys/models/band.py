"""The bands that the answers to a number or a date are counted in."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .instrument import Question


class Band(models.Model):
    """A run of numbers that are counted together, both ends within it; an open end is empty.

    A date is the number of days since 1 January 1970, as answers keep it. That no two bands of a question overlap is
    a constraint of the database (migration 0005). Written by `surveys.drafting.banding`, and with its question by
    `surveys.drafting.composing` and `surveys.drafting.adding`.
    """

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="bands")
    position = models.PositiveSmallIntegerField(_("position"))
    lower = models.DecimalField(_("from"), max_digits=16, decimal_places=4, null=True, blank=True)
    upper = models.DecimalField(_("to"), max_digits=16, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = _("band")
        verbose_name_plural = _("bands")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                name="band_position_once", fields=["question", "position"], deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                name="band_lower_to_upper",
                condition=Q(lower__isnull=True) | Q(upper__isnull=True) | Q(lower__lte=F("upper")),
            ),
            models.CheckConstraint(name="band_bounded", condition=Q(lower__isnull=False) | Q(upper__isnull=False)),
        ]

    def __str__(self) -> str:
        lower, upper = ("" if each is None else f"{each.normalize():f}" for each in (self.lower, self.upper))
        return f"{lower}–{upper}"
