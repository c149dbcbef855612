"""Questionnaires as they are written (draft) and as they are put to people (frozen editions)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

models.CharField.register_lookup(Length)
models.TextField.register_lookup(Length)


class Concept(models.Model):
    """What a question asks about, shared by questions in different questionnaires or waves.

    Written by `surveys.authoring` only.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)

    class Meta:
        verbose_name = _("concept")
        verbose_name_plural = _("concepts")

    def __str__(self) -> str:
        return self.title


class Questionnaire(models.Model):
    """A questionnaire through all its editions. What is edited is its one draft edition.

    Written by `surveys.authoring` only.
    """

    code = models.SlugField(
        _("code"),
        max_length=80,
        unique=True,
        help_text=_("Short name used in addresses and files, for example nav-partnership-local-2021."),
    )
    title = models.CharField(_("title"), max_length=200)

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
    concept = models.ForeignKey(
        Concept, null=True, blank=True, on_delete=models.PROTECT, related_name="questions", verbose_name=_("concept")
    )

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
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text[:60]}"


class Meaning(models.TextChoices):
    """What ticking an option says: an answer, or a reason for not having one. Never mixed up with a blank."""

    ANSWER = "answer", _("an answer")
    DONT_KNOW = "dont_know", _("don't know")
    NOT_APPLICABLE = "not_applicable", _("not applicable")


class Option(models.Model):
    """One thing that can be ticked. Written by `surveys.authoring` only."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="options")
    position = models.PositiveSmallIntegerField(_("position"))
    code = models.SlugField(_("code"), max_length=30)
    label = models.CharField(_("label"), max_length=200)
    meaning = models.CharField(_("meaning"), max_length=20, choices=Meaning.choices, default=Meaning.ANSWER)

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


class Operator(models.TextChoices):
    """How a condition looks at the answer it depends on."""

    IS = "is", _("is")
    IS_NOT = "is_not", _("is not")
    ANSWERED = "answered", _("has been answered")


class Condition(models.Model):
    """A question is shown when every condition of at least one of its groups holds.

    `option` is what "is" and "is not" compare with, and is empty for "has been answered".
    Written by `surveys.authoring` only.
    """

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="conditions")
    group = models.PositiveSmallIntegerField(
        _("group"), default=1, help_text=_("Conditions with one number must hold together.")
    )
    source = models.ForeignKey(
        Question, on_delete=models.PROTECT, related_name="dependants", verbose_name=_("depends on")
    )
    operator = models.CharField(_("operator"), max_length=10, choices=Operator.choices, default=Operator.IS)
    option = models.ForeignKey(
        Option, null=True, blank=True, on_delete=models.PROTECT, related_name="conditions", verbose_name=_("option")
    )

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering = ["group", "id"]
        constraints = [
            models.CheckConstraint(
                name="condition_option_iff_compared",
                condition=Q(operator=Operator.ANSWERED, option__isnull=True)
                | (~Q(operator=Operator.ANSWERED) & Q(option__isnull=False)),
            ),
            models.CheckConstraint(name="condition_not_on_itself", condition=~Q(question=models.F("source"))),
        ]

    def __str__(self) -> str:
        return f"{self.source.code} {self.get_operator_display()} {self.option or ''}".strip()
