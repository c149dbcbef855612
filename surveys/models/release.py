"""Releases: stored, versioned, hashed cubes of disclosed cells. Everything shown is read from here."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .fieldwork import Survey


class Release(models.Model):
    """One disclosed cube of a survey. A row without `computed_at` waits for a worker.

    `started_at` is when a worker last began to compute it: what is asked for after that waits as a row of its own.
    `sha256` is the hash of the canonical text of all its tables (`surveys.disclosing.digest`).
    Written by `surveys.gate.requesting` (asking) and `surveys.disclosing` (computing) only; a trigger (migration 0002)
    refuses changes once computed.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="releases")
    number = models.PositiveSmallIntegerField(_("number"))
    requested_at = models.DateTimeField(_("requested"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField(_("begun"), null=True, blank=True)
    computed_at = models.DateTimeField(_("computed"), null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    responses = models.PositiveIntegerField(_("responses"), null=True, blank=True)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ["survey", "-number"]
        constraints = [
            models.UniqueConstraint(name="release_number_once", fields=["survey", "number"]),
            models.UniqueConstraint(
                name="release_one_waiting",
                fields=["survey"],
                condition=Q(started_at__isnull=True, computed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="release_hashed_iff_computed",
                condition=Q(computed_at__isnull=True, sha256="") | Q(computed_at__isnull=False, sha256__length=64),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey} #{self.number}"


class Counted(models.Model):
    """That the figures of a named survey count the response at this place, from the release of this number on.

    An anonymous survey has no such rows: its facts are fixed before the first release. Named by the place and not
    by the response, so that it holds for facts brought back from a backup. Written by `surveys.gate.enrolling` only.
    """

    locator = models.BinaryField(max_length=16, primary_key=True)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("number"))

    class Meta:
        verbose_name = _("counted response")
        verbose_name_plural = _("counted responses")

    def __str__(self) -> str:
        return f"{self.survey_id} #{self.number}"


class ReleasedTable(models.Model):
    """One table of a release: a variable alone, or within each group of `by`.

    `by` is empty for a table of the whole. `label`s are kept per language so that a release reads the
    same for ever: {"nb": …, "nn": …, "en": …}. `counted` is the release whose people it counts: in a named survey
    a table that may not move on is carried over from an earlier one. Written by `surveys.disclosing` only.
    """

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="tables")
    position = models.PositiveSmallIntegerField()
    variable = models.CharField(max_length=60)
    by = models.CharField(max_length=60, blank=True)
    concept = models.CharField(max_length=60, blank=True)
    label = models.JSONField()
    by_label = models.JSONField(default=dict)
    base = models.PositiveIntegerField(null=True)
    counted = models.PositiveSmallIntegerField(null=True)

    class Meta:
        verbose_name = _("released table")
        verbose_name_plural = _("released tables")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="table_once", fields=["release", "variable", "by"]),
            models.CheckConstraint(name="table_not_by_itself", condition=~Q(variable=F("by"))),
        ]

    def __str__(self) -> str:
        return f"{self.variable} × {self.by}" if self.by else self.variable


class ReleasedCell(models.Model):
    """One figure: how many of the group `by_value` have `value`. A null `n` is withheld; no reason is kept.

    `base` is the size of the group. `share` is n / base with four decimals.
    Written by `surveys.disclosing` only.
    """

    table = models.ForeignKey(ReleasedTable, on_delete=models.CASCADE, related_name="cells")
    position = models.PositiveSmallIntegerField()
    value = models.CharField(max_length=60)
    by_value = models.CharField(max_length=60, blank=True)
    label = models.JSONField()
    by_label = models.JSONField(default=dict)
    base = models.PositiveIntegerField(null=True)
    n = models.PositiveIntegerField(null=True)
    share = models.DecimalField(max_digits=5, decimal_places=4, null=True)

    class Meta:
        verbose_name = _("released cell")
        verbose_name_plural = _("released cells")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="cell_once", fields=["table", "value", "by_value"]),
            models.CheckConstraint(
                name="cell_whole_or_withheld",
                condition=Q(n__isnull=True, base__isnull=True, share__isnull=True)
                | Q(n__isnull=False, base__isnull=False, share__isnull=False, n__lte=F("base")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} {self.by_value}".strip()

    @property
    def withheld(self) -> bool:
        return self.n is None
