"""Files that blocks of information show: images and documents."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

WIDEST, TALLEST = 1600, 4800
LARGEST_IMAGE, LARGEST_DOCUMENT = 2 * 1024 * 1024, 5 * 1024 * 1024


class MediaType(models.TextChoices):
    """What a file is, as its bytes say; and how its name ends."""

    PNG = "image/png", "PNG"
    JPEG = "image/jpeg", "JPEG"
    PDF = "application/pdf", "PDF"


IMAGES = (MediaType.PNG, MediaType.JPEG)


class Attachment(models.Model):
    """An image or a document, named by the hash of what it holds: the same file is kept once, and never changes.

    Questions point at it with PROTECT. That the name is the hash, and the size that of the content, is held by
    constraints of migration 0006. Written by `surveys.attachments.attaching` only.
    """

    digest = models.CharField(primary_key=True, max_length=64, editable=False)
    media_type = models.CharField(_("media type"), max_length=20, choices=MediaType.choices)
    size = models.PositiveIntegerField(_("bytes"))
    content = models.BinaryField()
    width = models.PositiveSmallIntegerField(_("width"), null=True)
    height = models.PositiveSmallIntegerField(_("height"), null=True)
    # The same image for a phone, where that is smaller.
    small = models.BinaryField(null=True)
    small_width = models.PositiveSmallIntegerField(null=True)
    # Since when no question points at it, as the last sweep saw it.
    unused_since = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            # Of no other type than these.
            models.CheckConstraint(
                name="attachment_measured_iff_image",
                condition=Q(
                    media_type__in=IMAGES, width__isnull=False, height__isnull=False, width__gte=1, height__gte=1
                )
                | Q(media_type=MediaType.PDF, width__isnull=True, height__isnull=True, small__isnull=True),
            ),
            models.CheckConstraint(
                name="attachment_not_too_large",
                condition=Q(media_type__in=IMAGES, size__lte=LARGEST_IMAGE, width__lte=WIDEST, height__lte=TALLEST)
                | Q(media_type=MediaType.PDF, size__lte=LARGEST_DOCUMENT),
            ),
            models.CheckConstraint(
                name="attachment_small_is_smaller",
                condition=Q(small__isnull=True, small_width__isnull=True)
                | Q(
                    small__isnull=False,
                    small_width__isnull=False,
                    small_width__gte=1,
                    small_width__lt=models.F("width"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_media_type_display()} {self.digest[:12]}"
