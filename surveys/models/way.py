"""Other ways in than the letter: open links, and how many entries staff have begun for others."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .fieldwork import Survey


class Way(models.TextChoices):
    """How an answer came in. A survey may declare it as a background fact called `way`."""

    LETTER = "letter", _("by the link in a letter")
    OPEN = "open", _("by an open link")
    KIOSK = "kiosk", _("on a shared screen")
    PAPER = "paper", _("on paper")
    TELEPHONE = "telephone", _("by telephone")


class OpenLink(models.Model):
    """One way in for whoever has its address: on a poster, on a slide, on a tablet at a meeting.

    A link hands out blank ballots, each with a key of its own, and keeps only how many: neither when nor to whom,
    and no row leads from the link to a ballot or back. `facts` is the background of everyone who comes by it, sealed
    into each ballot. A trigger (migration 0012) refuses links to named surveys, and fixes survey, code, facts and
    mode. Written by `surveys.ways` (`linking`; `handed` by `handing`) only.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="open_links", verbose_name=_("survey"))
    title = models.CharField(_("name among staff"), max_length=80)
    code = models.CharField(_("code"), max_length=8, unique=True, editable=False)
    is_kiosk = models.BooleanField(_("shared screen"), default=False)
    facts = models.JSONField(_("background"), default=dict, blank=True)
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    most = models.PositiveIntegerField(_("most ballots"), default=300, validators=[MinValueValidator(1)])
    handed = models.PositiveIntegerField(_("ballots handed out"), default=0, editable=False)
    off_at = models.DateTimeField(_("turned off"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("open link")
        verbose_name_plural = _("open links")
        ordering = ["title", "id"]
        constraints = [
            models.CheckConstraint(name="openlink_titled", condition=~Q(title="")),
            models.CheckConstraint(name="openlink_code_typed", condition=Q(code__regex="^[2-9A-HJKMNP-TV-Z]{8}$")),
            models.CheckConstraint(name="openlink_no_more_than_allowed", condition=Q(handed__lte=F("most"))),
            models.CheckConstraint(name="openlink_allows_some", condition=Q(most__gte=1, most__lte=100_000)),
            models.CheckConstraint(
                name="openlink_opens_before_it_closes",
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(opens_at__lt=F("closes_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def way(self) -> str:
        """How those who come by it come in."""
        return Way.KIOSK if self.is_kiosk else Way.OPEN

    @property
    def spaced_code(self) -> str:
        """The code as it is printed, easy to type."""
        return f"{self.code[:4]}-{self.code[4:]}"


class EntryTally(models.Model):
    """How many answers a user began to enter for others on one day: not for whom, nor when, nor what was said.

    Written by `surveys.ways.tallying` only.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="entry_tallies")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(_("way"), max_length=10, choices=Way.choices)
    begun_on = models.DateField(_("day"))
    begun = models.PositiveIntegerField(_("begun"), default=1)

    class Meta:
        verbose_name = _("entries for others")
        verbose_name_plural = _("entries for others")
        constraints = [
            models.UniqueConstraint(name="tally_once_a_day", fields=["survey", "person", "way", "begun_on"]),
            models.CheckConstraint(name="tally_of_staff", condition=Q(way__in=["paper", "telephone"])),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.begun_on}: {self.begun}"
