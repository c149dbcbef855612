"""Who is asked, and every letter to them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models import Survey

from .organisation import Unit
from .people import Address, Person, Role


class Audience(models.Model):
    """Who a survey is put to: people with one of the roles at or below a unit. Frozen with its size.

    Written by `consult.selecting` only.
    """

    survey = models.OneToOneField(Survey, on_delete=models.PROTECT, related_name="audience", verbose_name=_("survey"))
    roles = models.JSONField(_("roles"), default=list)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("at or below"))
    frozen_at = models.DateTimeField(_("frozen"), null=True, blank=True, editable=False)
    size = models.PositiveIntegerField(_("size"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")
        constraints = [
            models.CheckConstraint(
                name="audience_sized_iff_frozen",
                condition=Q(frozen_at__isnull=True, size__isnull=True) | Q(frozen_at__isnull=False, size__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey}: {', '.join(str(Role(role).label) for role in self.roles)}"


class Stratum(models.Model):
    """How many were invited with one value of one background fact: the denominator of a rate.

    Written by `consult.selecting` only.
    """

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="strata")
    fact = models.CharField(max_length=30)
    value = models.CharField(max_length=60)
    size = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("stratum")
        verbose_name_plural = _("strata")
        constraints = [models.UniqueConstraint(name="stratum_once", fields=["audience", "fact", "value"])]

    def __str__(self) -> str:
        return f"{self.fact}={self.value}: {self.size}"


class Invitation(models.Model):
    """One person's right to answer one survey once.

    `selector` finds the row from a link; `generation` is counted up to make earlier links void. The link's
    secret part is computed, never stored. There is no field here that says whether the person has answered,
    and there must never be one. `facts` is the snapshot of the declared background facts and no others.
    Written by `consult.selecting` only; deleted by `consult.erasing`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="invitations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="invitations")
    address = models.ForeignKey(Address, null=True, on_delete=models.SET_NULL, related_name="+")
    selector = models.BigIntegerField(unique=True, editable=False)
    generation = models.PositiveSmallIntegerField(default=1, editable=False)
    facts = models.JSONField(default=dict)
    opted_out_at = models.DateTimeField(_("opted out"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [models.UniqueConstraint(name="invitation_once", fields=["survey", "person"])]

    def __str__(self) -> str:
        return str(self.id)


class LetterKind(models.TextChoices):
    INVITATION = "invitation", _("invitation")
    REMINDER = "reminder", _("reminder")


class Mailing(models.Model):
    """A round of letters of one kind, due at a time.

    `tally` is how many letters had come how far when they were erased, as `consult.distributing.progress` tells it.
    Written by `consult.distributing`, and by `consult.erasing` at the end.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="mailings", verbose_name=_("survey"))
    kind = models.CharField(_("kind"), max_length=20, choices=LetterKind.choices)
    ordinal = models.PositiveSmallIntegerField(_("number"), default=1)
    due_at = models.DateTimeField(_("due"))
    queued_at = models.DateTimeField(_("queued"), null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(_("letters erased"), null=True, blank=True, editable=False)
    tally = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        ordering = ["due_at"]
        constraints = [models.UniqueConstraint(name="mailing_once", fields=["survey", "kind", "ordinal"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.ordinal}"


class LetterStatus(models.TextChoices):
    PENDING = "pending", _("waiting")
    CLAIMED = "claimed", _("claimed by a worker")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("refused by the mail server")
    UNKNOWN = "unknown", _("fate unknown, a person must decide")
    SKIPPED = "skipped", _("not sent: opted out, unreachable, or the survey is over")
    # A selective reminder ends here whether it was sent or not needed: the row must not say who has answered.
    DONE = "done", _("done")


class Letter(models.Model):
    """One letter to one invitation: the row is the queue, and the only record of what happened to it.

    The body is not kept: it is made again, byte for byte, from `message_id`, `dated_at`, `language` and the
    templates of `template_version`. `epoch` counts the claims; a worker whose epoch is over may not write.
    Written by `consult.distributing` (queueing) and `consult.claiming` (the rest), deleted by `consult.erasing` only.
    """

    mailing = models.ForeignKey(Mailing, on_delete=models.PROTECT, related_name="letters", verbose_name=_("mailing"))
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(_("kind"), max_length=20, choices=LetterKind.choices)
    ordinal = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(_("status"), max_length=10, choices=LetterStatus.choices, default=LetterStatus.PENDING)
    epoch = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("not before"))
    message_id = models.CharField(max_length=120, unique=True)
    dated_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=2, blank=True)
    template_version = models.CharField(max_length=16, blank=True)
    smtp_reply = models.CharField(_("the mail server's reply"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = [
            models.UniqueConstraint(name="letter_once", fields=["invitation", "kind", "ordinal"]),
            models.CheckConstraint(
                name="letter_leased_iff_in_hand",
                condition=Q(status__in=["claimed", "sending"], lease_until__isnull=False)
                | (~Q(status__in=["claimed", "sending"]) & Q(lease_until__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(name="letter_waiting", fields=["not_before", "id"], condition=Q(status="pending")),
            models.Index(name="letter_in_hand", fields=["lease_until"], condition=Q(status__in=["claimed", "sending"])),
            models.Index(name="letter_by_mailing", fields=["mailing", "status"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.ordinal}: {self.get_status_display()}"


class ParticipationReading(models.Model):
    """The coarse participation staff may see while a survey is open: in steps, once a day (`consult.monitoring`).

    Written by `consult.monitoring` only.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="readings")
    read_on = models.DateField(_("day"))
    percent = models.PositiveSmallIntegerField(_("participation, coarsely"), null=True)
    others = models.PositiveIntegerField(_("answers without an invitation, at least"), null=True)

    class Meta:
        verbose_name = _("participation reading")
        verbose_name_plural = _("participation readings")
        constraints = [
            models.UniqueConstraint(name="reading_once_a_day", fields=["survey", "read_on"]),
            models.CheckConstraint(
                name="reading_in_steps_of_five",
                condition=Q(percent__isnull=True) | Q(percent__in=list(range(5, 100, 5))),
            ),
            models.CheckConstraint(
                name="reading_others_from_ten",
                condition=Q(others__isnull=True) | Q(others__gte=10),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.read_on}: {self.percent}"
