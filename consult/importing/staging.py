"""The file laid beside the register, inside the database: what is new, what has changed, and writing it.

Everything is set-based: the rows are copied into temporary tables, and a handful of statements compare and write
them, as many for ten people as for a hundred thousand. Call inside a transaction; the tables end with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import connection

from consult.models import Unit

from .columns import RANKS
from .rows import Reading
from .units import UnitFacts

Counts = dict[str, dict[str, int]]

_TABLES = {
    "import_person": "number varchar(20), given varchar(80), family varchar(80), language varchar(2), left_on date",
    "import_address": "number varchar(20), email varchar(254), kind varchar(10)",
    "import_appointment": """place integer, number varchar(20), unit varchar(60), role varchar(10),
        starts_on date, ends_on date""",
}

# What becomes of each address: `id` is the register's, NULL for a new one; `email` is the file's, NULL for one that
# the file has no longer. A new address takes the place of an old one of its kind, so that open invitations follow.
# Old ones count as gone only where the file has some of their kind for the person.
_MATCH_ADDRESSES = """
CREATE TEMPORARY TABLE import_address_match ON COMMIT DROP AS
WITH held AS (
    SELECT a.id, p.number, a.email, a.kind
    FROM import_person s JOIN consult_person p USING (number) JOIN consult_address a ON a.person_id = p.id
), given AS (
    SELECT s.number, s.email, h.id, COALESCE(NULLIF(s.kind, ''), h.kind, 'private') AS kind,
           h.kind AS was
    FROM import_address s LEFT JOIN held h ON h.number = s.number AND lower(h.email) = lower(s.email)
), fresh AS (
    SELECT number, email, kind, row_number() OVER (PARTITION BY number, kind ORDER BY lower(email)) AS place
    FROM given WHERE id IS NULL
), gone AS (
    SELECT h.id, h.number, h.kind, row_number() OVER (PARTITION BY h.number, h.kind ORDER BY h.id) AS place
    FROM held h
    WHERE NOT EXISTS (SELECT FROM given g WHERE g.id = h.id)
      AND EXISTS (SELECT FROM given g WHERE g.number = h.number AND g.kind = h.kind)
)
SELECT number, id, email, kind, was IS DISTINCT FROM kind AS moved, false AS replaced
FROM given WHERE id IS NOT NULL
UNION ALL
SELECT number, gone.id, fresh.email, kind, true, fresh.email IS NOT NULL AND gone.id IS NOT NULL
FROM fresh FULL JOIN gone USING (number, kind, place)
"""

# Which appointment of the register each row is about (`id`, NULL: none). In this order, each at most once:
# the open one for a row without an end; the one with the same start (or, without a start, the same end);
# for a row with an end, the open one whose period it overlaps.
_MATCH_APPOINTMENTS = """
CREATE TEMPORARY TABLE import_appointment_match ON COMMIT DROP AS
WITH pair AS (
    SELECT s.place, s.starts_on, s.ends_on, a.id, a.starts_on AS was_from, a.ends_on AS was_to
    FROM import_appointment s
    JOIN consult_person p USING (number)
    JOIN consult_unit u ON u.code = s.unit
    JOIN consult_appointment a ON a.person_id = p.id AND a.unit_id = u.id AND a.role = s.role
), open_ones AS (
    SELECT place, id FROM pair WHERE ends_on IS NULL AND was_to IS NULL
), exact AS (
    SELECT DISTINCT ON (id) place, id FROM (
        SELECT DISTINCT ON (place) place, id FROM pair
        WHERE (starts_on = was_from OR (starts_on IS NULL AND ends_on = was_to))
          AND place NOT IN (SELECT place FROM open_ones) AND id NOT IN (SELECT id FROM open_ones)
        ORDER BY place, id
    ) AS first_of_place ORDER BY id, place
), overlapping AS (
    SELECT DISTINCT ON (id) place, id FROM pair
    WHERE was_to IS NULL AND ends_on >= was_from
      AND place NOT IN (SELECT place FROM exact)
      AND id NOT IN (SELECT id FROM open_ones UNION ALL SELECT id FROM exact)
    ORDER BY id, ends_on DESC, place
), matched AS (
    SELECT * FROM open_ones UNION ALL SELECT * FROM exact UNION ALL SELECT * FROM overlapping
)
SELECT s.*, m.id, a.ends_on AS was_to,
       m.id IS NOT NULL AND (COALESCE(s.starts_on, a.starts_on), s.ends_on)
           IS DISTINCT FROM (a.starts_on, a.ends_on) AS differs
FROM import_appointment s
LEFT JOIN matched m USING (place)
LEFT JOIN consult_appointment a ON a.id = m.id
"""

_PERSON_DIFFERS = """(
    (p.given_name, p.family_name) IS DISTINCT FROM (s.given, s.family)
    OR (s.language <> '' AND s.language <> p.language)
    OR (%(knows_leaving)s AND p.left_on IS DISTINCT FROM s.left_on)
)"""

_COUNTS = {
    "people": f"""
        SELECT count(*) FILTER (WHERE p.id IS NULL) AS new,
               count(*) FILTER (WHERE p.id IS NOT NULL AND {_PERSON_DIFFERS}) AS changed,
               count(*) FILTER (WHERE p.id IS NOT NULL AND NOT {_PERSON_DIFFERS}) AS unchanged,
               count(*) FILTER (WHERE s.left_on IS NOT NULL AND p.left_on IS NULL) AS left
        FROM import_person s LEFT JOIN consult_person p USING (number)""",  # noqa: S608 - of constants
    "absent": """
        SELECT count(*) AS people FROM consult_person p
        WHERE p.left_on IS NULL AND NOT EXISTS (SELECT FROM import_person s WHERE s.number = p.number)""",
    "addresses": """
        SELECT count(*) FILTER (WHERE id IS NULL) AS new,
               count(*) FILTER (WHERE id IS NOT NULL AND email IS NOT NULL AND moved) AS changed,
               count(*) FILTER (WHERE id IS NOT NULL AND NOT moved) AS unchanged,
               count(*) FILTER (WHERE email IS NULL) AS removed
        FROM import_address_match""",
    "unreachable": """
        SELECT count(*) AS people FROM import_person s
        WHERE NOT EXISTS (SELECT FROM import_address a WHERE a.number = s.number)
          AND NOT EXISTS (SELECT FROM consult_person p JOIN consult_address a ON a.person_id = p.id
                          WHERE p.number = s.number AND a.dead_at IS NULL)""",
    "appointments": """
        SELECT count(*) FILTER (WHERE id IS NULL) AS new,
               count(*) FILTER (WHERE differs) AS changed,
               count(*) FILTER (WHERE id IS NOT NULL AND NOT differs) AS unchanged,
               count(*) FILTER (WHERE differs AND was_to IS NULL AND ends_on IS NOT NULL) AS ended
        FROM import_appointment_match""",
}

_WRITES = (
    f"""
    UPDATE consult_person p
    SET given_name = s.given, family_name = s.family,
        language = COALESCE(NULLIF(s.language, ''), p.language),
        left_on = CASE WHEN %(knows_leaving)s THEN s.left_on ELSE p.left_on END
    FROM import_person s WHERE s.number = p.number AND {_PERSON_DIFFERS}
    """,  # noqa: S608 - of constants
    """
    INSERT INTO consult_person (number, given_name, family_name, language, left_on)
    SELECT number, given, family, COALESCE(NULLIF(language, ''), 'nb'), left_on FROM import_person
    ON CONFLICT (number) DO NOTHING
    """,
    """
    UPDATE consult_address a
    SET email = CASE WHEN m.replaced THEN m.email ELSE a.email END, kind = m.kind,
        dead_at = CASE WHEN m.replaced THEN NULL ELSE a.dead_at END
    FROM import_address_match m WHERE m.id = a.id AND m.email IS NOT NULL AND m.moved
    """,
    # What the file has no longer goes; invitations that pointed at it get the person's best address when next frozen.
    """
    UPDATE consult_invitation i SET address_id = NULL
    FROM import_address_match m WHERE m.id = i.address_id AND m.email IS NULL
    """,
    "DELETE FROM consult_address a USING import_address_match m WHERE m.id = a.id AND m.email IS NULL",
    """
    INSERT INTO consult_address (person_id, email, kind)
    SELECT p.id, m.email, m.kind FROM import_address_match m JOIN consult_person p USING (number)
    WHERE m.id IS NULL
    """,
    """
    UPDATE consult_appointment a
    SET starts_on = COALESCE(m.starts_on, a.starts_on), ends_on = m.ends_on
    FROM import_appointment_match m WHERE m.id = a.id AND m.differs
    """,
    """
    INSERT INTO consult_appointment (person_id, unit_id, role, starts_on, ends_on)
    SELECT p.id, u.id, m.role, COALESCE(m.starts_on, LEAST(%(day)s, m.ends_on)), m.ends_on
    FROM import_appointment_match m JOIN consult_person p USING (number) JOIN consult_unit u ON u.code = m.unit
    WHERE m.id IS NULL
    """,
)


def stage(reading: Reading) -> None:
    """Copy what was read into temporary tables and match it with the register."""
    appointments = (row for rows in reading.appointments.values() for row in rows)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS import_address_match, import_appointment_match")
    _copy("import_person", reading.people.values())
    _copy("import_address", reading.addresses.values())
    _copy("import_appointment", ((place, *row) for place, row in enumerate(appointments)))
    with connection.cursor() as cursor:
        cursor.execute(_MATCH_ADDRESSES)
        cursor.execute(_MATCH_APPOINTMENTS)


def measure(reading: Reading, known: Mapping[str, UnitFacts]) -> Counts:
    """How much of each kind is new, changed and unchanged. `stage` comes first."""
    new, changed = _unit_changes(reading.units, known)
    counts: Counts = {
        "units": {
            "new": len(new),
            "changed": len(changed),
            "unchanged": len(reading.units) - len(new) - len(changed),
        }
    }
    with connection.cursor() as cursor:
        for name, statement in _COUNTS.items():
            cursor.execute(statement, {"knows_leaving": reading.knows_leaving})
            row = cursor.fetchone()
            counts[name] = {column.name: number for column, number in zip(cursor.description, row, strict=True)}
    return counts


def write(reading: Reading, known: Mapping[str, UnitFacts], day: date) -> None:
    """Make the register agree with what was staged. `day` is when appointments without a start begin."""
    new, changed = _unit_changes(reading.units, known)
    _write_units({**new, **changed})
    with connection.cursor() as cursor:
        for statement in _WRITES:
            cursor.execute(statement, {"knows_leaving": reading.knows_leaving, "day": day})


def _copy(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(f"CREATE TEMPORARY TABLE {table} ({_TABLES[table]}) ON COMMIT DROP")
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        # Nothing analyses temporary tables by itself, and the plans below depend on their size.
        cursor.execute(f"ANALYZE {table}")


def _unit_changes(
    units: Mapping[str, UnitFacts], known: Mapping[str, UnitFacts]
) -> tuple[dict[str, UnitFacts], dict[str, UnitFacts]]:
    new = {code: facts for code, facts in units.items() if code not in known}
    changed = {code: facts for code, facts in units.items() if code in known and known[code] != facts}
    return new, changed


def _write_units(units: Mapping[str, UnitFacts]) -> None:
    """One statement a rank of the tree, the highest first, so that parents exist before their children."""
    for rank in sorted(set(RANKS.values())):
        rows = {code: facts for code, facts in units.items() if RANKS[facts.kind] == rank}
        if not rows:
            continue
        parents = {facts.parent for facts in rows.values()}
        ids = dict(Unit.objects.order_by().filter(code__in=parents).values_list("code", "pk"))
        Unit.objects.bulk_create(
            [
                Unit(
                    code=code,
                    name=facts.name,
                    kind=facts.kind,
                    parent_id=ids.get(facts.parent),
                    county=facts.county,
                    size_band=facts.size_band,
                    host_municipality=facts.host_municipality,
                )
                for code, facts in rows.items()
            ],
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "kind", "parent", "county", "size_band", "host_municipality"],
        )
