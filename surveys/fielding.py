"""Fielding: put an edition in the field with its period, its promise and its release plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from surveys import routing
from surveys.box import keyring
from surveys.coding import create_codebook
from surveys.models import BackgroundFact, BackgroundValue, Edition, PlannedCross, Promise, Role, Survey
from surveys.models.fieldwork import RESERVED_CODES
from surveys.structure import edition_view
from surveys.variables import closed_names

LARGEST_PLAN = 4


class NotReady(Exception):
    """The survey cannot be planned or opened; the message says why, for the person who tried."""


@dataclass(frozen=True)
class FactPlan:
    """A background fact that the survey declares: its name in the register, its label and its values.

    Labels are {language: text}; values are (code, label) in the order they are shown.
    """

    name: str
    label: dict[str, str]
    values: Sequence[tuple[str, dict[str, str]]] = field(default_factory=list)


def plan(
    code: str,
    edition: Edition,
    *,
    opens_at: datetime,
    closes_at: datetime,
    promise: str = Promise.ANONYMOUS,
    threshold: int = 5,
    strict_reminders: bool = True,
    may_change: bool = True,
    asks_quoting: bool = False,
    facts: Sequence[FactPlan] = (),
    crosses: Sequence[tuple[str, str]] = (),
    codebooks: Sequence[str] = (),
) -> Survey:
    """Plan a survey: everything that is fixed before the first letter.

    Args:
        facts: at most four background facts, the most important first.
        crosses: (variable, by) pairs of question or coded variables.
        codebooks: codes of the questions whose open answers will be coded with a stance.

    Raises:
        NotReady: the code is taken by an address, the edition is a draft, a name is unknown, or there are more than
            four facts.
    """
    if code in RESERVED_CODES:
        raise NotReady(_("The code “%(code)s” is used by an address of the service. Choose another.") % {"code": code})
    _check_plan(edition, facts, crosses, codebooks)
    with transaction.atomic():
        survey = Survey.objects.create(
            code=code,
            edition=edition,
            promise=promise,
            opens_at=opens_at,
            closes_at=closes_at,
            threshold=threshold,
            strict_reminders=strict_reminders,
            may_change=may_change,
            asks_quoting=asks_quoting,
        )
        for rank, fact in enumerate(facts, start=1):
            row = BackgroundFact.objects.create(
                survey=survey, name=fact.name, rank=rank, **_in_languages("label", fact.label)
            )
            for position, (value, label) in enumerate(fact.values):
                BackgroundValue.objects.create(fact=row, code=value, position=position, **_in_languages("label", label))
        for variable, by in crosses:
            PlannedCross.objects.create(survey=survey, variable=variable, by=by)
        for question in edition.questions.filter(code__in=codebooks):
            create_codebook(survey, question)
    return survey


def open_survey(survey: Survey, now: datetime) -> None:
    """Make the survey's root key, verify its replicas, and only then let letters go out. Idempotent.

    Only the first opening makes a key. Opening again completes the replicas of the key that there is: a new key
    would void every link and ballot, and bring a destroyed one back in name.

    Raises:
        NotReady: the edition is a draft, the deadline has passed, or the keyring is not in order.
    """
    if survey.edition.is_draft:
        raise NotReady(_("Publish the questionnaire first: a survey needs a fixed edition."))
    with transaction.atomic():
        # Two who open at once: the second waits, and finds the survey open with its key.
        row = Survey.objects.select_for_update().get(pk=survey.pk)
        if row.stopped_at is not None:
            raise NotReady(_("The survey is closed and takes no more answers."))
        if now >= row.closes_at:
            raise NotReady(_("The deadline has passed. Set a later one."))
        _secure_key(row)
        Survey.objects.filter(pk=survey.pk, opened_at__isnull=True).update(opened_at=now)
    survey.refresh_from_db(fields=["opened_at"])


def _secure_key(survey: Survey) -> None:
    try:
        if survey.opened_at is None:
            keyring.create(survey.key_id)
        else:
            keyring.complete(survey.key_id)
        faults = keyring.check(survey.key_id)
    except (keyring.KeyLost, OSError) as error:
        faults = [str(error)]
    if faults:
        raise NotReady(
            _("The keyring is not in order, so answers could not be protected. Tell whoever runs the service.")
        )


def replan(survey_id: int, changes: Mapping[str, object]) -> None:
    """Change the period, promise, threshold, reminders, or what is said of changing and quoting, before the opening.

    Raises:
        NotReady: it has been opened.
    """
    if not Survey.objects.filter(pk=survey_id, opened_at__isnull=True).update(**changes):
        raise NotReady(_("The survey has been opened: what respondents were promised is fixed."))


def extend(survey: Survey, closes_at: datetime, now: datetime) -> None:
    """Move the deadline of a survey that still takes answers.

    Raises:
        NotReady: it has been stopped or its deadline has passed, or the new deadline has.
    """
    if closes_at <= now:
        raise NotReady(_("The deadline has passed. Set a later one."))
    changed = Survey.objects.filter(pk=survey.pk, stopped_at__isnull=True, closes_at__gt=now).update(
        closes_at=closes_at
    )
    if not changed:
        raise NotReady(_("The survey is closed and takes no more answers."))


def narrow(survey_id: int, found: Collection[tuple[str, str]]) -> None:
    """Take out of the declared facts the values that nobody invited has: tables would show them as withheld.

    Only before the survey is opened, which fixes what is declared; afterwards nothing is done.

    Args:
        found: (fact, value) of everyone invited.
    """
    with transaction.atomic():
        survey = Survey.objects.select_for_update().get(pk=survey_id)
        if survey.opened_at is not None:
            return
        declared = BackgroundValue.objects.filter(fact__survey=survey).values_list("pk", "fact__name", "code")
        known = {fact for fact, _value in found}
        unused = [pk for pk, fact, value in declared if fact in known and (fact, value) not in found]
        BackgroundValue.objects.filter(pk__in=unused).delete()


def _check_plan(
    edition: Edition, facts: Sequence[FactPlan], crosses: Sequence[tuple[str, str]], codebooks: Sequence[str]
) -> None:
    if edition.is_draft:
        raise NotReady(_("Publish the questionnaire first: a survey needs a fixed edition."))
    if edition.questionnaire.role != Role.QUESTIONNAIRE:
        raise NotReady(
            _("This is a template or a question bank. Make a questionnaire from it first: it is never put to anyone.")
        )
    if len(facts) > LARGEST_PLAN:
        raise NotReady(_("A survey can carry at most %(most)d background facts.") % {"most": LARGEST_PLAN})
    _check_facts(edition, facts)
    questions = edition_view(edition.pk).questions
    codes = set(questions)
    names = {name for question in questions.values() for name in closed_names(question)}
    names |= {f"{code}.stance" for code in codebooks}
    unknown = [name for name in codebooks if name not in codes]
    unknown += [name for pair in crosses for name in pair if name not in names]
    if unknown:
        raise NotReady(_("The questionnaire has no question called %(names)s.") % {"names": ", ".join(unknown)})


def _check_facts(edition: Edition, facts: Sequence[FactPlan]) -> None:
    """What the questionnaire looks at must be known of everyone: otherwise its questions would be put to nobody."""
    declared = {fact.name: {code for code, _label in fact.values} for fact in facts}
    view = edition_view(edition.pk)
    if missing := [fact.label("nb") or fact.name for fact in view.facts if fact.name not in declared]:
        raise NotReady(
            _("The questionnaire looks at background facts that the survey does not carry: %(names)s. Add them.")
            % {"names": ", ".join(missing)}
        )
    for condition in routing.on_background(view):
        values = declared[condition.fact]
        if unknown := [code for code in condition.compared if values and code not in values]:
            raise NotReady(
                _("The questionnaire asks something of those with %(fact)s “%(value)s”, which the survey lacks.")
                % {"fact": condition.fact, "value": unknown[0]}
            )


def _in_languages(field_name: str, texts: dict[str, str]) -> dict[str, str]:
    return {f"{field_name}_{language}": text for language, text in texts.items()}
