"""A survey: one edition in the field, with its period, its promise and its release plan."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .instrument import Edition

# Taken by addresses: /results/consultations/<code>/ and /results/<survey>/<variable>/ would be one and the same.
RESERVED_CODES = ("consultations",)


class Promise(models.TextChoices):
    """What respondents are told about who can see their answers. Fixed once the survey is opened."""

    ANONYMOUS = "anonymous", _("anonymous: a ballot box, nobody sees anything until it closes")
    NAMED = "named", _("named: the union can see who answered what")


class State(models.TextChoices):
    """Where a survey stands; derived from its times, never stored."""

    PLANNED = "planned", _("planned")
    SCHEDULED = "scheduled", _("scheduled")
    OPEN = "open", _("open")
    CLOSING = "closing", _("closing")
    CLOSED = "closed", _("closed")


class Survey(models.Model):
    """One edition put to an audience for a period.

    `key_id` names the survey's root key in the keyring; it says nothing about the key. A trigger
    (migration 0002) refuses a change of promise, edition, threshold or key once `opened_at` is set, and another
    (migration 0009) of what respondents were told about changing and quoting.
    Written by `surveys.fielding` (planning, opening) and `surveys.closing` (stopping, destroying) only.
    """

    code = models.SlugField(_("code"), max_length=80, unique=True)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="surveys", verbose_name=_("edition"))
    promise = models.CharField(_("promise"), max_length=10, choices=Promise.choices, default=Promise.ANONYMOUS)
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("deadline"))
    threshold = models.PositiveSmallIntegerField(
        _("smallest group shown"), default=5, help_text=_("No figure is shown for fewer respondents than this.")
    )
    strict_reminders = models.BooleanField(
        _("remind everyone"),
        default=True,
        help_text=_(
            "A reminder only to those who lack an answer tells whoever runs their mail who has answered. "
            "Keep this on where letters go to an employer's addresses."
        ),
    )
    may_change = models.BooleanField(
        _("answers can be changed after they are submitted"),
        default=True,
        help_text=_("Until the deadline, with the code. Otherwise what is submitted first counts."),
    )
    asks_quoting = models.BooleanField(
        _("ask for leave to quote"),
        default=False,
        help_text=_("Asked of those who have written something, before they submit. Without a yes nothing is quoted."),
    )
    key_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True, editable=False)
    stopped_at = models.DateTimeField(_("stopped taking answers"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["-opens_at", "code"]
        permissions = [
            ("close_survey", "Can close a survey"),
            ("code_answers", "Can code open answers"),
            ("enter_answers", "Can enter answers for others"),
        ]
        constraints = [
            models.CheckConstraint(name="survey_opens_before_deadline", condition=Q(opens_at__lt=F("closes_at"))),
            models.CheckConstraint(name="survey_threshold_floor", condition=Q(threshold__gte=5)),
            models.CheckConstraint(name="survey_code_not_reserved", condition=~Q(code__in=RESERVED_CODES)),
            models.CheckConstraint(
                name="survey_stopped_after_opened",
                condition=Q(stopped_at__isnull=True) | Q(opened_at__isnull=False),
            ),
            models.CheckConstraint(
                name="survey_closed_after_stopped",
                condition=Q(closed_at__isnull=True) | Q(stopped_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_anonymous(self) -> bool:
        return self.promise == Promise.ANONYMOUS

    @property
    def ends_at(self) -> datetime:
        """The deadline, or the moment the survey was stopped by hand before it."""
        return self.closes_at if self.stopped_at is None else min(self.closes_at, self.stopped_at)

    def state(self, now: datetime) -> State:
        """Where the survey stands at `now`. An anonymous one is closed once its key is destroyed."""
        if self.opened_at is None:
            return State.PLANNED
        if self.closed_at is not None:
            return State.CLOSED
        if self.stopped_at is not None or now >= self.closes_at:
            return State.CLOSING
        return State.SCHEDULED if now < self.opens_at else State.OPEN


class BackgroundFact(models.Model):
    """A fact about the respondent that the register answers instead of the person, e.g. region.

    `rank` says how much it matters: when the stored combinations must be coarsened so that each has
    at least the threshold, the fact with the highest number gives way first.
    Written by `surveys.fielding` only; a trigger refuses changes once the survey is open.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="facts")
    name = models.SlugField(_("name"), max_length=30)
    label = models.CharField(_("label"), max_length=80)
    rank = models.PositiveSmallIntegerField(_("rank"))

    class Meta:
        verbose_name = _("background fact")
        verbose_name_plural = _("background facts")
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(name="fact_name_once", fields=["survey", "name"]),
            models.UniqueConstraint(name="fact_rank_once", fields=["survey", "rank"]),
        ]

    def __str__(self) -> str:
        return self.label


class BackgroundValue(models.Model):
    """One value a background fact can take, with its label. Written by `surveys.fielding` only."""

    fact = models.ForeignKey(BackgroundFact, on_delete=models.CASCADE, related_name="values")
    code = models.CharField(_("code"), max_length=60)
    label = models.CharField(_("label"), max_length=120)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("background value")
        verbose_name_plural = _("background values")
        ordering = ["position", "code"]
        constraints = [models.UniqueConstraint(name="fact_value_once", fields=["fact", "code"])]

    def __str__(self) -> str:
        return self.label


class PlannedCross(models.Model):
    """A question-by-question table declared before the first letter: `variable` within each group of `by`.

    Variables are named by code ("B2", "B2.stance"). Written by `surveys.fielding` only; a trigger
    refuses changes once the survey is open.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="crosses")
    variable = models.CharField(_("variable"), max_length=60)
    by = models.CharField(_("by"), max_length=60)

    class Meta:
        verbose_name = _("planned crosstab")
        verbose_name_plural = _("planned crosstabs")
        ordering = ["variable", "by"]
        constraints = [
            models.UniqueConstraint(name="cross_once", fields=["survey", "variable", "by"]),
            models.CheckConstraint(name="cross_not_with_itself", condition=~Q(variable=F("by"))),
        ]

    def __str__(self) -> str:
        return f"{self.variable} × {self.by}"


class Closing(models.Model):
    """How far the closing of an anonymous survey has come. Every step is idempotent; a null means not yet.

    `responses` and `digest` are the number of final ballots and a hash over the multiset of their
    contents, before and after the mix; `uninvited` is how many of them came in without an invitation.
    `unreadable` is how many final ballots did not open when last tried, and `left_out` how many answers the
    mix went on without, as `Waiver`s allow. `record` is the signed record of
    destruction. `changes` is how many times since then the holder of a receipt has withdrawn an answer or said
    something else of being quoted, and `backed_up` how many of these are in the backup, which `responses` and
    `digest` then follow. Written by `surveys.closing`, `surveys.withdrawing` and, after a disaster,
    `surveys.box.restoring` only.
    """

    survey = models.OneToOneField(Survey, on_delete=models.CASCADE, related_name="closing")
    started_at = models.DateTimeField(_("intake stopped"))
    mixed_at = models.DateTimeField(_("mixed"), null=True, blank=True)
    responses = models.PositiveIntegerField(_("responses"), null=True, blank=True)
    uninvited = models.PositiveIntegerField(_("responses without an invitation"), default=0)
    unreadable = models.PositiveIntegerField(_("answers that cannot be opened"), default=0)
    left_out = models.PositiveIntegerField(_("answers left out because they could not be opened"), default=0)
    digest = models.BinaryField(max_length=32, null=True, blank=True)
    backup = models.CharField(_("backup file"), max_length=200, blank=True)
    verified_at = models.DateTimeField(_("verified and restored"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    clean_on = models.DateField(_("clean date"), null=True, blank=True)
    record = models.JSONField(_("record of destruction"), null=True, blank=True)
    changes = models.PositiveIntegerField(_("changes by holders of receipts"), default=0)
    backed_up = models.PositiveIntegerField(_("changes in the backup"), default=0)

    class Meta:
        verbose_name = _("closing")
        verbose_name_plural = _("closings")
        constraints = [
            models.CheckConstraint(
                name="closing_mixed_before_verified",
                condition=Q(verified_at__isnull=True) | Q(mixed_at__isnull=False, digest__isnull=False),
            ),
            models.CheckConstraint(
                # Never destroy before the restore test.
                name="closing_verified_before_closed",
                condition=Q(closed_at__isnull=True) | Q(verified_at__isnull=False),
            ),
            models.CheckConstraint(
                # Of those withdrawn since, nobody knows which way they came in.
                name="closing_uninvited_among_responses",
                condition=Q(uninvited=0) | Q(responses__isnull=False, uninvited__lte=F("responses") + F("changes")),
            ),
            models.CheckConstraint(
                # What is left out was found to be unreadable first.
                name="closing_left_out_only_unreadable",
                condition=Q(left_out__lte=F("unreadable")),
            ),
            models.CheckConstraint(name="closing_changed_before_backed_up", condition=Q(backed_up__lte=F("changes"))),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id}"


class Approval(models.Model):
    """One person's consent to destroy the key of a survey. Written by `surveys.closing` only."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="approvals")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [models.UniqueConstraint(name="approval_once_a_person", fields=["survey", "person"])]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.given_at:%Y-%m-%d}"


class Waiver(models.Model):
    """One person's consent to close a survey without the answers that cannot be opened, up to a number of them.

    Of more than that number it says nothing: then it must be given again. Written by `surveys.box.waiving` only.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="waivers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ballots = models.PositiveIntegerField(_("most answers that may be left out"))
    given_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("consent to go on without answers")
        verbose_name_plural = _("consents to go on without answers")
        constraints = [
            models.UniqueConstraint(name="waiver_once_a_person", fields=["survey", "person", "ballots"]),
            models.CheckConstraint(name="waiver_of_something", condition=Q(ballots__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.ballots}"
