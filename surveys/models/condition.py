"""Conditions: when a question or section is shown, and the background facts of the register that one can look at."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from .instrument import Edition, Option, Question, Section


class EditionFact(models.Model):
    """A background fact that an edition looks at, for routing or in its texts.

    The register answers it instead of the person. A survey with the edition must carry the fact among its own
    (`surveys.fielding.plan` refuses otherwise). Written by `surveys.authoring` only.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="facts")
    name = models.SlugField(_("name"), max_length=40)
    label = models.CharField(_("label"), max_length=200)

    class Meta:
        verbose_name = _("background fact looked at")
        verbose_name_plural = _("background facts looked at")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(name="edition_fact_once", fields=["edition", "name"])]

    def __str__(self) -> str:
        return self.label or self.name


class EditionFactValue(models.Model):
    """One value that a background fact can have. Written with its fact."""

    fact = models.ForeignKey(EditionFact, on_delete=models.CASCADE, related_name="values")
    code = models.SlugField(_("code"), max_length=60)
    label = models.CharField(_("label"), max_length=200)

    class Meta:
        verbose_name = _("value of a background fact")
        verbose_name_plural = _("values of a background fact")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(name="edition_fact_value_once", fields=["fact", "code"])]

    def __str__(self) -> str:
        return self.label or self.code


class Operator(models.TextChoices):
    """How a condition looks at the answer it depends on. None of them holds while there is no answer."""

    IS = "is", _("is")
    IS_NOT = "is_not", _("is not")
    ONE_OF = "one_of", _("is one of")
    NONE_OF = "none_of", _("is none of")
    AT_LEAST = "at_least", _("is at least")
    AT_MOST = "at_most", _("is at most")
    MORE_THAN = "more_than", _("is more than")
    LESS_THAN = "less_than", _("is less than")
    ANSWERED = "answered", _("has been answered")


# What comparing by size is called of days.
OF_DAYS = {
    Operator.AT_LEAST: _("is on or after"),
    Operator.AT_MOST: _("is on or before"),
    Operator.MORE_THAN: _("is after"),
    Operator.LESS_THAN: _("is before"),
}
# What each compares with: one option or value of a fact, several, or a number or day.
ON_OPTION = (Operator.IS, Operator.IS_NOT)
ON_SEVERAL = (Operator.ONE_OF, Operator.NONE_OF)
ON_SIZE = (Operator.AT_LEAST, Operator.AT_MOST, Operator.MORE_THAN, Operator.LESS_THAN)


class Condition(models.Model):
    """A question or section is shown when every condition of at least one of its groups holds.

    It looks at the answer to a question (`source`) or at a background fact (`fact`). What it compares with is
    an `option` or the fact's `fact_value` (is, is not), those in `ConditionOption` (is one of, is none of), a `number`
    or a `day` (at least, at most, more than, less than), or nothing (has been answered). Written by
    `surveys.authoring` only.
    """

    question = models.ForeignKey(Question, null=True, blank=True, on_delete=models.CASCADE, related_name="conditions")
    section = models.ForeignKey(Section, null=True, blank=True, on_delete=models.CASCADE, related_name="conditions")
    group = models.PositiveSmallIntegerField(
        _("group"), default=1, help_text=_("Conditions with the same number must hold at the same time.")
    )
    source = models.ForeignKey(
        Question,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="dependants",
        verbose_name=_("depends on"),
    )
    fact = models.ForeignKey(
        EditionFact,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="conditions",
        verbose_name=_("background fact"),
    )
    operator = models.CharField(_("operator"), max_length=10, choices=Operator.choices, default=Operator.IS)
    option = models.ForeignKey(
        Option, null=True, blank=True, on_delete=models.PROTECT, related_name="conditions", verbose_name=_("option")
    )
    fact_value = models.ForeignKey(
        EditionFactValue,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="conditions",
        verbose_name=_("value of the background fact"),
    )
    number = models.DecimalField(_("number"), max_digits=16, decimal_places=4, null=True, blank=True)
    day = models.DateField(_("day"), null=True, blank=True)

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering = ["group", "id"]
        constraints = [
            models.CheckConstraint(
                name="condition_of_question_or_section",
                condition=Q(question__isnull=False, section__isnull=True)
                | Q(question__isnull=True, section__isnull=False),
            ),
            models.CheckConstraint(
                name="condition_on_answer_or_fact",
                condition=Q(source__isnull=False, fact__isnull=True, fact_value__isnull=True)
                | Q(
                    source__isnull=True, fact__isnull=False, option__isnull=True, number__isnull=True, day__isnull=True
                ),
            ),
            models.CheckConstraint(name="condition_operator_known", condition=Q(operator__in=Operator.values)),
            models.CheckConstraint(
                name="condition_option_iff_compared",
                condition=Q(operator__in=ON_OPTION, source__isnull=False, option__isnull=False)
                | Q(operator__in=ON_OPTION, fact__isnull=False, fact_value__isnull=False)
                | (~Q(operator__in=ON_OPTION) & Q(option__isnull=True, fact_value__isnull=True)),
            ),
            models.CheckConstraint(
                name="condition_size_iff_compared",
                condition=Q(operator__in=ON_SIZE, number__isnull=False, day__isnull=True)
                | Q(operator__in=ON_SIZE, number__isnull=True, day__isnull=False)
                | (~Q(operator__in=ON_SIZE) & Q(number__isnull=True, day__isnull=True)),
            ),
            models.CheckConstraint(name="condition_not_on_itself", condition=~Q(question=models.F("source"))),
        ]

    def __str__(self) -> str:
        on = self.source.code if self.source else str(self.fact)
        if self.day is not None:
            return f"{on} {OF_DAYS[Operator(self.operator)]} {date_format(self.day)}"
        compared = self.option or self.fact_value or ", ".join(str(each) for each in self.options.all())
        if self.number is not None:
            compared = f"{self.number.normalize():f}"
        return f"{on} {self.get_operator_display()} {compared}".strip()


class ConditionOptions(models.QuerySet["ConditionOption"]):
    """Questions to the table."""

    def with_compared(self) -> ConditionOptions:
        """In order, each with what it compares with."""
        return self.select_related("option", "fact_value").order_by("pk")


class ConditionOption(models.Model):
    """One of the options, or values of a background fact, that "is one of" and "is none of" compare with.

    The trigger `condition_option_of_source` refuses one that is not of what the condition looks at. Written with its
    condition.
    """

    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="options")
    option = models.ForeignKey(Option, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    fact_value = models.ForeignKey(EditionFactValue, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ConditionOptions.as_manager()

    class Meta:
        verbose_name = _("option of a condition")
        verbose_name_plural = _("options of a condition")
        constraints = [
            models.UniqueConstraint(name="condition_option_once", fields=["condition", "option"]),
            models.UniqueConstraint(name="condition_fact_value_once", fields=["condition", "fact_value"]),
            models.CheckConstraint(
                name="condition_option_or_fact_value",
                condition=Q(option__isnull=False, fact_value__isnull=True)
                | Q(option__isnull=True, fact_value__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.compared)

    @property
    def compared(self) -> Option | EditionFactValue | None:
        """What is compared with."""
        return self.option or self.fact_value

    @classmethod
    def of(cls, condition: Condition, compared: Option | EditionFactValue) -> ConditionOption:
        """A new row, unsaved."""
        if isinstance(compared, Option):
            return cls(condition=condition, option=compared)
        return cls(condition=condition, fact_value=compared)
