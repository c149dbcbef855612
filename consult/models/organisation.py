"""The organisation: a tree of units from the union down to the office."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from tree_queries.models import TreeNode


class UnitKind(models.TextChoices):
    UNION = "union", _("union")
    REGION = "region", _("region")
    OPERATING_UNIT = "operating_unit", _("operating unit")
    OFFICE = "office", _("office")


class SizeBand(models.TextChoices):
    """How many work at an office, coarse enough not to point at one."""

    SMALL = "small", _("fewer than 20 employees")
    MEDIUM = "medium", _("20 to 59 employees")
    LARGE = "large", _("60 employees or more")


class Unit(TreeNode):
    """A node of the organisation tree. `code` is the register's own name for it.

    Written by `consult.importing` only.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=20, choices=UnitKind.choices)
    county = models.CharField(_("county"), max_length=60, blank=True)
    size_band = models.CharField(_("size band"), max_length=10, choices=SizeBand.choices, blank=True)
    host_municipality = models.BooleanField(_("host-municipality office"), null=True, blank=True)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="unit_not_its_own_parent", condition=~Q(parent=F("id"))),
            models.CheckConstraint(
                name="unit_union_is_root",
                condition=Q(kind="union", parent__isnull=True) | (~Q(kind="union") & Q(parent__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.name
