"""Pilots: a questionnaire tried by colleagues before anyone is asked. Nothing here can hold an answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .attachment import Attachment
from .instrument import Questionnaire

LONGEST_NAME = 80
LONGEST_COMMENT = 1000
# After a trial is over: long enough to publish, ask, and write the method appendix.
KEPT = timedelta(days=180)


class Trial(models.Model):
    """A draft as it stood when colleagues were asked to try it, and for how long they may.

    `content` is the document of our own format, whole, so that the trial reads the same when the draft has moved on; a
    trigger (migration 0004) refuses to change it. There is no survey behind it, and so nowhere for an answer to go.
    Written by `surveys.piloting` only.
    """

    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.CASCADE, related_name="trials", verbose_name=_("questionnaire")
    )
    content = models.JSONField(editable=False)
    # The images and documents it shows, which are kept as long as it is.
    files = models.ManyToManyField(Attachment, related_name="+", editable=False)
    # Half of the link; the other half is worked out from the master key, so that no copy of the database holds links.
    selector = models.BigIntegerField(unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(_("made"))
    closes_at = models.DateTimeField(_("open until"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("trial")
        verbose_name_plural = _("trials")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="trial_made_before_it_closes", condition=Q(made_at__lt=F("closes_at"))),
            models.CheckConstraint(
                name="trial_ended_after_made", condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("made_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire_id}, {self.made_at:%Y-%m-%d}"

    @property
    def over_at(self) -> datetime:
        """When it was ended, or else closes by itself."""
        return min(self.ended_at or self.closes_at, self.closes_at)

    @property
    def erased_at(self) -> datetime:
        """When it is erased with its comments, as things stand."""
        return self.over_at + KEPT

    def is_open(self, now: datetime) -> bool:
        """Whether colleagues may try it at this time."""
        return self.made_at <= now < self.over_at


class TrialRun(models.Model):
    """One colleague's way through a trial: when it began and ended. Written by `surveys.trying` only.

    `key` is drawn by the first page and comes back with the button Start, so that pressing it twice is one run.
    """

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="runs")
    key = models.UUIDField(editable=False)
    name = models.CharField(_("name"), max_length=LONGEST_NAME, blank=True, default="")
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("run of a trial")
        verbose_name_plural = _("runs of a trial")
        constraints = [
            models.UniqueConstraint(name="trial_run_once", fields=["trial", "key"]),
            models.CheckConstraint(
                name="trial_run_finished_after_started",
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("started_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.pk)


class TrialComment(models.Model):
    """What a colleague has to say about one question, or about the whole (no question).

    Written by `surveys.trying` (the words) and `surveys.piloting` (that it has been dealt with) only.
    """

    run = models.ForeignKey(TrialRun, on_delete=models.CASCADE, related_name="comments")
    # The question's code in the trial's content: the question itself may be gone from the draft.
    question = models.CharField(_("question"), max_length=20, blank=True, default="")
    text = models.TextField(_("comment"))
    written_at = models.DateTimeField(_("written"))
    handled_at = models.DateTimeField(_("dealt with"), null=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("comment on a trial")
        verbose_name_plural = _("comments on a trial")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="trial_comment_once", fields=["run", "question"]),
            models.CheckConstraint(
                name="trial_comment_length", condition=Q(text__length__gte=1, text__length__lte=LONGEST_COMMENT)
            ),
            models.CheckConstraint(
                name="trial_comment_handled_when",
                condition=Q(handled_by__isnull=True) | Q(handled_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]
