"""Facts of a closed survey, as many as wanted, made by the database itself."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from benchmarks import field
from surveys import fielding
from surveys.models import Survey


def closed(size: int) -> Survey:
    """Survey B with this many responses as facts, closed yesterday and not yet released."""
    now = timezone.now()
    edition = field.edition()
    survey = fielding.plan(
        edition.questionnaire.code,
        edition,
        opens_at=now - timedelta(days=2),
        closes_at=now - timedelta(days=1),
        facts=field.FACTS,
        codebooks=field.CODED,
        crosses=[("B2.stance", "B3.stance")],
    )
    times = {"opened_at": survey.opens_at, "stopped_at": survey.closes_at, "closed_at": survey.closes_at}
    Survey.objects.filter(pk=survey.pk).update(**times)
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, {"survey": survey.pk, "edition": survey.edition_id, "size": size})
        cursor.execute("VACUUM ANALYZE")
    return survey


# Straight into the facts: what is measured begins after them.
FILL = (
    """
    INSERT INTO surveys_response (id, survey_id, closed_on, quoting)
    SELECT gen_random_uuid(), %(survey)s, current_date, '' FROM generate_series(1, %(size)s)
    """,
    """
    INSERT INTO surveys_background (response_id, fact_id, value_id)
    SELECT r.id, f.id, (array_agg(v.id ORDER BY v.id))[1 + abs(hashtext(r.id::text || f.id)) %% count(*)]
    FROM surveys_response r, surveys_backgroundfact f JOIN surveys_backgroundvalue v ON v.fact_id = f.id
    WHERE r.survey_id = %(survey)s AND f.survey_id = %(survey)s GROUP BY r.id, f.id
    """,
    """
    INSERT INTO surveys_answer (response_id, survey_id, question_id, option_id, text)
    SELECT r.id, r.survey_id, q.id,
        (array_agg(o.id ORDER BY o.id))[1 + abs(hashtext(r.id::text || q.id)) %% count(*)], ''
    FROM surveys_response r, surveys_question q JOIN surveys_option o ON o.question_id = q.id
    WHERE r.survey_id = %(survey)s AND q.edition_id = %(edition)s
    GROUP BY r.id, q.id ORDER BY r.id
    """,
)
