"""People, their addresses and their appointments, as the membership register knows them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .organisation import Unit


class Person(models.Model):
    """Someone in the register. That they are organised is itself special-category data.

    `number` is the membership number. No national identity number is ever held.
    Written by `consult.importing` only.
    """

    number = models.CharField(_("membership number"), max_length=20, unique=True)
    given_name = models.CharField(_("given name"), max_length=80)
    family_name = models.CharField(_("family name"), max_length=80)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="nb")
    left_on = models.DateField(_("left"), null=True, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["family_name", "given_name"]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"


class AddressKind(models.TextChoices):
    PRIVATE = "private", _("private")
    WORK = "work", _("at the employer")


class Address(models.Model):
    """An e-mail address of a person. `dead_at` is set when letters to it come back for good.

    Written by `consult.importing` only.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="addresses")
    email = models.EmailField(_("e-mail"), max_length=254)
    kind = models.CharField(_("kind"), max_length=10, choices=AddressKind.choices, default=AddressKind.PRIVATE)
    dead_at = models.DateTimeField(_("unreachable since"), null=True, blank=True)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [models.UniqueConstraint(Lower("email"), "person", name="address_once_a_person")]

    def __str__(self) -> str:
        return self.email


class Role(models.TextChoices):
    MEMBER = "member", _("member")
    CHIEF = "chief", _("chief representative")
    DEPUTY = "deputy", _("deputy chief representative")
    LOCAL = "local", _("local representative")


class Appointment(models.Model):
    """A person holds a role at a unit from a date, to a date if it has ended. Written by `consult.importing` only."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="appointments", verbose_name=_("person"))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("unit"))
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.CheckConstraint(
                name="appointment_starts_before_it_ends",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            models.UniqueConstraint(
                name="appointment_once", fields=["person", "unit", "role"], condition=Q(ends_on__isnull=True)
            ),
        ]
        indexes = [models.Index(name="appointment_by_role", fields=["role", "unit"])]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.unit}"


class RegisterImport(models.Model):
    """One file given to the register: its plan, and whether it was applied. Written by `consult.importing` only.

    The file's own text is kept only until the plan is applied or dropped.
    """

    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    uploaded_at = models.DateTimeField(_("uploaded"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    plan = models.JSONField(_("plan"), default=dict)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)

    class Meta:
        verbose_name = _("register import")
        verbose_name_plural = _("register imports")
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return self.file_name
