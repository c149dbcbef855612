"""What has been done to a draft, and how it stood before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .attachment import Attachment
from .instrument import Edition


class Did(models.TextChoices):
    """What somebody did to a draft, in the words in which it is told."""

    WROTE = "wrote", _("%(subject)s changed")
    ADDED = "added", _("%(subject)s added")
    COPIED = "copied", _("%(subject)s duplicated")
    MOVED = "moved", _("%(subject)s moved")
    DELETED = "deleted", _("%(subject)s deleted")
    REPAIRED = "repaired", _("%(subject)s repaired")
    TOOK = "took", _("%(subject)s taken from the question bank")
    DECLARED = "declared", _("%(subject)s taken from the register")
    WITHDREW = "withdrew", _("%(subject)s no longer taken from the register")
    READ = "read", _("everything replaced from a file")
    BEGUN = "begun", _("begun: %(subject)s")
    PUBLISHED = "published", _("published as edition %(subject)s")
    RESTORED = "restored", _("put back as it was before: %(subject)s")


class DraftChange(models.Model):
    """One change of a draft: who did what, and, of the last ones, the whole draft as it stood before, packed.

    Of a run of changes of one text by one person the first is kept. How it was begun and published stands here as
    well, so that this is all that was done. Written by `surveys.drafting.undoing` only.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="changes")
    # The versions of the draft before the change and after it: nobody has changed anything since if it still has that.
    before = models.PositiveIntegerField()
    after = models.PositiveIntegerField()
    did = models.CharField(_("what was done"), max_length=10, choices=Did.choices)
    subject = models.CharField(_("to what"), max_length=200, blank=True)
    # Which field of which row, such as "question-12 text_nb"; a run of changes of it is one. Of a draft that was put
    # back what the change was before which it stood so.
    place = models.CharField(max_length=80, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(_("made"))
    # Empty where the draft was too large to keep, where many have been made since, and once it is published.
    state = models.BinaryField()
    # The images and documents that were shown then, which are kept as long as it can be put back.
    files = models.ManyToManyField(Attachment, related_name="+")

    class Meta:
        verbose_name = _("change of a draft")
        verbose_name_plural = _("changes of drafts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="draft_change_once", fields=["edition", "after"]),
            # A draft that has just been made is at 0, and nothing was before.
            models.CheckConstraint(
                name="draft_change_goes_on", condition=Q(after__gt=F("before")) | Q(before=0, after=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.did} {self.subject}"
