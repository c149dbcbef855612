"""The pages for leadership, as plain values: read from releases, and from how many were invited.

No response is read here and nothing is counted: a page costs a fixed number of small look-ups whatever the
number of answers. Texts and sentences are in `language`; the caller has made it the active one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from consult import comparing, listing, reading, tabulating
from consult.granting import Scope
from consult.listing import Participation, ReleaseLine, SurveyHead
from consult.models import Consultation, Stratum
from consult.reading import CELLS, NAME, UnknownTable
from consult.tabulating import Table, Words
from surveys.models import BackgroundFact, ReleasedTable

# Of fewer invited than this no rate is said: it would tell who has not answered.
SMALLEST_RATED_GROUP = listing.SMALLEST_RATED_GROUP
# The value under which a release gathers those whose background was coarsened away.
MERGED = "merged"


@dataclass(frozen=True)
class Rate:
    """Of one group of the invited, how many answered."""

    label: Words
    participation: Participation


@dataclass(frozen=True)
class Background:
    """Who answered, by one background fact."""

    table: Table
    rates: tuple[Rate, ...]

    @property
    def has_withheld(self) -> bool:
        return any(rate.participation.responses is None for rate in self.rates)


@dataclass(frozen=True)
class Question:
    """A question: its main table (the coded one, where texts have been read), and its other tables.

    `bys` are the names and labels of what it is broken down by.
    """

    code: str
    main: Table
    others: tuple[Table, ...]
    bys: tuple[tuple[str, Words], ...]


@dataclass(frozen=True)
class Overview:
    """What a survey found: who answered, question by question, and questions taken together."""

    backgrounds: tuple[Background, ...] = ()
    questions: tuple[Question, ...] = ()
    crosses: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Breakdown:
    """One variable over all, and within the groups of each fact and question it was declared with."""

    main: Table
    others: tuple[Table, ...]
    tables: tuple[Table, ...]
    previous: Table | None
    next: Table | None


@dataclass(frozen=True)
class ConsultationLine:
    """A consultation and its surveys, as the list shows them."""

    code: str
    title: str
    mandate: str
    surveys: tuple[SurveyHead, ...]

    @property
    def releases(self) -> list[ReleaseLine]:
        return [survey.release for survey in self.surveys if survey.release is not None]

    @property
    def can_compare(self) -> bool:
        return len(self.releases) > 1


@dataclass(frozen=True)
class Index:
    """Everything there is to see. `others` belong to no consultation."""

    consultations: tuple[ConsultationLine, ...]
    others: tuple[SurveyHead, ...]


def index(scope: Scope, language: str, now: datetime) -> Index:
    """The list of consultations and surveys; four statements. A consultation of which one sees nothing is not named."""
    rows = list(listing.visible(scope))
    by_id = {row.pk: head for row, head in zip(rows, listing.heads(rows, language, now), strict=True)}
    links = Consultation.surveys.through.objects.filter(survey__in=list(by_id)).select_related("consultation")
    members: dict[Consultation, list[SurveyHead]] = {}
    placed = set()
    for link in sorted(links, key=lambda link: (link.consultation.code, *by_id[link.survey_id].order)):
        members.setdefault(link.consultation, []).append(by_id[link.survey_id])
        placed.add(link.survey_id)
    return Index(
        consultations=tuple(_line(row, surveys) for row, surveys in members.items()),
        others=tuple(head for pk, head in by_id.items() if pk not in placed),
    )


def overview(head: SurveyHead, scope: Scope, language: str) -> Overview:
    """What a survey found, from its release; empty without one. Five statements."""
    return _overview(head.release, scope, language) if head.release else Overview()


def breakdown(head: SurveyHead, variable: str, scope: Scope, language: str) -> Breakdown:
    """One variable with all its breakdowns. Three statements.

    Raises:
        UnknownTable: also where there is no release, or the scope does not reach.
    """
    if head.release is None or not NAME.fullmatch(variable):
        raise UnknownTable(variable)
    return _breakdown(head.release, variable, scope, language)


def consultation(code: str, scope: Scope, language: str, now: datetime) -> ConsultationLine:
    """A consultation and its surveys; three statements.

    Raises:
        Consultation.DoesNotExist: unknown, or none of its surveys may be seen.
    """
    row = Consultation.objects.get(code=code)
    surveys = listing.visible(scope).filter(consultations=row).order_by("opens_at", "code")
    line = _line(row, listing.heads(surveys, language, now))
    if not line.surveys:
        raise Consultation.DoesNotExist(code)
    return line


def comparisons(line: ConsultationLine, scope: Scope, language: str) -> tuple[Table, ...]:
    """What was asked in more than one survey of a consultation, set side by side; two statements."""
    surveys = {head.release.id: head for head in line.surveys if head.release is not None}
    if len(surveys) < 2:
        return ()
    tables = _tables(list(surveys), Q(by="") & ~Q(concept=""), scope, language, set())
    placed = sorted(((surveys[release], table) for release, table in tables), key=lambda pair: pair[0].order)
    return comparing.side_by_side(placed)


# --- from rows to pages --------------------------------------------------------------------------------------


def _line(row: Consultation, surveys: list[SurveyHead]) -> ConsultationLine:
    return ConsultationLine(row.code, row.title, row.mandate, tuple(surveys))


def _tables(releases: list[int], wanted: Q, scope: Scope, language: str, facts: set[str]) -> list[tuple[int, Table]]:
    """(release id, table) of the released tables that are wanted and that the scope sees; two statements."""
    rows = (
        ReleasedTable.objects.filter(wanted, release__in=releases)
        .order_by("release", "position")
        .prefetch_related(CELLS)
    )
    made = ((row.release_id, tabulating.table(row, scope, language, facts)) for row in rows)
    return [(release, table) for release, table in made if table is not None]


def _facts(release: int) -> set[str]:
    return set(BackgroundFact.objects.filter(survey__releases=release).values_list("name", flat=True))


def _overview(release: ReleaseLine, scope: Scope, language: str) -> Overview:
    facts = _facts(release.id)
    # A fact by its label, a question by its code: the label would be a whole question.
    bys = {
        variable.name: tuple(
            (by, tabulating.words(label, language, by) if by in facts else Words(by.partition(".")[0]))
            for by, label in variable.bys.items()
        )
        for variable in reading.variables(release.id, scope)
    }
    wanted = Q(by="") | (~Q(by__in=facts) & ~Q(variable__in=facts))
    tables = [table for _, table in _tables([release.id], wanted, scope, language, facts)]
    totals = [table for table in tables if not table.by]
    return Overview(
        backgrounds=_backgrounds(release, [table for table in totals if table.variable in facts]),
        questions=_questions([table for table in totals if table.variable not in facts], bys),
        crosses=tuple(table for table in tables if table.by),
    )


def _questions(tables: list[Table], bys: dict[str, tuple[tuple[str, Words], ...]]) -> tuple[Question, ...]:
    by_question: dict[str, list[Table]] = {}
    for table in tables:
        by_question.setdefault(table.question, []).append(table)
    made = []
    for code, group in by_question.items():
        # What the texts say goes before what was ticked.
        main = next((table for table in group if table.variable != code), group[0])
        others = tuple(table for table in group if table is not main)
        made.append(Question(code, main, others, bys.get(main.variable, ())))
    return tuple(made)


def _backgrounds(release: ReleaseLine, tables: list[Table]) -> tuple[Background, ...]:
    # Where some answered without having been invited, the groups hold more than the invited: there are no rates.
    strata = Stratum.objects.filter(audience__survey__releases=release.id).exclude(
        audience__survey__closing__uninvited__gte=1
    )
    sizes = {(fact, value): size for fact, value, size in strata.values_list("fact", "value", "size")}
    return tuple(Background(table, _rates(table, sizes)) for table in tables)


def _rates(table: Table, sizes: dict[tuple[str, str], int]) -> tuple[Rate, ...]:
    """The response rate of every group, or of none.

    Of none, where one of them may not be shown: it could be had by subtracting the others from the whole. And of
    none where responses were merged: they are missing in the numerators, so the rates would be false.
    """
    invited = [(figure, sizes.get((table.variable, figure.value), 0)) for figure in table.figures]
    asked = [(figure, size) for figure, size in invited if size]
    if any(size < SMALLEST_RATED_GROUP or figure.n is None for figure, size in asked):
        return ()
    if any(figure.value == MERGED and figure.n != 0 for figure, _size in invited):
        return ()
    return tuple(Rate(figure.label, listing.participation(figure.n, size)) for figure, size in asked)


def _breakdown(release: ReleaseLine, variable: str, scope: Scope, language: str) -> Breakdown:
    facts = _facts(release.id)
    # The whole of every variable, for the way on to the next one, and this one within each group.
    tables = [table for _, table in _tables([release.id], Q(by="") | Q(variable=variable), scope, language, facts)]
    totals = [table for table in tables if not table.by]
    places = {table.variable: place for place, table in enumerate(totals)}
    if variable not in places:
        raise UnknownTable(variable)
    main = totals[places[variable]]
    broken = [table for table in tables if table.by]
    order = [table for table in totals if table.question != main.question]
    before = [table for table in order if places[table.variable] < places[variable]]
    after = [table for table in order if places[table.variable] > places[variable]]
    return Breakdown(
        main=main,
        others=tuple(table for table in totals if table.question == main.question and table is not main),
        tables=tuple(sorted(broken, key=lambda table: table.by not in facts)),
        previous=before[-1] if before else None,
        next=after[0] if after else None,
    )
