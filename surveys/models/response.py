"""Answers as facts: one row per question asked, or per option chosen. Never a label, never a blob to parse."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .fieldwork import BackgroundValue, Survey
from .instrument import Option, Question


class Quoting(models.TextChoices):
    """What someone has said to being quoted without their name. Nothing said means not asked, and is a no."""

    YES = "yes", _("yes")
    ASK = "ask", _("only after I have been asked")
    NO = "no", _("no")


class Response(models.Model):
    """One respondent's answers as facts. The id is random and carries no time.

    `locator` is set in named surveys only, where the union has told people that it can see who answered
    what; a trigger (migration 0002) refuses it in an anonymous one.
    `quoting` is what the person has said to being quoted; only `surveys.quoting` gives texts out for that.
    Written by `surveys.closing` (anonymous: all at once, mixed) and `surveys.answering` (named) only; deleted, or
    with `quoting` changed, by `surveys.withdrawing` for whoever has the receipt.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    locator = models.BinaryField(max_length=16, null=True, unique=True)
    receipt_hash = models.BinaryField(max_length=32, null=True)
    quoting = models.CharField(_("may be quoted"), max_length=3, choices=Quoting.choices, blank=True, default="")
    closed_on = models.DateField(_("closed on"), null=True)

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        # What the answers' key to their response and survey points at.
        constraints = [
            models.UniqueConstraint(name="response_of_survey", fields=["id", "survey"]),
            models.CheckConstraint(name="response_quoting_known", condition=Q(quoting__in=["", *Quoting.values])),
        ]
        # Whoever has a receipt asks for one of them.
        indexes = [models.Index(name="response_by_receipt", fields=["receipt_hash"])]

    def __str__(self) -> str:
        return str(self.id)


class Background(models.Model):
    """One background fact of one response; an empty value means that it was coarsened away.

    Written with the response it belongs to.
    """

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="background")
    fact = models.ForeignKey("surveys.BackgroundFact", on_delete=models.PROTECT, related_name="+", db_index=False)
    value = models.ForeignKey(BackgroundValue, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("background")
        verbose_name_plural = _("background")
        # In the order in which a fact is counted against another variable: by an index alone, merged by response.
        constraints = [models.UniqueConstraint(name="background_once", fields=["fact", "response"], include=["value"])]

    def __str__(self) -> str:
        return f"{self.fact_id}={self.value_id}"


class Answer(models.Model):
    """What one response says to one question: a row for each question that was asked.

    A question that was asked and left blank has a row with nothing in it; one that routing passed over
    has no row. The option is one of the question's, which another key made in migration 0002 insists on.
    `survey` is the response's, which a key made in migration 0002 insists on: waves can share an edition, and
    one of them is then counted without looking at the others.
    Written with the response it belongs to.
    """

    # The three keys lead an index below; `response` and `survey` are checked together (migration 0002), and so are
    # `option` and `question`.
    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="answers", db_index=False, db_constraint=False
    )
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+", db_index=False)
    option = models.ForeignKey(Option, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    number = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    rank = models.PositiveSmallIntegerField(null=True)
    text = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            # One row a question; where several belong to it, each has a place of its own.
            models.UniqueConstraint(name="answer_once", fields=["response", "question", "rank"], nulls_distinct=False),
            models.CheckConstraint(
                name="answer_rank_has_option", condition=Q(rank__isnull=True) | Q(option__isnull=False)
            ),
        ]
        # Counting reads this index alone, in the order in which two questions are merged.
        indexes = [
            models.Index(name="answer_by_question", fields=["question", "survey", "response"], include=["option"])
        ]

    def __str__(self) -> str:
        return f"{self.question_id}"
