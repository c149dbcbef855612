"""Who may sign in, see results and use the API."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """Someone who signs in: union staff or leadership. Representatives never do."""

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")


class Grant(models.Model):
    """A leader may see the results of a unit and what lies below it; of the union: everything.

    Rights filter a release, they never enlarge it. Written in the admin only.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants", verbose_name=_("user"))
    unit = models.ForeignKey("consult.Unit", on_delete=models.CASCADE, related_name="grants", verbose_name=_("unit"))

    class Meta:
        verbose_name = _("access to results")
        verbose_name_plural = _("access to results")
        constraints = [models.UniqueConstraint(name="grant_once", fields=["user", "unit"])]

    def __str__(self) -> str:
        return f"{self.user} → {self.unit}"


class ApiToken(models.Model):
    """A key for the read-only API. Only its hash is kept. Written by `consult.granting` only."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("user"))
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.user} {self.created_at:%Y-%m-%d}"
