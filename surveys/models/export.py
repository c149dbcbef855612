"""Files that take long to make, and wait as rows to be made in the background."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .instrument import Edition


class Drawn(models.TextChoices):
    """The formats that are drawn, in the names of `formats.catalogue`."""

    DOCX = "docx", "Word"
    PDF = "pdf", "PDF"
    # Not a questionnaire: what hangs on a wall, see `surveys.ways.placarding`.
    POSTER = "poster", _("poster")


class Export(models.Model):
    """A questionnaire as a file that someone asked for: waiting, then made or failed, and after a day gone.

    What is drawn is what the questionnaire said when it was asked for (`document`); asking for the same again finds
    the same row. `attempts` counts the workers that began, and names the one whose turn it is: `lease_until`, by the
    database's clock, is how long that is. Written by `surveys.drawing` only.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="exports")
    format = models.CharField(_("format"), max_length=10, choices=Drawn.choices)
    language = models.CharField(_("language"), max_length=2)
    sha256 = models.CharField(max_length=64)
    document = models.JSONField(null=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField(_("requested"))
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    failed_at = models.DateTimeField(_("failed"), null=True)
    content = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["requested_at", "id"]
        constraints = [
            models.UniqueConstraint(name="export_once", fields=["edition", "format", "language", "sha256"]),
            models.CheckConstraint(name="export_is_drawn", condition=Q(format__in=Drawn.values)),
            models.CheckConstraint(name="export_hashed", condition=Q(sha256__length=64)),
            models.CheckConstraint(
                name="export_file_iff_finished",
                condition=Q(finished_at__isnull=True, content__isnull=True, document__isnull=False)
                | Q(finished_at__isnull=False, content__isnull=False, document__isnull=True),
            ),
            models.CheckConstraint(
                name="export_finished_or_failed", condition=Q(finished_at__isnull=True) | Q(failed_at__isnull=True)
            ),
            models.CheckConstraint(
                name="export_leased_while_waiting",
                condition=Q(lease_until__isnull=True) | Q(finished_at__isnull=True, failed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition} ({self.get_format_display()})"

    @property
    def is_waiting(self) -> bool:
        """Whether a worker has yet to make it."""
        return self.finished_at is None and self.failed_at is None
