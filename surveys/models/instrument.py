"""Questionnaires as they are written (draft) and as they are put to people (frozen editions)."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from .attachment import Attachment

models.CharField.register_lookup(Length)
models.TextField.register_lookup(Length)


class Concept(models.Model):
    """What a question asks about, shared by questions in different questionnaires or waves.

    Written by `surveys.drafting.composing`, and on its own page in the admin.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)

    class Meta:
        verbose_name = _("concept")
        verbose_name_plural = _("concepts")

    def __str__(self) -> str:
        return self.title or self.code


class Role(models.TextChoices):
    """What a questionnaire is for. Those of a bank and templates are copied from and never put to anyone."""

    QUESTIONNAIRE = "questionnaire", _("questionnaire")
    TEMPLATE = "template", _("template")
    BANK = "bank", _("question bank")


class Questionnaire(models.Model):
    """A questionnaire through all its editions. What is edited is its one draft edition.

    The question bank is one as well, with a section a theme; so is each template.

    Written by `surveys.authoring` only.
    """

    code = models.SlugField(
        _("code"),
        max_length=80,
        unique=True,
        help_text=_("Short name used in addresses and files, for example nav-partnership-local-2021."),
    )
    title = models.CharField(_("title"), max_length=200)
    role = models.CharField(_("used as"), max_length=20, choices=Role.choices, default=Role.QUESTIONNAIRE)
    # What `surveys.drafting.supplying` wrote into it last, as a hash: tells a draft that staff have changed since from
    # one they have not. Empty for a questionnaire that did not come with the product.
    supplied = models.CharField(max_length=64, blank=True, default="", editable=False)

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title or self.code


class Edition(models.Model):
    """One version of a questionnaire: the draft (no number yet) or a published, frozen one.

    A trigger (migration 0002) refuses every change to a published edition and to what hangs on it.
    Written by `surveys.authoring` (drafts) and `surveys.publishing` (freezing) only.
    """

    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.PROTECT, related_name="editions", verbose_name=_("questionnaire")
    )
    number = models.PositiveSmallIntegerField(_("number"), null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    title = models.CharField(_("title shown to respondents"), max_length=200)
    purpose = models.TextField(
        _("purpose"),
        blank=True,
        help_text=_("Who asks, why, and what becomes of the answers. Shown on the first page. Markdown."),
    )
    minutes = models.PositiveSmallIntegerField(_("expected time in minutes"), null=True, blank=True)
    version = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("Counts the saves of the draft, so that two editors notice each other.")
    )

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["questionnaire", "number"]
        constraints = [
            models.CheckConstraint(
                name="edition_numbered_iff_published",
                condition=Q(number__isnull=True, published_at__isnull=True)
                | Q(number__isnull=False, published_at__isnull=False),
            ),
            models.UniqueConstraint(name="edition_number_once", fields=["questionnaire", "number"]),
            models.UniqueConstraint(
                name="edition_one_draft", fields=["questionnaire"], condition=Q(published_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        number = _("draft") if self.number is None else str(self.number)
        return f"{self.questionnaire.code} ({number})"

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


class Section(models.Model):
    """A run of questions shown together. Written by `surveys.authoring` only."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField(_("position"))
    title = models.CharField(_("title"), max_length=200, blank=True)
    intro = models.TextField(_("introduction"), blank=True, help_text=_("Markdown."))

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(
                name="section_position_once",
                fields=["edition", "position"],
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.position}"


class Elaboration(models.TextChoices):
    """Whether a question has a free text beside its options."""

    NEVER = "never", _("no text beside")
    OPTIONAL = "optional", _("text may be added")
    REQUIRED = "required", _("text is asked for")


class Comparability(models.TextChoices):
    """How far a question can be set against others that share its concept."""

    WORDING = "wording", _("same wording")
    MEANING = "meaning", _("same meaning")
    THEME = "theme", _("same theme only")


class Question(models.Model):
    """One question or block of information. Written by `surveys.authoring` only."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="questions", editable=False)
    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="questions", verbose_name=_("section"))
    position = models.PositiveSmallIntegerField(_("position"))
    code = models.CharField(
        _("code"), max_length=20, help_text=_("Short and unique in the questionnaire, for example B2.")
    )
    kind = models.CharField(_("kind"), max_length=30)
    text = models.TextField(_("text"), help_text=_("The question, or for information the text itself (Markdown)."))
    help = models.TextField(_("help"), blank=True)
    required = models.BooleanField(_("must be answered"), default=False)
    elaboration = models.CharField(
        _("elaboration"), max_length=10, choices=Elaboration.choices, default=Elaboration.NEVER
    )
    elaboration_prompt = models.CharField(_("prompt for the elaboration"), max_length=200, blank=True)
    minimum = models.DecimalField(
        _("at least"),
        max_digits=16,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("The smallest number, or the fewest answers to choose."),
    )
    maximum = models.DecimalField(
        _("at most"),
        max_digits=16,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("The largest number, or the most answers to choose or rank."),
    )
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=0, validators=[MaxValueValidator(4)])
    unit = models.CharField(_("unit"), max_length=40, blank=True, help_text=_("What is counted, for example years."))
    concept = models.ForeignKey(
        Concept, null=True, blank=True, on_delete=models.PROTECT, related_name="questions", verbose_name=_("concept")
    )
    comparability = models.CharField(
        _("comparable with others about it"),
        max_length=10,
        choices=Comparability.choices,
        default=Comparability.MEANING,
    )
    # What a block of information shows below its text; nothing of it in other kinds.
    quotation = models.TextField(_("quotation"), blank=True, help_text=_("Words of someone else, marked as such."))
    source = models.CharField(_("source of the quotation"), max_length=200, blank=True)
    attachment = models.ForeignKey(
        Attachment, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="questions"
    )
    alt = models.CharField(
        _("text in place of the image"),
        max_length=500,
        blank=True,
        help_text=_("What the image shows, for those who do not see it. Needed before it is published."),
    )
    caption = models.CharField(_("caption"), max_length=200, blank=True)
    # "questionnaire/question" of what it was copied from: words, since the copy outlives the original.
    origin = models.CharField(_("taken from"), max_length=110, blank=True, editable=False)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["section__position", "position"]
        constraints = [
            models.UniqueConstraint(name="question_code_once", fields=["edition", "code"]),
            models.UniqueConstraint(
                name="question_position_once",
                fields=["section", "position"],
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                # The code names the variable in addresses ("B2.stance"): a dot or blank would be ambiguous.
                name="question_code_form",
                condition=Q(code__regex=r"^[A-Za-z][A-Za-z0-9_]*$"),
            ),
            models.CheckConstraint(
                name="question_minimum_to_maximum",
                condition=Q(minimum__isnull=True) | Q(maximum__isnull=True) | Q(minimum__lte=models.F("maximum")),
            ),
            models.CheckConstraint(name="question_few_decimals", condition=Q(decimals__lte=4)),
            models.CheckConstraint(
                name="question_attachment_of_information", condition=Q(attachment__isnull=True) | Q(kind="information")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text[:60]}"


class Meaning(models.TextChoices):
    """What ticking an option says: an answer, or a reason for not having one. Never mixed up with a blank."""

    ANSWER = "answer", _("an answer")
    DONT_KNOW = "dont_know", _("don't know")
    NOT_APPLICABLE = "not_applicable", _("not applicable")
    OTHER = "other", _("something else, to be named")


class Option(models.Model):
    """One thing that can be ticked. Written by `surveys.authoring` only."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="options")
    position = models.PositiveSmallIntegerField(_("position"))
    code = models.SlugField(_("code"), max_length=30)
    label = models.CharField(_("label"), max_length=200)
    meaning = models.CharField(_("meaning"), max_length=20, choices=Meaning.choices, default=Meaning.ANSWER)
    elaboration = models.CharField(
        _("elaboration"),
        max_length=10,
        choices=Elaboration.choices,
        blank=True,
        default="",
        help_text=_("Empty: as the question says."),
    )
    excludes = models.BooleanField(
        _("excludes the others"), default=False, help_text=_("Such as “none of these”, where several can be chosen.")
    )

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="option_code_once", fields=["question", "code"]),
            # What an answer's key to its option and question points at.
            models.UniqueConstraint(name="option_of_question", fields=["id", "question"]),
            models.UniqueConstraint(
                name="option_position_once",
                fields=["question", "position"],
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.label


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
    """How a condition looks at the answer it depends on."""

    IS = "is", _("is")
    IS_NOT = "is_not", _("is not")
    ONE_OF = "one_of", _("is one of")
    AT_LEAST = "at_least", _("is at least")
    AT_MOST = "at_most", _("is at most")
    ANSWERED = "answered", _("has been answered")


ON_OPTION = (Operator.IS, Operator.IS_NOT)
ON_NUMBER = (Operator.AT_LEAST, Operator.AT_MOST)


class Condition(models.Model):
    """A question or section is shown when every condition of at least one of its groups holds.

    It looks at the answer to a question (`source`) or at a background fact (`fact`). What it compares with is
    an `option` or the fact's `fact_value` (is, is not), the options in `ConditionOption` (is one of), a `number`
    (at least, at most), or nothing (has been answered). Written by `surveys.authoring` only.
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
    fact = models.ForeignKey(EditionFact, null=True, blank=True, on_delete=models.PROTECT, related_name="conditions")
    operator = models.CharField(_("operator"), max_length=10, choices=Operator.choices, default=Operator.IS)
    option = models.ForeignKey(
        Option, null=True, blank=True, on_delete=models.PROTECT, related_name="conditions", verbose_name=_("option")
    )
    fact_value = models.ForeignKey(
        EditionFactValue, null=True, blank=True, on_delete=models.PROTECT, related_name="conditions"
    )
    number = models.DecimalField(_("number"), max_digits=16, decimal_places=4, null=True, blank=True)

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
                | Q(source__isnull=True, fact__isnull=False, option__isnull=True, number__isnull=True),
            ),
            models.CheckConstraint(
                name="condition_option_iff_compared",
                condition=Q(operator__in=ON_OPTION, source__isnull=False, option__isnull=False)
                | Q(operator__in=ON_OPTION, fact__isnull=False, fact_value__isnull=False)
                | (~Q(operator__in=ON_OPTION) & Q(option__isnull=True, fact_value__isnull=True)),
            ),
            models.CheckConstraint(
                name="condition_number_iff_compared",
                condition=Q(operator__in=ON_NUMBER, number__isnull=False)
                | (~Q(operator__in=ON_NUMBER) & Q(number__isnull=True)),
            ),
            models.CheckConstraint(
                name="condition_one_of_answers",
                condition=~Q(operator=Operator.ONE_OF) | Q(source__isnull=False),
            ),
            models.CheckConstraint(name="condition_not_on_itself", condition=~Q(question=models.F("source"))),
        ]

    def __str__(self) -> str:
        on = self.source.code if self.source else str(self.fact)
        compared = self.option or self.fact_value or ("" if self.number is None else self.number)
        return f"{on} {self.get_operator_display()} {compared}".strip()


class ConditionOption(models.Model):
    """One of the options that "is one of" compares with. Written with its condition."""

    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="options")
    option = models.ForeignKey(Option, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("option of a condition")
        verbose_name_plural = _("options of a condition")
        constraints = [models.UniqueConstraint(name="condition_option_once", fields=["condition", "option"])]

    def __str__(self) -> str:
        return str(self.option)
