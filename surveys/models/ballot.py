"""The ballot box: sealed rows that hold drafts and submitted answers while a survey is open."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .fieldwork import Survey


class SealedBallot(models.Model):
    """What one invitation has put in the box, encrypted and padded; see docs/anonymity.md.

    No time, no sequence, no reference to a person: the primary key is the locator, an HMAC of the
    invitation under a key that is destroyed at closing. The row is written on its own, through the
    database function `surveys_keep_sealed` (migration 0002), by `surveys.answering` only; it is read
    by `surveys.answering` and `surveys.closing` and deleted by `surveys.closing` (after a disaster, by
    `surveys.box.restoring`).
    """

    locator = models.BinaryField(primary_key=True, max_length=16)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    final = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    box = models.BinaryField()

    class Meta:
        verbose_name = _("sealed ballot")
        verbose_name_plural = _("sealed ballots")

    def __str__(self) -> str:
        return f"{self.survey_id}"
